"""Shares corrected for a classifier's error, computed with numpy and scipy.

    python3 tests/oracle/quantify.py > tests/oracle/quantify.json

Made with numpy and scipy (versions in the file). The EM shares are computed twice: by the rounds of Saerens, Latinne and
Decaestecker (2002), and as the maximum of the likelihood by a general optimiser, which must agree.
"""

import json

import numpy
import scipy
from scipy.optimize import minimize

rng = numpy.random.default_rng(7)
K, ROWS = 4, 60
prior = numpy.array([0.12, 0.63, 0.11, 0.14])
shares = numpy.array([0.3, 0.3, 0.3, 0.1])

gold = rng.choice(K, ROWS, p=shares)
signal = rng.normal(size=(ROWS, K)) + 1.4 * numpy.eye(K)[gold]
odds = prior * numpy.exp(1.4 * signal)
rows = (odds / odds.sum(axis=1, keepdims=True)).round(6)
weights = rng.integers(1, 4, ROWS)


def em(rows, weights, prior):
    x = numpy.full(K, 1 / K)
    for _ in range(200000):
        posterior = rows * x / prior
        posterior /= posterior.sum(axis=1, keepdims=True)
        x = weights @ posterior / weights.sum()
    return x


def likelihood(rows, weights, prior):
    def minus(z):
        x = numpy.exp(z - z.max())
        return -weights @ numpy.log(rows @ (x / x.sum() / prior))

    z = minimize(minus, numpy.zeros(K), method="BFGS", options={"gtol": 1e-9}).x
    x = numpy.exp(z - z.max())
    return x / x.sum()


found = em(rows, weights, prior)
assert numpy.abs(found - likelihood(rows, weights, prior)).max() < 1e-4

confusion = numpy.array([[164, 21, 8, 4], [14, 1021, 18, 28], [5, 36, 150, 9], [3, 44, 5, 183]])
rates = confusion / confusion.sum(axis=1, keepdims=True)
predicted = numpy.array([0.21, 0.42, 0.19, 0.18])
adjusted = numpy.linalg.solve(rates.T, predicted)
assert adjusted.min() > 0

json.dump(
    {
        "made_with": f"numpy {numpy.__version__}, scipy {scipy.__version__}",
        "prior": prior.tolist(),
        "rows": rows.ravel().tolist(),
        "weights": weights.tolist(),
        "em": found.tolist(),
        "confusion": confusion.tolist(),
        "predicted": predicted.tolist(),
        "adjusted": adjusted.tolist(),
    },
    fp=__import__("sys").stdout,
)
