//! From where a run can go on.

use super::summary::Summary;

/// How far a run has come, in whole blocks that are all written.
///
/// The same inputs give the same blocks, so a later run can pass over these and go on with the next one; its output after these
/// bytes is the rest of what an uninterrupted run writes.
#[derive(Debug, Default)]
pub struct Reached {
    /// Blocks read, labelled and written.
    pub blocks: u64,
    /// Rows of input in them, bad ones included.
    pub read: u64,
    /// Bytes of output up to here.
    pub bytes: u64,
    /// What was done up to here. Its notices need not be kept: they come again.
    pub summary: Summary,
}
