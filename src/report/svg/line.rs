//! Curves and series over a common scale.

use super::axis::{Axis, Frame, LEFT};
use super::{Anchor, Canvas, SERIES, Shown, Svg, WIDTH};

/// One point of a line.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// Where it lies from left to right.
    pub x: f64,
    /// Where it lies from bottom to top.
    pub y: f64,
    /// The ends of its interval, if it has one; those of neighbouring points make a band.
    pub interval: Option<(f64, f64)>,
    /// What is said when somebody points at it; may be empty.
    pub title: Shown,
    /// Whether something is missing before it, so that it is not joined to the point before.
    pub after_gap: bool,
}

impl Point {
    /// A point with nothing but its place.
    #[must_use]
    pub fn new(x: f64, y: f64) -> Self {
        Self { x, y, interval: None, title: Shown::default(), after_gap: false }
    }
}

/// Points that belong together, in the order in which they are joined.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// What the legend calls it.
    pub name: Shown,
    /// The points.
    pub points: Vec<Point>,
}

/// Lines between two axes, with a legend below when there are several.
#[derive(Debug, Clone, PartialEq)]
pub struct LineChart {
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
    /// The lines; the first six differ in colour, dash and marker.
    pub lines: Vec<Line>,
    /// Whether a line from (0, 0) to (1, 1) is drawn for comparison.
    pub diagonal: bool,
}

const HEIGHT: f64 = 230.0;

/// More points than these are drawn without markers, except for some.
const MARKED: usize = 24;

impl LineChart {
    /// Draws it.
    #[must_use]
    pub fn svg(&self) -> Svg {
        let mut canvas = Canvas::default();
        let frame = Frame { x: &self.x, y: &self.y, height: HEIGHT };
        let below = frame.draw(&mut canvas);
        if self.diagonal {
            canvas.line("guide", [frame.x(0.0), frame.y(0.0)], [frame.x(1.0), frame.y(1.0)]);
        }
        for (number, line) in self.lines.iter().enumerate() {
            band(&mut canvas, &frame, number, line);
        }
        for (number, line) in self.lines.iter().enumerate() {
            curve(&mut canvas, &frame, number, line);
        }
        let height = if self.lines.len() > 1 { legend(&mut canvas, below, &self.lines) } else { below };
        canvas.finish(&self.id, &self.title, &self.desc, height)
    }
}

/// The intervals of neighbouring points joined; one for itself is a whisker.
fn band(canvas: &mut Canvas, frame: &Frame<'_>, number: usize, line: &Line) {
    let series = number % SERIES;
    let unbroken = line.points.chunk_by(|_, next| !next.after_gap);
    for run in unbroken.flat_map(|points| points.split(|point| point.interval.is_none())) {
        let ends = |point: &Point| (frame.x(point.x), point.interval.unwrap_or((point.y, point.y)));
        match run {
            [] => {}
            [point] => {
                let (x, (low, high)) = ends(point);
                canvas.line(&format!("whisker c{series}"), [x, frame.y(low)], [x, frame.y(high)]);
            }
            points => {
                let upper = points.iter().map(ends).map(|(x, (_, high))| (x, frame.y(high)));
                let lower = points.iter().rev().map(ends).map(|(x, (low, _))| (x, frame.y(low)));
                let outline = path(upper.chain(lower));
                canvas.draw(format_args!("<path class=\"band c{series}\" d=\"{outline}z\"/>"));
            }
        }
    }
}

fn curve(canvas: &mut Canvas, frame: &Frame<'_>, number: usize, line: &Line) {
    let series = number % SERIES;
    let places = |point: &Point| (frame.x(point.x), frame.y(point.y));
    let unbroken = line.points.chunk_by(|_, next| !next.after_gap);
    let d: String = unbroken.map(|points| path(points.iter().map(places))).collect();
    if !d.is_empty() {
        canvas.draw(format_args!("<path class=\"line c{series} d{series}\" d=\"{d}\"/>"));
    }
    let every = line.points.len().div_ceil(MARKED).max(1);
    let every = if every > 1 { line.points.len().div_ceil(6) } else { 1 };
    for point in line.points.iter().step_by(every) {
        canvas.marker(series, [frame.x(point.x), frame.y(point.y)], &point.title);
    }
}

