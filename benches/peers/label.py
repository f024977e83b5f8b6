"""Trains and runs the peers that speed.py times. Each run is a process of its own.

    python label.py train PEER TRAIN.csv MODEL
    python label.py run PEER MODEL IN.csv OUT.csv [ROWS]

PEER is plain (scikit-learn, words and pairs of words), twin (scikit-learn, the features of stancewire: twin.py), fasttext
(the program named by FASTTEXT) or vw (Vowpal Wabbit). `run` reads a table and writes it again with a label and the
probability of each label; it prints how many seconds that took without the start of Python and the loading of the
model, and for fasttext and vw how many of them the program itself took. ROWS limits the rows.
"""

import csv
import json
import os
import pickle
import re
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

CUES = Path(__file__).resolve().parents[2] / "data" / "cues.toml"
ROWS_AT_ONCE = 5_000


def labelled(path):
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [row["text"] for row in rows], [row["label"] for row in rows]


def batches(path, limit):
    """The header, then lists of rows."""
    with open(path, newline="", encoding="utf-8") as file:
        rows = csv.reader(file)
        yield next(rows)
        rows = islice(rows, limit)
        while batch := list(islice(rows, ROWS_AT_ONCE)):
            yield batch


def write(path, batches, classes, predict):
    """Writes each row with its label and probabilities, which `predict` gives for the texts of a batch."""
    header = next(batches)
    text = header.index("text")
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*header, "label", *(f"p_{name}" for name in classes)])
        for batch in batches:
            for row, probabilities in zip(batch, predict([row[text] for row in batch])):
                best = max(range(len(classes)), key=probabilities.__getitem__)
                writer.writerow([*row, classes[best], *(f"{p:.4f}" for p in probabilities)])


# ---- scikit-learn ----


def first(pair):
    return pair[0]


def second(pair):
    return pair[1]


def train_plain(texts, labels, model):
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    features = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    fitted = make_pipeline(features, LogisticRegression(C=25, max_iter=1000)).fit(texts, labels)
    Path(model).write_bytes(pickle.dumps(fitted))


def train_twin(texts, labels, model):
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline, make_union

    from twin import Analyzer

    analyzer = Analyzer(CUES)
    analyses = [analyzer(text) for text in texts]
    blocks = [TfidfVectorizer(analyzer=part, min_df=3, sublinear_tf=True) for part in (first, second)]
    fitted = make_pipeline(make_union(*blocks), LogisticRegression(C=1, max_iter=1000)).fit(analyses, labels)
    Path(model).write_bytes(pickle.dumps(fitted))


def run_scikit_learn(peer, model, source, target, limit):
    fitted = pickle.loads(Path(model).read_bytes())
    analyzer = None
    if peer == "twin":
        from twin import Analyzer

        analyzer = Analyzer(CUES)
    begin = time.perf_counter()

    def predict(texts):
        documents = [analyzer(text) for text in texts] if analyzer else texts
        return fitted.predict_proba(documents).tolist()

    write(target, batches(source, limit), list(fitted[-1].classes_), predict)
    return {"seconds": time.perf_counter() - begin}


# ---- programs with files of their own format ----


def spaced(text):
    """Lower case, with punctuation set apart, on one line."""
    return " ".join(re.findall(r"\w+|[^\w\s]", text.lower()))


def vw_text(text):
    return "| " + re.sub(r"[|:]", " ", spaced(text))


VW = [sys.executable, "-m", "vowpalwabbit", "--quiet", "--no_stdin"]


def train_fasttext(texts, labels, model):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "train.txt"
        path.write_text(
            "".join(f"__label__{label} {spaced(text)}\n" for text, label in zip(texts, labels)), encoding="utf-8"
        )
        settings = "-wordNgrams 2 -dim 50 -bucket 200000 -loss softmax -lr 0.3 -epoch 20 -thread 1 -verbose 0"
        output = model.removesuffix(".bin")
        subprocess.run(
            [os.environ["FASTTEXT"], "supervised", "-input", path, "-output", output, *settings.split()], check=True
        )
        Path(output + ".vec").unlink()


def train_vw(texts, labels, model):
    classes = sorted(set(labels))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "train.txt"
        lines = (f"{classes.index(label) + 1} {vw_text(text)}\n" for text, label in zip(texts, labels))
        path.write_text("".join(lines), encoding="utf-8")
        settings = f"--oaa {len(classes)} --loss_function logistic --probabilities --ngram 2 -b 22 --passes 5 -k"
        cache = Path(folder) / "cache"
        subprocess.run([*VW, *settings.split(), "--cache_file", cache, "-d", path, "-f", model], check=True)
    Path(model + ".classes").write_text("\n".join(classes), encoding="utf-8")


def run_program(peer, model, source, target, limit):
    """Writes the texts in the program's format, runs it, and joins what it wrote to the rows."""
    begin = time.perf_counter()
    prepare = spaced if peer == "fasttext" else vw_text
    with tempfile.TemporaryDirectory() as folder:
        prepared, predicted = Path(folder) / "texts.txt", Path(folder) / "predicted.txt"
        with open(prepared, "w", encoding="utf-8") as file:
            table = batches(source, limit)
            text = next(table).index("text")
            file.writelines(prepare(row[text]) + "\n" for batch in table for row in batch)
        at_work = time.perf_counter()
        classes = predict_fasttext(model, prepared, predicted) if peer == "fasttext" else predict_vw(model, prepared, predicted)
        at_work = time.perf_counter() - at_work
        with open(predicted, encoding="utf-8") as lines:
            parse = fasttext_line if peer == "fasttext" else vw_line
            write(target, batches(source, limit), classes, lambda texts: [parse(next(lines), classes) for _ in texts])
    return {"seconds": time.perf_counter() - begin, "program_seconds": at_work}


def predict_fasttext(model, prepared, predicted):
    with open(predicted, "wb") as output:
        subprocess.run([os.environ["FASTTEXT"], "predict-prob", model, prepared, "4"], stdout=output, check=True)
    with open(predicted, encoding="utf-8") as lines:
        return sorted(name.removeprefix("__label__") for name in next(lines).split()[::2])


def fasttext_line(line, classes):
    words = line.split()
    found = {name.removeprefix("__label__"): float(p) for name, p in zip(words[::2], words[1::2])}
    return [found.get(name, 0.0) for name in classes]


def predict_vw(model, prepared, predicted):
    subprocess.run([*VW, "-t", "-i", model, "-d", prepared, "-p", predicted, "--probabilities"], check=True)
    return Path(model + ".classes").read_text(encoding="utf-8").split("\n")


def vw_line(line, classes):
    found = [float(part.partition(":")[2]) for part in line.split()]
    if len(found) != len(classes):
        raise SystemExit(f"Vowpal Wabbit wrote {line!r}; expected a probability for each of {', '.join(classes)}")
    return found


def main():
    if len(sys.argv) < 6 and sys.argv[1:2] != ["train"] or len(sys.argv) < 5:
        raise SystemExit(__doc__)
    what, peer, *files = sys.argv[1:]
    if what == "train":
        texts, labels = labelled(files[0])
        {"plain": train_plain, "twin": train_twin, "fasttext": train_fasttext, "vw": train_vw}[peer](
            texts, labels, files[1]
        )
        return
    model, source, target = files[:3]
    limit = int(files[3]) if len(files) > 3 else None
    run = run_scikit_learn if peer in ("plain", "twin") else run_program
    print(json.dumps(run(peer, model, source, target, limit)))


if __name__ == "__main__":
    main()
