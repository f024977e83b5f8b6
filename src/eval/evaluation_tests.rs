use super::*;

fn labels() -> LabelSet {
    LabelSet::new(["a", "b", "c"]).unwrap()
}

/// Outcomes from two strings of label letters.
fn outcomes(gold: &str, predicted: &str) -> Vec<Outcome> {
    let id = |c: char| labels().require(&c.to_string()).unwrap();
    gold.chars().zip(predicted.chars()).map(|(g, p)| Outcome { gold: id(g), predicted: id(p) }).collect()
}

fn evaluate(gold: &str, predicted: &str) -> Evaluation {
    Evaluation::new(EvaluationInput::new("m", "d", &labels(), &outcomes(gold, predicted))).unwrap()
}

#[test]
fn scores_are_those_of_the_confusion_table() {
    let found = evaluate("aaabbc", "aabbbb");
    assert_eq!(found.rows, 6);
    assert_eq!(found.accuracy.ratio.num(), 4);
    assert_eq!(found.confusion.counts, [[2, 1, 0], [0, 2, 0], [0, 1, 0]]);
    assert_eq!((found.labels[1].precision.ratio.num(), found.labels[1].precision.ratio.den()), (2, 4));
    let table = Confusion::from_outcomes(&labels(), outcomes("aaabbc", "aabbbb"));
    assert_eq!(found.macro_average.f1.value, table.macro_average().map(|a| a.f1));
    assert_eq!((found.kappa.value, found.mcc.value), (table.kappa(), table.mcc()));
}

#[test]
fn each_trouble_has_its_warning() {
    let codes = |found: &Evaluation| -> Vec<String> {
        let warnings = serde_json::to_value(found).unwrap()["warnings"].clone();
        warnings.as_array().unwrap().iter().map(|w| w["code"].as_str().unwrap().to_owned()).collect()
    };
    let many = "ab".repeat(20);
    let fine = format!("{many}{}", "c".repeat(20));
    assert_eq!(codes(&evaluate(&fine, &fine)), ["documents_unknown"]);
    assert_eq!(codes(&evaluate(&many, &many)), ["label_without_gold", "documents_unknown"]);
    let gold = format!("{many}cc");
    assert_eq!(codes(&evaluate(&gold, &gold)), ["rare_label", "documents_unknown"]);
    assert_eq!(codes(&evaluate(&gold, &format!("{many}ab"))), ["label_never_predicted", "documents_unknown"]);
    assert_eq!(
        codes(&evaluate(&fine, &"a".repeat(60))),
        ["label_never_predicted", "label_never_predicted", "documents_unknown", "no_better_than_majority"]
    );
}

#[test]
fn few_documents_are_warned_about_and_one_gives_no_interval() {
    let (set, rows) = (labels(), outcomes("abc", "abc"));
    let mut input = EvaluationInput::new("m", "d", &set, &rows);
    input.documents = Some(&[4, 4, 4]);
    let found = Evaluation::new(input).unwrap();
    assert_eq!(found.documents, Some(1));
    assert!(found.warnings.contains(&Warning::FewDocuments { documents: 1 }));
    assert_eq!(found.accuracy.interval, None);
}

#[test]
fn confidence_is_the_probability_of_the_predicted_label() {
    // 120 rows, all called a with probability 0.5; a third are a. The calibration error is 0.5 − 1/3.
    let (set, rows) = (labels(), outcomes(&"abc".repeat(40), &"a".repeat(120)));
    let table = Probabilities::from_rows(3, &[[0.5, 0.3, 0.2]; 120]).unwrap();
    let mut input = EvaluationInput::new("m", "d", &set, &rows);
    input.probabilities = Some(&table);
    let found = Evaluation::new(input).unwrap();
    let probability = found.probability.unwrap();
    let error = probability.calibration_error_equal_mass.unwrap();
    assert!((error - 1.0 / 6.0).abs() < 1e-12);
    assert!(found.warnings.contains(&Warning::Miscalibrated { error }));
    // Mean of −ln 0.5, −ln 0.3, −ln 0.2.
    assert!((probability.log_loss.value.unwrap() + 0.03_f64.ln() / 3.0).abs() < 1e-12);
    let interval = probability.log_loss.interval.unwrap();
    assert!(interval.low < probability.log_loss.value.unwrap());
    assert_eq!(probability.coverage.len(), 1);
}

#[test]
fn bytes_are_equal_at_one_two_and_eight_threads() {
    let (set, rows) = (labels(), outcomes(&"abcab".repeat(30), &"abbab".repeat(30)));
    let documents: Vec<u32> = (0..150).map(|row| row % 37).collect();
    let table = Probabilities::from_rows(3, &[[0.1, 0.7, 0.2]; 150]).unwrap();
    let at = |threads| {
        let mut input = EvaluationInput::new("m", "d", &set, &rows);
        input.documents = Some(&documents);
        input.probabilities = Some(&table);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        serde_json::to_string(&pool.install(|| Evaluation::new(input)).unwrap()).unwrap()
    };
    assert_eq!(at(1), at(2));
    assert_eq!(at(1), at(8));
}

#[test]
fn columns_of_other_lengths_are_refused() {
    let (set, rows) = (labels(), outcomes("abc", "abc"));
    let refused = |change: &dyn Fn(&mut EvaluationInput<'_>)| {
        let mut input = EvaluationInput::new("m", "d", &set, &rows);
        change(&mut input);
        Evaluation::new(input).unwrap_err().to_string()
    };
    insta::assert_snapshot!(refused(&|i| i.outcomes = &[]), @r"
    no rows to evaluate
      are there rows with a gold label in the data?
    ");
    insta::assert_snapshot!(refused(&|i| i.documents = Some(&[1])), @"1 document numbers for 3 rows; expected one each");
    insta::assert_snapshot!(refused(&|i| i.status = Some(&[])), @"0 statuses for 3 rows; expected one each");
    let table = Probabilities::from_rows(2, &[[0.5, 0.5]; 3]).unwrap();
    let error = {
        let mut input = EvaluationInput::new("m", "d", &set, &rows);
        input.probabilities = Some(&table);
        Evaluation::new(input).unwrap_err()
    };
    insta::assert_snapshot!(error, @"probabilities of 2 labels; expected 3, one for each label");
    let columns = [("source".to_owned(), vec!["un".to_owned()])];
    let mut input = EvaluationInput::new("m", "d", &set, &rows);
    input.columns = &columns;
    let error = Evaluation::new(input).unwrap_err();
    insta::assert_snapshot!(error, @r#"1 values of "source" for 3 rows; expected one each"#);
}
