//! A bar that says how far a long command is. Hidden where standard error is no terminal.

use std::{sync::Mutex, time::Duration};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::{mirror::Progress, terminal::plain};

/// With a known end.
const BAR: &str = "{prefix} [{bar:20}] {human_pos}/{human_len} {per_sec} {eta} {wide_msg}";
/// Without.
const COUNT: &str = "{prefix} {spinner} {human_pos} {per_sec} {wide_msg}";

/// One bar on standard error.
#[derive(Debug)]
pub(super) struct Bar {
    bar: ProgressBar,
    has_end: Mutex<bool>,
}

impl Bar {
    /// A bar of which the end is not known yet.
    pub(super) fn new() -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        bar.set_style(style(COUNT));
        Self { bar, has_end: Mutex::new(false) }
    }

    /// A bar that ends at `total`.
    pub(super) fn to(total: u64, what: &str) -> Self {
        let bar = Self::new();
        bar.bar.set_prefix(plain(what));
        bar.ends_at(total);
        bar
    }

    /// So much more is done.
    pub(super) fn moves(&self, by: u64) {
        self.bar.inc(by);
    }

    /// Takes the bar off the screen.
    pub(super) fn goes(&self) {
        self.bar.finish_and_clear();
    }

    fn ends_at(&self, total: u64) {
        let mut has_end = self.has_end.lock().unwrap_or_else(|poison| poison.into_inner());
        if !std::mem::replace(&mut has_end, true) {
            self.bar.set_style(style(BAR));
        }
        self.bar.set_length(total);
    }
}

impl Progress for Bar {
    fn begins(&self, project: &str, what: &str) {
        self.bar.reset();
        self.bar.unset_length();
        *self.has_end.lock().unwrap_or_else(|poison| poison.into_inner()) = false;
        self.bar.set_style(style(COUNT));
        self.bar.set_prefix(plain(&format!("{project}: {what}")));
        self.bar.set_message("");
    }

    fn read(&self, items: u64, left: Option<u64>) {
        self.bar.set_message("");
        self.bar.inc(items);
        if let Some(left) = left {
            self.ends_at(self.bar.position() + left);
        }
    }

    fn waits(&self, why: &str, long: Duration) {
        self.bar.set_message(format!("{} ({} s)", plain(why), long.as_secs_f32().ceil()));
        tracing::debug!(why, ?long, "waiting");
    }
}

fn style(template: &str) -> ProgressStyle {
    // The texts above are right; were one not, a plain bar would do.
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
