//! The `stancewire` program: see `stancewire --help`, and the library for what happens behind it.

mod cli;

fn main() -> std::process::ExitCode {
    cli::run()
}
