//! One horizontal bar per name.

use super::axis::Axis;
use super::{Anchor, Canvas, Shown, Svg, WIDTH};

/// A value with its name.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// What it is called.
    pub name: Shown,
    /// How long it is; `None` where that is undefined.
    pub value: Option<f64>,
    /// The ends of its interval.
    pub interval: Option<(f64, f64)>,
    /// What is written at its end, such as the value itself.
    pub note: Shown,
}

/// Bars from the left, each below its name.
#[derive(Debug, Clone, PartialEq)]
pub struct BarChart {
    /// The name of the element; no other on the page may have it.
    pub id: String,
    /// What is shown.
    pub title: Shown,
    /// What is to be seen in it, for those who do not see it.
    pub desc: Shown,
    /// The greatest value of the scale, which begins at 0.
    pub max: f64,
    /// The bars from top to bottom.
    pub bars: Vec<Bar>,
}

const ROW: f64 = 40.0;
const THICK: f64 = 13.0;

impl BarChart {
    /// Draws it.
    #[must_use]
    pub fn svg(&self) -> Svg {
        let mut canvas = Canvas::default();
        let (left, right) = (2.0, WIDTH - 12.0);
        let scale = if self.max.is_finite() && self.max > 0.0 { self.max } else { 1.0 };
        let place = |value: f64| left + (right - left) * (value / scale).clamp(0.0, 1.0);
        for (number, bar) in self.bars.iter().enumerate() {
            let top = number as f64 * ROW;
            let room = right - left - super::width_of(&bar.note) - 12.0;
            canvas.text("name", [left, top + 15.0], Anchor::Start, &bar.name, room);
            canvas.text("value", [right, top + 15.0], Anchor::End, &bar.note, right);
            canvas.rect("track", [left, top + 21.0], [right - left, THICK], &Shown::default());
            if let Some(value) = bar.value.filter(|value| value.is_finite()) {
                canvas.rect("bar c0", [left, top + 21.0], [place(value) - left, THICK], &bar.note);
            }
            if let Some((low, high)) = bar.interval {
                let (y, low, high) = (top + 21.0 + THICK / 2.0, place(low), place(high));
                canvas.line("whisker", [low, y], [high, y]);
                for x in [low, high] {
                    canvas.line("whisker", [x, y - 4.0], [x, y + 4.0]);
                }
            }
        }
        canvas.finish(&self.id, &self.title, &self.desc, self.bars.len() as f64 * ROW + 2.0)
    }

    /// The scale that [`BarChart::max`] should have for values up to `max`.
    #[must_use]
    pub fn scale(max: f64) -> f64 {
        Axis::from_zero("", max).high()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_have_the_length_of_their_values() {
        let bar = |value, interval| Bar { name: "a<b".into(), value, interval, note: "0.5".into() };
        let bars = vec![bar(Some(0.5), Some((0.25, 1.0))), bar(None, None), bar(Some(f64::NAN), None)];
        let chart = BarChart { id: "b".into(), title: "t".into(), desc: "d".into(), max: 1.0, bars };
        let svg = chart.svg().to_string();
        // From 2 to 428: half of it is 213, a quarter ends at 108.5.
        assert!(svg.contains("class=\"bar c0\" x=\"2.0\" y=\"21.0\" width=\"213.0\""), "{svg}");
        assert!(svg.contains("x1=\"108.5\" y1=\"27.5\" x2=\"428.0\""), "{svg}");
        assert_eq!(svg.matches("bar c0").count(), 1, "what is undefined has no bar");
        assert!(svg.contains("a&lt;b"));
        assert!((BarChart::scale(0.33) - 0.4).abs() < 1e-12);
    }
}
