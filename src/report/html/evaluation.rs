//! An evaluation as a page.

use super::super::format::{count, estimate, percent, score, signed};
use super::super::sections::{preamble, title};
use super::plots;
use super::{Alert, Block, Case, Cell, Fact, Page, Section, Stat, Table, Term, card};
use crate::eval::{
    AverageEstimates, Breakdown, ClassEstimates, Estimate, Evaluation, LabelCurve, NamedConfusion, Ratio,
    ReliabilityBin, ScoreHistogram, StatusCounts,
};
use crate::model::StanceModel;

/// The most values of a column that are shown.
const BREAKDOWN_ROWS: usize = 20;

/// How many of a model's strongest terms are shown for each label.
const STRONGEST: usize = 15;

/// An evaluation with what else a page shows. All fields but the first two can be empty, and what is not known is left out.
#[derive(Debug, Clone)]
pub struct EvaluationReport<'a> {
    /// What kind of report it is, such as "Evaluation" or "Cross-validation".
    pub kind: &'a str,
    /// The scores.
    pub evaluation: &'a Evaluation,
    /// Whose card and strongest terms are shown.
    pub model: Option<&'a StanceModel>,
    /// What is known of the data: names and values, such as their hash.
    pub facts: Vec<Fact>,
    /// Scores by further columns than those of the evaluation.
    pub breakdowns: Vec<Breakdown>,
    /// Precision against recall in more points than the evaluation has; if empty, those of the evaluation are drawn.
    pub curves: Vec<LabelCurve>,
    /// How the probabilities are spread, one per label.
    pub histograms: Vec<ScoreHistogram>,
    /// The errors to be shown, in their order.
    pub mistakes: Vec<Mistake>,
    /// What is to be said about the terms of the errors.
    pub about_terms: &'a str,
}

/// A row with a wrong label.
#[derive(Debug, Clone, PartialEq)]
pub struct Mistake {
    /// The name of the row.
    pub id: String,
    /// The name of its document, if known.
    pub document: Option<String>,
    /// Its text.
    pub text: String,
    /// The label it has.
    pub gold: String,
    /// The label it was given.
    pub predicted: String,
    /// The probabilities of the given label and of the gold label, if known.
    pub probabilities: Option<(f64, f64)>,
    /// The features that made the difference, the strongest first.
    pub terms: Vec<MistakeTerm>,
}

/// A feature of a row, and how much more it adds to the label that was given than to the gold label.
#[derive(Debug, Clone, PartialEq)]
pub struct MistakeTerm {
    /// The feature.
    pub term: String,
    /// Whether it is a cue or an n-gram of words.
    pub is_cue: bool,
    /// What it adds to the score of the given label, less what it adds to that of the gold label.
    pub difference: f64,
}

