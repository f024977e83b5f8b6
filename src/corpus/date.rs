//! Dates as they stand in tables, and the periods that they fall into.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::fmt::strtime;

use crate::error::{Error, ErrorKind, Result};

/// What dates are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Period {
    /// `2024-03-07`
    Day,
    /// `2024-W10`: weeks of ISO 8601, Monday to Sunday. The first week of a year is the one with its first Thursday, so
    /// the year of a week can differ from that of its days: 2024-12-30 lies in `2025-W01`.
    Week,
    /// `2024-03`
    Month,
    /// `2024-Q1`
    Quarter,
    /// `2024`
    Year,
}

impl Period {
    /// All periods with their names, the shortest first.
    pub const ALL: [(&'static str, Self); 5] = [
        ("day", Self::Day),
        ("week", Self::Week),
        ("month", Self::Month),
        ("quarter", Self::Quarter),
        ("year", Self::Year),
    ];

    /// The period of `date` by name. Names of one kind of period sort by time.
    fn of(self, date: Date) -> String {
        let year = date.year();
        match self {
            Self::Day => format!("{year:04}-{:02}-{:02}", date.month(), date.day()),
            Self::Week => {
                let week = date.iso_week_date();
                format!("{:04}-W{:02}", week.year(), week.week())
            }
            Self::Month => format!("{year:04}-{:02}", date.month()),
            Self::Quarter => format!("{year:04}-Q{}", (date.month() + 2) / 3),
            Self::Year => format!("{year:04}"),
        }
    }

    /// The period that follows the one called `name`: `2024-12` after `2024-11`. Nothing for what is no such name.
    ///
    /// ```
    /// use stancewire::corpus::Period;
    /// assert_eq!(Period::Week.after("2024-W52").as_deref(), Some("2025-W01"));
    /// assert_eq!(Period::Month.after("(no date)"), None);
    /// ```
    #[must_use]
    pub fn after(self, name: &str) -> Option<String> {
        let (year, rest) = name.split_at_checked(4)?;
        let year: i16 = year.parse().ok()?;
        let number = |text: &str| text.parse::<i8>().ok();
        match self {
            Self::Day => written(name)?.tomorrow().ok().map(|date| self.of(date)),
            Self::Week => {
                let week = jiff::civil::ISOWeekDate::new(
                    year,
                    number(rest.strip_prefix("-W")?)?,
                    jiff::civil::Weekday::Sunday,
                );
                week.ok()?.date().tomorrow().ok().map(|date| self.of(date))
            }
            Self::Month => match number(rest.strip_prefix('-')?)? {
                12 => Some(format!("{:04}-01", year + 1)),
                month => Some(format!("{year:04}-{:02}", month + 1)),
            },
            Self::Quarter => match number(rest.strip_prefix("-Q")?)? {
                4 => Some(format!("{:04}-Q1", year + 1)),
                quarter => Some(format!("{year:04}-Q{}", quarter + 1)),
            },
            Self::Year => rest.is_empty().then(|| format!("{:04}", year + 1)),
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::ALL.iter().find(|(_, period)| period == self).map_or("", |(name, _)| name);
        f.write_str(name)
    }
}

impl FromStr for Period {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let found = Self::ALL.iter().find(|(name, _)| *name == text).map(|(_, period)| *period);
        found.ok_or_else(|| {
            let names = Self::ALL.map(|(name, _)| name).join(", ");
            Error::new(ErrorKind::Settings, format!("unknown period \"{text}\"; expected one of: {names}"))
        })
    }
}

/// Reads dates: in the forms that can mean one day only, or in a form that the user states.
///
/// Without a stated form these are read, each cell by itself: `2024-03-07`, `2024/03/07`, both also with a time of day
/// behind (`2024-03-07T21:30:00Z`), and `20240307`. `2024-03` and `2024` are read where the period does not ask for more.
/// The day is the one that is written; no zone is taken into account. `07.03.2024` and `03/07/2024` are not read: which
/// number is the month would be a guess.
#[derive(Debug, Clone, Default)]
pub struct DateReader {
    format: Option<String>,
}

impl DateReader {
    /// Reads dates in the form `format` and in no other: `%d.%m.%Y` with the signs of `strptime`, or `DD.MM.YYYY`.
    ///
    /// # Errors
    /// [`ErrorKind::Settings`] when the form has unknown signs, or does not name day, month and year.
    pub fn with_format(format: &str) -> Result<Self> {
        let signs = if format.contains('%') {
            format.to_owned()
        } else {
            format.replace("YYYY", "%Y").replace("YY", "%y").replace("MM", "%m").replace("DD", "%d")
        };
        let sample = jiff::civil::date(2003, 2, 1);
        // A zone cannot be written for a plain time, but it can be read.
        let has_zone = ["%z", "%:z", "%Z", "%Q"].iter().any(|zone| signs.contains(zone));
        let read =
            strtime::format(&signs, sample.at(0, 0, 0, 0)).and_then(|text| Date::strptime(&signs, text));
        match read {
            Ok(date) if date == sample => Ok(Self { format: Some(signs) }),
            Err(_) if has_zone => Ok(Self { format: Some(signs) }),
            _ => Err(Error::new(
                ErrorKind::Settings,
                format!("the date format \"{format}\" does not tell day, month and year"),
            )
            .advise("write it as DD.MM.YYYY, or with the signs of strptime: %d.%m.%Y, %d %B %Y")),
        }
    }

