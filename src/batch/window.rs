//! How far the blocks in flight may lie apart.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// The blocks from the first that is not yet written to a fixed number after it. The reader waits for room, and a
/// worker with much to write waits for its turn; so memory stays bounded.
pub(super) struct Window {
    state: Mutex<State>,
    changed: Condvar,
    size: u64,
}

struct State {
    /// The block whose turn it is to be written.
    turn: u64,
    stopped: bool,
}

impl Window {
    pub fn new(size: usize) -> Self {
        Self {
            state: Mutex::new(State { turn: 0, stopped: false }),
            changed: Condvar::new(),
            size: size as u64,
        }
    }

    /// Waits until there is room for `block`; false when the run is stopped.
    pub fn wait_for_room(&self, block: u64) -> bool {
        self.wait_until(|turn| block < turn + self.size)
    }

    /// Waits until `block` is the next to be written; false when the run is stopped.
    pub fn wait_for_turn(&self, block: u64) -> bool {
        self.wait_until(|turn| block == turn)
    }

    /// The block whose turn it was is written.
    pub fn next(&self) {
        self.lock().turn += 1;
        self.changed.notify_all();
    }

    /// Ends all waiting, now and later.
    pub fn stop(&self) {
        self.lock().stopped = true;
        self.changed.notify_all();
    }

    /// Whether all waiting has ended.
    pub fn is_stopped(&self) -> bool {
        self.lock().stopped
    }

    fn wait_until(&self, ready: impl Fn(u64) -> bool) -> bool {
        let waiting = |state: &mut State| !state.stopped && !ready(state.turn);
        let state = self.changed.wait_while(self.lock(), waiting).unwrap_or_else(PoisonError::into_inner);
        !state.stopped
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Stops the window when its thread panics, so that no other thread waits for it for ever.
pub(super) struct StopOnPanic<'w>(pub &'w Window);

impl Drop for StopOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.stop();
        }
    }
}