impl EvaluationReport<'_> {
    /// The page as the text of an HTML file: the same report gives the same bytes.
    #[must_use]
    pub fn html(&self) -> String {
        let evaluation = self.evaluation;
        let mut sections = vec![
            Section::new("summary", "Summary", vec![Block::Stats(summary(evaluation))]),
            Section::new("warnings", "Before you trust these numbers", warnings(evaluation)),
            Section::new("labels", "Precision and recall", labels(evaluation)),
            Section::new("confusion", "What is taken for what", vec![confusion(&evaluation.confusion)]),
        ];
        sections.extend(self.of_probabilities());
        sections.push(Section::new("review", "What review gains", review(evaluation)));
        sections.push(Section::new("breakdowns", "Parts of the data", self.breakdowns()));
        sections.push(Section::new("errors", self.title_of_mistakes(), self.mistakes()));
        sections.push(Section::new("terms", "Strongest terms", self.strongest()));
        sections.push(Section::new("about", "What was evaluated", self.about()));
        Page {
            kind: self.kind.into(),
            title: title(evaluation).into(),
            lead: preamble(evaluation).into(),
            sections,
        }
        .html()
    }

    fn of_probabilities(&self) -> Vec<Section> {
        let Some(probability) = &self.evaluation.probability else { return Vec::new() };
        let curves = if self.curves.is_empty() { &probability.precision_recall } else { &self.curves };
        let stats = vec![
            stat(
                "calibration error",
                score(probability.calibration_error_equal_width, 3),
                "15 bins of equal width",
            ),
            stat(
                "calibration error",
                score(probability.calibration_error_equal_mass, 3),
                "15 bins of equal counts",
            ),
            of_estimate("Brier score", probability.brier, 3),
            of_estimate("log loss", probability.log_loss, 3),
        ];
        let explanation = "A model is calibrated when of the rows with a confidence of 0.8 eight in ten are right. All four \
                           numbers are better the smaller they are.";
        let bins =
            Block::Folded("The diagram as a table".into(), vec![reliability(&probability.reliability)]);
        let calibration = vec![
            Block::Text(explanation.into()),
            Block::Stats(stats),
            plots::reliability(&probability.reliability),
            bins,
        ];
        vec![
            Section::new("curves", "Precision against recall", plots::curves(curves)),
            Section::new("calibration", "Calibration", calibration),
            Section::new("scores", "How the probabilities are spread", plots::histograms(&self.histograms)),
        ]
    }

    fn breakdowns(&self) -> Vec<Block> {
        self.evaluation.breakdowns.iter().chain(&self.breakdowns).map(breakdown).collect()
    }

    fn title_of_mistakes(&self) -> &'static str {
        let is_ordered = self.mistakes.iter().any(|mistake| mistake.probabilities.is_some());
        if is_ordered { "Most confident errors" } else { "Errors" }
    }

    fn mistakes(&self) -> Vec<Block> {
        if self.mistakes.is_empty() {
            return Vec::new();
        }
        let errors = self.evaluation.accuracy.ratio.den() - self.evaluation.accuracy.ratio.num();
        let (shown, errors) = (self.mistakes.len(), count(errors, "error"));
        let has_terms = self.mistakes.iter().any(|mistake| !mistake.terms.is_empty());
        let about_terms = if has_terms { format!(" {}", self.about_terms) } else { String::new() };
        let intro =
            format!("{shown} of {errors}. Read them first: some are errors of the gold labels.{about_terms}");
        vec![Block::Text(intro.into()), Block::Cases(self.mistakes.iter().map(case).collect())]
    }

    fn strongest(&self) -> Vec<Block> {
        self.model.map_or_else(Vec::new, |model| card::strongest(model, STRONGEST))
    }

    fn about(&self) -> Vec<Block> {
        let evaluation = self.evaluation;
        let mut facts = vec![Fact::new("model", &evaluation.model), Fact::new("data", &evaluation.data)];
        let documents = evaluation.documents.map(|n| format!(" of {}", count(n, "document")));
        facts.push(Fact::new("rows", format!("{}{}", evaluation.rows, documents.unwrap_or_default())));
        facts.extend(self.facts.iter().cloned());
        if let Some(method) = &evaluation.intervals {
            let value = format!(
                "{} bootstrap resamples, seed {}; shares of 0 and 1 have exact binomial bounds",
                method.replicates, method.seed
            );
            facts.push(Fact::new("intervals", value));
        }
        let mut blocks = vec![Block::Facts(facts)];
        blocks.extend(self.model.map(|model| Block::Facts(card::facts(model))));
        blocks
    }
}

fn stat(name: &str, value: String, detail: &str) -> Stat {
    Stat { name: name.into(), value: value.into(), detail: detail.into() }
}

fn of_estimate(name: &str, value: Estimate, decimals: usize) -> Stat {
    let Cell { text, detail, .. } = cell(value, decimals);
    Stat { name: name.into(), value: text, detail }
}

/// The value, and its interval as detail.
fn cell(value: Estimate, decimals: usize) -> Cell {
    let text = score(value.value, decimals);
    let detail = estimate(value, decimals);
    let detail = detail.strip_prefix(&text).unwrap_or_default().trim_start();
    Cell::new(text).with_detail(detail)
}

fn summary(evaluation: &Evaluation) -> Vec<Stat> {
    let mut stats = vec![
        of_estimate("macro F1", evaluation.macro_average.f1, 2),
        of_estimate("accuracy", evaluation.accuracy.into(), 2),
        of_estimate("Cohen's kappa", evaluation.kappa, 2),
        of_estimate("Matthews correlation", evaluation.mcc, 2),
    ];
    if let Some(status) = &evaluation.status {
        let kept = format!("on {} of the rows", percent(status.accepted()));
        stats.push(stat("right without review", percent(status.ok), &kept));
    }
    stats
}

fn warnings(evaluation: &Evaluation) -> Vec<Block> {
    if evaluation.warnings.is_empty() {
        return Vec::new();
    }
    let alert = |warning: &crate::eval::Warning| Alert {
        message: capital(&warning.message()).into(),
        advice: format!("{}.", capital(warning.advice())).into(),
    };
    vec![Block::Alerts(evaluation.warnings.iter().map(alert).collect())]
}

fn capital(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}

