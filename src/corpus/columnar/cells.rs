//! The cells of one column of a Parquet file.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta};
use parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type as Physical};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::DataType;
use parquet::errors::ParquetError;
use parquet::schema::types::ColumnDescriptor;

use crate::corpus::sheet::Value;

/// Some cells in order: what a person reads, or what is wrong.
pub(super) type Cells = Vec<Result<Value, &'static str>>;

/// What the values of a column mean.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    meaning: Meaning,
    /// Whether cells may be empty.
    optional: bool,
}

#[derive(Debug, Clone, Copy)]
enum Meaning {
    Plain,
    Unsigned,
    Date,
    /// Time of day, in so many parts of a second.
    Time(i64),
    /// A point in time, in so many parts of a second since 1970, and whether it is in UTC.
    Timestamp(i64, bool),
    /// A decimal number with so many digits behind the point.
    Decimal(usize),
}

const MILLIS: i64 = 1_000;
const MICROS: i64 = 1_000_000;
const NANOS: i64 = 1_000_000_000;

impl Kind {
    /// The kind of `column`, or what it holds that no cell can show.
    pub fn of(column: &ColumnDescriptor) -> Result<Self, &'static str> {
        if column.max_rep_level() > 0 {
            return Err("lists");
        }
        if column.path().parts().len() > 1 {
            return Err("structures");
        }
        let meaning = match column.logical_type_ref() {
            Some(LogicalType::Timestamp(time)) => {
                Meaning::Timestamp(parts(time.unit), time.is_adjusted_to_u_t_c)
            }
            Some(LogicalType::Time(time)) => Meaning::Time(parts(time.unit)),
            Some(LogicalType::Float16 | LogicalType::Uuid | LogicalType::Variant(_)) => {
                return Err("binary values");
            }
            _ => meaning_of(column)?,
        };
        Ok(Self { meaning, optional: column.max_def_level() > 0 })
    }

    /// The next `rows` cells.
    pub fn read(self, reader: &mut ColumnReader, rows: usize) -> Result<Cells, ParquetError> {
        let Self { meaning, optional } = self;
        match reader {
            ColumnReader::BoolColumnReader(reader) => next(reader, rows, optional, |&truth| {
                Ok(Value::Text(if truth { "true" } else { "false" }.into()))
            }),
            ColumnReader::Int32ColumnReader(reader) => {
                next(reader, rows, optional, |&number| match meaning {
                    Meaning::Unsigned => Ok(Value::Number(number.cast_unsigned().to_string())),
                    _ => meaning.integer(i64::from(number)),
                })
            }
            ColumnReader::Int64ColumnReader(reader) => {
                next(reader, rows, optional, |&number| meaning.integer(number))
            }
            ColumnReader::Int96ColumnReader(reader) => next(reader, rows, optional, |time| {
                Meaning::Timestamp(MICROS, false).integer(time.to_micros())
            }),
            ColumnReader::FloatColumnReader(reader) => {
                // Through its shortest digits: 0.1 and not 0.10000000149011612.
                let shown = |number: &f32| number.to_string().parse().map_or(Value::Nothing, Value::number);
                next(reader, rows, optional, |number| Ok(shown(number)))
            }
            ColumnReader::DoubleColumnReader(reader) => {
                next(reader, rows, optional, |&number| Ok(Value::number(number)))
            }
            ColumnReader::ByteArrayColumnReader(reader) => {
                next(reader, rows, optional, |bytes| meaning.bytes(bytes))
            }
            ColumnReader::FixedLenByteArrayColumnReader(reader) => {
                next(reader, rows, optional, |bytes| meaning.bytes(bytes))
            }
        }
    }
}

fn parts(unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::MILLIS => MILLIS,
        TimeUnit::MICROS => MICROS,
        TimeUnit::NANOS => NANOS,
    }
}

fn meaning_of(column: &ColumnDescriptor) -> Result<Meaning, &'static str> {
    Ok(match column.converted_type() {
        ConvertedType::DATE => Meaning::Date,
        ConvertedType::TIME_MILLIS => Meaning::Time(MILLIS),
        ConvertedType::TIME_MICROS => Meaning::Time(MICROS),
        ConvertedType::TIMESTAMP_MILLIS => Meaning::Timestamp(MILLIS, true),
        ConvertedType::TIMESTAMP_MICROS => Meaning::Timestamp(MICROS, true),
        ConvertedType::UINT_8 | ConvertedType::UINT_16 | ConvertedType::UINT_32 | ConvertedType::UINT_64 => {
            Meaning::Unsigned
        }
        ConvertedType::DECIMAL => Meaning::Decimal(usize::try_from(column.type_scale()).unwrap_or(0)),
        ConvertedType::INTERVAL | ConvertedType::BSON => return Err("binary values"),
        _ if column.physical_type() == Physical::FIXED_LEN_BYTE_ARRAY => return Err("binary values"),
        _ => Meaning::Plain,
    })
}

