//! Plots as SVG: pure functions from numbers to an element that stands in an HTML page.
//!
//! | plot | for |
//! |---|---|
//! | [`LineChart`] | curves and series, with bands where there are intervals |
//! | [`BarChart`] | one value per name, with intervals as whiskers |
//! | [`ColumnChart`] | counts over ranges, for two groups: one upwards, one downwards |
//!
//! Every plot has a `title` and a `desc` for those who do not see it. Series differ in dash and marker, and only then in
//! colour. Colours are classes (`c0` to `c5`) that the style sheet of the page fills, so that one plot serves a light
//! page, a dark one and paper. Text from the data is a [`Shown`], and escaped here.

mod axis;
mod bars;
mod columns;
mod line;

use std::fmt::{self, Write};

pub use self::axis::Axis;
pub use self::bars::{Bar, BarChart};
pub use self::columns::{Column, ColumnChart};
pub use self::line::{Line, LineChart, Point};

use super::Shown;

/// The width of every plot, in its own units; a page may show it larger or smaller.
pub const WIDTH: f64 = 440.0;

/// The number of colours, dashes and markers; further series begin anew.
pub const SERIES: usize = 6;

/// About the width of a character of the labels.
const CHARACTER: f64 = 6.6;

/// A whole `<svg>` element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Svg(String);

impl fmt::Display for Svg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where the text of a label is held.
#[derive(Debug, Clone, Copy)]
enum Anchor {
    Start,
    Middle,
    End,
}

/// The inside of an `<svg>` element while it is drawn.
#[derive(Debug, Default)]
struct Canvas(String);

impl Canvas {
    /// Puts the element around what was drawn. `id` must be the only one of its name on the page.
    fn finish(self, id: &str, title: &Shown, desc: &Shown, height: f64) -> Svg {
        let id: String = id.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
        Svg(format!(
            "<svg role=\"img\" viewBox=\"0 0 {WIDTH} {height:.0}\" aria-labelledby=\"{id}-title\" \
             aria-describedby=\"{id}-desc\">\n<title id=\"{id}-title\">{}</title>\n<desc id=\"{id}-desc\">{}</desc>\n{}</svg>",
            title.escaped(),
            desc.escaped(),
            self.0
        ))
    }

    /// Adds an element that is written out: only numbers and names of classes may be put in.
    fn draw(&mut self, element: fmt::Arguments<'_>) {
        // Writing to a string does not fail.
        let _ = self.0.write_fmt(element);
        self.0.push('\n');
    }

    fn line(&mut self, class: &str, [x1, y1]: [f64; 2], [x2, y2]: [f64; 2]) {
        self.draw(format_args!(
            "<line class=\"{class}\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"/>"
        ));
    }

    fn rect(&mut self, class: &str, [x, y]: [f64; 2], [width, height]: [f64; 2], title: &Shown) {
        self.draw(format_args!(
            "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\"><title>{}</title></rect>",
            title.escaped()
        ));
    }

    /// A label of at most `room` units; if it is longer, it is cut, and its title has the whole.
    fn text(&mut self, class: &str, [x, y]: [f64; 2], anchor: Anchor, text: &Shown, room: f64) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let short = text.cut(characters(room));
        let title = if short == *text { String::new() } else { format!("<title>{}</title>", text.escaped()) };
        self.draw(format_args!(
            "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{title}{}</text>",
            short.escaped()
        ));
    }

    fn marker(&mut self, series: usize, [x, y]: [f64; 2], title: &Shown) {
        let title =
            if title.is_empty() { String::new() } else { format!("<title>{}</title>", title.escaped()) };
        let series = series % SERIES;
        let path = match series {
            0 => format!("M{:.1} {y:.1}a3.2 3.2 0 1 0 6.4 0a3.2 3.2 0 1 0 -6.4 0z", x - 3.2),
            1 => format!("M{:.1} {:.1}h6v6h-6z", x - 3.0, y - 3.0),
            2 => format!("M{x:.1} {:.1}l3.8 6.6h-7.6z", y - 4.2),
            3 => format!("M{x:.1} {:.1}l4 4l-4 4l-4 -4z", y - 4.0),
            4 => format!("M{x:.1} {:.1}l-3.8 -6.6h7.6z", y + 4.2),
            _ => format!("M{:.1} {:.1}l6 6m0 -6l-6 6", x - 3.0, y - 3.0),
        };
        self.draw(format_args!("<path class=\"marker c{series}\" d=\"{path}\">{title}</path>"));
    }
}

/// How many characters fit into `room` units.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a small positive number
fn characters(room: f64) -> usize {
    (room / CHARACTER).max(3.0) as usize
}

/// How wide `text` is drawn, about.
fn width_of(text: &Shown) -> f64 {
    text.as_str().chars().count() as f64 * CHARACTER
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_becomes_an_element() {
        let nasty = Shown::from("</text><script>alert(1)</script>\0");
        let mut canvas = Canvas::default();
        canvas.text("name", [0.0, 0.0], Anchor::Start, &nasty, 1000.0);
        canvas.text("name", [0.0, 0.0], Anchor::Start, &nasty, 20.0);
        canvas.rect("bar", [0.0, 0.0], [1.0, 1.0], &nasty);
        canvas.marker(3, [0.0, 0.0], &nasty);
        let svg = canvas.finish("a\"b<c>", &nasty, &nasty, 10.0).to_string();
        assert!(!svg.contains("<script") && !svg.contains('\0'), "{svg}");
        assert!(svg.contains("id=\"abc-title\""), "{svg}");
        assert_eq!(svg.matches("<text").count(), 2);
    }
}
