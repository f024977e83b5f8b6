//! Label the sentences of news articles as `threat`, `restraint`, `ceasefire-call` or `none`.

pub mod error;
pub mod eval;
pub mod labels;
pub mod report;
pub mod span;
