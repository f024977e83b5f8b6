"""How well do other classifiers label the same rows? Prints a Markdown table.

    python accuracy.py --train data/stance.csv --test dev.csv [--stancewire predictions.csv]

See README.md beside this file for what each peer is and how its settings are chosen.
"""

import os

# Every peer gets one thread, so that its seconds can be compared. This must precede the import of numpy.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"
# The weights are on disk. Nothing may be asked of a hub.
os.environ["HF_HUB_OFFLINE"] = "1"

import argparse
import csv
import itertools
import re
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.svm import SVC

FOLDS = 5
SEED = 1
SEEDS_OF_FASTTEXT = (1, 2, 3)
# The RBF SVM is tuned on at most this many rows: its time grows with the square of their number.
ROWS_TO_TUNE_SVM = 4000
RESAMPLES = 1000


@dataclass
class Rows:
    ids: list
    texts: list
    labels: np.ndarray
    documents: np.ndarray
    borderline: np.ndarray

    def __len__(self):
        return len(self.texts)


@dataclass
class Result:
    name: str
    predictions: list  # one array of labels for each seed
    training: float | None = None  # seconds of the fit on all training rows
    tuning: float | None = None  # seconds of the cross-validation that chose the settings
    notes: list = field(default_factory=list)


def read_csv(path):
    with open(path, newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    if not rows:
        raise SystemExit(f"{path}: no rows")
    return rows


def read_rows(path):
    rows = read_csv(path)
    for column in ("text", "label"):
        if column not in rows[0]:
            raise SystemExit(f"{path}: no column {column!r}, only {', '.join(rows[0])}")
    return Rows(
        ids=[row.get("id") for row in rows],
        texts=[row["text"] for row in rows],
        labels=np.array([row["label"] for row in rows]),
        documents=np.array([row.get("doc_id") or f"row {number}" for number, row in enumerate(rows)]),
        borderline=np.array([row.get("borderline") == "1" for row in rows]),
    )


def folds_of(labels, documents):
    """Stratified by label; all rows of a document are in one fold."""
    split = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=SEED)
    return list(split.split(np.zeros(len(labels)), labels, documents))


def macro_f1(gold, predicted, labels):
    return f1_score(gold, predicted, labels=labels, average="macro", zero_division=0)


def grid(**values):
    return [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]


def tune(name, settings, labels, folds, fit_predict, result):
    """The settings with the best macro-F1 over all out-of-fold predictions. `fit_predict(fold, settings)` labels the
    held-out rows of a fold; it is called with one fold after the other, so it can keep what the settings do not change."""
    begin = time.process_time()
    predicted = [np.empty(len(labels), dtype=labels.dtype) for _ in settings]
    for fold, (train, held_out) in enumerate(folds):
        for each, setting in enumerate(settings):
            predicted[each][held_out] = fit_predict(fold, train, held_out, setting)
    scores = [macro_f1(labels, each, np.unique(labels)) for each in predicted]
    for score, setting in zip(scores, settings):
        say(f"  {name} {written(setting)}: {score:.4f}")
    best = int(np.argmax(scores))
    result.tuning = time.process_time() - begin
    result.notes.append(f"{written(settings[best])} (macro-F1 in cross-validation {scores[best]:.3f})")
    return settings[best]


def written(setting):
    return ", ".join(f"{name} = {value}" for name, value in setting.items())


def say(text):
    print(text, file=sys.stderr, flush=True)


# ---- the peers ----


def tfidf(train, test, _cache):
    """scikit-learn: words and pairs of words, TF-IDF, logistic regression."""
    result = Result("TF-IDF 1–2-grams + logistic regression (scikit-learn)", [])

    def vectorizer():
        return TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)

    def regression(setting):
        return LogisticRegression(max_iter=1000, **setting)

    texts = np.array(train.texts, dtype=object)
    vectors = {}

    def fit_predict(fold, seen, held_out, setting):
        if fold not in vectors:
            vectors.clear()
            made = vectorizer()
            vectors[fold] = (made.fit_transform(texts[seen]), made.transform(texts[held_out]))
        known, unknown = vectors[fold]
        return regression(setting).fit(known, train.labels[seen]).predict(unknown)

    settings = grid(C=[1, 5, 25], class_weight=[None, "balanced"])
    best = tune("tfidf", settings, train.labels, folds_of(train.labels, train.documents), fit_predict, result)
    begin = time.process_time()
    made = vectorizer()
    model = regression(best).fit(made.fit_transform(train.texts), train.labels)
    result.training = time.process_time() - begin
    result.predictions.append(model.predict(made.transform(test.texts)))
    return result


