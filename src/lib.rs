//! Label the sentences of news articles as `threat`, `restraint`, `ceasefire-call` or `none`.

pub mod classifier;
pub mod error;
pub mod features;
pub mod labels;
pub mod span;
pub mod text;
