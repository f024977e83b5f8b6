//! What a page is made of, as plain data.

use super::super::{Shown, svg::Svg};

/// A part of a section.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// A paragraph.
    Text(Shown),
    /// Names with what they stand for.
    Facts(Vec<Fact>),
    /// The few numbers that are read first.
    Stats(Vec<Stat>),
    /// A table.
    Table(Table),
    /// Plots beside each other where there is room.
    Figures(Figures),
    /// What to know before trusting the numbers.
    Alerts(Vec<Alert>),
    /// Rows of the data with what is to be said about each.
    Cases(Vec<Case>),
    /// Whatever takes room and is not for everybody: shown when it is asked for, and on paper.
    Folded(Shown, Vec<Block>),
}

/// A name and what it stands for.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// The name.
    pub name: Shown,
    /// What it stands for.
    pub value: Shown,
}

impl Fact {
    /// A fact.
    #[must_use]
    pub fn new(name: impl Into<Shown>, value: impl Into<Shown>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}

/// A number that is read first.
#[derive(Debug, Clone, PartialEq)]
pub struct Stat {
    /// What it is.
    pub name: Shown,
    /// The number.
    pub value: Shown,
    /// Its interval, or what else belongs to it; may be empty.
    pub detail: Shown,
}

/// A table; the first cell of each row names the row.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// What the table shows.
    pub caption: Shown,
    /// The names of the columns.
    pub heads: Vec<Shown>,
    /// The rows, with one cell for each column.
    pub rows: Vec<Vec<Cell>>,
    /// What is to be said about it, below; may be empty.
    pub note: Shown,
    /// How many of the first columns hold text; the others hold numbers and stand at the right.
    pub text_columns: usize,
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Cell {
    /// What is written in it.
    pub text: Shown,
    /// What is written smaller beside it, such as an interval; may be empty.
    pub detail: Shown,
    /// How dark its ground is, from 0 to 1; `None` for no ground.
    pub shade: Option<f64>,
}

impl Cell {
    /// A cell with text and nothing else.
    #[must_use]
    pub fn new(text: impl Into<Shown>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// The cell with `detail` beside the text.
    #[must_use]
    pub fn with_detail(self, detail: impl Into<Shown>) -> Self {
        Self { detail: detail.into(), ..self }
    }

    /// The cell on a ground of darkness `shade`, from 0 to 1.
    #[must_use]
    pub fn shaded(self, shade: f64) -> Self {
        Self { shade: shade.is_finite().then(|| shade.clamp(0.0, 1.0)), ..self }
    }

    /// The style of the ground: a share of the accent colour in percent.
    pub(super) fn ground(&self) -> Option<String> {
        self.shade.map(|shade| format!("{:.0}", 100.0 * shade))
    }

    /// The class of a cell whose ground is so strong that its text changes colour: on a dark page, whose accent is light,
    /// that is earlier than on a light one. At these shades either colour has a contrast of at least 4 to 1.
    pub(super) fn depth(&self) -> &'static str {
        match self.shade {
            Some(shade) if shade > 0.74 => " deep deepest",
            Some(shade) if shade > 0.57 => " deep",
            _ => "",
        }
    }
}

/// Plots with a heading of their own.
#[derive(Debug, Clone, PartialEq)]
pub struct Figures(pub Vec<Figure>);

/// A plot with a caption.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// The heading above it.
    pub title: Shown,
    /// The plot.
    pub svg: Svg,
    /// How it is to be read, below.
    pub caption: Shown,
}

/// Something that makes numbers less trustworthy than they look.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    /// What was found.
    pub message: Shown,
    /// What to do about it.
    pub advice: Shown,
}

/// A row of the data.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// Its text.
    pub text: Shown,
    /// What is known about it.
    pub facts: Vec<Fact>,
    /// What made the answer; may be empty.
    pub terms: Vec<Term>,
}

/// A feature with what it adds.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// The feature.
    pub name: Shown,
    /// What kind of feature it is, such as `word` or `cue`.
    pub kind: Shown,
    /// What it adds.
    pub value: Shown,
    /// Its size beside the largest, from −1 to 1.
    pub share: f64,
}

impl Term {
    pub(super) fn percent(&self) -> String {
        format!("{:.0}", 100.0 * self.share.abs().min(1.0))
    }

    pub(super) fn is_against(&self) -> bool {
        self.share < 0.0
    }
}
