//! A run of `label` into a file: it can be stopped at any time, and another run can go on.

use std::cell::OnceCell;
use std::io::Write;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use stancewire::batch::{Batch, Checkpoint, Inputs, Job, Reached, Settings};
use stancewire::corpus::{Column, OnBadRow, PartFile, Source};
use stancewire::error::{Error, ErrorKind, Place, Result};
use stancewire::model::StanceModel;
use stancewire::text::Segmenter;

use super::arguments::ReadingArgs;
use super::signals::{Signal, hold};
use super::terminal::{Voice, counted};
use super::{Ending, job};

/// What is labelled, how, and where to.
pub struct LongRun<'a> {
    pub voice: &'a Voice,
    pub reading: &'a ReadingArgs,
    pub model: &'a StanceModel,
    pub segmenter: &'a Segmenter,
    pub text: &'a Column,
    pub settings: Settings,
    /// What stands before the header.
    pub mark: &'static [u8],
    /// Whether to go on where an earlier run was stopped.
    pub resume: bool,
}

/// What a run that came to its end says at last: what it did, and in how many seconds.
pub type Tell<'a> = &'a dyn Fn(&Reached, f64);

impl LongRun<'_> {
    /// Labels `source` into `part`.
    pub fn run(&self, source: Source, mut part: PartFile, tell: Tell<'_>) -> Result<Ending> {
        let mut keeper = Keeper::new(self, &source);
        let mut reached = keeper.start(&mut part)?;
        let (hold, bar) = (hold(), self.voice.bar(source.progress().total_bytes()));
        let batch = Batch::new(self.model, self.segmenter, self.settings.clone());
        let ended = batch.run_from(source, self.text, &mut part, &mut reached, |part, reached, progress| {
            bar.show(progress);
            if hold.caught().is_some() {
                return Ok(ControlFlow::Break(()));
            }
            keeper.look(part, reached)
        });
        let ended = ended.and_then(|ended| match (ended, hold.caught()) {
            (ControlFlow::Break(()), Some(signal)) => Ok(ControlFlow::Break(signal)),
            _ => part.finish().map(ControlFlow::Continue),
        });
        drop(bar);
        match ended {
            Err(error) => {
                let error = error.at(Place::file(part.name()));
                Err(keeper.failed(&mut part, &reached, error))
            }
            Ok(ControlFlow::Break(signal)) => {
                keeper.stopped(&mut part, &reached, signal);
                Ok(Ending::Stopped(signal))
            }
            Ok(ControlFlow::Continue(())) => {
                tell(&reached, keeper.seconds());
                Ok(Ending::Done)
            }
        }
    }
}

/// Keeps the checkpoint.
struct Keeper<'r> {
    run: &'r LongRun<'r>,
    /// What is read, or the name of what cannot be read a second time.
    inputs: std::result::Result<Inputs, String>,
    /// Made when it is needed: short runs never need it.
    job: OnceCell<Job>,
    started: Instant,
    /// What earlier runs took.
    seconds_before: f64,
    interval: Duration,
    due: Instant,
    saved_blocks: u64,
}

/// How often a checkpoint is written, at most; a number of seconds in this variable changes it.
const INTERVAL: Duration = Duration::from_secs(5);
const INTERVAL_VARIABLE: &str = "STANCEWIRE_CHECKPOINT_SECONDS";

/// On a slow disk the next checkpoint waits so many times as long as the last one took.
const REST: u32 = 20;

impl<'r> Keeper<'r> {
    fn new(run: &'r LongRun<'r>, source: &Source) -> Self {
        let seconds = std::env::var(INTERVAL_VARIABLE).ok().and_then(|seconds| seconds.parse().ok());
        let interval = seconds.and_then(|s| Duration::try_from_secs_f64(s).ok()).unwrap_or(INTERVAL);
        let started = Instant::now();
        Self {
            run,
            inputs: job::inputs(source),
            job: OnceCell::new(),
            started,
            seconds_before: 0.0,
            interval,
            due: started + interval,
            saved_blocks: 0,
        }
    }

    fn seconds(&self) -> f64 {
        self.seconds_before + self.started.elapsed().as_secs_f64()
    }

    /// The place from which to go on: the beginning, unless the run resumes another one.
    fn start(&mut self, part: &mut PartFile) -> Result<Reached> {
        let LongRun { voice, resume, mark, .. } = self.run;
        if *resume && let Err(name) = &self.inputs {
            return Err(Error::new(ErrorKind::Settings, "what can be read only once cannot be gone on with")
                .at(Place::file(name))
                .advise("write it to a file first, or leave --resume out"));
        }
        let name = part.name().to_owned();
        match (part.checkpoint().map(Checkpoint::from_json), *resume) {
            (Some(found), true) => {
                return found
                    .and_then(|found| self.go_on(part, found))
                    .map_err(|error| error.at(Place::file(name)));
            }
            (None, true) => {
                voice.say(format_args!(
                    "note: there is nothing to resume for {name}: starting at the beginning"
                ));
            }
            (Some(found), false) => {
                let rows = found.map_or_else(
                    |_| String::new(),
                    |found| format!(" after {}", counted(found.rows(), "row")),
                );
                voice.say(format_args!(
                    "note: an earlier run to {name} was stopped{rows}; its rows are dropped (--resume would have gone on)"
                ));
            }
            (None, false) => {}
        }
        part.begin()?;
        part.write_all(mark).map_err(|error| part.error(error))?;
        Ok(Reached { bytes: mark.len() as u64, ..Reached::default() })
    }