impl Meaning {
    fn integer(self, number: i64) -> Result<Value, &'static str> {
        let bad = "outside the range of dates";
        let text = |shown: Option<String>| shown.map(Value::Text).ok_or(bad);
        match self {
            Self::Plain => Ok(Value::Number(number.to_string())),
            Self::Unsigned => Ok(Value::Number(number.cast_unsigned().to_string())),
            Self::Decimal(scale) => Ok(Value::Number(decimal(i128::from(number), scale))),
            Self::Date => text(day(number).map(|day| day.to_string())),
            Self::Time(parts) => text(time(number, parts).map(|time| time.to_string())),
            Self::Timestamp(parts, utc) => text(timestamp(number, parts, utc)),
        }
    }

    fn bytes<B: AsRef<[u8]>>(self, bytes: &B) -> Result<Value, &'static str> {
        let bytes = bytes.as_ref();
        if let Self::Decimal(scale) = self {
            return wide(bytes).map(|number| Value::Number(decimal(number, scale)));
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Value::Text(text.to_owned())),
            Err(_) => Err("not valid UTF-8"),
        }
    }
}

/// A number of at most 16 bytes, the highest first.
fn wide(bytes: &[u8]) -> Result<i128, &'static str> {
    if bytes.len() > 16 {
        return Err("a decimal number of more than 38 digits");
    }
    let sign: i128 = if bytes.first().is_some_and(|byte| byte & 0x80 != 0) { -1 } else { 0 };
    Ok(bytes.iter().fold(sign, |number, &byte| (number << 8) | i128::from(byte)))
}

fn decimal(number: i128, scale: usize) -> String {
    let sign = if number < 0 { "-" } else { "" };
    let digits = format!("{:0>width$}", number.unsigned_abs(), width = scale + 1);
    let (whole, rest) = digits.split_at(digits.len() - scale);
    if scale == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{rest}") }
}

fn day(days: i64) -> Option<NaiveDate> {
    DateTime::UNIX_EPOCH.date_naive().checked_add_signed(TimeDelta::try_days(days)?)
}

fn time(number: i64, parts: i64) -> Option<NaiveTime> {
    let seconds = u32::try_from(number.div_euclid(parts)).ok()?;
    let nanos = u32::try_from(number.rem_euclid(parts) * (NANOS / parts)).ok()?;
    NaiveTime::from_num_seconds_from_midnight_opt(seconds, nanos)
}

/// A date alone where the time is midnight.
fn timestamp(number: i64, parts: i64, utc: bool) -> Option<String> {
    let nanos = u32::try_from(number.rem_euclid(parts) * (NANOS / parts)).ok()?;
    let time = DateTime::from_timestamp(number.div_euclid(parts), nanos)?.naive_utc();
    let zone = if utc { "Z" } else { "" };
    if time.time() == NaiveTime::MIN {
        return Some(time.date().to_string());
    }
    Some(format!("{}T{}{zone}", time.date(), time.time()))
}

/// The next `rows` cells of a column.
fn next<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    rows: usize,
    optional: bool,
    show: impl Fn(&T::T) -> Result<Value, &'static str>,
) -> Result<Cells, ParquetError> {
    let (mut levels, mut values) = (Vec::new(), Vec::with_capacity(rows));
    let mut read = 0;
    while read < rows {
        let (records, _, _) =
            reader.read_records(rows - read, optional.then_some(&mut levels), None, &mut values)?;
        if records == 0 {
            return Err(ParquetError::EOF("a column has fewer rows than the others".to_owned()));
        }
        read += records;
    }
    if !optional {
        return Ok(values.iter().map(show).collect());
    }
    let mut values = values.iter();
    let mut cell = |&level: &i16| match level {
        0 => Ok(Value::Nothing),
        _ => values.next().map_or(Ok(Value::Nothing), &show),
    };
    Ok(levels.iter().map(&mut cell).collect())
}

#[cfg(test)]
mod tests {
    use parquet::data_type::ByteArray;

    use super::*;

    #[test]
    fn dates_and_times_are_iso() {
        let shown = |meaning: Meaning, number| meaning.integer(number).unwrap().shown().to_owned();
        assert_eq!(shown(Meaning::Date, 19_844), "2024-05-01");
        assert_eq!(shown(Meaning::Date, -1), "1969-12-31");
        assert_eq!(shown(Meaning::Time(MICROS), 45_000_500_000), "12:30:00.500");
        assert_eq!(shown(Meaning::Timestamp(NANOS, false), 1_714_521_600 * NANOS), "2024-05-01");
        assert_eq!(shown(Meaning::Timestamp(MILLIS, true), 1_714_566_600_250), "2024-05-01T12:30:00.250Z");
        assert!(Meaning::Date.integer(i64::MAX).is_err());
    }

    #[test]
    fn decimals_keep_all_their_digits() {
        assert_eq!(decimal(12_345, 2), "123.45");
        assert_eq!(decimal(-5, 3), "-0.005");
        assert_eq!(decimal(7, 0), "7");
        assert_eq!(wide(&[0xFF, 0xFE]), Ok(-2));
        assert_eq!(wide(&[0x01, 0x00]), Ok(256));
        assert!(wide(&[0; 17]).is_err());
    }

    #[test]
    fn bytes_that_are_not_text_are_told() {
        assert_eq!(Meaning::Plain.bytes(&ByteArray::from(vec![0xFF])), Err("not valid UTF-8"));
    }
}
