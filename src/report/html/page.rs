//! The page around the blocks.

use askama::Template;

use super::super::Shown;
use super::Block;

const STYLE: &str = include_str!("style.css");

/// A whole report.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// What kind of report it is, above the title.
    pub kind: Shown,
    /// What it is about.
    pub title: Shown,
    /// A sentence or two below the title; may be empty.
    pub lead: Shown,
    /// The sections in their order. Sections without blocks are left out.
    pub sections: Vec<Section>,
}

/// A part of a page with a heading.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// The name of the section in links: lower-case letters and hyphens.
    pub id: &'static str,
    /// The heading.
    pub title: Shown,
    /// What stands below it.
    pub blocks: Vec<Block>,
}

impl Section {
    /// A section.
    #[must_use]
    pub fn new(id: &'static str, title: impl Into<Shown>, blocks: Vec<Block>) -> Self {
        Self { id, title: title.into(), blocks }
    }
}

impl Page {
    /// The page as the text of an HTML file.
    ///
    /// # Panics
    /// Never: the template is filled from memory into memory.
    #[must_use]
    pub fn html(&self) -> String {
        let sections = self.sections.iter().filter(|section| !section.blocks.is_empty()).collect();
        let page = PageTemplate { page: self, sections, style: STYLE, version: env!("CARGO_PKG_VERSION") };
        page.render().expect("plain data, written to memory") + "\n"
    }
}

#[derive(Template)]
#[template(path = "page.html")]
struct PageTemplate<'a> {
    page: &'a Page,
    sections: Vec<&'a Section>,
    style: &'static str,
    version: &'static str,
}

#[derive(Template)]
#[template(path = "blocks.html")]
struct BlocksTemplate<'a> {
    blocks: &'a [Block],
}

// The templates call these.
impl PageTemplate<'_> {
    #[allow(clippy::unused_self)]
    fn rendered<'b>(&self, blocks: &'b [Block]) -> BlocksTemplate<'b> {
        BlocksTemplate { blocks }
    }
}

impl BlocksTemplate<'_> {
    #[allow(clippy::unused_self)]
    fn rendered<'b>(&self, blocks: &'b [Block]) -> BlocksTemplate<'b> {
        BlocksTemplate { blocks }
    }
}

#[cfg(test)]
mod tests {
    use super::super::*;
    use crate::report::Shown;
    use crate::report::svg::{Axis, Bar, BarChart, Column, ColumnChart, Line, LineChart, Point};

    const NASTY: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>&\0\u{1b}[31m\u{202e}";

    /// Every block with nasty text in every place.
    fn nasty() -> Page {
        let shown = || Shown::from(NASTY);
        let fact = || Fact::new(NASTY, NASTY);
        let cell = || Cell::new(NASTY).with_detail(NASTY).shaded(0.7);
        let table = Table {
            caption: shown(),
            heads: vec![shown(), shown()],
            rows: vec![vec![cell(), cell()]],
            note: shown(),
            text_columns: 1,
        };
        let term = |share| Term { name: shown(), kind: shown(), value: shown(), share };
        let case = Case { text: shown(), facts: vec![fact()], terms: vec![term(1.0), term(-0.5)] };
        let point = Point { title: shown(), ..Point::new(0.1, 0.2) };
        let lines = LineChart {
            id: "a".into(),
            title: shown(),
            desc: shown(),
            x: Axis::names(NASTY, &[shown()]),
            y: Axis::share(NASTY),
            lines: vec![Line { name: shown(), points: vec![point] }; 2],
            diagonal: false,
        };
        let bar = Bar { name: shown(), value: Some(0.1), interval: None, note: shown() };
        let bars = BarChart { id: "b".into(), title: shown(), desc: shown(), max: 1.0, bars: vec![bar] };
        let column = Column { low: 0.0, high: 1.0, heights: vec![0.1, 0.2], title: shown() };
        let columns = ColumnChart {
            id: "c".into(),
            title: shown(),
            desc: shown(),
            x: Axis::share(NASTY),
            y: Axis::share(NASTY),
            groups: vec![shown(), shown()],
            columns: vec![column],
        };
        let figure = |svg| Figure { title: shown(), svg, caption: shown() };
        let figures = Figures(vec![figure(lines.svg()), figure(bars.svg()), figure(columns.svg())]);
        let blocks = vec![
            Block::Text(shown()),
            Block::Facts(vec![fact()]),
            Block::Stats(vec![Stat { name: shown(), value: shown(), detail: shown() }]),
            Block::Table(table),
            Block::Figures(figures),
            Block::Alerts(vec![Alert { message: shown(), advice: shown() }]),
            Block::Cases(vec![case]),
        ];
        let folded = Block::Folded(shown(), blocks.clone());
        let blocks = blocks.into_iter().chain([folded]).collect();
        let sections = vec![Section::new("one", NASTY, blocks), Section::new("none", NASTY, vec![])];
        Page { kind: shown(), title: shown(), lead: shown(), sections }
    }

    #[test]
    fn text_never_becomes_an_element() {
        let html = nasty().html();
        for wrong in ["<script", "<img", "\0", "\u{1b}", "\u{202e}", "&amp;lt;"] {
            assert!(!html.contains(wrong), "{wrong:?} in the page");
        }
        // In text, where quotation marks do not matter, and in attributes, where they do.
        assert!(html.contains("&#60;script&#62;alert(1)") && html.contains("&lt;script&gt;alert(1)"));
        assert!(!html.contains("onerror=alert(1)>"), "no tag is closed by text");
        assert!(!html.contains("\"'>"), "no attribute is closed by text");
        assert!(!html.contains("id=\"none\""), "a section with nothing in it is left out");
    }

    #[test]
    fn tags_are_closed_in_order() {
        let html = nasty().html();
        let mut open: Vec<&str> = Vec::new();
        let body = html.split_once("</style>").unwrap().1;
        for tag in body.split('<').skip(1).map(|part| part.split('>').next().unwrap()) {
            let name =
                tag.split(|c: char| c.is_whitespace() || c == '/').find(|part| !part.is_empty()).unwrap();
            if ["br", "meta", "hr"].contains(&name) || tag.ends_with('/') {
                continue;
            }
            if tag.starts_with('/') {
                // The head was opened before the style.
                assert_eq!(
                    open.pop().unwrap_or(if name == "head" { "head" } else { "html" }),
                    name,
                    "<{tag}>"
                );
            } else {
                open.push(name);
            }
        }
        assert_eq!(open, Vec::<&str>::new());
    }

    #[test]
    fn nothing_is_loaded_and_nothing_runs() {
        let own = [include_str!("page.html"), include_str!("blocks.html"), super::STYLE].concat();
        for wrong in ["http:", "https:", "src=", "url(", "@import", "<script", "<link", "<iframe", "onload"] {
            assert!(!own.contains(wrong), "{wrong:?} in the templates");
        }
        assert!(nasty().html().contains("content=\"default-src 'none'; style-src 'unsafe-inline'\""));
    }
}
