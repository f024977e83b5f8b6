//! Which model, and how it is to be read.

use std::fs::File;
use std::io::Read;
use std::str::FromStr;

use clap::Args;
use sha2::{Digest, Sha256};
use stancewire::classifier::{Threshold, Thresholds};
use stancewire::error::{Error, ErrorKind, Place, Result};
use stancewire::labels::LabelSet;
use stancewire::model::StanceModel;

use super::arguments::LabelNumber;

/// The model and the choices of its user.
#[derive(Debug, Args)]
#[command(next_help_heading = "Model")]
pub struct ModelArgs {
    /// The model file [default: the model that is part of the program]
    #[arg(long, short, value_name = "FILE")]
    pub model: Option<String>,
    /// Mark rows of a label for review below this confidence, such as threat=0.8; may be repeated [default: the
    /// thresholds of the model]
    #[arg(long, value_name = "LABEL=P")]
    pub threshold: Vec<LabelNumber>,
    /// Mark rows for review so that of the others at least this share would be right, as far as the model's
    /// cross-validation can tell; --threshold comes on top [default: the precision the model was trained for]
    #[arg(long, value_name = "P")]
    pub min_precision: Option<f64>,
    /// The shares that the labels are expected to have in the texts: natural (those of the whole documents in the
    /// training data), training (those of all its rows), balanced, or LABEL=SHARE,… for each label [default: natural
    /// where the model knows them, else training]
    #[arg(long, value_name = "SHARES")]
    pub prior: Option<Prior>,
}

/// What the shares of the labels are taken to be.
#[derive(Debug, Clone)]
pub enum Prior {
    Natural,
    Training,
    Balanced,
    Shares(Vec<LabelNumber>),
}

impl FromStr for Prior {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "natural" => Ok(Self::Natural),
            "training" => Ok(Self::Training),
            "balanced" => Ok(Self::Balanced),
            _ => text.split(',').map(str::parse).collect::<Result<_>>().map(Self::Shares),
        }
    }
}

impl ModelArgs {
    /// Reads the model and applies thresholds and prior.
    ///
    /// It stays in memory until the program ends, which is at once after its use: taking it apart would take as long as
    /// labelling a hundred sentences.
    pub fn open(&self) -> Result<&'static StanceModel> {
        let model = open(self.model.as_deref())?;
        let thresholds = self.thresholds(&model)?;
        let model = model.with_thresholds(thresholds);
        let model = match &self.prior {
            None => model,
            Some(Prior::Training) => model.with_training_prior(),
            Some(prior) => {
                let shares = prior.shares(&model)?;
                model.with_prior(&shares)?
            }
        };
        Ok(Box::leak(Box::new(model)))
    }

    /// What reports call the model.
    pub fn name(&self) -> &str {
        self.model.as_deref().unwrap_or("built-in model")
    }

    fn thresholds(&self, model: &StanceModel) -> Result<Thresholds> {
        let mut per_label = match self.min_precision {
            Some(target) => model.thresholds_for(target)?.1.per_label().to_vec(),
            None => model.thresholds().per_label().to_vec(),
        };
        for LabelNumber { label, number } in &self.threshold {
            let label = model.labels().require(label).map_err(|error| error.advise("see --threshold"))?;
            per_label[label.index()] = Some(Threshold::new(*number)?);
        }
        Ok(Thresholds::new(per_label))
    }
}

impl Prior {
    /// The shares of the labels of `model` that are meant.
    pub fn shares(&self, model: &StanceModel) -> Result<Vec<f64>> {
        match self {
            Self::Balanced => Ok(vec![1.0; model.labels().len()]),
            Self::Training => Ok(model.card().data.support.iter().map(|&n| n as f64).collect()),
            Self::Natural => model.card().natural_shares.clone().ok_or_else(|| {
                Error::new(
                    ErrorKind::Settings,
                    "the model knows no natural shares: it was trained without whole documents",
                )
                .advise("give the shares yourself: --prior LABEL=SHARE,…")
            }),
            Self::Shares(given) => Self::named(given, model.labels()),
        }
    }

    fn named(given: &[LabelNumber], labels: &LabelSet) -> Result<Vec<f64>> {
        let mut shares = vec![None; labels.len()];
        for LabelNumber { label, number } in given {
            let label = labels.require(label).map_err(|error| error.advise("see --prior"))?;
            shares[label.index()] = Some(*number);
        }
        let missing = |id: &stancewire::labels::LabelId| shares[id.index()].is_none();
        if let Some(id) = labels.ids().find(missing) {
            let what =
                format!("--prior has no share for \"{}\"; expected one for each label", labels.name(id));
            return Err(Error::new(ErrorKind::Settings, what)
                .advise(format!("the labels are: {}", labels.names().join(", "))));
        }
        Ok(shares.into_iter().flatten().collect())
    }
}

/// The model in the file at `path`, or the one that is part of the program.
pub fn open(path: Option<&str>) -> Result<StanceModel> {
    match path {
        Some(path) => StanceModel::from_bytes(&read(path)?).map_err(|error| error.at(Place::file(path))),
        None => StanceModel::embedded(),
    }
}

/// The bytes of the file at `path`; only the first ones when they show that it is no model, so that a film or a device
/// that never ends is not read into memory.
pub fn read(path: &str) -> Result<Vec<u8>> {
    let read = || {
        let mut file = File::open(path)?;
        let mut bytes = Vec::new();
        file.by_ref().take(FIRST).read_to_end(&mut bytes)?;
        if bytes.len() as u64 == FIRST && bytes.ends_with(b"{") {
            file.read_to_end(&mut bytes)?;
        }
        Ok(bytes)
    };
    read().map_err(|error| {
        Error::io("cannot read the model", error)
            .at(Place::file(path))
            .advise("a model file is made by stancewire train")
    })
}

/// The bytes of a model file up to the brace with which its header begins.
const FIRST: u64 = 9;

/// The SHA-256 of `bytes`, in hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}
