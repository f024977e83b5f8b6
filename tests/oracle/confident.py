"""Makes confident.json: thresholds, confident joint and ranked label issues as cleanlab finds them.

Run in this folder: python confident.py
Made with Python 3.11, numpy 2.4.6, cleanlab 2.9.0.

Labels are written as digits and probabilities as thousandths, so that every reader starts from the same numbers.
"""

import json
import warnings
from pathlib import Path

import numpy as np
from cleanlab.count import compute_confident_joint, get_confident_thresholds
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_self_confidence_for_each_label

warnings.filterwarnings("ignore")
random = np.random.default_rng(20240711)


def thousandths(true, n_labels, sharpness):
    """One row of n_labels integers per label that sum to 1000 and favour the true one."""
    rows = []
    for label in true:
        weights = random.gamma(0.6, size=n_labels)
        weights[label] += sharpness
        row = np.floor(1000 * weights / weights.sum()).astype(int)
        row[label] += 1000 - row.sum()
        rows.append(row)
    return np.array(rows)


def case(name, n_rows, shares, sharpness, noise):
    n_labels = len(shares)
    true = random.choice(n_labels, size=n_rows, p=shares)
    true[:n_labels] = range(n_labels)
    given = true.copy()
    wrong = random.random(n_rows) < noise
    wrong[:n_labels] = False
    given[wrong] = (given[wrong] + random.integers(1, n_labels, size=wrong.sum())) % n_labels
    rows = thousandths(true, n_labels, sharpness)
    p = rows / 1000
    joint = compute_confident_joint(given, p, calibrate=False)
    calibrated = compute_confident_joint(given, p, calibrate=True)
    issues = find_label_issues(given, p, filter_by="confident_learning", min_examples_per_class=0)
    score = get_self_confidence_for_each_label(given, p)
    ranked = sorted(np.flatnonzero(issues).tolist(), key=lambda row: (round(score[row] * 1000), row))
    return {
        "name": name,
        "n_labels": n_labels,
        "given": "".join(map(str, given)),
        "thousandths": rows.tolist(),
        "thresholds": get_confident_thresholds(given, p).tolist(),
        "joint": joint.tolist(),
        "calibrated": calibrated.tolist(),
        "suspects": ranked,
    }


cases = [
    case("two labels", 60, [0.7, 0.3], 1.2, 0.1),
    case("four labels, one common", 240, [0.1, 0.6, 0.1, 0.2], 1.5, 0.08),
    case("six labels, weak model", 150, [0.3, 0.25, 0.2, 0.1, 0.1, 0.05], 0.6, 0.15),
]
text = json.dumps({"cases": cases}, separators=(",", ":"))
Path(__file__).with_suffix(".json").write_text(text + "\n")
