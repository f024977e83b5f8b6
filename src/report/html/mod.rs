//! Reports as one HTML file each: nothing is loaded, nothing runs, and the same data give the same bytes.
//!
//! A [`Page`] is sections of [`Block`]s: tables, figures, facts, warnings, cases. It holds plain text as
//! [`Shown`](super::Shown), which the templates escape, and drawn plots as [`Svg`](super::svg::Svg); there is no other
//! way for markup to get into a page. The style sheet serves light and dark screens, phones and paper. The page
//! forbids scripts and everything from outside by a content security policy of its own.

mod blocks;
mod card;
mod evaluation;
mod page;
mod plots;

pub use self::blocks::{Alert, Block, Case, Cell, Fact, Figure, Figures, Stat, Table, Term};
pub use self::evaluation::{EvaluationReport, Mistake, MistakeTerm};
pub use self::page::{Page, Section};
