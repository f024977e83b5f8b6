//! From a file on disk to a stream of UTF-8: counted, unpacked, decoded.

use std::fmt;
use std::fs::File;
use std::io::{self, Cursor, Read, Seek};
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use encoding_rs::{Decoder, DecoderResult, UTF_8, UTF_16BE, UTF_16LE};

use super::inputs::Input;
use super::sheet::{self, Sheet};
use super::{Format, columnar, workbook};
use crate::error::{Error, ErrorKind, Place, Result};

/// A character encoding, by any label that web browsers know: `utf-8`, `windows-1252`, `latin1`, `utf-16le`,
/// `windows-1251`, `shift_jis`, `gb18030`, …
///
/// A byte-order mark at the beginning of an input is believed before the forced encoding.
///
/// ```
/// use stancewire::corpus::Encoding;
/// let encoding: Encoding = "Latin1".parse()?;
/// assert_eq!(encoding.name(), "windows-1252");
/// # Ok::<(), stancewire::error::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encoding(&'static encoding_rs::Encoding);

impl Encoding {
    /// Its standard name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    pub(super) fn is_utf8(self) -> bool {
        self.0 == UTF_8
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Encoding {
    type Err = Error;

    fn from_str(label: &str) -> Result<Self> {
        encoding_rs::Encoding::for_label_no_replacement(label.as_bytes()).map(Self).ok_or_else(|| {
            Error::new(ErrorKind::Settings, format!("unknown encoding \"{label}\"")).advise(
                "common ones are utf-8, windows-1252 (Western Europe), windows-1251 (Cyrillic), windows-1256 (Arabic), utf-16le, gb18030, shift_jis",
            )
        })
    }
}

/// How an input is to be understood, as far as that was said.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Manner<'s> {
    /// The encoding without a byte-order mark.
    pub encoding: Option<Encoding>,
    /// What the input is.
    pub format: Option<Format>,
    /// The sheet of a workbook.
    pub sheet: Option<&'s str>,
}

/// A stream of UTF-8. A sequence that the encoding does not allow comes out as the byte `FF`, which UTF-8 never has, so
/// that it is met, placed and reported by whoever reads the row around it.
pub(super) struct Decoded {
    reader: Box<dyn Read + Send>,
    start: Vec<u8>,
    /// What the input is encoded in.
    pub encoding: Encoding,
    /// How many bytes of byte-order mark were taken off.
    pub mark: u64,
    /// For a workbook or Parquet file, whose rows come as JSON Lines: what it is.
    pub sheet: Option<SheetInfo>,
    name: String,
    packed: bool,
}

/// What is known of a workbook or Parquet file before its first row.
pub(super) struct SheetInfo {
    pub format: Format,
    /// The names of its columns.
    pub columns: Vec<String>,
    /// The sheet of a workbook, and how many others were not asked for.
    pub taken: Option<(String, usize)>,
}

/// How much of the beginning is looked at to tell what an input is.
const START: usize = 64 * 1024;

impl Decoded {
    /// Opens `input`; `counter` grows by the bytes that are read from disk.
    pub fn open(input: &Input, manner: Manner<'_>, counter: &Arc<AtomicU64>) -> Result<Self> {
        let manner = Manner { format: manner.format.or(input.format), ..manner };
        let Some(path) = &input.path else { return Self::new(&input.name, io::stdin(), manner, counter) };
        let failed = |error| Error::io("cannot read the file", error).at(Place::file(&input.name));
        let mut file = File::open(path).map_err(failed)?;
        if input.size.is_some() && matches!(manner.format, None | Some(Format::Parquet)) {
            let (start, _) = peek(&mut file, 4).map_err(failed)?;
            file.rewind().map_err(failed)?;
            if sheet::proven(&start) == Some(Format::Parquet) {
                let mut this = Self::empty(&input.name, manner);
                let table = columnar::read(file, counter);
                this.set_sheet(table.map_err(|error| error.at(Place::file(&input.name)))?);
                return Ok(this);
            }
        }
        Self::new(&input.name, file, manner, counter)
    }

