//! Everything that reads, and the one thing that writes whole files.
//!
//! ```text
//!  arguments ─▶ Source ─▶ Block ─▶ Record ─▶ Document            one document at a time, for labelling
//!  files, folders,  │     64 KB    fields                  └───▶ Dataset   all labelled rows, for training
//!  globs, -         └─ header, known before the first row
//! ```
//!
//! **Inputs.** `.txt` and `.md` files are one article each; `.csv`, `.tsv`, `.jsonl` and `.ndjson` files are tables with
//! one article or sentence per row. All of them may be packed with gzip or zstd, which is told by their first bytes.
//! `.xlsx` workbooks and, with the feature `parquet`, `.parquet` files are tables too.
//! Folders are walked in path order without hidden files; `-` is standard input.
//!
//! **Characters.** Text is UTF-8 unless a byte-order mark, the zero bytes of UTF-16 or a forced [`Encoding`] say
//! otherwise. Bytes that do not fit are an error with their place and never a guess: a wrong guess would lose characters
//! without a word.
//!
//! **Memory.** A source holds one block (about 64 KB) whatever the size of its files; one record may be up to
//! [`MAX_RECORD_BYTES`] long.
//!
//! **Bad rows.** A row that cannot be used is an [`Error`](crate::error::Error) with file, line and column. Whether the
//! run stops there is the caller's choice: [`OnBadRow`].

mod adjudication;
mod annotations;
mod block;
mod bytes;
mod columnar;
mod columns;
mod dataset;
mod date;
mod documents;
mod duplicates;
mod format;
mod grouped;
mod inputs;
mod json;
mod notice;
mod output;
mod part;
mod sheet;
mod slot;
mod source;
mod split;
mod summary;
mod table;
mod terminal;
mod whole_table;
mod workbook;

pub use annotations::Annotations;
pub use block::{Block, Cell, Record, Records};
pub use bytes::Encoding;
pub use columnar::{HAS_PARQUET, PARQUET_ADVICE};
pub use columns::{Column, ColumnChoice, Header, Role, Roles};
pub use dataset::{Dataset, LabelledExample};
pub use date::{DateReader, Period};
pub use documents::{Document, Documents, OnBadRow, SkippedRows};
pub use duplicates::{NearDuplicate, join_groups, near_duplicate_groups, near_duplicates};
pub use format::Format;
pub use grouped::{EMPTY, GroupColumn, GroupedRow, GroupedRows, GroupedSpec, NO_DATE, Undated};
pub use notice::Notice;
pub use output::Output;
pub use part::PartFile;
pub use slot::remove_unfinished;
pub use source::{InputSpec, ReadProgress, Source};
pub use split::MAX_RECORD_BYTES;
pub use summary::InputSummary;
pub use terminal::{Visible, visible};
pub use workbook::MAX_WORKBOOK_BYTES;
