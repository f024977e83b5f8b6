//! Labelled rows as files for other programs: Excel workbooks and Parquet.
//!
//! The labelling engine renders rows in parallel as JSON Lines, which keep what is text, number and null; a sink takes
//! these lines apart again and writes cells. So there is one engine, one set of numbers in all formats (probabilities
//! with four decimals), and nothing of this slows down CSV.
//!
//! ```text
//! Batch ─▶ JSON Lines, in order ─▶ Sink ─┬▶ rows as they are       csv tsv jsonl
//!                                        ├▶ xlsx::Workbook         a temporary file per sheet, packed at the end
//!                                        └▶ parquet::Table         a row group at a time
//! ```

mod card;
mod cells;
mod format;
#[cfg(feature = "parquet")]
mod parquet;
mod run;
mod schema;
mod xlsx;

pub use card::{CardRow, CardValue, card_rows};
pub use format::ExportFormat;
pub use run::{Export, ExportNotice};
pub use schema::{OutputColumn, OutputKind, output_columns};
