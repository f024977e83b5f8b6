"""Writes tfidf.json: what scikit-learn's TfidfVectorizer makes of a few documents under several settings.

Run: python3 tests/oracle/tfidf.py > tests/oracle/tfidf.json   (made with scikit-learn 1.9.1)
"""

import itertools
import json

from sklearn.feature_extraction.text import TfidfVectorizer

FIT = [
    "they urge restraint and an end to the war",
    "the war the war the endless war",
    "an end to the talks",
    "strike back strike again strike hard",
    "the army will strike back",
    "Élan vital — naïve café",
    "an an an an",
]
NEW = ["the strike on the café", "nothing known here", "end end end war"]

cases = []
for smooth, sublinear, min_df, norm in itertools.product([True, False], [False, True], [1, 2], ["l2", None]):
    vectorizer = TfidfVectorizer(
        lowercase=False, token_pattern=r"\S+", smooth_idf=smooth, sublinear_tf=sublinear, min_df=min_df, norm=norm
    )
    fitted = vectorizer.fit_transform(FIT)
    new = vectorizer.transform(NEW)
    # scikit-learn sorts by code points, which is the order of the UTF-8 bytes.
    rows = []
    for matrix in (fitted, new):
        matrix.sort_indices()
        for i in range(matrix.shape[0]):
            row = matrix.getrow(i)
            rows.append({"columns": row.indices.tolist(), "values": row.data.tolist()})
    cases.append(
        {
            "smooth_idf": smooth,
            "sublinear_tf": sublinear,
            "min_df": min_df,
            "norm": norm or "none",
            "terms": vectorizer.get_feature_names_out().tolist(),
            "idf": vectorizer.idf_.tolist(),
            "rows": rows,
        }
    )

print(json.dumps({"fit": FIT, "new": NEW, "cases": cases}, ensure_ascii=False, indent=0))
