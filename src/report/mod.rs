//! Renderers: an [`Evaluation`](crate::eval::Evaluation) as text, Markdown, CSV or JSON.
//!
//! Each is a pure function from plain data to a `String`; writing it somewhere is the caller's. All formats carry the
//! same numbers. What is undefined (0/0) is `n/a` in [`text`] and [`markdown`], an empty cell in [`csv`] and `null` in
//! [`json`].
//!
//! | format | for |
//! |---|---|
//! | [`text`] | the terminal, at most 100 columns wide |
//! | [`markdown`] | a README, an issue, a notebook |
//! | [`csv`] | one tidy table for spreadsheets, R and pandas |
//! | [`json`] | programs; keys are stable and documented there |
