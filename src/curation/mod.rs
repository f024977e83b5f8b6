//! Which labels to look at again, and which sentences to label next.
//!
//! ```text
//! labelled rows ─▶ Audit        probable label errors, contradictions, duplicates, leaks, outliers
//! unlabelled pool ─▶ suggest    sentences the model is unsure of, unlike each other and what is labelled
//! ```
//!
//! [`Audit`] gathers [`Finding`]s: plain data, each with a rank among its kind and a reason to read. [`suggest`] reads a
//! pool of any size with bounded memory. Nothing here writes; [`report`](crate::report) renders both.

mod alike;
mod audit;
mod documents;
mod finding;
mod outliers;
mod pool;
mod row;
mod suggest;

pub use audit::{Audit, AuditInput, LabelCount};
pub use finding::{Finding, FindingKind};
pub use row::AuditRow;
pub use suggest::{SuggestParams, Suggestion, Suggestions, Uncertainty, suggest};
