//! What makes two runs the same job.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Everything that shapes the bytes of a run's output, so that a run goes on only with its own work.
///
/// The number of threads is not part of it, because the bytes do not depend on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Job {
    /// The program with its version.
    pub program: String,
    /// SHA-256 of the model.
    pub model: String,
    /// The settings by the names of their options.
    pub settings: BTreeMap<String, String>,
    /// What is read.
    pub inputs: Inputs,
}

/// What is read, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inputs {
    /// How many there are.
    pub count: usize,
    /// SHA-256 over all of them: names, places, sizes and times.
    pub sha256: String,
    /// The first [`Inputs::KEPT`] of them, so that a message can name one.
    pub first: Vec<InputStamp>,
}

/// By what a file is known again without reading it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputStamp {
    /// What the user calls it.
    pub name: String,
    /// Where it lies, from the root.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// When it was last changed, in nanoseconds since 1970, if the file system knows.
    pub modified: Option<u64>,
}

impl Inputs {
    /// How many inputs are kept one by one, so that a folder of a hundred thousand files does not make a large checkpoint.
    pub const KEPT: usize = 100;

    /// All of `stamps`, in order.
    #[must_use]
    pub fn new(stamps: impl IntoIterator<Item = InputStamp>) -> Self {
        let (mut hash, mut count, mut first) = (Sha256::new(), 0, Vec::new());
        for stamp in stamps {
            for text in [&stamp.name, &stamp.path] {
                hash.update((text.len() as u64).to_le_bytes());
                hash.update(text);
            }
            hash.update(stamp.bytes.to_le_bytes());
            hash.update(stamp.modified.unwrap_or_default().to_le_bytes());
            count += 1;
            if first.len() < Self::KEPT {
                first.push(stamp);
            }
        }
        Self { count, sha256: format!("{:x}", hash.finalize()), first }
    }

    fn difference(&self, now: &Self) -> Option<String> {
        let changed = self.first.iter().zip(&now.first).find_map(|(then, now)| then.difference(now));
        match changed {
            Some(difference) => Some(difference),
            None if self.count != now.count => {
                Some(format!("the number of inputs was {} and is {}", self.count, now.count))
            }
            None if self.sha256 != now.sha256 => {
                Some(format!("an input after the first {} is another one, or was changed", Self::KEPT))
            }
            None => None,
        }
    }
}

impl InputStamp {
    fn difference(&self, now: &Self) -> Option<String> {
        let name = &self.name;
        if (name, &self.path) != (&now.name, &now.path) {
            let (then, now) = if *name == now.name { (&self.path, &now.path) } else { (name, &now.name) };
            return Some(format!("an input was {then}, and in its place is {now}"));
        }
        if self.bytes != now.bytes {
            return Some(format!("the input {name} had {} bytes and has {}", self.bytes, now.bytes));
        }
        (self.modified != now.modified).then(|| format!("the input {name} was changed in between"))
    }
}

impl Job {
    /// In what this job is not `now`, each in words; nothing when they are the same.
    #[must_use]
    pub fn differences(&self, now: &Self) -> Vec<String> {
        let mut found = Vec::new();
        if self.program != now.program {
            found.push(format!("the program was {} and is {}", self.program, now.program));
        }
        let options: BTreeSet<&String> = self.settings.keys().chain(now.settings.keys()).collect();
        for option in options {
            let [then, now] =
                [self, now].map(|job| job.settings.get(option).map_or("unknown", String::as_str));
            if then != now {
                found.push(format!("{option} was {then} and is {now}"));
            }
        }
        if self.model != now.model {
            found.push("the model is another one".to_owned());
        }
        found.extend(self.inputs.difference(&now.inputs));
        found
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub fn stamp(name: &str) -> InputStamp {
        InputStamp { name: name.to_owned(), path: format!("/news/{name}"), bytes: 10, modified: Some(7) }
    }

    pub fn job(stamps: Vec<InputStamp>) -> Job {
        Job {
            program: "stancewire 1.0.0".to_owned(),
            model: "0f".to_owned(),
            settings: [("--explain", "3"), ("--excel", "no")]
                .map(|(option, value)| (option.to_owned(), value.to_owned()))
                .into(),
            inputs: Inputs::new(stamps),
        }
    }

    /// What is found when `change` has happened to a job of 102 inputs.
    fn found(change: impl Fn(&mut Job, &mut Vec<InputStamp>)) -> String {
        let stamps: Vec<InputStamp> = (0..102).map(|n| stamp(&format!("{n}.csv"))).collect();
        let (then, mut now, mut changed) = (job(stamps.clone()), job(vec![]), stamps);
        change(&mut now, &mut changed);
        now.inputs = Inputs::new(changed);
        then.differences(&now).join("; ")
    }

    #[test]
    fn everything_that_differs_is_named() {
        assert_eq!(found(|_, _| {}), "");
        let mut all = vec![
            found(|job, _| job.program = "stancewire 2.0.0".to_owned()),
            found(|job, _| job.model = "ff".to_owned()),
            found(|job, _| *job.settings.get_mut("--explain").unwrap() = "0".to_owned()),
            found(|job, _| drop(job.settings.remove("--excel"))),
        ];
        all.push(found(|_, inputs| inputs[1].bytes = 11));
        all.push(found(|_, inputs| inputs[1].modified = Some(8)));
        all.push(found(|_, inputs| inputs.swap(3, 4)));
        all.push(found(|_, inputs| inputs[0].path = "/old/0.csv".to_owned()));
        all.push(found(|_, inputs| inputs.truncate(101)));
        all.push(found(|_, inputs| inputs[101].bytes = 11));
        insta::assert_snapshot!(all.join("\n"), @r"
        the program was stancewire 1.0.0 and is stancewire 2.0.0
        the model is another one
        --explain was 3 and is 0
        --excel was no and is unknown
        the input 1.csv had 10 bytes and has 11
        the input 1.csv was changed in between
        an input was 3.csv, and in its place is 4.csv
        an input was /news/0.csv, and in its place is /old/0.csv
        the number of inputs was 102 and is 101
        an input after the first 100 is another one, or was changed
        ");
    }
}
