//! Counts over ranges of a scale.

use super::axis::{Axis, Frame, LEFT};
use super::{Anchor, Canvas, Shown, Svg};

/// A range of the horizontal scale with a height for each group.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Where it begins.
    pub low: f64,
    /// Where it ends.
    pub high: f64,
    /// The height for each group, in the order of [`ColumnChart::groups`].
    pub heights: Vec<f64>,
    /// What is said when somebody points at it.
    pub title: Shown,
}

/// Columns of one or two groups side by side within their range; the second group is hollow.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnChart {
    /// The name of the element; no other on the page may have it.
    pub id: String,
    /// What is shown.
    pub title: Shown,
    /// What is to be seen in it, for those who do not see it.
    pub desc: Shown,
    /// From left to right.
    pub x: Axis,
    /// From bottom to top.
    pub y: Axis,
    /// What the legend calls the groups.
    pub groups: Vec<Shown>,
    /// The columns from left to right.
    pub columns: Vec<Column>,
}

const HEIGHT: f64 = 150.0;

impl ColumnChart {
    /// Draws it.
    #[must_use]
    pub fn svg(&self) -> Svg {
        let mut canvas = Canvas::default();
        let frame = Frame { x: &self.x, y: &self.y, height: HEIGHT };
        let mut height = frame.draw(&mut canvas);
        for column in &self.columns {
            self.column(&mut canvas, &frame, column);
        }
        if self.groups.len() > 1 {
            for (number, name) in self.groups.iter().enumerate() {
                let x = LEFT + 180.0 * number as f64;
                canvas.rect(class(number), [x, height], [12.0, 12.0], &Shown::default());
                canvas.text("name", [x + 19.0, height + 10.0], Anchor::Start, name, 165.0);
            }
            height += 20.0;
        }
        canvas.finish(&self.id, &self.title, &self.desc, height)
    }

    fn column(&self, canvas: &mut Canvas, frame: &Frame<'_>, column: &Column) {
        let (left, right) = (frame.x(column.low) + 1.0, frame.x(column.high) - 1.0);
        let width = (right - left) / self.groups.len().max(1) as f64;
        for (number, &value) in column.heights.iter().enumerate() {
            let (x, y) = (left + width * number as f64, frame.y(value));
            let size = [(width - 0.6).max(0.5), frame.y(0.0) - y];
            if value > 0.0 {
                canvas.rect(class(number), [x, y], size, &column.title);
            }
        }
    }
}

fn class(group: usize) -> &'static str {
    if group == 0 { "bar c0" } else { "bar hollow" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_high_as_their_share() {
        let column =
            |low: f64, heights: Vec<f64>| Column { low, high: low + 0.5, heights, title: "t".into() };
        let chart = ColumnChart {
            id: "h".into(),
            title: "t".into(),
            desc: "d".into(),
            x: Axis::share("p"),
            y: Axis::share("share"),
            groups: vec!["gold".into(), "others".into()],
            columns: vec![column(0.0, vec![0.5, 1.0]), column(0.5, vec![0.5, 0.0])],
        };
        let svg = chart.svg().to_string();
        // Each range is 182 wide; without its edges 180, so that each of two columns has 90. The frame is 150 high.
        assert!(
            svg.contains("class=\"bar c0\" x=\"61.0\" y=\"85.0\" width=\"89.4\" height=\"75.0\""),
            "{svg}"
        );
        assert!(
            svg.contains("class=\"bar hollow\" x=\"151.0\" y=\"10.0\" width=\"89.4\" height=\"150.0\""),
            "{svg}"
        );
        assert_eq!(svg.matches("<rect").count(), 3 + 2, "nothing is drawn for 0; the legend has two");
    }
}
