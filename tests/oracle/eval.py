"""Makes eval.json: metrics of small data sets as scikit-learn, statsmodels and NumPy compute them.

Run in this folder: python eval.py
Made with Python 3.11, numpy 2.4.6, scikit-learn 1.9.1, statsmodels 0.15.0.

Labels are written as digits and probabilities as thousandths, so that every reader starts from the same numbers.
"""

import json
import math
import warnings
from pathlib import Path

import numpy as np
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    classification_report,
    cohen_kappa_score,
    confusion_matrix,
    log_loss,
    matthews_corrcoef,
    precision_recall_curve,
)
from statsmodels.stats.contingency_tables import mcnemar

warnings.filterwarnings("ignore")
random = np.random.default_rng(20240607)


def number(value):
    value = float(value)
    return None if math.isnan(value) else value


def thousandths(gold, n_labels, sharpness):
    """One row of n_labels integers per gold label; they sum to 1000, and the gold label is favoured."""
    rows = []
    for label in gold:
        weights = random.gamma(0.6, size=n_labels)
        weights[label] += random.gamma(sharpness)
        row = np.floor(weights / weights.sum() * 1000).astype(int)
        row[row.argmax()] += 1000 - row.sum()
        rows.append(row.tolist())
    return rows


def equal_width_error(confidence, correct, bins=15):
    """Guo et al. (2017): bins (0, 1/B], (1/B, 2/B], ..."""
    edges = np.arange(1, bins) / bins
    which = np.searchsorted(edges, confidence, side="left")
    error = 0.0
    for b in range(bins):
        inside = which == b
        if inside.any():
            error += inside.mean() * abs(correct[inside].mean() - confidence[inside].mean())
    return error


def averages(report, name):
    return [report[name][key] for key in ("precision", "recall", "f1-score")]


def case(name, gold, predicted, n_labels, sharpness=1.0):
    gold, predicted = np.array(gold), np.array(predicted)
    labels = list(range(n_labels))
    table = thousandths(gold, n_labels, sharpness)
    probabilities = np.array(table) / 1000
    all_labels = classification_report(gold, predicted, labels=labels, output_dict=True, zero_division=0)
    occurring = classification_report(gold, predicted, output_dict=True, zero_division=0)
    confidence = probabilities[np.arange(len(gold)), predicted]
    curves = []
    for label in labels:
        is_label = gold == label
        if not is_label.any():
            curves.append(None)
            continue
        scores = probabilities[:, label]
        precision, recall, thresholds = precision_recall_curve(is_label, scores)
        curves.append(
            {
                "average_precision": average_precision_score(is_label, scores),
                # The first five points from the highest threshold down, without the last one (1, 0).
                "head": [
                    [float(thresholds[-i]), float(precision[-i - 1]), float(recall[-i - 1])]
                    for i in range(1, min(5, len(thresholds)) + 1)
                ],
                "length": len(thresholds),
            }
        )
    return {
        "name": name,
        "n_labels": n_labels,
        "gold": "".join(map(str, gold)),
        "predicted": "".join(map(str, predicted)),
        "thousandths": table,
        "confusion": confusion_matrix(gold, predicted, labels=labels).tolist(),
        "classes": [averages(all_labels, str(label)) for label in labels],
        "support": [int(all_labels[str(label)]["support"]) for label in labels],
        "macro": averages(occurring, "macro avg"),
        "weighted": averages(all_labels, "weighted avg"),
        "accuracy": float((gold == predicted).mean()),
        "kappa": number(cohen_kappa_score(gold, predicted)),
        "mcc": float(matthews_corrcoef(gold, predicted)),
        "log_loss": float(log_loss(gold, probabilities, labels=labels)),
        "brier": float(brier_score_loss(gold, probabilities, labels=labels, scale_by_half=False)),
        "calibration_error": float(equal_width_error(confidence, gold == predicted)),
        "curves": curves,
    }


def noisy(gold, n_labels, rate, allowed=None):
    allowed = list(range(n_labels)) if allowed is None else allowed
    return [g if g in allowed and random.random() > rate else int(random.choice(allowed)) for g in gold]


def main():
    skewed = random.choice(4, size=240, p=[0.1, 0.62, 0.2, 0.08]).tolist()
    rare = random.choice(5, size=90, p=[0.5, 0.3, 0.1, 0.07, 0.03]).tolist()
    binary = random.choice(2, size=60, p=[0.8, 0.2]).tolist()
    cases = [
        case("skewed", skewed, noisy(skewed, 4, 0.4), 4),
        case("sure of itself", skewed, noisy(skewed, 4, 0.1), 4, sharpness=6.0),
        case("two labels", binary, noisy(binary, 2, 0.3), 2),
        case("a label is never predicted", rare, noisy(rare, 5, 0.3, [0, 1, 3, 4]), 5),
        case("a label has no gold rows", [0, 0, 1, 1, 1, 0, 1], [0, 2, 1, 1, 2, 0, 0], 3),
        case("a label occurs nowhere", [0, 0, 1, 1, 3, 0, 1], [0, 1, 1, 1, 3, 0, 3], 4),
        case("worse than chance", [0, 0, 0, 1, 1, 1], [1, 1, 0, 0, 0, 2], 3),
        case("all right", [0, 1, 2, 1, 0], [0, 1, 2, 1, 0], 3),
    ]
    pairs = [(0, 0), (1, 0), (5, 1), (3, 3), (10, 25), (0, 12), (140, 101), (1500, 1380)]
    tests = [
        {"only_a": a, "only_b": b, "p": float(mcnemar([[7, a], [b, 9]], exact=True).pvalue)} for a, b in pairs
    ]
    text = json.dumps({"cases": cases, "mcnemar": tests}, separators=(",", ":"))
    Path(__file__).with_suffix(".json").write_text(text.replace('{"name"', '\n{"name"') + "\n")


if __name__ == "__main__":
    main()
