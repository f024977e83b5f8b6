//! Renderers: an [`Evaluation`](crate::eval::Evaluation) as text, Markdown, CSV or JSON.
//!
//! Each is a pure function from plain data to a `String` that ends with a line break; writing it somewhere is the
//! caller's. What is undefined (0/0) is `n/a` in [`text`] and [`markdown`], an empty cell in [`csv`] and `null` in
//! [`json`].
//!
//! | format | for | numbers |
//! |---|---|---|
//! | [`text`] | the terminal, at most [`TEXT_WIDTH`] columns wide | rounded; the scores, without curves |
//! | [`markdown`] | a README, a wiki, a notebook | as text |
//! | [`csv`] | one tidy table for spreadsheets, R and pandas | exact; the scores, without curves |
//! | [`json`] | programs; keys are stable and documented there | exact; everything |

pub mod agreement;
mod audit;
pub mod comparison;
mod csv;
mod format;
pub mod html;
mod json;
mod markdown;
mod page;
mod sections;
mod shown;
mod suggest;
mod summary;
mod summary_page;
pub mod svg;
mod table;
mod text;

#[cfg(test)]
mod sample;

pub use self::audit::{audit_csv, audit_json, audit_text};
pub use self::csv::csv;
pub use self::json::json;
pub use self::markdown::markdown;
pub use self::shown::Shown;
pub use self::suggest::suggestions_csv;
pub use self::summary::{summary_csv, summary_json, summary_text};
pub use self::summary_page::summary_page;
pub use self::text::{TEXT_WIDTH, text};
