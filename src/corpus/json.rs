//! One line of JSON Lines as a row of cells.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::columns::Header;
use crate::error::{Error, ErrorKind, Result};

/// What a cell of a JSON row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Kind {
    /// A string.
    Text,
    /// A number, truth value, array or object, kept as it is written.
    Json,
    /// `null`, or a key that the row does not have.
    #[default]
    Null,
}

/// The cells of one row in the order of the header. Kept between rows for its buffers.
#[derive(Debug, Default)]
pub(super) struct JsonRow {
    cells: Vec<(Kind, String)>,
}

impl JsonRow {
    /// The cells of `line`; keys it does not have are null.
    pub fn parse(&mut self, line: &str, header: &Header) -> Result<&[(Kind, String)]> {
        self.cells.resize_with(header.names().len(), Default::default);
        for (kind, text) in &mut self.cells {
            *kind = Kind::Null;
            text.clear();
        }
        let mut parser = serde_json::Deserializer::from_str(line);
        let into = IntoCells { header, filled: vec![false; self.cells.len()], cells: &mut self.cells };
        into.deserialize(&mut parser).and_then(|()| parser.end()).map_err(|error| not_a_row(&error))?;
        Ok(&self.cells)
    }
}

/// The keys of `line` in order, or `None` when it is no object.
pub(super) fn keys(line: &str) -> Option<Vec<String>> {
    serde_json::from_str::<Keys>(line).ok().map(|keys| keys.0)
}

/// The parser's words without its line number: to it every row is line 1.
fn not_a_row(error: &serde_json::Error) -> Error {
    let words = error.to_string();
    let words = words.rfind(" at line ").map_or(words.as_str(), |at| &words[..at]);
    let advice = "correct the line, or pass --skip-bad-rows to leave such rows out";
    match error.classify() {
        serde_json::error::Category::Data => Error::new(ErrorKind::Table, words),
        _ => Error::new(
            ErrorKind::Table,
            format!("not a JSON object: {words} (byte {} of the line)", error.column()),
        ),
    }
    .advise(advice)
}

struct IntoCells<'a> {
    header: &'a Header,
    filled: Vec<bool>,
    cells: &'a mut Vec<(Kind, String)>,
}

impl<'de> DeserializeSeed<'de> for IntoCells<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> std::result::Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for IntoCells<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> std::result::Result<(), A::Error> {
        while let Some(column) = map.next_key_seed(ColumnOf(self.header))? {
            if std::mem::replace(&mut self.filled[column], true) {
                let name = &self.header.names()[column];
                return Err(A::Error::custom(format_args!("the key \"{name}\" stands twice")));
            }
            let (kind, text) = &mut self.cells[column];
            *kind = read_value(map.next_value::<&RawValue>()?.get(), text).map_err(A::Error::custom)?;
        }
        Ok(())
    }
}

/// Writes the value `raw` into `text`: strings without quotes and escapes, null as nothing, all else as it stands.
fn read_value(raw: &str, text: &mut String) -> serde_json::Result<Kind> {
    let inner = raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    match inner {
        Some(inner) if !inner.contains('\\') => text.push_str(inner),
        Some(_) => text.push_str(&serde_json::from_str::<String>(raw)?),
        None if raw == "null" => return Ok(Kind::Null),
        None => {
            text.push_str(raw);
            return Ok(Kind::Json);
        }
    }
    Ok(Kind::Text)
}

/// Reads a key as the position of its column.
struct ColumnOf<'a>(&'a Header);

impl<'de> DeserializeSeed<'de> for ColumnOf<'_> {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> std::result::Result<usize, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for ColumnOf<'_> {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: serde::de::Error>(self, key: &str) -> std::result::Result<usize, E> {
        self.0.index(key.trim()).ok_or_else(|| {
            E::custom(format_args!(
                "the key \"{key}\" is not among the columns of this run: {}",
                self.0.list()
            ))
        })
    }
}

struct Keys(Vec<String>);

impl<'de> Deserialize<'de> for Keys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Keys;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Keys, A::Error> {
                let mut keys = Vec::new();
                while let Some((key, IgnoredAny)) = map.next_entry::<Cow<'de, str>, _>()? {
                    keys.push(key.trim().to_owned());
                }
                Ok(Keys(keys))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Vec<(Kind, String)>> {
        let header = Header::new(["id", "text", "meta"]).unwrap();
        JsonRow::default().parse(line, &header).map(<[_]>::to_vec)
    }

    #[test]
    fn cells_keep_what_json_said() {
        let cell = |kind, text: &str| (kind, text.to_owned());
        assert_eq!(
            parse(r#"{"text": "a\n\"b\" \u00e9", "id": 12345678901234567890123}"#).unwrap(),
            [
                cell(Kind::Json, "12345678901234567890123"),
                cell(Kind::Text, "a\n\"b\" é"),
                cell(Kind::Null, "")
            ]
        );
        assert_eq!(
            parse(r#"{"meta":{"a": [1, 2]},"id":null,"text":"null"}"#).unwrap(),
            [cell(Kind::Null, ""), cell(Kind::Text, "null"), cell(Kind::Json, r#"{"a": [1, 2]}"#)]
        );
    }

    #[test]
    fn lines_that_are_no_rows_say_why() {
        let cases = [
            (r#"{"id": 1"#, "not a JSON object: EOF while parsing an object (byte 8 of the line)"),
            (r#"{"id": 1} x"#, "not a JSON object: trailing characters (byte 11 of the line)"),
            ("[1, 2]", "invalid type: sequence, expected a JSON object"),
            (r#"{"id": 1, "id": 2}"#, "the key \"id\" stands twice"),
            (r#"{"body": 1}"#, "the key \"body\" is not among the columns of this run: id, text, meta"),
        ];
        for (line, expected) in cases {
            assert_eq!(parse(line).unwrap_err().what(), expected, "{line}");
        }
    }

    #[test]
    fn keys_come_in_their_order() {
        assert_eq!(keys(r#"{"b": {"x": 1}, "a": 2}"#), Some(vec!["b".to_owned(), "a".to_owned()]));
        assert_eq!(keys("[]"), None);
    }
}