def fasttext(train, test, _cache):
    """fastText's supervised mode, words and pairs of words."""
    import fasttext as library

    result = Result("fastText supervised, wordNgrams 2 (mean of 3 seeds)", [])
    prepared = [fasttext_text(text) for text in train.texts]

    def fit(rows, setting, seed):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "train.txt"
            path.write_text(
                "".join(f"__label__{train.labels[row]} {prepared[row]}\n" for row in rows), encoding="utf-8"
            )
            return library.train_supervised(
                str(path), wordNgrams=2, dim=50, bucket=200_000, loss="softmax", thread=1, seed=seed, verbose=0,
                **setting,
            )  # fmt: skip

    def predict(model, texts):
        return [found[0].removeprefix("__label__") for found in model.predict(texts)[0]]

    def fit_predict(_fold, seen, held_out, setting):
        return predict(fit(seen, setting, SEED), [prepared[row] for row in held_out])

    settings = grid(lr=[0.1, 0.3, 1.0], epoch=[5, 20])
    best = tune("fasttext", settings, train.labels, folds_of(train.labels, train.documents), fit_predict, result)
    begin = time.process_time()
    models = [fit(range(len(train)), best, seed) for seed in SEEDS_OF_FASTTEXT]
    result.training = (time.process_time() - begin) / len(models)
    unknown = [fasttext_text(text) for text in test.texts]
    result.predictions = [np.array(predict(model, unknown)) for model in models]
    return result


def fasttext_text(text):
    """Lower case, with punctuation set apart, as fastText's own examples prepare text; on one line."""
    return " ".join(re.findall(r"\w+|[^\w\s]", text.lower()))


def minilm_regression(train, test, cache):
    """Sentence embeddings of a small transformer, logistic regression."""
    result = Result("MiniLM sentence embeddings + logistic regression", [])

    def regression(setting):
        return LogisticRegression(max_iter=1000, **setting)

    settings = grid(C=[1, 10, 100], class_weight=[None, "balanced"])
    folds = folds_of(train.labels, train.documents)
    return embedded(result, train, test, cache, "minilm-lr", regression, settings, np.arange(len(train)), folds)


def minilm_svm(train, test, cache):
    """Sentence embeddings of a small transformer, support vector machine with an RBF kernel."""
    result = Result("MiniLM sentence embeddings + RBF SVM", [])

    def machine(setting):
        return SVC(kernel="rbf", cache_size=500, **setting)

    tuned_on = whole_documents(train, ROWS_TO_TUNE_SVM)
    folds = folds_of(train.labels[tuned_on], train.documents[tuned_on])
    settings = grid(C=[1, 3, 10], gamma=[0.5, 1, 2])
    return embedded(result, train, test, cache, "minilm-svm", machine, settings, tuned_on, folds)


def embedded(result, train, test, cache, name, make, settings, tuned_on, folds):
    """A classifier on the embeddings; its settings are chosen on the rows `tuned_on`."""
    from minilm import cached_embeddings

    known, seconds = cached_embeddings(train.texts, cache)
    unknown, _ = cached_embeddings(test.texts, cache)
    vectors, labels = known[tuned_on], train.labels[tuned_on]

    def fit_predict(_fold, seen, held_out, setting):
        return make(setting).fit(vectors[seen], labels[seen]).predict(vectors[held_out])

    best = tune(name, settings, labels, folds, fit_predict, result)
    begin = time.process_time()
    model = make(best).fit(known, train.labels)
    fit = time.process_time() - begin
    result.training = seconds + fit
    result.notes.append(f"of the training seconds, {seconds:.0f} are for embedding the sentences and {fit:.1f} for the fit")
    result.predictions.append(model.predict(unknown))
    return result


def whole_documents(rows, limit):
    """The indices of the rows of documents drawn at random, at most `limit` rows."""
    documents, counts = np.unique(rows.documents, return_counts=True)
    order = np.random.default_rng(SEED).permutation(len(documents))
    chosen = documents[order[np.cumsum(counts[order]) <= limit]]
    return np.flatnonzero(np.isin(rows.documents, chosen))


PEERS = {
    "tfidf": tfidf,
    "fasttext": fasttext,
    "minilm-lr": minilm_regression,
    "minilm-svm": minilm_svm,
}


def stancewire(path, test, seconds):
    """The labels in a file that `stancewire label --no-split` wrote for the test rows."""
    rows = read_csv(path)
    if "label" not in rows[0]:
        raise SystemExit(f"{path}: no column 'label', only {', '.join(rows[0])}")
    if "id" in rows[0] and None not in test.ids:
        label_of = {row["id"]: row["label"] for row in rows}
        missing = [each for each in test.ids if each not in label_of]
        if missing:
            raise SystemExit(f"{path}: no row with id {missing[0]!r}, and {len(missing) - 1} more are missing")
        predicted = [label_of[each] for each in test.ids]
    elif len(rows) == len(test):
        predicted = [row["label"] for row in rows]
    else:
        raise SystemExit(f"{path}: {len(rows)} rows for {len(test)} test rows, and no ids to match them by")
    return Result("**stancewire**", [np.array(predicted)], training=seconds)


