//! The plots of an evaluation.

use super::super::Shown;
use super::super::format::{count, estimate, percent, score};
use super::super::svg::{Axis, Bar, BarChart, Column, ColumnChart, Line, LineChart, Point, SERIES};
use super::{Block, Figure, Figures};
use crate::eval::{ClassEstimates, CoveragePoint, LabelCurve, Ratio, ReliabilityBin, ScoreHistogram};

/// The F1 of each label with its interval.
pub(super) fn scores(labels: &[ClassEstimates]) -> Block {
    let bar = |class: &ClassEstimates| Bar {
        name: class.label.as_str().into(),
        value: class.f1.ratio.value(),
        interval: class.f1.interval.map(|interval| (interval.low, interval.high)),
        note: estimate(class.f1.into(), 2).into(),
    };
    let chart = BarChart {
        id: "plot-f1".into(),
        title: "F1 of each label".into(),
        desc: "One bar per label from 0 to 1, with its interval. The numbers stand in the table above."
            .into(),
        max: 1.0,
        bars: labels.iter().map(bar).collect(),
    };
    let caption = "From 0 to 1; the line across the end of a bar is the interval.";
    Block::Figures(Figures(vec![figure("F1", &chart.svg(), caption)]))
}

fn figure(title: impl Into<Shown>, svg: &super::super::svg::Svg, caption: &str) -> Figure {
    Figure { title: title.into(), svg: svg.clone(), caption: caption.into() }
}

/// Precision against recall, six labels in a plot.
pub(super) fn curves(curves: &[LabelCurve]) -> Vec<Block> {
    let known: Vec<&LabelCurve> = curves.iter().filter(|curve| curve.average_precision.is_some()).collect();
    let chart = |(number, part): (usize, &[&LabelCurve])| {
        let chart = LineChart {
            id: format!("plot-curves-{number}"),
            title: "Precision against recall".into(),
            desc: described(part).into(),
            x: Axis::share("recall"),
            y: Axis::share("precision"),
            lines: part.iter().map(|curve| line_of(curve)).collect(),
            diagonal: false,
        };
        let caption =
            "Each point is a threshold on the probability of the label. AP is the area under the curve.";
        figure("Each label against the others", &chart.svg(), caption)
    };
    let figures: Vec<Figure> = known.chunks(SERIES).enumerate().map(chart).collect();
    if figures.is_empty() { Vec::new() } else { vec![Block::Figures(Figures(figures))] }
}

fn described(curves: &[&LabelCurve]) -> String {
    let one = |curve: &&LabelCurve| format!("{} {}", curve.label, score(curve.average_precision, 2));
    format!("Average precision: {}.", curves.iter().map(one).collect::<Vec<_>>().join(", "))
}

fn line_of(curve: &LabelCurve) -> Line {
    let point = |point: &crate::eval::PrecisionRecallPoint| {
        let said = format!(
            "from {}: precision {}, recall {}",
            score(Some(point.threshold), 2),
            score(point.precision.value(), 2),
            score(point.recall.value(), 2)
        );
        Point { title: said.into(), ..Point::new(point.recall.or_zero(), point.precision.or_zero()) }
    };
    let name = format!("{} (AP {})", curve.label, score(curve.average_precision, 2));
    Line { name: name.into(), points: curve.points.iter().map(point).collect() }
}

/// The share of right labels against the mean confidence of each bin.
pub(super) fn reliability(bins: &[ReliabilityBin]) -> Block {
    let point = |bin: &ReliabilityBin| {
        let confidence = bin.confidence?;
        let said = format!(
            "confidence {}, right {}, {}",
            score(Some(confidence), 2),
            score(bin.accuracy.value(), 2),
            count(bin.accuracy.den(), "row")
        );
        Some(Point { title: said.into(), ..Point::new(confidence, bin.accuracy.or_zero()) })
    };
    let points: Vec<Point> = bins.iter().filter_map(point).collect();
    let diagram = LineChart {
        id: "plot-reliability".into(),
        title: "Reliability diagram".into(),
        desc:
            "Share of right labels against mean confidence; a calibrated model lies on the dotted diagonal."
                .into(),
        x: Axis::share("confidence"),
        y: Axis::share("share of right labels"),
        lines: vec![Line { name: "model".into(), points }],
        diagonal: true,
    };
    let column = |bin: &ReliabilityBin| Column {
        low: bin.low,
        high: bin.high,
        heights: vec![bin.accuracy.den() as f64],
        title: format!("{:.2}–{:.2}: {}", bin.low, bin.high, count(bin.accuracy.den(), "row")).into(),
    };
    let most = bins.iter().map(|bin| bin.accuracy.den()).max().unwrap_or(0);
    let rows = ColumnChart {
        id: "plot-confidence".into(),
        title: "Rows by confidence".into(),
        desc: "How many rows there are in each range of confidence.".into(),
        x: Axis::share("confidence"),
        y: Axis::from_zero("rows", most as f64),
        groups: vec!["rows".into()],
        columns: bins.iter().map(column).collect(),
    };
    let below = "Below the dotted line the model is too sure of itself, above it not sure enough. Points of few rows \
                 (see the rows by confidence) lie anywhere.";
    Block::Figures(Figures(vec![
        figure("Reliability", &diagram.svg(), below),
        figure("Rows by confidence", &rows.svg(), "How many rows each point of the diagram stands for."),
    ]))
}

