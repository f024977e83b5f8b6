//! `stancewire explain`
use super::{Ending, terminal::Voice};
use clap::Args;
use stancewire::error::Result;
/// Show why a sentence gets its label
#[derive(Debug, Args)]
pub struct ExplainArgs {}
pub fn run(_: &ExplainArgs, _: &Voice) -> Result<Ending> {
    Ok(Ending::Done)
}
