"""Makes the inputs of the speed measurements from the project's own data. The same call makes the same bytes.

    python benches/generate.py FOLDER rows 100000       FOLDER/rows100000.csv: id, doc_id, text of 240 characters on average
    python benches/generate.py FOLDER articles 20       FOLDER/articles20.csv: articles of about 3,000 characters, 20 MB
    python benches/generate.py FOLDER training 25000    FOLDER/train25000.csv: labelled documents of about 1,300 characters

Sentences are drawn from data/stance.csv, data/articles and data/tables with a seeded generator. Training documents also
have made-up words whose frequencies fall as in text, so that there are about as many distinct words and pairs of words
as in 25,000 real articles. A file that is there already is made anew. Needs nothing but Python.
"""

import argparse
import csv
import itertools
import random
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "data"
SEED = 20_260

ROW_CHARACTERS = (120, 360)  # the length of a row is drawn evenly from this range
ARTICLE_SENTENCES = (18, 30)
DOCUMENT_CHARACTERS = (900, 1700)
PSEUDO_WORDS = 120_000
PSEUDO_SHARE = 0.19  # of the words of a training document


def labelled_sentences():
    with open(DATA / "stance.csv", newline="", encoding="utf-8") as file:
        return [(row["text"], row["label"]) for row in csv.DictReader(file)]


def other_sentences():
    """The paragraphs of the sample articles: longer than sentences, and with quotation marks and line breaks."""
    texts = [path.read_text(encoding="utf-8") for path in sorted((DATA / "articles").glob("*.txt"))]
    with open(DATA / "tables" / "articles.csv", newline="", encoding="utf-8") as file:
        texts += [row["body"] for row in csv.DictReader(file)]
    return [part.strip() for text in texts for part in text.split("\n\n") if part.strip()]


def quoted(text):
    return text.replace('"', '""')


def write(path, header, lines):
    """Writes lines in large pieces; they are made faster than a CSV writer would quote them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with open(part, "w", encoding="utf-8", newline="") as file:
        file.write(header + "\n")
        while piece := list(itertools.islice(lines, 5_000)):
            file.write("".join(piece))
    part.replace(path)
    print(f"{path}: {path.stat().st_size:,} bytes")


def cut(text, length):
    """At most `length` characters, ending with a whole word."""
    return text if len(text) <= length else text[: text.rfind(" ", 0, length + 1)]


def rows(folder, count):
    """One row per sentence: what a table looks like whose text is already split."""
    draw = random.Random(SEED)
    pool = [text for text, _ in labelled_sentences()]

    def lines():
        for number in range(count):
            length = draw.randint(*ROW_CHARACTERS)
            text = " ".join(draw.choices(pool, k=3))
            while len(text) < length:
                text += " " + draw.choice(pool)
            yield f'r{number},d{number // 8},"{quoted(cut(text, length))}"\n'

    write(folder / f"rows{count}.csv", "id,doc_id,text", lines())


def articles(folder, megabytes):
    """Whole articles with paragraphs, until there are `megabytes` million bytes."""
    draw = random.Random(SEED + 1)
    pool = [quoted(text) for text, _ in labelled_sentences()]
    paragraphs = [quoted(text) for text in other_sentences()]
    lengths = range(*ARTICLE_SENTENCES)

    def lines():
        written = 0
        for number in itertools.count():
            if written >= megabytes * 1_000_000:
                return
            sentences = draw.choices(pool, k=draw.choice(lengths))
            sentences[::6] = [sentence + "\n\n" for sentence in sentences[::6]]
            sentences.append(draw.choice(paragraphs))
            line = f'a{number},Bench Wire,2026-01-{number % 28 + 1:02},"{" ".join(sentences)}"\n'
            written += len(line.encode())
            yield line

    write(folder / f"articles{megabytes}.csv", "doc_id,source,date,body", lines())


def pseudo_words(draw):
    """Made-up words and their cumulative weights, the weight of rank r being 1 / (r + 2.7)."""
    syllables = [a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "an", "er", "is", "ol")]
    words, seen = [], set()
    while len(words) < PSEUDO_WORDS:
        word = "".join(draw.choices(syllables, k=draw.randint(2, 4)))
        if word not in seen:
            seen.add(word)
            words.append(word)
    return words, list(itertools.accumulate(1 / (rank + 2.7) for rank in range(PSEUDO_WORDS)))


def training(folder, count):
    """Documents in which the sentences of one label are frequent, and with a large vocabulary."""
    draw = random.Random(SEED + 2)
    by_label = {}
    for text, label in labelled_sentences():
        by_label.setdefault(label, []).append(text)
    labels = sorted(by_label)
    words, weights = pseudo_words(draw)

    def mixed(text):
        known = text.split(" ")
        places = [place for place in range(len(known)) if draw.random() < PSEUDO_SHARE]
        for place, word in zip(places, draw.choices(words, cum_weights=weights, k=len(places))):
            known[place] = word
        return " ".join(known)

    def lines():
        for number in range(count):
            label = draw.choice(labels)
            length, text = draw.randint(*DOCUMENT_CHARACTERS), ""
            while len(text) < length:
                source = label if draw.random() < 0.25 else "none"
                text += draw.choice(by_label[source]) + " "
            yield f't{number},"{quoted(cut(mixed(text), length))}",{label}\n'

    write(folder / f"train{count}.csv", "doc_id,text,label", lines())


def main():
    parser = argparse.ArgumentParser(description="Inputs for speed measurements, made from the project's data.")
    parser.add_argument("folder", type=Path, help="where the file goes; not into the repository")
    parser.add_argument("kind", choices=["rows", "articles", "training"])
    parser.add_argument("size", type=int, help="rows: how many; articles: million bytes; training: how many documents")
    chosen = parser.parse_args()
    {"rows": rows, "articles": articles, "training": training}[chosen.kind](chosen.folder, chosen.size)


if __name__ == "__main__":
    main()
