//! Label the sentences of news articles as `threat`, `restraint`, `ceasefire-call` or `none`.

pub mod corpus;
pub mod error;
pub mod labels;
pub mod span;
