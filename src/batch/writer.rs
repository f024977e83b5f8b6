//! The end of the line: blocks in order, and the places at which a run can stop.

use std::collections::BTreeMap;
use std::io::Write;
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use super::reached::Reached;
use super::summary::{Progress, Summary};
use super::window::Window;
use crate::corpus::ReadProgress;
use crate::error::{Error, Result};

/// What reaches the writer. Every block ends with one `Done`.
pub(super) enum Message {
    /// Output of the block whose turn it is, with more to come.
    Piece(Vec<u8>),
    /// The last output of a block, or why there is none.
    Done(u64, Result<Finished>),
}

/// A block that is labelled.
pub(super) struct Finished {
    /// The end of its output.
    pub bytes: Vec<u8>,
    /// What was done with it.
    pub summary: Summary,
    /// Its rows of input.
    pub read: u64,
}

/// How long a thread waits before it looks whether the run is to stop.
pub(super) const WAIT: Duration = Duration::from_millis(50);

/// Puts the blocks in order and writes them.
pub(super) struct Writer<'w, W, F> {
    pub output: &'w mut W,
    pub window: &'w Window,
    pub read: ReadProgress,
    /// Asked after each block, and while waiting, whether to go on.
    pub watch: F,
    pub reached: &'w mut Reached,
    /// Bytes written, those of an unfinished block too.
    pub written: u64,
    /// Blocks that were done before their turn.
    pub waiting: BTreeMap<u64, Result<Finished>>,
    pub turn: u64,
}

impl<W, F> Writer<'_, W, F>
where
    W: Write,
    F: FnMut(&mut W, &Reached, &Progress) -> Result<ControlFlow<()>>,
{
    /// Writes until all senders are gone, the watch says stop, or something goes wrong.
    pub fn write_all(&mut self, messages: &Receiver<Message>) -> Result<ControlFlow<()>> {
        loop {
            let next = match messages.recv_timeout(WAIT) {
                // A thread has panicked, and others may have left off in the middle of a block.
                Ok(_) if self.window.is_stopped() => return Ok(ControlFlow::Continue(())),
                Ok(Message::Piece(bytes)) => self.write(&bytes).and_then(|()| self.look())?,
                Ok(Message::Done(number, result)) => self.done(number, result)?,
                Err(RecvTimeoutError::Timeout) => self.look()?,
                Err(RecvTimeoutError::Disconnected) => return Ok(ControlFlow::Continue(())),
            };
            if next.is_break() {
                return Ok(next);
            }
        }
    }

    /// Writes what has its turn now that block `number` is done.
    fn done(&mut self, number: u64, result: Result<Finished>) -> Result<ControlFlow<()>> {
        self.waiting.insert(number, result);
        while let Some(result) = self.waiting.remove(&self.turn) {
            self.write_block(result?)?;
            if self.look()?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn write_block(&mut self, block: Finished) -> Result<()> {
        self.write(&block.bytes)?;
        self.reached.summary.append(block.summary);
        self.reached.blocks += 1;
        self.reached.read += block.read;
        self.reached.bytes = self.written;
        self.turn += 1;
        self.window.next();
        Ok(())
    }

    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.output.write_all(bytes).map_err(cannot_write)?;
        self.written += bytes.len() as u64;
        Ok(())
    }

    fn look(&mut self) -> Result<ControlFlow<()>> {
        let summary = &self.reached.summary;
        let progress = Progress {
            bytes_read: self.read.bytes_read(),
            total_bytes: self.read.total_bytes(),
            documents: summary.documents,
            rows: summary.rows,
        };
        (self.watch)(self.output, self.reached, &progress)
    }
}

pub(super) fn cannot_write(error: std::io::Error) -> Error {
    Error::io("cannot write the output", error)
}
