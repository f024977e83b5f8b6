//! No output takes the place of an input.

use stancewire::error::{Error, ErrorKind, Place, Result};

/// Refuses an `output` that is one of `inputs`.
pub fn refuse<'a>(output: &str, mut inputs: impl Iterator<Item = &'a String>) -> Result<()> {
    let Ok(target) = std::fs::canonicalize(output) else { return Ok(()) };
    let is_target = |input: &String| std::fs::canonicalize(input).is_ok_and(|input| input == target);
    if !target.is_file() || !inputs.any(is_target) {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Settings, "the output is one of the inputs")
        .at(Place::file(output))
        .advise("choose another name for the output"))
}