# ---- the table ----


def scores_of(result, test, labels):
    """Macro-F1, macro-F1 without borderline rows, and F1 per class, each the mean over the seeds."""
    clear = ~test.borderline
    every = [macro_f1(test.labels, each, labels) for each in result.predictions]
    certain = [macro_f1(test.labels[clear], each[clear], labels) for each in result.predictions]
    classes = [
        f1_score(test.labels, each, labels=labels, average=None, zero_division=0) for each in result.predictions
    ]
    return np.mean(every), np.mean(certain), np.mean(classes, axis=0)


def interval(result, test, labels):
    """95 % of the macro-F1 values when the documents of the test rows are drawn anew."""
    documents, of_row = np.unique(test.documents, return_inverse=True)
    drawn = np.random.default_rng(SEED).multinomial(
        len(documents), np.full(len(documents), 1 / len(documents)), size=RESAMPLES
    )
    weights = drawn[:, of_row]
    values = np.zeros(RESAMPLES)
    for predicted in result.predictions:
        for label in labels:
            is_gold, is_predicted = test.labels == label, predicted == label
            hits = weights @ (is_gold & is_predicted).astype(int)
            both = weights @ (is_gold.astype(int) + is_predicted)
            values += 2 * hits / np.maximum(both, 1)
    values /= len(labels) * len(result.predictions)
    return np.quantile(values, [0.025, 0.975])


def table(results, test, labels):
    head = ["classifier", "macro-F1", "95 % interval", *labels, "macro-F1, clear rows", "training s", "tuning s"]
    lines = ["| " + " | ".join(head) + " |", "|---|" + "---:|" * (len(head) - 1)]
    for result in results:
        every, certain, classes = scores_of(result, test, labels)
        low, high = interval(result, test, labels)
        cells = [result.name, f"{every:.3f}", f"{low:.2f}–{high:.2f}", *(f"{value:.3f}" for value in classes)]
        cells += [f"{certain:.3f}", seconds_written(result.training), seconds_written(result.tuning)]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def seconds_written(seconds):
    if seconds is None:
        return "–"
    return f"{seconds:.1f}" if seconds < 10 else f"{seconds:.0f}"


def arguments():
    parser = argparse.ArgumentParser(description="Accuracy of other classifiers on the same rows, as a Markdown table.")
    parser.add_argument("--train", required=True, type=Path, help="labelled rows: id, doc_id, text, label")
    parser.add_argument("--test", required=True, type=Path, help="labelled rows: id, doc_id, text, label, borderline")
    parser.add_argument("--stancewire", type=Path, metavar="CSV", help="output of `stancewire label --no-split`")
    parser.add_argument(
        "--stancewire-seconds", type=float, metavar="S", help="how long `stancewire train` took [default: not shown]"
    )
    parser.add_argument(
        "--peers", nargs="+", choices=PEERS, default=list(PEERS), metavar="PEER",
        help=f"which to run: {', '.join(PEERS)} [default: all]",
    )  # fmt: skip
    parser.add_argument(
        "--cache", type=Path, default=Path(tempfile.gettempdir()) / "stancewire-peers",
        help="folder for sentence embeddings [default: %(default)s]",
    )  # fmt: skip
    return parser.parse_args()


def main():
    chosen = arguments()
    train, test = read_rows(chosen.train), read_rows(chosen.test)
    labels = sorted(set(train.labels))
    strange = set(test.labels) - set(labels)
    if strange:
        raise SystemExit(f"{chosen.test}: labels without training rows: {', '.join(sorted(strange))}")
    results = []
    if chosen.stancewire:
        results.append(stancewire(chosen.stancewire, test, chosen.stancewire_seconds))
    for name in chosen.peers:
        say(f"{name} …")
        begin = time.perf_counter()
        results.append(PEERS[name](train, test, chosen.cache))
        say(f"{name}: {time.perf_counter() - begin:.0f} s on the clock")
    print(
        f"Trained on {len(train):,} rows of {len(set(train.documents)):,} documents, tested on {len(test):,} rows, "
        f"{int((~test.borderline).sum()):,} of them clear (not borderline). Seconds are processor time of one thread.\n"
    )
    print(table(results, test, labels))
    print()
    for result in results:
        if result.notes:
            print(f"- {result.name}: {'; '.join(result.notes)}")


if __name__ == "__main__":
    main()
