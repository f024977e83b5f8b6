//! Label the sentences of news articles as `threat`, `restraint`, `ceasefire-call` or `none`.

pub mod classifier;
pub mod corpus;
pub mod error;
pub mod eval;
pub mod features;
pub mod labels;
pub mod model;
pub mod report;
pub mod span;
pub mod text;