fn labels(evaluation: &Evaluation) -> Vec<Block> {
    let row = |name: &str, values: [Estimate; 3], counts: [u64; 2]| {
        let mut cells = vec![Cell::new(name)];
        cells.extend(values.map(|value| cell(value, 2)));
        cells.extend(counts.map(|count| Cell::new(count.to_string())));
        cells
    };
    let of_label = |class: &ClassEstimates| {
        let ClassEstimates { label, precision, recall, f1, support, predicted } = class;
        row(label, [(*precision).into(), (*recall).into(), (*f1).into()], [*support, *predicted])
    };
    let of_average = |name: &str, average: &AverageEstimates| {
        row(name, [average.precision, average.recall, average.f1], [evaluation.rows; 2])
    };
    let mut rows: Vec<Vec<Cell>> = evaluation.labels.iter().map(of_label).collect();
    rows.push(of_average("macro average", &evaluation.macro_average));
    rows.push(of_average("weighted average", &evaluation.weighted_average));
    let note = "Precision: how many of the rows called so are so. Recall: how many of the rows that are so were called so. \
                n/a is 0/0 and counts as 0 in the averages.";
    let table = Table {
        caption: "Scores of each label".into(),
        heads: heads(["label", "precision", "recall", "F1", "gold rows", "predicted rows"]),
        rows,
        note: note.into(),
        text_columns: 1,
    };
    vec![Block::Table(table), plots::scores(&evaluation.labels)]
}

fn heads<const N: usize>(names: [&str; N]) -> Vec<super::super::Shown> {
    names.map(Into::into).to_vec()
}

/// The counts on a ground as dark as their share of the gold label.
fn confusion(confusion: &NamedConfusion) -> Block {
    let row = |(label, counts): (&String, &Vec<u64>)| {
        let rows: u64 = counts.iter().sum();
        let of_row = |&number: &u64| {
            let share = Ratio::new(number, rows);
            Cell::new(number.to_string()).with_detail(percent(share)).shaded(share.or_zero())
        };
        std::iter::once(Cell::new(label)).chain(counts.iter().map(of_row)).collect()
    };
    let names = confusion.labels.iter().map(Into::into);
    Block::Table(Table {
        caption: "A row for each gold label, a column for each predicted label".into(),
        heads: std::iter::once("gold ↓ predicted →".into()).chain(names).collect(),
        rows: confusion.labels.iter().zip(&confusion.counts).map(row).collect(),
        note: "Percentages are of the gold label: on the diagonal stands its recall. The stronger the colour, the larger."
            .into(),
        text_columns: 1,
    })
}

fn review(evaluation: &Evaluation) -> Vec<Block> {
    let mut blocks = Vec::new();
    if let Some(probability) = &evaluation.probability {
        blocks.push(plots::coverage(&probability.coverage));
        let row = |point: &crate::eval::CoveragePoint| {
            let reviewed = point.coverage.den() - point.coverage.num();
            vec![
                Cell::new(percent(point.coverage)),
                Cell::new(reviewed.to_string()),
                Cell::new(score(Some(point.threshold), 3)),
                Cell::new(percent(point.accuracy)),
            ]
        };
        let table = Table {
            caption: "If only the most confident rows are kept, and the others looked at".into(),
            heads: heads(["kept", "to look at", "confidence from", "of those kept right"]),
            rows: probability.coverage.iter().map(row).collect(),
            text_columns: 0,
            ..Table::default()
        };
        blocks.push(Block::Folded("The curve as a table".into(), vec![Block::Table(table)]));
    }
    blocks.extend(evaluation.status.as_ref().map(statuses));
    blocks
}

fn statuses(status: &StatusCounts) -> Block {
    let row = |(name, right): (&str, Ratio)| {
        vec![Cell::new(name), Cell::new(right.den().to_string()), Cell::new(percent(right))]
    };
    let note = "ok: at or above the threshold of its label. review: below it. empty: nothing in it that the model knows.";
    Block::Table(Table {
        caption: "With the thresholds of the model".into(),
        heads: heads(["status", "rows", "right"]),
        rows: [("ok", status.ok), ("review", status.review), ("empty", status.empty)].map(row).to_vec(),
        note: note.into(),
        text_columns: 1,
    })
}

fn reliability(bins: &[ReliabilityBin]) -> Block {
    let row = |bin: &ReliabilityBin| {
        vec![
            Cell::new(format!("{:.2}–{:.2}", bin.low, bin.high)),
            Cell::new(bin.accuracy.den().to_string()),
            Cell::new(score(bin.confidence, 2)),
            Cell::new(score(bin.accuracy.value(), 2)),
        ]
    };
    Block::Table(Table {
        caption: "Confidence and share of right labels".into(),
        heads: heads(["confidence", "rows", "mean confidence", "right"]),
        rows: bins.iter().filter(|bin| bin.accuracy.den() > 0).map(row).collect(),
        text_columns: 1,
        ..Table::default()
    })
}

