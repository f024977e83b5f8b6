//! Scales with their ticks, and the frame that two of them make.

use super::{Anchor, Canvas, Shown, WIDTH, characters};

/// Where the plot begins: to the left are the name of the axis and numbers of up to five digits.
pub(super) const LEFT: f64 = 60.0;
const RIGHT: f64 = WIDTH - 16.0;
const TOP: f64 = 10.0;

/// A scale from a least to a greatest value, with a name and with ticks.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    label: Shown,
    low: f64,
    high: f64,
    ticks: Vec<(f64, Shown)>,
}

impl Axis {
    /// Shares from 0 to 1, with a tick at every fifth.
    #[must_use]
    pub fn share(label: impl Into<Shown>) -> Self {
        Self::from_to(label, 0.0, 1.0)
    }

    /// Shares from about `low` to 1: for values that are all high.
    #[must_use]
    pub fn share_from(label: impl Into<Shown>, low: f64) -> Self {
        let low = if low.is_finite() { low.clamp(0.0, 0.95) } else { 0.0 };
        let step = step_of(1.0 - low);
        Self::from_to(label, (low / step + 1e-9).floor() * step, 1.0)
    }

    /// Numbers from 0 to at least `max`.
    #[must_use]
    pub fn from_zero(label: impl Into<Shown>, max: f64) -> Self {
        let max = if max.is_finite() && max > 0.0 { max } else { 1.0 };
        let step = step_of(max);
        Self::from_to(label, 0.0, (max / step - 1e-9).ceil() * step)
    }

    /// Names in their order, the first at 0, the next at 1; if there are too many for the width, only some are written.
    #[must_use]
    pub fn names(label: impl Into<Shown>, names: &[Shown]) -> Self {
        let last = names.len().saturating_sub(1).max(1);
        let longest = names.iter().map(|name| name.as_str().chars().count()).max().unwrap_or(0).clamp(3, 12);
        let fit = (characters(RIGHT - LEFT) / (longest + 1)).max(2);
        let every = names.len().div_ceil(fit).max(1);
        let ticks = names.iter().enumerate().step_by(every);
        let ticks = ticks.map(|(at, name)| (at as f64, name.cut(12))).collect();
        Self { label: label.into(), low: 0.0, high: last as f64, ticks }
    }

    /// Numbers from `low` to `high`, which must not be equal.
    fn from_to(label: impl Into<Shown>, low: f64, high: f64) -> Self {
        let step = step_of(high - low);
        let decimals = (-step.log10()).ceil().max(0.0);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a small positive number
        let (decimals, count) = (decimals as usize, ((high - low) / step + 1e-9).floor() as u32);
        let tick = |number: u32| low + f64::from(number) * step;
        let text = |value: f64| Shown::from(format!("{value:.decimals$}"));
        let ticks = (0..=count).map(|number| (tick(number), text(tick(number)))).collect();
        Self { label: label.into(), low, high, ticks }
    }

    pub(super) fn high(&self) -> f64 {
        self.high
    }

    /// Where `value` lies between the ends `from` and `to`; what lies outside is put to the nearer end.
    fn place(&self, value: f64, from: f64, to: f64) -> f64 {
        let share = (value - self.low) / (self.high - self.low);
        from + (to - from) * if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 }
    }
}

/// A step of 1, 2 or 5 times a power of ten that divides `range` into four to ten parts.
fn step_of(range: f64) -> f64 {
    let power = 10_f64.powf((range / 5.0).log10().floor());
    let wanted = range / 5.0 / power;
    let factor = [1.0, 2.0, 5.0].into_iter().find(|&factor| wanted <= factor + 1e-9).unwrap_or(10.0);
    factor * power
}

/// The area between two axes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame<'a> {
    pub x: &'a Axis,
    pub y: &'a Axis,
    pub height: f64,
}

impl Frame<'_> {
    pub fn x(&self, value: f64) -> f64 {
        self.x.place(value, LEFT, RIGHT)
    }

    pub fn y(&self, value: f64) -> f64 {
        self.y.place(value, TOP + self.height, TOP)
    }

    /// Draws grid, ticks and names, and gives the height that all of it takes.
    pub fn draw(&self, canvas: &mut Canvas) -> f64 {
        let (bottom, middle) = (TOP + self.height, f64::midpoint(LEFT, RIGHT));
        for (value, text) in &self.y.ticks {
            let y = self.y(*value);
            canvas.line("grid", [LEFT, y], [RIGHT, y]);
            canvas.text("tick", [LEFT - 6.0, y + 4.0], Anchor::End, text, LEFT);
        }
        canvas.line("axis", [LEFT, bottom], [RIGHT, bottom]);
        for (value, text) in &self.x.ticks {
            let x = self.x(*value);
            canvas.line("axis", [x, bottom], [x, bottom + 4.0]);
            canvas.text("tick", [x, bottom + 17.0], Anchor::Middle, text, RIGHT - LEFT);
        }
        canvas.text("axis-name", [middle, bottom + 35.0], Anchor::Middle, &self.x.label, RIGHT - LEFT);
        let across = self.y.label.cut(characters(self.height));
        canvas.draw(format_args!(
            "<text class=\"axis-name\" transform=\"translate(11 {:.1}) rotate(-90)\" text-anchor=\"middle\">{}</text>",
            TOP + self.height / 2.0,
            across.escaped()
        ));
        bottom + 44.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticks(axis: &Axis) -> String {
        axis.ticks.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn ticks_are_round_numbers() {
        let cases = [
            (Axis::share("x"), "0.0 0.2 0.4 0.6 0.8 1.0"),
            (Axis::share_from("x", 0.72), "0.7 0.8 0.9 1.0"),
            (Axis::share_from("x", 0.8), "0.80 0.85 0.90 0.95 1.00"),
            (Axis::from_zero("x", 7.0), "0 2 4 6 8"),
            (Axis::from_zero("x", 3.0), "0 1 2 3"),
            (Axis::from_zero("x", 12_345.0), "0 5000 10000 15000"),
            (Axis::from_zero("x", 0.0), "0.0 0.2 0.4 0.6 0.8 1.0"),
            (Axis::from_zero("x", f64::NAN), "0.0 0.2 0.4 0.6 0.8 1.0"),
        ];
        for (axis, expected) in cases {
            assert_eq!(ticks(&axis), expected);
        }
    }

    #[test]
    fn values_outside_of_the_axis_stay_in_the_frame() {
        let axis = Axis::share("x");
        let place = |value: f64| format!("{:.1}", axis.place(value, 100.0, 0.0));
        let found = [-1.0, 0.0, 0.25, 1.0, 7.0, f64::NAN].map(place);
        assert_eq!(found, ["100.0", "100.0", "75.0", "0.0", "0.0", "100.0"]);
    }

    #[test]
    fn of_many_names_only_as_many_are_written_as_fit() {
        let names: Vec<Shown> = (0..120).map(|n| Shown::from(format!("2024-{n:03}"))).collect();
        let axis = Axis::names("month", &names);
        assert!(axis.ticks.len() <= 7, "{}", axis.ticks.len());
        assert_eq!(ticks(&Axis::names("label", &names[..2])), "2024-000 2024-001");
        assert_eq!(Axis::names("label", &[]).ticks, []);
    }
}
