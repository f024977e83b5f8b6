//! `stancewire completions`

use clap::{Args, Command};
use clap_complete::{Shell, generate};
use stancewire::error::Result;

use super::{Ending, reporting};

/// Print a script that makes a shell complete commands, options and their values
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  stancewire completions bash > ~/.local/share/bash-completion/completions/stancewire
  stancewire completions zsh > ~/.zfunc/_stancewire       with ~/.zfunc in fpath
  stancewire completions fish > ~/.config/fish/completions/stancewire.fish")]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

pub fn run(arguments: &CompletionsArgs, mut program: Command) -> Result<Ending> {
    let mut script = Vec::new();
    generate(arguments.shell, &mut program, "stancewire", &mut script);
    reporting::write("-", &script).map(|()| Ending::Done)
}