fn path(points: impl Iterator<Item = (f64, f64)>) -> String {
    let step = |(number, (x, y))| format!("{}{x:.1} {y:.1}", if number == 0 { 'M' } else { 'L' });
    points.enumerate().map(step).collect()
}

/// Names in two columns, or in one if some are long, below `top`; gives the height with them.
fn legend(canvas: &mut Canvas, top: f64, lines: &[Line]) -> f64 {
    const ROW: f64 = 19.0;
    const SAMPLE: f64 = 34.0;
    let half = (WIDTH - LEFT - 8.0) / 2.0;
    let is_long = |line: &Line| super::width_of(&line.name) > half - SAMPLE - 8.0;
    let columns = if lines.iter().any(is_long) { 1 } else { 2 };
    let room = if columns == 1 { WIDTH - LEFT - 8.0 } else { half } - SAMPLE - 8.0;
    for (number, line) in lines.iter().enumerate() {
        let series = number % SERIES;
        let x = LEFT + (number % columns) as f64 * half;
        let y = top + 8.0 + (number / columns) as f64 * ROW;
        canvas.line(&format!("line c{series} d{series}"), [x, y], [x + SAMPLE - 8.0, y]);
        canvas.marker(series, [x + (SAMPLE - 8.0) / 2.0, y], &Shown::default());
        canvas.text("name", [x + SAMPLE, y + 4.0], Anchor::Start, &line.name, room);
    }
    top + lines.len().div_ceil(columns) as f64 * ROW + 4.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(lines: Vec<Line>) -> LineChart {
        LineChart {
            id: "c".into(),
            title: "Curve".into(),
            desc: "rises".into(),
            x: Axis::share("x"),
            y: Axis::share("y"),
            lines,
            diagonal: true,
        }
    }

    fn line(points: &[(f64, f64)]) -> Line {
        Line { name: "a".into(), points: points.iter().map(|&(x, y)| Point::new(x, y)).collect() }
    }

    #[test]
    fn a_line_goes_through_its_points() {
        // x from 60 to 424, y from 240 (bottom) to 10.
        let svg = chart(vec![line(&[(0.0, 0.0), (0.5, 1.0), (1.0, 0.5)])]).svg().to_string();
        assert!(svg.contains("d=\"M60.0 240.0L242.0 10.0L424.0 125.0\""), "{svg}");
        assert!(svg.contains("class=\"guide\" x1=\"60.0\" y1=\"240.0\" x2=\"424.0\" y2=\"10.0\""), "{svg}");
    }

    #[test]
    fn bands_break_where_there_is_no_interval() {
        let mut found = line(&[(0.0, 0.5), (0.2, 0.5), (0.4, 0.5), (0.6, 0.5)]);
        for at in [0, 1, 3] {
            found.points[at].interval = Some((0.25, 0.75));
        }
        let svg = chart(vec![found]).svg().to_string();
        assert_eq!((svg.matches("\"band").count(), svg.matches("\"whisker").count()), (1, 1), "{svg}");
    }

    #[test]
    fn a_line_and_its_band_are_broken_where_something_is_missing() {
        let mut found = line(&[(0.0, 0.0), (0.25, 0.0), (0.5, 1.0), (1.0, 0.5)]);
        found.points[2].after_gap = true;
        found.points.iter_mut().for_each(|point| point.interval = Some((0.0, 1.0)));
        let svg = chart(vec![found]).svg().to_string();
        assert!(svg.contains("d=\"M60.0 240.0L151.0 240.0M242.0 10.0L424.0 125.0\""), "{svg}");
        assert_eq!(svg.matches("\"band").count(), 2, "{svg}");
    }

    #[test]
    fn nothing_to_draw_is_a_frame() {
        let svg = chart(vec![line(&[]), line(&[])]).svg().to_string();
        assert!(svg.contains("axis") && !svg.contains("NaN"), "{svg}");
    }
}