    fn go_on(&mut self, part: &mut PartFile, found: Checkpoint) -> Result<Reached> {
        let differences = found.differences(self.job()?, self.run.settings.on_bad_row);
        if !differences.is_empty() {
            let what =
                format!("the run that was stopped is not the one to go on with: {}", differences.join("; "));
            return Err(Error::new(ErrorKind::Settings, what)
                .advise("give it what it had, or begin anew, without --resume"));
        }
        part.go_on(found.bytes())?;
        self.seconds_before = found.seconds();
        let rows = counted(found.rows(), "row");
        self.run.voice.say(format_args!("note: going on after {rows} that are there already"));
        let reached = found.reached();
        self.saved_blocks = reached.blocks;
        Ok(reached)
    }

    fn job(&self) -> Result<&Job> {
        if let Some(job) = self.job.get() {
            return Ok(job);
        }
        let LongRun { reading, text, settings, model, .. } = self.run;
        let inputs = self.inputs.clone().unwrap_or_else(|_| Inputs::new([]));
        let job = job::job(inputs, reading, text, settings, model)?;
        Ok(self.job.get_or_init(|| job))
    }

    /// After a block, or while there is nothing to do: a checkpoint, if it is time for one.
    fn look(&mut self, part: &mut PartFile, reached: &Reached) -> Result<ControlFlow<()>> {
        let is_due = reached.blocks > self.saved_blocks && Instant::now() >= self.due;
        if is_due && self.inputs.is_ok() {
            self.save(part, reached)?;
        }
        Ok(ControlFlow::Continue(()))
    }

    fn save(&mut self, part: &mut PartFile, reached: &Reached) -> Result<()> {
        let began = Instant::now();
        let checkpoint = Checkpoint::new(self.job()?, reached, self.seconds()).to_json();
        part.save(&checkpoint).map_err(|error| part.error(error))?;
        self.saved_blocks = reached.blocks;
        let rest = if self.interval.is_zero() { Duration::ZERO } else { began.elapsed() * REST };
        self.due = Instant::now() + self.interval.max(rest);
        Ok(())
    }

    /// A last checkpoint, from which another run can go on; false when there is none, and no earlier one.
    fn keep(&mut self, part: &mut PartFile, reached: &Reached) -> bool {
        if self.inputs.is_ok() && reached.blocks > 0 {
            // What cannot be written now, for instance because the disk is full, leaves the earlier checkpoint as it is.
            let _ = part
                .cut(reached.bytes)
                .map_err(|error| part.error(error))
                .and_then(|()| self.save(part, reached));
        }
        part.checkpoint().is_some()
    }

    fn stopped(&mut self, part: &mut PartFile, reached: &Reached, signal: Signal) {
        let kept = self.keep(part, reached);
        let rows = counted(reached.summary.rows, "row");
        let then = match &self.inputs {
            _ if kept => "go on with the same command and --resume".to_owned(),
            Err(name) => format!("nothing is kept, because {name} can be read only once"),
            Ok(_) => "nothing is kept".to_owned(),
        };
        self.run.voice.say(format_args!("stopped by {signal} after {rows}; {then}"));
    }

    /// The error of a run that has failed, with what can be done about the work that was done.
    fn failed(&mut self, part: &mut PartFile, reached: &Reached, error: Error) -> Error {
        // A short run that the user got wrong leaves nothing behind.
        let is_worth_keeping = part.checkpoint().is_some() || error.kind() == ErrorKind::Io;
        if error.kind() == ErrorKind::Settings || !is_worth_keeping || !self.keep(part, reached) {
            return error;
        }
        let is_bad_row = matches!(error.kind(), ErrorKind::Table | ErrorKind::Encoding);
        let how = match self.run.settings.on_bad_row {
            OnBadRow::Stop if is_bad_row => {
                "--resume and --skip-bad-rows goes on; a changed input has to be labelled from the beginning"
            }
            _ => "--resume goes on",
        };
        let rows = counted(reached.summary.rows, "row");
        with_more_advice(&error, &format!("{rows} are kept: the same command with {how}"))
    }
}

fn with_more_advice(error: &Error, more: &str) -> Error {
    let advice = error.advice().map_or_else(|| more.to_owned(), |advice| format!("{advice}\n  {more}"));
    Error::new(error.kind(), error.what()).at(error.place().clone()).advise(advice)
}