    fn empty(name: &str, manner: Manner<'_>) -> Self {
        Self {
            reader: Box::new(io::empty()),
            start: Vec::new(),
            encoding: manner.encoding.unwrap_or(Encoding(UTF_8)),
            mark: 0,
            sheet: None,
            name: if name == "-" { "<stdin>".to_owned() } else { name.to_owned() },
            packed: false,
        }
    }

    /// The same for a stream that is open already.
    pub fn new(
        name: &str,
        raw: impl Read + Send + 'static,
        manner: Manner<'_>,
        counter: &Arc<AtomicU64>,
    ) -> Result<Self> {
        let mut this = Self::empty(name, manner);
        let raw = Counted { raw, counter: Arc::clone(counter) };
        let (start, mut rest) = this.unpack(raw).map_err(|error| this.error(error))?;
        let place = || Place::file(&this.name);
        let table = match sheet::check(&start, manner.format).map_err(|error| error.at(place()))? {
            None => {
                this.set_up(&start, rest).map_err(|error| this.error(error))?;
                return Ok(this);
            }
            Some(Format::Xlsx) => workbook::read(&mut rest, manner.sheet),
            // What was counted on the way into the temporary file is not counted again.
            Some(_) => columnar::spool(&mut rest).and_then(|file| columnar::read(file, &Arc::default())),
        };
        let table = table.map_err(|error| error.at(place()))?;
        this.set_sheet(table);
        Ok(this)
    }

    fn set_sheet(&mut self, sheet: Sheet) {
        let Sheet { format, columns, rows, taken } = sheet;
        self.encoding = Encoding(UTF_8);
        self.reader = rows;
        self.sheet = Some(SheetInfo { format, columns, taken });
    }

    /// The first bytes, and all of them, of an input that may be packed.
    fn unpack(&mut self, raw: impl Read + Send + 'static) -> io::Result<(Vec<u8>, Unpacked)> {
        let (magic, raw) = peek(raw, 4)?;
        let unpacked: Box<dyn Read + Send> = match magic[..] {
            [0x1F, 0x8B, ..] => Box::new(flate2::read::MultiGzDecoder::new(raw)),
            [0x28, 0xB5, 0x2F, 0xFD] => Box::new(zstd::stream::read::Decoder::new(raw)?),
            _ => Box::new(raw),
        };
        self.packed = matches!(magic[..], [0x1F, 0x8B, ..] | [0x28, 0xB5, 0x2F, 0xFD]);
        peek(unpacked, START)
    }

    fn set_up(&mut self, start: &[u8], mut text: Unpacked) -> io::Result<()> {
        self.encoding = detect(start).unwrap_or(self.encoding);
        if self.encoding.is_utf8() {
            if start.starts_with(b"\xEF\xBB\xBF") {
                self.mark = io::copy(&mut text.by_ref().take(3), &mut io::sink())?;
            }
            self.start = start[usize::from(self.mark > 0) * 3..].to_vec();
            self.reader = Box::new(text);
        } else {
            let (start, text) = peek(Decoding::new(text, self.encoding), START)?;
            self.start = start;
            self.reader = Box::new(text);
        }
        Ok(())
    }

    /// The first bytes, which are still to be read.
    pub fn start(&self) -> &[u8] {
        &self.start
    }

    /// Appends up to `most` bytes to `buffer`; fewer only at the end. Gives the number of bytes.
    pub fn append_to(&mut self, buffer: &mut Vec<u8>, most: usize) -> Result<usize> {
        let most = most as u64;
        self.reader.by_ref().take(most).read_to_end(buffer).map_err(|error| self.error(error))
    }

    fn error(&self, error: io::Error) -> Error {
        let place = Place::file(&self.name);
        if self.packed {
            return Error::io("cannot unpack the file", error)
                .at(place)
                .advise("it is damaged or cut short: fetch or pack it again");
        }
        Error::io("cannot read the file", error).at(place)
    }
}

type Unpacked = Peeked<Box<dyn Read + Send>>;

