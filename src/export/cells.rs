//! From lines of JSON back to cells.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A cell of a labelled row.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell<'l> {
    /// JSON's null.
    Nothing,
    Text(Cow<'l, str>),
    /// A number, and how it is written.
    Number(f64, &'l str),
    /// A truth value, list or object, as it is written.
    Json(&'l str),
}

impl<'l> Cell<'l> {
    fn of(raw: &'l str) -> serde_json::Result<Self> {
        Ok(match raw.as_bytes().first() {
            Some(b'"') if !raw.contains('\\') => Self::Text(Cow::Borrowed(&raw[1..raw.len() - 1])),
            Some(b'"') => Self::Text(Cow::Owned(serde_json::from_str(raw)?)),
            Some(b'-' | b'0'..=b'9') => Self::Number(serde_json::from_str(raw)?, raw),
            Some(b'n') => Self::Nothing,
            _ => Self::Json(raw),
        })
    }

    /// The number, if it is one.
    #[cfg(any(feature = "parquet", test))]
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number, _) => Some(*number),
            _ => None,
        }
    }

    /// The text that a table shows; nothing for null.
    pub fn shown(&self) -> Option<&str> {
        match self {
            Self::Nothing => None,
            Self::Text(text) => Some(text),
            Self::Number(_, text) | Self::Json(text) => Some(text),
        }
    }
}

/// Reads the values of the object `line`, in their order, into `cells`.
pub(super) fn read<'l>(line: &'l str, cells: &mut Vec<Cell<'l>>) -> serde_json::Result<()> {
    cells.clear();
    let mut parser = serde_json::Deserializer::from_str(line);
    IntoCells(cells).deserialize(&mut parser)?;
    parser.end()
}

struct IntoCells<'a, 'l>(&'a mut Vec<Cell<'l>>);

impl<'l> DeserializeSeed<'l> for IntoCells<'_, 'l> {
    type Value = ();

    fn deserialize<D: Deserializer<'l>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'l> Visitor<'l> for IntoCells<'_, 'l> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'l>>(self, mut map: A) -> Result<(), A::Error> {
        while map.next_key::<IgnoredAny>()?.is_some() {
            let raw: &'l RawValue = map.next_value()?;
            self.0.push(Cell::of(raw.get()).map_err(A::Error::custom)?);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_in_their_order_with_what_they_are() {
        let line = r#"{"a":"x","b":7,"c":-0.25,"d":null,"e":"say \"no\"\n","f":[1, 2],"a":true}"#;
        let mut cells = Vec::new();
        read(line, &mut cells).unwrap();
        let shown: Vec<Option<&str>> = cells.iter().map(Cell::shown).collect();
        let expected =
            [Some("x"), Some("7"), Some("-0.25"), None, Some("say \"no\"\n"), Some("[1, 2]"), Some("true")];
        assert_eq!(shown, expected);
        let numbers: Vec<f64> = cells.iter().filter_map(Cell::number).collect();
        assert_eq!(numbers, [7.0, -0.25]);
    }
}
