"""Writes logistic.json: the optimum of scikit-learn's LogisticRegression on a small sparse problem.

The data have an empty column, columns with one entry, equal columns and an empty row. The optimum is that of
newton-cholesky at a tolerance far below what is compared; the objective is computed here from its coefficients.

Run: python3 tests/oracle/logistic.py > tests/oracle/logistic.json   (made with scikit-learn 1.9.1)
"""

import json

import numpy as np
from sklearn.linear_model import LogisticRegression

rng = np.random.default_rng(20240611)
ROWS, COLUMNS, CLASSES = 48, 16, 4
x = np.round(rng.exponential(0.6, (ROWS, COLUMNS)) * (rng.random((ROWS, COLUMNS)) < 0.25), 2)
x[:, 3] = 0
x[:, 5] = 0
x[7, 5] = 0.75
x[:, 6] = 0
x[7, 6] = -0.4
x[:, 9] = x[:, 8]
x[:, 10] = x[:, 8]
x[11] = 0
truth = rng.normal(0, 2, (COLUMNS, CLASSES))
scores = x @ truth + np.array([0.0, 0.3, 1.0, -0.3])
y = np.argmax(scores + rng.gumbel(size=scores.shape), axis=1)
sample_weight = np.round(rng.uniform(0.2, 3, ROWS), 2)

counts = np.bincount(y, minlength=CLASSES)
assert counts.min() >= 3, counts
EXPLICIT = [2.0, 0.5, 1.0, 3.0]
WEIGHTS = {
    "uniform": (None, "uniform", np.ones(CLASSES)),
    "balanced": (None, "balanced", ROWS / (CLASSES * counts)),
    "explicit": (None, {"explicit": EXPLICIT}, np.array(EXPLICIT)),
    "samples": (sample_weight, "uniform", np.ones(CLASSES)),
}

cases = []
for name, (samples, class_weight, factors) in WEIGHTS.items():
    for alpha in (1.0, 0.05):
        weight = factors[y] * (1.0 if samples is None else samples)
        model = LogisticRegression(C=1 / alpha, solver="newton-cholesky", tol=1e-13, max_iter=1000)
        model.fit(x, y, sample_weight=weight)
        intercepts = model.intercept_ - model.intercept_.mean()
        decision = x @ model.coef_.T + intercepts
        log_p = decision - np.log(np.exp(decision).sum(axis=1, keepdims=True))
        objective = -(weight * log_p[np.arange(ROWS), y]).sum() + alpha / 2 * (model.coef_**2).sum()
        cases.append(
            {
                "name": name,
                "class_weight": class_weight,
                "use_samples": samples is not None,
                "alpha": alpha,
                "objective": objective,
                "weights": model.coef_.T.tolist(),
                "intercepts": intercepts.tolist(),
                "probabilities": np.exp(log_p[:12]).tolist(),
            }
        )

rows = [[[int(j), float(row[j])] for j in np.flatnonzero(row)] for row in x]
data = {"n_columns": COLUMNS, "n_classes": CLASSES, "rows": rows, "y": y.tolist()}
print(json.dumps({**data, "sample_weight": sample_weight.tolist(), "cases": cases}, separators=(",", ":")))