type Peeked<R> = io::Chain<Cursor<Vec<u8>>, R>;

/// The first `most` bytes of `reader` (fewer at its end), and a reader that still has them.
fn peek<R: Read>(mut reader: R, most: usize) -> io::Result<(Vec<u8>, Peeked<R>)> {
    let mut start = Vec::new();
    reader.by_ref().take(most as u64).read_to_end(&mut start)?;
    Ok((start.clone(), Cursor::new(start).chain(reader)))
}

/// The encoding that the first bytes prove: by a byte-order mark, or by the zero bytes that plain letters have in UTF-16.
fn detect(start: &[u8]) -> Option<Encoding> {
    if let Some((encoding, _)) = encoding_rs::Encoding::for_bom(start) {
        return Some(Encoding(encoding));
    }
    let pairs = &start[..start.len().min(4096)];
    let zeros = |offset: usize| pairs.iter().skip(offset).step_by(2).filter(|&&byte| byte == 0).count();
    let (even, odd, half) = (zeros(0), zeros(1), pairs.len() / 2);
    match half {
        0 => None,
        _ if odd * 10 >= half * 7 && even * 4 <= odd => Some(Encoding(UTF_16LE)),
        _ if even * 10 >= half * 7 && odd * 4 <= even => Some(Encoding(UTF_16BE)),
        _ => None,
    }
}

/// A reader that counts what passes.
struct Counted<R> {
    raw: R,
    counter: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.raw.read(buffer)?;
        self.counter.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

/// A reader that turns another encoding into UTF-8.
struct Decoding<R> {
    raw: R,
    decoder: Decoder,
    input: Vec<u8>,
    input_at: usize,
    output: Vec<u8>,
    output_at: usize,
    at_end: bool,
    done: bool,
}

impl<R: Read> Decoding<R> {
    fn new(raw: R, encoding: Encoding) -> Self {
        Self {
            raw,
            decoder: encoding.0.new_decoder_with_bom_removal(),
            input: Vec::new(),
            input_at: 0,
            output: Vec::new(),
            output_at: 0,
            at_end: false,
            done: false,
        }
    }

    fn decode_more(&mut self) -> io::Result<()> {
        if self.input_at == self.input.len() && !self.at_end {
            self.input.clear();
            self.input_at = 0;
            self.at_end = self.raw.by_ref().take(START as u64).read_to_end(&mut self.input)? == 0;
        }
        self.output.resize(START, 0);
        self.output_at = 0;
        let input = &self.input[self.input_at..];
        let (result, read, written) =
            self.decoder.decode_to_utf8_without_replacement(input, &mut self.output, self.at_end);
        self.input_at += read;
        self.output.truncate(written);
        match result {
            DecoderResult::InputEmpty => self.done = self.at_end,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(..) => self.output.push(0xFF),
        }
        Ok(())
    }
}

impl<R: Read> Read for Decoding<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.output_at == self.output.len() {
            if self.done {
                return Ok(0);
            }
            self.decode_more()?;
        }
        let n = buffer.len().min(self.output.len() - self.output_at);
        buffer[..n].copy_from_slice(&self.output[self.output_at..self.output_at + n]);
        self.output_at += n;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn decode(bytes: &[u8], forced: Option<&str>) -> (Vec<u8>, &'static str) {
        let forced = forced.map(|label| label.parse().unwrap());
        let counter = Arc::new(AtomicU64::new(0));
        let manner = Manner { encoding: forced, ..Manner::default() };
        let mut decoded = Decoded::new("x", Cursor::new(bytes.to_vec()), manner, &counter).unwrap();
        let mut text = Vec::new();
        while decoded.append_to(&mut text, 7).unwrap() > 0 {}
        assert_eq!(counter.load(Ordering::Relaxed), bytes.len() as u64);
        assert!(text.starts_with(&decoded.start()[..decoded.start().len().min(text.len())]));
        (text, decoded.encoding.name())
    }

