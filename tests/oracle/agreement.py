"""Makes agreement.json: agreement of annotators as krippendorff, statsmodels and scikit-learn compute it.

Run in this folder: python agreement.py
Made with Python 3.11, numpy 2.4.6, krippendorff 0.9.0, scikit-learn 1.9.1, statsmodels 0.15.0.

Each row of a case is a string with one character per annotator: a digit is a label, a point a missing one.
"""

import json
from itertools import combinations
from pathlib import Path

import krippendorff
import numpy as np
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import aggregate_raters, fleiss_kappa

random = np.random.default_rng(20110125)


def alpha(table):
    """table: rows × annotators, NaN where missing."""
    return float(krippendorff.alpha(reliability_data=table.T, level_of_measurement="nominal"))


def common(table, a, b):
    both = ~np.isnan(table[:, a]) & ~np.isnan(table[:, b])
    return table[both, a].astype(int), table[both, b].astype(int)


def mean_kappa(table, pairs):
    return float(np.mean([cohen_kappa_score(*common(table, a, b)) for a, b in pairs]))


def specific(table, pairs, label):
    both = either = 0
    for a, b in pairs:
        x, y = common(table, a, b)
        both += 2 * int(((x == label) & (y == label)).sum())
        either += int((x == label).sum() + (y == label).sum())
    return both / either


def case(name, table, n_labels):
    pairs = list(combinations(range(table.shape[1]), 2))
    complete = table[~np.isnan(table).any(axis=1)].astype(int)
    against_rest = [np.where(np.isnan(table), np.nan, table == label) for label in range(n_labels)]
    same = [(x == y) for x, y in (common(table, a, b) for a, b in pairs)]
    return {
        "name": name,
        "n_labels": n_labels,
        "rows": ["".join("." if np.isnan(x) else str(int(x)) for x in row) for row in table],
        "agreement": float(np.concatenate(same).mean()),
        "kappas": [float(cohen_kappa_score(*common(table, a, b))) for a, b in pairs],
        "fleiss": float(fleiss_kappa(aggregate_raters(complete)[0])),
        "alpha": alpha(table),
        "label_kappa": [mean_kappa(binary, pairs) for binary in against_rest],
        "label_alpha": [alpha(binary) for binary in against_rest],
        "specific": [specific(table, pairs, label) for label in range(n_labels)],
    }


def coded(rows, annotators, n_labels, noise, missing):
    truth = random.integers(n_labels, size=rows)
    table = np.repeat(truth[:, None], annotators, axis=1).astype(float)
    wrong = random.random(table.shape) < noise
    table[wrong] = random.integers(n_labels, size=wrong.sum())
    table[random.random(table.shape) < missing] = np.nan
    return table


def main():
    cases = [
        case("two annotators", coded(60, 2, 4, 0.3, 0.0), 4),
        case("two annotators, labels missing", coded(80, 2, 3, 0.4, 0.2), 3),
        case("three annotators, labels missing", coded(90, 3, 4, 0.25, 0.15), 4),
        case("five annotators, many labels missing", coded(70, 5, 3, 0.5, 0.3), 3),
        case("worse than chance", np.array([[0, 1], [1, 0], [0, 1], [1, 1], [1, 0], [0, 1.0]]), 2),
        case("six annotators, binary", coded(40, 6, 2, 0.35, 0.1), 2),
    ]
    text = json.dumps(cases, separators=(",", ":"))
    Path(__file__).with_suffix(".json").write_text(text.replace('{"name"', '\n{"name"') + "\n")


if __name__ == "__main__":
    main()