/// Accuracy against the share of rows that is kept.
pub(super) fn coverage(points: &[CoveragePoint]) -> Block {
    let lowest = points.iter().map(|point| point.accuracy.or_zero()).fold(1.0, f64::min);
    let point = |point: &CoveragePoint| {
        let said = format!(
            "{} kept, from confidence {}: {} right",
            percent(point.coverage),
            score(Some(point.threshold), 3),
            percent(point.accuracy)
        );
        Point { title: said.into(), ..Point::new(point.coverage.or_zero(), point.accuracy.or_zero()) }
    };
    let chart = LineChart {
        id: "plot-coverage".into(),
        title: "Accuracy against coverage".into(),
        desc: "Share of right labels among the most confident rows, for each tenth of the rows.".into(),
        x: Axis::share("share of rows that are kept"),
        y: Axis::share_from("share of right labels", lowest - 0.02),
        lines: vec![Line { name: "kept rows".into(), points: points.iter().map(point).collect() }],
        diagonal: false,
    };
    let caption = "The most confident rows are kept, the others are looked at by a person. At the right end all are kept.";
    Block::Figures(Figures(vec![figure("Accuracy against coverage", &chart.svg(), caption)]))
}

/// For each label its probability in the rows that have it and in those that do not.
pub(super) fn histograms(histograms: &[ScoreHistogram]) -> Vec<Block> {
    if histograms.is_empty() {
        return Vec::new();
    }
    let intro = "The probability of each label in the rows that have it (filled) and in the others (hollow), as shares of \
                 either group. The less the two overlap, the better the label is told from the others.";
    let mut charts: Vec<ColumnChart> =
        histograms.iter().enumerate().map(|(number, histogram)| of_label(number, histogram)).collect();
    // One scale for all labels, so that they can be compared.
    let heights = charts.iter().flat_map(|chart| &chart.columns).flat_map(|column| &column.heights);
    let highest = heights.copied().fold(0.0, f64::max);
    for chart in &mut charts {
        chart.y = Axis::from_zero("share of rows", highest);
    }
    let named = histograms.iter().zip(&charts);
    let figures = named.map(|(histogram, chart)| figure(histogram.label.as_str(), &chart.svg(), ""));
    vec![Block::Text(intro.into()), Block::Figures(Figures(figures.collect()))]
}

fn of_label(number: usize, histogram: &ScoreHistogram) -> ColumnChart {
    let of_label: u64 = histogram.bins.iter().map(|bin| bin.of_label).sum();
    let of_others: u64 = histogram.bins.iter().map(|bin| bin.of_others).sum();
    let column = |bin: &crate::eval::ScoreBin| {
        let (label, others) = (Ratio::new(bin.of_label, of_label), Ratio::new(bin.of_others, of_others));
        let said = format!(
            "{:.2}–{:.2}: {} of {of_label} with the label, {} of {of_others} others",
            bin.low, bin.high, bin.of_label, bin.of_others
        );
        Column {
            low: bin.low,
            high: bin.high,
            heights: vec![label.or_zero(), others.or_zero()],
            title: said.into(),
        }
    };
    ColumnChart {
        id: format!("plot-scores-{number}"),
        title: format!("Probability of {}", histogram.label).into(),
        desc: "Shares of the rows with the label and of the other rows, by probability of the label.".into(),
        x: Axis::share("probability of the label"),
        y: Axis::share("share of rows"),
        groups: vec![
            format!("{} with it", count(of_label, "row")).into(),
            format!("{} without", count(of_others, "row")).into(),
        ],
        columns: histogram.bins.iter().map(column).collect(),
    }
}