    fn utf16(text: &str, little: bool) -> Vec<u8> {
        text.encode_utf16()
            .flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() })
            .collect()
    }

    #[test]
    fn every_encoding_gives_the_same_text() {
        let text = "Grüße – “Qatar” says… 停火";
        let mark = |bom: &[u8], bytes: Vec<u8>| [bom, &bytes].concat();
        let cases: [(Vec<u8>, Option<&str>, &str); 6] = [
            (text.into(), None, "UTF-8"),
            (mark(b"\xEF\xBB\xBF", text.into()), Some("windows-1252"), "UTF-8"),
            (mark(b"\xFF\xFE", utf16(text, true)), None, "UTF-16LE"),
            (mark(b"\xFE\xFF", utf16(text, false)), None, "UTF-16BE"),
            (utf16(text, true), None, "UTF-16LE"),
            (utf16(text, false), None, "UTF-16BE"),
        ];
        for (bytes, forced, encoding) in cases {
            let (decoded, name) = decode(&bytes, forced);
            assert_eq!((String::from_utf8(decoded).unwrap().as_str(), name), (text, encoding));
        }
    }

    #[test]
    fn windows_1252_is_read_only_when_it_is_forced() {
        assert_eq!(decode(b"caf\xE9 \x93x\x94", Some("latin1")).0, "café “x”".as_bytes());
        assert_eq!(decode(b"caf\xE9", None).0, b"caf\xE9");
    }

    #[test]
    fn zero_bytes_in_utf8_stay_text() {
        assert_eq!(decode(b"a\0b and more text\0", None), (b"a\0b and more text\0".to_vec(), "UTF-8"));
    }

    #[test]
    fn what_the_encoding_does_not_allow_becomes_a_byte_that_utf8_never_has() {
        let mut bytes = utf16("abcdefgh", true);
        bytes.extend(0xD800_u16.to_le_bytes());
        bytes.extend(utf16("z", true));
        assert_eq!(decode(&bytes, None).0, b"abcdefgh\xFFz");
        assert_eq!(decode(&[utf16("abcdefgh", true), vec![b'x']].concat(), None).0, b"abcdefgh\xFF");
    }

    #[test]
    fn large_inputs_cross_all_buffers() {
        let text = "é and ü and “more”. ".repeat(20_000);
        let bytes = utf16(&text, true);
        let counter = Arc::default();
        let mut decoded = Decoded::new("x", Cursor::new(bytes), Manner::default(), &counter).unwrap();
        let mut out = Vec::new();
        while decoded.append_to(&mut out, 100_000).unwrap() > 0 {}
        assert!(out == text.as_bytes());
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(bytes).unwrap();
        packer.finish().unwrap()
    }

    #[test]
    fn packed_inputs_are_told_by_their_first_bytes_and_may_have_several_parts() {
        let twice = [gzip(b"one "), gzip(b"two")].concat();
        assert_eq!(decode(&twice, None).0, b"one two");
        let zstd = |text: &str| zstd::encode_all(text.as_bytes(), 1).unwrap();
        assert_eq!(decode(&[zstd("one "), zstd("two")].concat(), None).0, b"one two");
        assert_eq!(decode(&gzip(&utf16("abc", true)), None).0, b"abc");
    }

    #[test]
    fn a_damaged_pack_is_an_error_with_advice() {
        let packed = gzip("words ".repeat(1000).as_bytes());
        let cut = Cursor::new(packed[..packed.len() / 2].to_vec());
        let error = Decoded::new("a.csv.gz", cut, Manner::default(), &Arc::default()).err().unwrap();
        insta::assert_snapshot!(error, @r"
        a.csv.gz: cannot unpack the file: incomplete deflate stream
          it is damaged or cut short: fetch or pack it again
        ");
    }

    #[test]
    fn an_unknown_label_names_common_ones() {
        let error = "utf8mb9".parse::<Encoding>().unwrap_err();
        insta::assert_snapshot!(error, @r#"
        unknown encoding "utf8mb9"
          common ones are utf-8, windows-1252 (Western Europe), windows-1251 (Cyrillic), windows-1256 (Arabic), utf-16le, gb18030, shift_jis
        "#);
    }
}
