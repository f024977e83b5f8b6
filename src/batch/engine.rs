//! The three stages and the channels between them.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};

use super::columns::OutputColumns;
use super::render::Renderer;
use super::settings::Settings;
use super::summary::{Progress, Summary};
use super::window::{StopOnPanic, Window};
use super::worker::{Plan, Worker};
use crate::corpus::{Block, Column, ReadProgress, Source};
use crate::error::{Error, Result};
use crate::model::StanceModel;
use crate::text::Segmenter;

/// Labelling with one model and one set of settings.
pub struct Batch<'m> {
    model: &'m StanceModel,
    segmenter: &'m Segmenter,
    settings: Settings,
}

/// For each worker so many blocks may be in flight: one at work, one waiting for it, one waiting to be written.
const BLOCKS_PER_WORKER: usize = 3;

impl<'m> Batch<'m> {
    /// Labelling by `model` of the sentences that `segmenter` finds.
    #[must_use]
    pub fn new(model: &'m StanceModel, segmenter: &'m Segmenter, settings: Settings) -> Self {
        Self { model, segmenter, settings }
    }

    /// Labels all documents of `source`, whose text stands in the column `text`, and writes the rows to `output`.
    ///
    /// The columns are: every input column in its order (without the text column, unless it is kept), `sentence_no`
    /// (from 1), `start` and `end` (characters of the document before the sentence and up to its end), `sentence`,
    /// `label`, `confidence`, `p_<label>` for each label, `status` (`ok`, `review`, `empty`), and `evidence` if asked
    /// for. A document without any sentence has one row with number 0, status `empty` and no label, so that none
    /// disappears. `progress` is called on this thread, once per block.
    ///
    /// # Errors
    /// The first error in the order of the input: of reading, of a bad row (unless these are left out), or of writing;
    /// [`ErrorKind::Closed`](crate::error::ErrorKind::Closed) when the output was closed by its reader. What was
    /// written until then is not a whole table.
    pub fn run(
        &self,
        source: Source,
        text: &Column,
        output: &mut dyn Write,
        mut progress: impl FnMut(&Progress),
    ) -> Result<Summary> {
        let labels = self.model.labels();
        let mut summary = Summary::new(labels.len());
        let columns = OutputColumns::new(source.header(), text, labels, &self.settings, &mut summary.notices);
        let mut renderer = Renderer::new(&columns, labels, &self.settings);
        renderer.header();
        output.write_all(&renderer.take()).map_err(cannot_write)?;
        let plan = Plan {
            model: self.model,
            segmenter: self.segmenter,
            settings: &self.settings,
            columns: &columns,
            text,
        };
        let threads = self.settings.thread_count();
        let window = Window::new(threads * BLOCKS_PER_WORKER);
        let mut writer = Writer {
            output,
            window: &window,
            read: source.progress(),
            progress: &mut progress,
            summary,
            waiting: BTreeMap::new(),
            turn: 0,
        };
        let written = run_stages(source, plan, threads, &window, &mut writer);
        written.and_then(|()| writer.output.flush().map_err(cannot_write))?;
        Ok(writer.summary)
    }
}

/// The reader and the workers on threads of their own, the writer on this one.
fn run_stages(
    source: Source,
    plan: Plan<'_>,
    threads: usize,
    window: &Window,
    writer: &mut Writer<'_>,
) -> Result<()> {
    let (to_workers, from_reader) = channel();
    let (to_writer, from_workers) = channel();
    let from_reader = &Mutex::new(from_reader);
    std::thread::scope(move |scope| {
        let errors = to_writer.clone();
        scope.spawn(move || read(source, window, &to_workers, &errors));
        for _ in 0..threads {
            let to_writer = to_writer.clone();
            scope.spawn(move || work(plan, window, from_reader, &to_writer));
        }
        drop(to_writer);
        let result = writer.write_all(from_workers);
        window.stop();
        result
    })
}

/// What reaches the writer. Every block ends with one `Done`.
enum Message {
    /// Output of the block whose turn it is, with more to come.
    Piece(Vec<u8>),
    /// The last output of a block, or why there is none.
    Done(u64, Result<(Vec<u8>, Summary)>),
}

fn read(mut source: Source, window: &Window, to_workers: &Sender<(u64, Block)>, errors: &Sender<Message>) {
    let _guard = StopOnPanic(window);
    for number in 0.. {
        if !window.wait_for_room(number) {
            return;
        }
        let sent = match source.next_block() {
            Ok(Some(block)) => to_workers.send((number, block)).is_ok(),
            Ok(None) => false,
            Err(error) => {
                // A writer that is gone has an error of its own.
                let _ = errors.send(Message::Done(number, Err(error)));
                false
            }
        };
        if !sent {
            return;
        }
    }
}

fn work(
    plan: Plan<'_>,
    window: &Window,
    blocks: &Mutex<Receiver<(u64, Block)>>,
    to_writer: &Sender<Message>,
) {
    let _guard = StopOnPanic(window);
    let mut worker = Worker::new(plan);
    // Blocks are taken in order, so that the one whose turn it is never waits behind another.
    let take = || blocks.lock().unwrap_or_else(PoisonError::into_inner).recv();
    while let Ok((number, block)) = take() {
        let pass_on = |piece| window.wait_for_turn(number) && to_writer.send(Message::Piece(piece)).is_ok();
        let result = worker.label(&block, pass_on);
        if to_writer.send(Message::Done(number, result)).is_err() {
            return;
        }
    }
}

/// Puts the blocks in order and writes them.
struct Writer<'w> {
    output: &'w mut dyn Write,
    window: &'w Window,
    read: ReadProgress,
    progress: &'w mut dyn FnMut(&Progress),
    summary: Summary,
    /// Blocks that were done before their turn.
    waiting: BTreeMap<u64, Result<(Vec<u8>, Summary)>>,
    turn: u64,
}

impl Writer<'_> {
    /// Writes until all senders are gone or something goes wrong; the workers see that the receiver is gone and stop.
    fn write_all(&mut self, messages: Receiver<Message>) -> Result<()> {
        for message in messages {
            match message {
                Message::Piece(bytes) => self.output.write_all(&bytes).map_err(cannot_write)?,
                Message::Done(number, result) => {
                    self.waiting.insert(number, result);
                    while let Some(result) = self.waiting.remove(&self.turn) {
                        self.write_block(result)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn write_block(&mut self, result: Result<(Vec<u8>, Summary)>) -> Result<()> {
        let (bytes, done) = result?;
        self.output.write_all(&bytes).map_err(cannot_write)?;
        self.summary.append(done);
        self.turn += 1;
        self.window.next();
        (self.progress)(&Progress {
            bytes_read: self.read.bytes_read(),
            total_bytes: self.read.total_bytes(),
            documents: self.summary.documents,
            rows: self.summary.rows,
        });
        Ok(())
    }
}

fn cannot_write(error: std::io::Error) -> Error {
    Error::io("cannot write the output", error)
}