    /// The name of the period in which the date `cell` lies; nothing when the cell cannot be read as a date, or not
    /// exactly enough.
    ///
    /// ```
    /// use stancewire::corpus::{DateReader, Period};
    /// let reader = DateReader::default();
    /// assert_eq!(reader.period("2024-03-07T21:30Z", Period::Quarter).as_deref(), Some("2024-Q1"));
    /// assert_eq!(reader.period("2024", Period::Year).as_deref(), Some("2024"));
    /// assert_eq!(reader.period("2024", Period::Month), None);
    /// assert_eq!(reader.period("07.03.2024", Period::Day), None);
    /// ```
    #[must_use]
    pub fn period(&self, cell: &str, period: Period) -> Option<String> {
        let cell = cell.trim();
        match &self.format {
            Some(format) => Date::strptime(format, cell).ok().map(|date| period.of(date)),
            None => written(cell).map(|date| period.of(date)).or_else(|| partial(cell, period)),
        }
    }
}

/// `2024-03` or `2024`, where that is enough for `period`.
fn partial(cell: &str, period: Period) -> Option<String> {
    let (year, month) = cell.split_once(['-', '/']).unwrap_or((cell, ""));
    let is_enough = match period {
        Period::Year => month.is_empty() || month.len() == 2,
        Period::Month | Period::Quarter => month.len() == 2,
        Period::Day | Period::Week => false,
    };
    let date = date(year, if month.is_empty() { "1" } else { month }, "1")?;
    is_enough.then(|| period.of(date))
}

/// The date in one of the forms that need no stated one.
fn written(cell: &str) -> Option<Date> {
    if cell.len() == 8 && all_digits(cell) {
        return date(&cell[..4], &cell[4..6], &cell[6..]);
    }
    let mark = if cell.contains('/') { '/' } else { '-' };
    let mut parts = cell.splitn(3, mark);
    let (year, month, rest) = (parts.next()?, parts.next()?, parts.next()?);
    let day_end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (day, time) = rest.split_at(day_end);
    is_time(time).then(|| date(year, month, day)).flatten()
}

/// A year of four digits, month and day of one or two.
fn date(year: &str, month: &str, day: &str) -> Option<Date> {
    let is_plain = |text: &str, most| (1..=most).contains(&text.len()) && all_digits(text);
    if year.len() != 4 || !is_plain(year, 4) || !is_plain(month, 2) || !is_plain(day, 2) {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// Whether `text` is nothing, or a time of day behind a date: `T21:30`, ` 21:30:05.25+02:00`, `T21:30Z`.
fn is_time(text: &str) -> bool {
    let Some(time) = text.strip_prefix(['T', 't', ' ']) else { return text.is_empty() };
    let bytes = time.as_bytes();
    let is_below = |at: usize, end: u8| {
        time.get(at..at + 2)
            .filter(|two| all_digits(two))
            .and_then(|two| two.parse().ok())
            .is_some_and(|n: u8| n < end)
    };
    let is_clock = is_below(0, 24) && bytes.get(2) == Some(&b':') && is_below(3, 60);
    let rest = time.get(5..).unwrap_or_default().trim_end_matches("UTC").trim_end_matches("GMT");
    is_clock && rest.bytes().all(|byte| byte.is_ascii_digit() || b":.,+- Zz".contains(&byte))
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_that_can_mean_one_day_only_are_read() {
        let reader = DateReader::default();
        let day = |cell| reader.period(cell, Period::Day);
        for cell in [
            "2024-03-07",
            " 2024-03-07 ",
            "2024-3-7",
            "2024/03/07",
            "20240307",
            "2024-03-07T21:30",
            "2024-03-07 21:30:05",
            "2024-03-07T21:30:05.123Z",
            "2024-03-07T21:30:05+02:00",
            "2024-03-07 21:30:05 UTC",
            "2024/03/07 00:00",
        ] {
            assert_eq!(day(cell).as_deref(), Some("2024-03-07"), "{cell}");
        }
        for cell in [
            "",
            "07.03.2024",
            "03/07/2024",
            "7 March 2024",
            "2024-02-30",
            "2023-02-29",
            "2024-13-01",
            "2024-03",
            "2024",
            "24-03-07",
            "1988-1991",
            "2024-03-07x",
            "2024-03-07T",
            "2024-03-07T25:00",
            "2024-03-07T9:00",
            "2024-03-07T21:60",
            "2024/03-07",
            "202403071",
            "٢٠٢٤-٠٣-٠٧",
            "2024-03-é7",
            "-024-03-07",
            "+024-03-07",
        ] {
            assert_eq!(day(cell), None, "{cell}");
        }
    }

    #[test]
    fn the_29th_of_february_is_a_day_of_leap_years_only() {
        let reader = DateReader::default();
        for (cell, is_day) in [("2000-02-29", true), ("1900-02-29", false), ("2024-02-29", true)] {
            assert_eq!(reader.period(cell, Period::Day).is_some(), is_day, "{cell}");
        }
    }

    #[test]
    fn weeks_are_those_of_iso_8601() {
        // The examples of the Wikipedia article "ISO week date", checked with Python's date.isocalendar.
        let reader = DateReader::default();
        for (day, week) in [
            ("1977-01-01", "1976-W53"),
            ("1977-12-31", "1977-W52"),
            ("1979-12-31", "1980-W01"),
            ("1981-01-01", "1981-W01"),
            ("2008-12-29", "2009-W01"),
            ("2010-01-03", "2009-W53"),
            ("2024-03-07", "2024-W10"),
        ] {
            assert_eq!(reader.period(day, Period::Week).as_deref(), Some(week), "{day}");
        }
    }

    #[test]
    fn each_period_has_its_name() {
        let reader = DateReader::default();
        let names = Period::ALL.map(|(_, period)| reader.period("2024-11-30", period).unwrap());
        assert_eq!(names, ["2024-11-30", "2024-W48", "2024-11", "2024-Q4", "2024"]);
        let quarters: String = (1..=12)
            .map(|month| reader.period(&format!("2024-{month}-1"), Period::Quarter).unwrap().pop().unwrap())
            .collect();
        assert_eq!(quarters, "111222333444");
    }

    #[test]
    fn less_exact_dates_are_read_where_the_period_asks_for_no_more() {
        let reader = DateReader::default();
        let read = |cell, period| reader.period(cell, period);
        assert_eq!(read("2024", Period::Year).as_deref(), Some("2024"));
        assert_eq!(read("2024-03", Period::Year).as_deref(), Some("2024"));
        assert_eq!(read("2024-03", Period::Quarter).as_deref(), Some("2024-Q1"));
        assert_eq!(read("2024/03", Period::Month).as_deref(), Some("2024-03"));
        for (cell, period) in [
            ("2024", Period::Month),
            ("2024-03", Period::Day),
            ("2024-03", Period::Week),
            ("1988-1991", Period::Year),
            ("2024-13", Period::Year),
        ] {
            assert_eq!(read(cell, period), None, "{cell} {period}");
        }
    }

    #[test]
    fn a_stated_form_is_the_only_one_that_is_read() {
        for format in ["DD.MM.YYYY", "%d.%m.%Y"] {
            let reader = DateReader::with_format(format).unwrap();
            assert_eq!(reader.period("07.03.2024", Period::Day).as_deref(), Some("2024-03-07"));
            assert_eq!(reader.period("2024-03-07", Period::Day), None);
            assert_eq!(reader.period("07.03.2024x", Period::Day), None);
        }
        let words = DateReader::with_format("%d %B %Y").unwrap();
        assert_eq!(words.period("7 March 2024", Period::Day).as_deref(), Some("2024-03-07"));
        let zone = DateReader::with_format("%d/%m/%Y %H:%M %z").unwrap();
        assert_eq!(zone.period("07/03/2024 23:59 -0500", Period::Day).as_deref(), Some("2024-03-07"));
    }

    #[test]
    fn a_form_that_tells_no_day_is_refused() {
        for format in ["MM.YYYY", "date", "", "%", "%d.%m", "%Y-%m-%K"] {
            let error = DateReader::with_format(format).unwrap_err().to_string();
            assert!(error.contains("does not tell day, month and year"), "{format}: {error}");
        }
    }

    #[test]
    fn the_next_period_follows_without_a_gap() {
        let reader = DateReader::default();
        let first = jiff::civil::date(1999, 12, 20);
        for (_, period) in Period::ALL {
            let mut name = period.of(first);
            for days in 0..900 {
                let date = first.checked_add(jiff::Span::new().days(days)).unwrap();
                let wanted = reader.period(&date.to_string(), period).unwrap();
                if wanted != name {
                    assert_eq!(period.after(&name).as_ref(), Some(&wanted), "{period}");
                    assert!(wanted > name, "{wanted} sorts before {name}");
                    name = wanted;
                }
            }
        }
    }

    #[test]
    fn whatever_stands_in_a_cell_never_panics() {
        proptest::proptest!(|(cell in "\\PC{0,12}", near in "[0-9/T :é-]{0,12}")| {
            for (_, period) in Period::ALL {
                for text in [&cell, &near] {
                    let _ = (DateReader::default().period(text, period), period.after(text));
                }
            }
        });
    }
}
