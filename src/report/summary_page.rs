//! Shares of labels by groups as an HTML page with a chart for each label.

use super::Shown;
use super::html::{Alert, Block, Cell, Fact, Figure, Figures, Page, Section, Table};
use super::summary::{heading, method, name, percent};
use super::svg::{Axis, Line, LineChart, Point};
use crate::eval::{Correction, Estimate, GroupSummary, Interval, Summary};

/// The most lines in a chart: more cannot be told apart.
const LINES: usize = 6;

/// The summary as an HTML page: a chart over time for each label (a line for each of at most six other groups, with bands
/// for the intervals), then all numbers as tables.
///
/// Time runs along the last column with a period; without one, the groups stand side by side. `periods` are the names of
/// all periods in their order, those without rows too: a line is broken there.
#[must_use]
pub fn summary_page(summary: &Summary, periods: &[String]) -> String {
    let series = Series::new(summary, periods);
    let figures = (0..summary.labels.len()).map(|label| series.figure(summary, label)).collect();
    let mut charts = vec![Block::Figures(Figures(figures))];
    charts.extend(series.left_out());
    let notes =
        summary.notes.iter().map(|note| Alert { message: note.to_string().into(), advice: Shown::default() });
    let notes: Vec<Alert> = notes.collect();
    let sections = vec![
        Section::new("shares", heading(summary), charts),
        Section::new(
            "notes",
            "Before trusting them",
            if notes.is_empty() { vec![] } else { vec![Block::Alerts(notes)] },
        ),
        Section::new("numbers", "All numbers", vec![Block::Table(numbers(summary))]),
        Section::new("method", "How they were made", vec![Block::Facts(facts(summary))]),
    ];
    let title = format!("Shares of the labels in {}", summary.data);
    let page = Page { kind: "Summary".into(), title: title.into(), lead: method(summary).into(), sections };
    page.html()
}

/// What is drawn: lines of points, each the number of a group or nothing.
struct Series {
    axis: String,
    names: Vec<Shown>,
    lines: Vec<(String, Vec<Option<usize>>)>,
    /// How many lines were left out.
    more: usize,
}

impl Series {
    fn new(summary: &Summary, periods: &[String]) -> Self {
        let time = summary.columns.iter().rposition(|column| column.period.is_some());
        let Some(time) = time.filter(|_| !periods.is_empty()) else {
            let names = summary.groups.iter().map(|group| name(group).into()).collect();
            let line = (0..summary.groups.len()).map(Some).collect();
            return Self { axis: "group".to_owned(), names, lines: vec![(String::new(), line)], more: 0 };
        };
        let mut lines: Vec<(String, u64, Vec<Option<usize>>)> = Vec::new();
        for (number, group) in summary.groups.iter().enumerate() {
            let Some(at) = periods.iter().position(|period| *period == group.values[time]) else { continue };
            let others = group.values.iter().enumerate().filter(|(column, _)| *column != time);
            let name = others.map(|(_, value)| value.as_str()).collect::<Vec<_>>().join(" · ");
            let line = if let Some(line) = lines.iter().position(|(known, ..)| *known == name) {
                line
            } else {
                lines.push((name, 0, vec![None; periods.len()]));
                lines.len() - 1
            };
            lines[line].1 += group.rows;
            lines[line].2[at] = Some(number);
        }
        // Those with the most rows; of equal ones the first.
        lines.sort_by_key(|(_, rows, _)| std::cmp::Reverse(*rows));
        let more = lines.len().saturating_sub(LINES);
        let lines = lines.into_iter().take(LINES).map(|(name, _, points)| (name, points)).collect();
        let axis = summary.columns[time].period.clone().unwrap_or_default();
        Self { axis, names: periods.iter().map(Shown::from).collect(), lines, more }
    }

