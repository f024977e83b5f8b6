"""scikit-learn's side of the comparison of training. Each run is a process of its own and prints one JSON object.

    python fit.py search MATRIX ALPHA OBJECTIVE    the fewest iterations of lbfgs that come within 1e-6 of OBJECTIVE, relatively,
                                                   on a matrix of `cargo bench --bench training -- fit`
    python fit.py matrix MATRIX ALPHA ITERATIONS   lbfgs with so many iterations on this matrix
    python fit.py text TRAIN.csv ALPHA             words and pairs of words, then lbfgs with the default tolerance
"""

import csv
import json
import sys
import time
import warnings

import numpy as np
from scipy.sparse import csr_matrix
from scipy.special import logsumexp
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

WITHIN = 1e-6
MOST_ITERATIONS = 2_000


def read(path):
    raw = np.memmap(path, np.uint8, "r")
    n, d, entries = (int(value) for value in raw[:24].view("<u8"))
    ends = [24, 24 + 8 * (n + 1)]
    ends += [ends[-1] + 4 * entries]
    ends += [ends[-1] + 8 * entries]
    ends += [ends[-1] + n]
    if ends[-1] != len(raw):
        raise SystemExit(f"{path}: {len(raw)} bytes, expected {ends[-1]}")
    # Copies, because the parts need not begin at multiples of their sizes.
    pointers, columns, values, labels = (
        np.frombuffer(raw[begin:end].tobytes(), kind)
        for begin, end, kind in zip(ends, ends[1:], ["<i8", "<u4", "<f8", "u1"])
    )
    return csr_matrix((values, columns.astype(np.int32), pointers.astype(np.int32)), shape=(n, d)), labels


def objective(model, x, y, alpha):
    scores = model.decision_function(x)
    gold = scores[np.arange(len(y)), np.searchsorted(model.classes_, y)]
    return float((logsumexp(scores, axis=1) - gold).sum() + alpha / 2 * (model.coef_**2).sum())


def fit(x, y, alpha, tolerance=1e-4, iterations=MOST_ITERATIONS):
    begin = time.perf_counter()
    model = LogisticRegression(C=1 / alpha, tol=tolerance, max_iter=iterations).fit(x, y)
    seconds = time.perf_counter() - begin
    return {
        "seconds_fit": seconds,
        "objective": objective(model, x, y, alpha),
        "iterations": int(model.n_iter_[0]),
        "rows": x.shape[0],
        "features": x.shape[1],
        "entries": int(x.nnz),
    }


def search(path, alpha, target):
    """Bisects: lbfgs makes the same steps in every run, and no step raises the objective."""
    x, y = read(path)
    near = target + WITHIN * abs(target)
    last = fit(x, y, alpha, tolerance=1e-7)
    low, high = 0, last["iterations"]
    while last["objective"] <= near and high - low > 1:
        middle = (low + high) // 2
        if fit(x, y, alpha, 0.0, middle)["objective"] <= near:
            high = middle
        else:
            low = middle
    return {"iterations": high, "reached": last["objective"] <= near}


def on_matrix(path, alpha, iterations):
    x, y = read(path)
    return fit(x, y, alpha, tolerance=0.0, iterations=iterations)


def on_text(path, alpha):
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    begin = time.perf_counter()
    x = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True).fit_transform(row["text"] for row in rows)
    features = time.perf_counter() - begin
    return {"seconds_features": features} | fit(x, np.array([row["label"] for row in rows]), alpha)


def main():
    what, path, alpha, *more = sys.argv[1:]
    if what == "search":
        found = search(path, float(alpha), float(more[0]))
    elif what == "matrix":
        found = on_matrix(path, float(alpha), int(more[0]))
    else:
        found = on_text(path, float(alpha))
    print(json.dumps(found))


if __name__ == "__main__":
    # lbfgs is stopped before it would stop by itself.
    warnings.simplefilter("ignore", ConvergenceWarning)
    main()
