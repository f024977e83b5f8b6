//! `stancewire info`
use super::{Ending, terminal::Voice};
use clap::Args;
use stancewire::error::Result;
/// Show why a sentence gets its label
#[derive(Debug, Args)]
pub struct InfoArgs {}
pub fn run(_: &InfoArgs, _: &Voice) -> Result<Ending> {
    Ok(Ending::Done)
}
