//! The columns of the output.

use rustc_hash::FxHashSet;

use super::settings::Settings;
use crate::corpus::{Column, Header, Notice};
use crate::labels::LabelSet;

/// Which input columns go into the output under which names, and the names of the columns that labelling adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OutputColumns {
    /// Position in the input and name in the output.
    pub input: Vec<(usize, String)>,
    /// `sentence_no`, `start`, `end`, `sentence`, `label`, `confidence`, `p_…`, `status`, and perhaps `evidence`.
    pub added: Vec<String>,
}

impl OutputColumns {
    /// The columns for an input with `header`. An input column whose name is needed for an added one gets `_in` at its
    /// end, and a notice says so.
    pub fn new(
        header: &Header,
        text: &Column,
        labels: &LabelSet,
        settings: &Settings,
        notices: &mut Vec<Notice>,
    ) -> Self {
        let added = added(labels, settings.evidence > 0);
        let is_kept = |index: usize| settings.keep_text || index != text.index;
        let kept: Vec<usize> = (0..header.names().len()).filter(|&index| is_kept(index)).collect();
        let reserved: FxHashSet<&str> = added.iter().map(String::as_str).collect();
        let mut renamed: FxHashSet<String> = FxHashSet::default();
        let mut input: Vec<(usize, String)> = Vec::with_capacity(kept.len());
        for &index in &kept {
            let from = &header.names()[index];
            let mut to = from.clone();
            // The names of a header are distinct, so that only a new name can be that of another column.
            let is_taken = |name: &str| {
                let other = header.index(name).is_some_and(|other| other != index && is_kept(other));
                reserved.contains(name) || other || renamed.contains(name)
            };
            while is_taken(&to) {
                to.push_str("_in");
            }
            if to != *from {
                notices.push(Notice::ColumnRenamed { from: from.clone(), to: to.clone() });
                renamed.insert(to.clone());
            }
            input.push((index, to));
        }
        Self { input, added }
    }

    /// All names in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.input.iter().map(|(_, name)| name).chain(&self.added).map(String::as_str)
    }
}

fn added(labels: &LabelSet, evidence: bool) -> Vec<String> {
    let mut names: Vec<String> =
        ["sentence_no", "start", "end", "sentence", "label", "confidence"].map(String::from).into();
    names.extend(probability_columns(labels));
    names.push("status".to_owned());
    if evidence {
        names.push("evidence".to_owned());
    }
    names
}

/// The names of the probability columns, in the order of the labels: `p_threat`, `p_ceasefire_call`. Where two labels
/// differ only in what is no letter or digit, the later one gets a number: `p_a_b`, `p_a_b_2`.
#[must_use]
pub fn probability_columns(labels: &LabelSet) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(labels.len());
    for label in labels.names() {
        let stem = probability_column(label);
        let mut name = stem.clone();
        let mut number = 2;
        while names.contains(&name) {
            name = format!("{stem}_{number}");
            number += 1;
        }
        names.push(name);
    }
    names
}

/// `p_` and the label with `_` for everything that is no letter or digit.
fn probability_column(label: &str) -> String {
    let plain = label.chars().map(|c| if c.is_alphanumeric() { c } else { '_' });
    "p_".chars().chain(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::ColumnChoice;

    fn columns(header: &str, settings: &Settings) -> (String, Vec<Notice>) {
        let header = Header::new(header.split(',')).unwrap();
        let text = header.text_column(&ColumnChoice::default()).unwrap();
        let labels = LabelSet::new(["ceasefire-call", "none"]).unwrap();
        let mut notices = Vec::new();
        let columns = OutputColumns::new(&header, &text, &labels, settings, &mut notices);
        (columns.names().collect::<Vec<_>>().join(","), notices)
    }

    #[test]
    fn the_text_column_gives_way_to_the_sentence_unless_it_is_kept() {
        let plain = Settings::default();
        let added = "sentence_no,start,end,sentence,label,confidence,p_ceasefire_call,p_none,status";
        assert_eq!(columns("id,text,date", &plain).0, format!("id,date,{added}"));
        let kept = Settings { keep_text: true, evidence: 3, ..plain };
        assert_eq!(columns("id,text,date", &kept).0, format!("id,text,date,{added},evidence"));
    }

    #[test]
    fn an_input_column_yields_its_name_to_an_output_column() {
        let (names, notices) = columns("text,label,label_in,p_none", &Settings::default());
        assert!(names.starts_with("label_in_in,label_in,p_none_in,sentence_no,"), "{names}");
        assert_eq!(notices.len(), 2);
        insta::assert_snapshot!(notices[0], @r#"the input column "label" is written as "label_in_in", because the output has a column of that name"#);
    }

    #[test]
    fn the_text_column_clashes_only_when_it_is_kept() {
        assert!(columns("sentence,x", &Settings::default()).1.is_empty());
        let kept = Settings { keep_text: true, ..Settings::default() };
        assert!(columns("sentence,x", &kept).0.starts_with("sentence_in,x,sentence_no,"));
    }

    #[test]
    fn labels_that_look_alike_get_numbers() {
        let labels = LabelSet::new(["a-b", "a_b", "a b"]).unwrap();
        let names = added(&labels, false).join(",");
        assert!(names.contains(",p_a_b,p_a_b_2,p_a_b_3,"), "{names}");
    }
}