    /// The chart of the label at position `label`. All charts have a scale of their own: shares of labels differ much.
    fn figure(&self, summary: &Summary, label: usize) -> Figure {
        let estimate = |group: usize| summary.groups[group].labels[label].share;
        let top =
            |share: Estimate| share.interval.map_or(share.value.unwrap_or(0.0), |interval| interval.high);
        let drawn = || self.lines.iter().flat_map(|(_, points)| points.iter().flatten().copied());
        let highest = drawn().map(|group| top(estimate(group))).fold(0.0, f64::max);
        let text = &summary.labels[label];
        let mut lines = Vec::new();
        for (name, points) in &self.lines {
            let mut drawn: Vec<Point> = Vec::new();
            let mut after_gap = false;
            for (x, group) in points.iter().enumerate() {
                let found = group.and_then(|group| point(x, &summary.groups[group], estimate(group)));
                let is_missing = found.is_none();
                drawn.extend(found.map(|point| Point { after_gap, ..point }));
                after_gap = is_missing;
            }
            lines.push(Line { name: name.into(), points: drawn });
        }
        let chart = LineChart {
            id: format!("share-{label}"),
            title: format!("Share of {text} by {}", self.axis).into(),
            desc: self.described(summary, label).into(),
            x: Axis::names(self.axis.as_str(), &self.names),
            y: Axis::from_zero("percent of the rows", (100.0 * highest).clamp(1.0, 100.0)),
            lines,
            diagonal: false,
        };
        Figure { title: text.into(), svg: chart.svg(), caption: Shown::default() }
    }

    /// Least and greatest value of each line in words.
    fn described(&self, summary: &Summary, label: usize) -> String {
        let line = |(name, points): &(String, Vec<Option<usize>>)| {
            let values = points
                .iter()
                .enumerate()
                .filter_map(|(at, group)| Some((at, summary.groups[(*group)?].labels[label].share.value?)));
            let values: Vec<(usize, f64)> = values.collect();
            let least = values.iter().min_by(|a, b| a.1.total_cmp(&b.1))?;
            let greatest = values.iter().max_by(|a, b| a.1.total_cmp(&b.1))?;
            let said = |(at, value): &(usize, f64)| format!("{:.1} % ({})", 100.0 * value, self.names[*at]);
            let name = if name.is_empty() { String::new() } else { format!("{name}: ") };
            Some(format!("{name}from {} to {}", said(least), said(greatest)))
        };
        self.lines.iter().filter_map(line).collect::<Vec<_>>().join("; ")
            + ". All numbers stand in the table."
    }

    fn left_out(&self) -> Option<Block> {
        let text =
            format!("Drawn are the {LINES} with the most rows; {} more stand in the table.", self.more);
        (self.more > 0).then(|| Block::Text(text.into()))
    }
}

fn point(x: usize, group: &GroupSummary, share: Estimate) -> Option<Point> {
    let interval = share.interval.map(|Interval { low, high }| (100.0 * low, 100.0 * high));
    let title = format!("{}: {} %, {} rows", name(group), percent(share), group.rows);
    Some(Point { x: x as f64, y: 100.0 * share.value?, interval, title: title.into(), after_gap: false })
}

fn numbers(summary: &Summary) -> Table {
    let heads = ["group", "label", "rows", "documents", "labelled", "percent", "corrected"];
    let row = |group: &GroupSummary, label: usize| {
        let of = &group.labels[label];
        let raw = Estimate { value: of.raw.value(), interval: None };
        let rows = format!("{}{}", group.rows, if group.is_small { "*" } else { "" });
        let documents = group.documents.map_or_else(|| "n/a".to_owned(), |documents| documents.to_string());
        let share = percent(of.share);
        let (share, detail) = share.split_once(' ').unwrap_or((&share, ""));
        vec![
            Cell::new(name(group)),
            Cell::new(&of.label),
            Cell::new(rows),
            Cell::new(documents),
            Cell::new(of.raw.num().to_string()),
            Cell::new(percent(raw)),
            Cell::new(share).with_detail(detail),
        ]
    };
    let rows =
        summary.groups.iter().flat_map(|group| (0..group.labels.len()).map(move |label| row(group, label)));
    Table {
        caption: "Rows as they were labelled, and the corrected share with its interval".into(),
        heads: heads.map(Shown::from).to_vec(),
        rows: rows.collect(),
        note: Shown::default(),
        text_columns: 2,
    }
}

fn facts(summary: &Summary) -> Vec<Fact> {
    let correction = match summary.correction {
        Correction::None => "none",
        Correction::Adjusted => {
            "adjusted count: the labelled shares times the inverse of P(predicted | gold)"
        }
        Correction::Em => {
            "expectation and maximisation on the probabilities (Saerens, Latinne, Decaestecker 2002)"
        }
    };
    let made = summary.intervals;
    let intervals = format!("{} % of {} resamples, seed {}", 100.0 * made.level, made.replicates, made.seed);
    vec![
        Fact::new("correction", correction),
        Fact::new("errors counted in", summary.errors_from.clone().unwrap_or_else(|| "n/a".to_owned())),
        Fact::new(
            "probabilities for the label shares",
            summary.prior.clone().unwrap_or_else(|| "n/a".to_owned()),
        ),
        Fact::new("intervals", intervals),
    ]
}
