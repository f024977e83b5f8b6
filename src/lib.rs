//! Label the sentences of news articles as `threat`, `restraint`, `ceasefire-call` or `none`, with calibrated probabilities
//! and the evidence for each label.
//!
//! An article goes through five stations. The [`corpus`] room reads it, whatever file it lies in. The [`text`] room splits it
//! into sentences and these into tokens, word forms and stems. The [`features`] room counts n-grams and speech-act cues and
//! weighs them by TF-IDF. The [`classifier`] room makes scores of the weights and probabilities of the scores. The
//! [`model`] room holds all of it together in one value and one file; [`batch`] runs it over inputs of any size, [`eval`]
//! says how good it is, and [`report`] writes that down.
//!
//! ```text
//! articles ─▶ corpus ─▶ text ─▶ features ─▶ classifier ─▶ model ─▶ batch ─▶ rows
//!             documents sentences TF-IDF     logistic      one      in order
//!                       tokens    cues       regression    file └─▶ eval ─▶ report
//! ```
//!
//! # Example
//!
//! ```
//! use stancewire::model::{StanceModel, Status};
//! use stancewire::text::{Language, Segmenter};
//!
//! let article = "HALDEN (Reuters) - The two armies traded fire on Monday. \
//!                The regional bloc called for an immediate ceasefire in the border district.";
//! let model = StanceModel::embedded()?;
//! let mut scorer = model.scorer();
//! let labels: Vec<&str> = Segmenter::new(Language::English)
//!     .segment(article)
//!     .into_iter()
//!     .map(|sentence| model.labels().name(scorer.predict(sentence.of(article)).label))
//!     .collect();
//! assert_eq!(labels, ["none", "ceasefire-call"]);
//! # Ok::<(), stancewire::error::Error>(())
//! ```
//!
//! Labels are data: [`model::train`] takes any set of two or more. No room but `corpus`, `batch` and `export` reads or writes
//! files, and the same input gives the same bytes on any number of threads.

pub mod batch;
pub mod classifier;
pub mod corpus;
pub mod curation;
pub mod error;
pub mod eval;
pub mod export;
pub mod features;
pub mod labels;
pub mod model;
pub mod report;
pub mod span;
pub mod text;
