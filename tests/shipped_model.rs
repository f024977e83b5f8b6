//! The shipped model is what its table, its lexicon and its settings give, to the byte.

use std::path::PathBuf;

use stancewire::corpus::{Dataset, InputSpec, OnBadRow};
use stancewire::features::CueLexicon;
use stancewire::model::{FeatureParams, StanceModel, TrainingData, TrainingParams, train};

fn path(name: &str) -> String {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name).to_string_lossy().into_owned()
}

#[test]
fn training_again_gives_the_bytes_of_the_shipped_model() {
    let rows = Dataset::read(&InputSpec::of([path("data/stance.csv")]), None, OnBadRow::Stop).unwrap();
    let toml = std::fs::read_to_string(path("data/cues.toml")).unwrap();
    let shipped = StanceModel::embedded().unwrap();
    let data = TrainingData {
        name: "stance.csv",
        texts: rows.texts(),
        gold: rows.gold(),
        labels: rows.labels(),
        groups: rows.fold_groups(0.8).unwrap(),
        documents: shipped.card().data.documents,
    };
    let mut params = TrainingParams::default();
    params.thresholds.target_precision = 0.96;
    params.alpha = 0.7;
    let lexicon = CueLexicon::parse(&toml).unwrap();
    let again = train(&data, FeatureParams::default(), Some(lexicon), &params).unwrap();
    let file = std::fs::read(path("models/stance.safetensors")).unwrap();
    assert!(again.model.to_bytes().unwrap() == file, "rebuild the model: see models/README.md");
}
