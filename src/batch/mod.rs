//! The streaming labelling engine: read, label in parallel, write in the order of the input.
//!
//! ```text
//!            ┌▶ worker ─┐
//!  reader ───┼▶ worker ─┼──▶ writer        at most a few blocks of about 64 KB are anywhere between
//!  (blocks)  └▶ worker ─┘    (in order)    reader and writer, however long the input is
//! ```
//!
//! The reader cuts the input into blocks of whole rows without parsing them; a worker parses its block, splits and
//! labels its documents with a scorer of its own, and renders the rows; the writer puts the blocks back in order. So the
//! output is the same, byte for byte, for every number of threads and every run.
//!
//! **Stopping and going on.** What the writer has written always ends with a whole block, and reading the same inputs again gives
//! the same blocks. So a run can be stopped after any block ([`Batch::run_from`]), and [`Reached`] is all that a later run needs
//! to go on: it passes over as many blocks without labelling them. A [`Checkpoint`] is that as a file, with what tells the [`Job`].
//!
//! **Errors.** The first error in the order of the input ends the run, whichever thread met an error first. What was
//! written before it has gone to the output; a caller that writes to a file uses [`Output`](crate::corpus::Output) and
//! does not finish it, so that half a file never takes the place of a whole one.

mod checkpoint;
mod columns;
mod engine;
mod formula;
mod job;
mod number;
mod preview;
mod reached;
mod render;
mod settings;
mod summary;
#[cfg(test)]
mod tests;
mod window;
mod worker;
mod writer;

pub use checkpoint::Checkpoint;
pub(crate) use columns::OutputColumns;
pub use columns::probability_columns;
pub use engine::Batch;
pub use job::{InputStamp, Inputs, Job};
pub use preview::Preview;
pub use reached::Reached;
pub use settings::{OutputFormat, Settings};
pub use summary::{Progress, Summary};
