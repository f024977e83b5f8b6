//! What happens when somebody ends the program: Ctrl-C, `kill`, a terminal that is closed.
//!
//! At most times the program ends at once, after it has removed the files that it has begun and not finished. Who can stop in
//! good order says so with [`hold`]: then the first signal is only noted, and the second one ends the program.

/// A signal that asks the program to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signal {
    number: i32,
}

impl Signal {
    /// What shells show of a program that a signal has ended.
    pub fn exit_code(self) -> u8 {
        u8::try_from(128 + self.number).unwrap_or(u8::MAX)
    }
}

#[cfg(unix)]
pub use unix::{hold, watch};

#[cfg(unix)]
mod unix {
    use std::fmt;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, AtomicI32, AtomicUsize, Ordering::SeqCst};

    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
    use signal_hook::flag;
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::{exit, signal_name};
    use stancewire::corpus::remove_unfinished;

    use super::Signal;
    use crate::cli::terminal::Voice;

    /// The first signal that came; 0 for none.
    static CAUGHT: AtomicI32 = AtomicI32::new(0);

    /// How many are there that stop in good order.
    static HOLDS: AtomicUsize = AtomicUsize::new(0);

    /// Begins to watch for signals. Those that the program was started to ignore (by `nohup`, or in the background of a script)
    /// are ignored as before.
    pub fn watch(quiet: bool) {
        let ignored = ignored();
        let wanted =
            [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|&number| (ignored >> (number - 1)) & 1 == 0);
        if let Ok(mut signals) = Signals::new(wanted) {
            std::thread::spawn(move || signals.forever().for_each(|number| meet(number, quiet)));
        }
        // A limit on the size of files is met as an error of the write, with the name of the file, and not as a sudden end.
        let _ = flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)));
    }

    fn meet(number: i32, quiet: bool) {
        let is_first = CAUGHT.compare_exchange(0, number, SeqCst, SeqCst).is_ok();
        if is_first && HOLDS.load(SeqCst) > 0 {
            return;
        }
        remove_unfinished();
        let signal = Signal { number };
        Voice::new(quiet)
            .say(format_args!("stopped by {signal}; an output that was not finished is as it was before"));
        exit(signal.exit_code().into());
    }

    /// The signals that the program was started to ignore, a bit for each, where the system tells.
    fn ignored() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
    }

    /// From now on, until the result is dropped, the first signal is only noted.
    pub fn hold() -> Hold {
        HOLDS.fetch_add(1, SeqCst);
        Hold(())
    }

    /// Somebody who looks for signals and stops in good order.
    #[derive(Debug)]
    pub struct Hold(());

    impl Hold {
        /// The signal that came.
        #[allow(clippy::unused_self)] // who has no hold is not told
        pub fn caught(&self) -> Option<Signal> {
            match CAUGHT.load(SeqCst) {
                0 => None,
                number => Some(Signal { number }),
            }
        }
    }

    impl Drop for Hold {
        fn drop(&mut self) {
            HOLDS.fetch_sub(1, SeqCst);
        }
    }

    impl fmt::Display for Signal {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(signal_name(self.number).unwrap_or("a signal"))
        }
    }
}

/// Elsewhere the system ends the program; what its last checkpoint holds is not lost.
#[cfg(not(unix))]
mod elsewhere {
    use std::fmt;

    use super::Signal;

    pub fn watch(_quiet: bool) {}

    pub fn hold() -> Hold {
        Hold
    }

    #[derive(Debug)]
    pub struct Hold;

    impl Hold {
        pub fn caught(&self) -> Option<Signal> {
            None
        }
    }

    impl fmt::Display for Signal {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "signal {}", self.number)
        }
    }
}

#[cfg(not(unix))]
pub use elsewhere::{hold, watch};