fn breakdown(breakdown: &Breakdown) -> Block {
    let row = |part: &crate::eval::BreakdownPart| {
        let name = if part.value.is_empty() { "(empty)" } else { &part.value };
        vec![
            Cell::new(name),
            Cell::new(part.accuracy.den().to_string()),
            Cell::new(score(part.accuracy.value(), 2)).shaded(0.4 * part.accuracy.or_zero()),
            Cell::new(score(part.macro_f1, 2)).shaded(0.4 * part.macro_f1.unwrap_or(0.0)),
        ]
    };
    let more = breakdown.parts.len().saturating_sub(BREAKDOWN_ROWS) as u64;
    let note =
        if more > 0 { format!("And {} with fewer rows.", count(more, "value")) } else { String::new() };
    Block::Table(Table {
        caption: format!("By {}", breakdown.column).into(),
        heads: vec![breakdown.column.as_str().into(), "rows".into(), "accuracy".into(), "macro F1".into()],
        rows: breakdown.parts.iter().take(BREAKDOWN_ROWS).map(row).collect(),
        note: note.into(),
        text_columns: 1,
    })
}

fn case(mistake: &Mistake) -> Case {
    let probability = |value: f64| format!(" ({})", score(Some(value), 2));
    let [given, gold] = match mistake.probabilities {
        Some((given, gold)) => [probability(given), probability(gold)],
        None => [String::new(), String::new()],
    };
    let mut facts = vec![
        Fact::new("gold", format!("{}{gold}", mistake.gold)),
        Fact::new("predicted", format!("{}{given}", mistake.predicted)),
        Fact::new("row", &mistake.id),
    ];
    facts.extend(mistake.document.as_ref().map(|name| Fact::new("document", name)));
    let largest = mistake.terms.iter().map(|term| term.difference.abs()).fold(0.0, f64::max);
    let term = |term: &MistakeTerm| Term {
        name: term.term.as_str().into(),
        kind: if term.is_cue { "cue" } else { "word" }.into(),
        value: signed(term.difference).into(),
        share: if largest > 0.0 { term.difference / largest } else { 0.0 },
    };
    Case { text: mistake.text.as_str().into(), facts, terms: mistake.terms.iter().map(term).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn report(evaluation: &Evaluation) -> EvaluationReport<'_> {
        EvaluationReport {
            kind: "Evaluation",
            evaluation,
            model: None,
            facts: Vec::new(),
            breakdowns: Vec::new(),
            curves: Vec::new(),
            histograms: Vec::new(),
            mistakes: Vec::new(),
            about_terms: "",
        }
    }

    #[test]
    fn all_that_is_known_is_on_the_page() {
        let evaluation = sample::full();
        let mut report = report(&evaluation);
        let terms = vec![MistakeTerm { term: "warn".into(), is_cue: false, difference: 1.234 }];
        report.mistakes = vec![Mistake {
            id: "r1".into(),
            document: Some("d1".into()),
            text: "We warn <them>.".into(),
            gold: "none".into(),
            predicted: "threat".into(),
            probabilities: Some((0.912, 0.051)),
            terms,
        }];
        let html = report.html();
        insta::assert_snapshot!(html.split_once("</style>").unwrap().1);
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let evaluation = sample::bare();
        let html = report(&evaluation).html();
        for id in ["calibration", "curves", "scores", "errors", "terms", "breakdowns"] {
            assert!(!html.contains(&format!("id=\"{id}\"")), "{id}");
        }
        assert!(html.contains("id=\"confusion\""));
    }

    #[test]
    fn many_labels_with_long_names_have_their_page() {
        let evaluation = sample::with_many_labels();
        assert!(report(&evaluation).html().contains("label with a rather long name, number 29"));
    }

    #[test]
    fn the_ground_of_a_count_is_its_share_of_the_gold_label() {
        let table =
            NamedConfusion { labels: vec!["a".into(), "b".into()], counts: vec![vec![3, 1], vec![0, 0]] };
        let Block::Table(found) = confusion(&table) else { panic!("a table") };
        let cells = |row: usize| {
            let cell = |cell: &Cell| (cell.text.to_string(), cell.detail.to_string(), cell.shade);
            found.rows[row][1..].iter().map(cell).collect::<Vec<_>>()
        };
        assert_eq!(
            cells(0),
            [("3".into(), "75 %".into(), Some(0.75)), ("1".into(), "25 %".into(), Some(0.25))]
        );
        assert_eq!(cells(1)[0], ("0".into(), "n/a".into(), Some(0.0)));
    }
}
