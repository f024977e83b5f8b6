//! The three stages and the channels between them.

use std::collections::BTreeMap;
use std::io::Write;
use std::ops::ControlFlow;
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use super::columns::OutputColumns;
use super::reached::Reached;
use super::render::Renderer;
use super::settings::Settings;
use super::summary::{Progress, Summary};
use super::window::{StopOnPanic, Window};
use super::worker::{Plan, Worker};
use super::writer::{Finished, Message, WAIT, Writer, cannot_write};
use crate::corpus::{Block, Column, Source};
use crate::error::{Error, ErrorKind, Result};
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
    /// [`ErrorKind::Closed`] when the output was closed by its reader. What was written until then is not a whole table.
    pub fn run(
        &self,
        source: Source,
        text: &Column,
        mut output: &mut dyn Write,
        mut progress: impl FnMut(&Progress),
    ) -> Result<Summary> {
        let (mut reached, mut told) = (Reached::default(), 0);
        let _: ControlFlow<()> =
            self.run_from(source, text, &mut output, &mut reached, |_, reached, now| {
                if reached.blocks > told {
                    told = reached.blocks;
                    progress(now);
                }
                Ok(ControlFlow::Continue(()))
            })?;
        Ok(reached.summary)
    }

    /// The same, from the place that an earlier run has `reached`, and with a say in where it stops.
    ///
    /// The blocks that are written already are read and passed over; `output` gets what comes after them, and no header unless
    /// there are none. Afterwards `reached` is the end of the last block that is wholly written, however the run ended; on an
    /// error there may be a part of the next block behind it. `watch` is called on this thread after every block and about
    /// twenty times a second while there is nothing to write, with the output, what is reached and the progress; when it breaks,
    /// the run stops there, between two rows, without waiting for inputs that are slow to come.
    ///
    /// # Errors
    /// As for [`Batch::run`]; those of `watch`; [`ErrorKind::Settings`] when the inputs have not the rows that were passed over.
    pub fn run_from<W: Write>(
        &self,
        source: Source,
        text: &Column,
        output: &mut W,
        reached: &mut Reached,
        watch: impl FnMut(&mut W, &Reached, &Progress) -> Result<ControlFlow<()>>,
    ) -> Result<ControlFlow<()>> {
        let labels = self.model.labels();
        let (header, summary) = (source.header(), &mut reached.summary);
        summary.by_label.resize(labels.len(), 0);
        summary.notices.clear();
        let columns = OutputColumns::new(header, text, labels, &self.settings, &mut summary.notices);
        let plan = Plan {
            model: self.model,
            segmenter: self.segmenter,
            settings: &self.settings,
            columns: &columns,
            text,
        };
        let threads = self.settings.thread_count();
        let window = Arc::new(Window::new(threads * BLOCKS_PER_WORKER));
        let (read, written) = (source.progress(), reached.bytes);
        let passed = Passed { blocks: reached.blocks, read: reached.read };
        let (waiting, turn) = (BTreeMap::new(), 0);
        let mut writer = Writer { output, window: &window, read, watch, reached, written, waiting, turn };
        if passed.blocks == 0 {
            let mut renderer = Renderer::new(&columns, labels, &self.settings);
            renderer.header();
            writer.write(&renderer.take())?;
        }
        let ended = run_stages(source, passed, plan, threads, &window, &mut writer)?;
        writer.output.flush().map_err(cannot_write)?;
        Ok(ended)
    }
}

/// What is read and passed over at the start.
#[derive(Clone, Copy)]
struct Passed {
    blocks: u64,
    read: u64,
}

/// The reader and the workers on threads of their own, the writer on this one.
fn run_stages<W, F>(
    source: Source,
    passed: Passed,
    plan: Plan<'_>,
    threads: usize,
    window: &Arc<Window>,
    writer: &mut Writer<'_, W, F>,
) -> Result<ControlFlow<()>>
where
    W: Write,
    F: FnMut(&mut W, &Reached, &Progress) -> Result<ControlFlow<()>>,
{
    let (to_workers, from_reader) = channel();
    let (to_writer, from_workers) = channel();
    let (errors, shared) = (to_writer.clone(), Arc::clone(window));
    // Outside the scope, because nobody can end a read that waits for a pipe: a run that stops does not wait for it.
    let reader = std::thread::spawn(move || read(source, passed, &shared, &to_workers, &errors));
    let from_reader = &Mutex::new(from_reader);
    let ended = std::thread::scope(move |scope| {
        for _ in 0..threads {
            let to_writer = to_writer.clone();
            scope.spawn(move || work(plan, window, from_reader, &to_writer));
        }
        drop(to_writer);
        let ended = writer.write_all(&from_workers);
        // Whoever still works sees that nobody wants more.
        drop(from_workers);
        window.stop();
        ended
    });
    if let Ok(ControlFlow::Continue(())) = ended
        && let Err(panic) = reader.join()
    {
        resume_unwind(panic);
    }
    ended
}

fn read(
    mut source: Source,
    passed: Passed,
    window: &Window,
    to_workers: &Sender<(u64, Block)>,
    errors: &Sender<Message>,
) {
    let _guard = StopOnPanic(window);
    if let Err(error) = pass_over(&mut source, passed, window) {
        let _ = errors.send(Message::Done(0, Err(error)));
        return;
    }
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

/// Reads what an earlier run has done.
fn pass_over(source: &mut Source, passed: Passed, window: &Window) -> Result<()> {
    let mut read = 0;
    for _ in 0..passed.blocks {
        match source.next_block()? {
            _ if window.is_stopped() => return Ok(()),
            Some(block) => read += block.len() as u64,
            None => return Err(other_inputs("they end before the place that it had reached")),
        }
    }
    if read == passed.read {
        Ok(())
    } else {
        Err(other_inputs(&format!("up to there it read {} rows, and now there are {read}", passed.read)))
    }
}

fn other_inputs(how: &str) -> Error {
    let what = format!("the inputs are not those of the run that was stopped: {how}");
    Error::new(ErrorKind::Settings, what).advise("begin anew, without --resume")
}

fn work(
    plan: Plan<'_>,
    window: &Window,
    blocks: &Mutex<Receiver<(u64, Block)>>,
    to_writer: &Sender<Message>,
) {
    let _guard = StopOnPanic(window);
    let mut worker = Worker::new(plan);
    while let Some((number, block)) = take(blocks, window) {
        let pass_on = |piece| window.wait_for_turn(number) && to_writer.send(Message::Piece(piece)).is_ok();
        let read = block.len() as u64;
        let result = worker.label(&block, pass_on);
        let result = result.map(|(bytes, summary)| Finished { bytes, summary, read });
        if to_writer.send(Message::Done(number, result)).is_err() {
            return;
        }
    }
}

/// The next block; none at the end, and when the run is stopped, which a reader that waits for its input does not see. Blocks are
/// taken in order, so that the one whose turn it is never waits behind another.
fn take(blocks: &Mutex<Receiver<(u64, Block)>>, window: &Window) -> Option<(u64, Block)> {
    loop {
        let blocks = blocks.lock().unwrap_or_else(PoisonError::into_inner);
        if window.is_stopped() {
            return None;
        }
        match blocks.recv_timeout(WAIT) {
            Ok(block) => return Some(block),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return None,
        }
    }
}
