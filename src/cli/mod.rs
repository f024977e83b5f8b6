//! The command line: typed arguments become settings of the library, results become files and words.
//!
//! Data go to standard output or to the file of `-o`, words to standard error. The program ends with 0 when all is done,
//! with 1 when a gate was not met, and with 2 after an error. An output that its reader closed is no error.

// The comments on arguments are the help text, which is shown as it stands; switches are independent of each other.
#![allow(clippy::doc_markdown, clippy::struct_excessive_bools)]

mod agree;
mod arguments;
mod audit;
mod compare;
mod completions;
mod crossval;
mod evaluate;
mod explain;
mod forms;
mod html;
mod info;
mod job;
mod label;
mod long;
mod model;
mod overwrite;
mod predictions;
mod reporting;
mod rows;
mod signals;
mod suggest;
mod summarize;
mod terminal;
mod train;
mod training;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use stancewire::corpus::visible;
use stancewire::error::{ErrorKind, Result};

use signals::Signal;
use terminal::Voice;

/// Label the sentences of news articles as threat, restraint, ceasefire-call or none.
///
/// Every label comes with calibrated probabilities and, if asked for, with the evidence for it. Everything runs on this
/// machine; the model is part of the program.
#[derive(Debug, Parser)]
#[command(name = "stancewire", version, max_term_width = 100, after_help = EXIT_CODES)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,

    /// Say nothing on standard error but errors [default: notices, progress and a summary]
    #[arg(long, short, global = true)]
    quiet: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    Label(label::LabelArgs),
    Train(train::TrainArgs),
    Evaluate(evaluate::EvaluateArgs),
    Crossval(crossval::CrossvalArgs),
    Compare(compare::CompareArgs),
    Agree(agree::AgreeArgs),
    Explain(explain::ExplainArgs),
    Info(info::InfoArgs),
    Audit(audit::AuditArgs),
    Suggest(suggest::SuggestArgs),
    Completions(completions::CompletionsArgs),
    Summarize(summarize::SummarizeArgs),
}

const EXIT_CODES: &str = "Exit codes: 0 done, 1 a gate was not met, 2 an error. Stopped by a signal: 128 and its number (Ctrl-C: 130).";

/// What is said to whoever calls the program without a command.
const WELCOME: &str = "\
stancewire labels the sentences of news articles as threat, restraint, ceasefire-call or none.

  stancewire label articles/ -o labelled.csv        label every sentence of a folder, or of a CSV
  stancewire evaluate gold.csv                      how right is it on rows you labelled by hand?
  stancewire train labelled.csv -o my.safetensors   make a model of your own

stancewire --help lists all commands, stancewire COMMAND --help tells all about one.
";

/// How a command ended that met no error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Done,
    GateNotMet,
    /// In good order.
    Stopped(Signal),
}

/// The command line, with the exit codes at the end of the help of every command.
fn program() -> clap::Command {
    let with_codes = |command: clap::Command| {
        let examples = command.get_after_help().map_or_else(String::new, |help| format!("{help}\n\n"));
        command.after_help(format!("{examples}{EXIT_CODES}"))
    };
    Arguments::command().mut_subcommands(with_codes)
}

/// The arguments of the command line `given`.
///
/// A message about a wrong one quotes it, and a pattern of the shell makes arguments of names that others gave to files. So the
/// message is that of a command line in which control characters are shown escaped, as in all other words of the program.
fn parsed(given: Vec<OsString>) -> std::result::Result<Arguments, clap::Error> {
    let parse = |line: Vec<OsString>| {
        program().try_get_matches_from(line).and_then(|found| Arguments::from_arg_matches(&found))
    };
    let shown = given.iter().map(|argument| visible(&argument.to_string_lossy()).into_owned().into());
    let shown = shown.collect();
    parse(given).map_err(|error| parse(shown).err().unwrap_or(error))
}

/// Reads the arguments, runs the command and tells how it ended.
pub fn run() -> ExitCode {
    let arguments = match parsed(std::env::args_os().collect()) {
        Ok(arguments) => arguments,
        Err(error) => error.exit(),
    };
    let voice = Voice::new(arguments.quiet);
    signals::watch(arguments.quiet);
    let ending = match arguments.command {
        Some(command) => command.run(&voice),
        None => reporting::print(WELCOME).map(|()| Ending::Done),
    };
    match ending {
        Ok(Ending::Done) => ExitCode::SUCCESS,
        Ok(Ending::GateNotMet) => ExitCode::from(1),
        Ok(Ending::Stopped(signal)) => ExitCode::from(signal.exit_code()),
        Err(error) if error.kind() == ErrorKind::Closed => ExitCode::SUCCESS,
        Err(error) => {
            voice.error(&error);
            ExitCode::from(2)
        }
    }
}

impl Command {
    fn run(self, voice: &Voice) -> Result<Ending> {
        match self {
            Self::Label(arguments) => label::run(&arguments, voice),
            Self::Train(arguments) => train::run(&arguments, voice),
            Self::Evaluate(arguments) => evaluate::run(&arguments, voice),
            Self::Crossval(arguments) => crossval::run(&arguments, voice),
            Self::Compare(arguments) => compare::run(&arguments, voice),
            Self::Agree(arguments) => agree::run(&arguments, voice),
            Self::Explain(arguments) => explain::run(&arguments, voice),
            Self::Info(arguments) => info::run(&arguments, voice),
            Self::Audit(arguments) => audit::run(&arguments, voice),
            Self::Suggest(arguments) => suggest::run(&arguments, voice),
            Self::Completions(arguments) => completions::run(&arguments, program()),
            Self::Summarize(arguments) => summarize::run(&arguments, voice),
        }
    }
}
