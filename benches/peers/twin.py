"""The features of stancewire once more, in Python: stems, pairs of stems, and the cue block of data/cues.toml.

This is what someone would write who wants the same features from scikit-learn. It is meant to be plain, not fast, but
what is asked for again and again is kept: the stem of a word, and the patterns that can begin with it. Odd spellings
are treated more simply than in the program, so the features are the same for nearly all sentences, not for all.
"""

import heapq
import re
import tomllib
import unicodedata

import Stemmer

TOKEN = re.compile(
    r"[$€£]?\d[\d,.:]*\d(?:st|nd|rd|th|%|[a-z]+)?|[$€£]?\d(?:st|nd|rd|th|%)?"  # numbers
    r"|(?:[A-Za-z]\.){2,}|[^\W\d_]\w*(?:['’.\-][^\W_]+)*"  # words
    r"|--|\.{2,}|[?!,;:.\"“”()—–…]"  # marks
)
MARKS = {mark: mark for mark in "?!,;:.\"()…—"} | {"--": "—", "–": "—", "“": '"', "”": '"', "..": "…", "...": "…"}
SOFT = {",", '"'}
PAIR_WINDOW = 12


class Sentence:
    """Words and marks in order, and the stems between the marks that end a clause."""

    def __init__(self, text, stem):
        self.words, self.is_word, self.clauses = [], [], [[]]
        tokens = TOKEN.findall(unicodedata.normalize("NFKC", text))
        letters = [token for token in tokens if token[0].isalpha()]
        heading = sum(token[0].isupper() for token in letters) > 0.7 * len(letters)
        initial = True
        for token in tokens:
            mark = MARKS.get(token)
            self.is_word.append(mark is None)
            if mark is not None:
                self.words.append(mark)
                if mark not in SOFT:
                    self.clauses.append([])
                initial = initial or token in ":?!“"
                continue
            word = token.lower().replace("’", "'")
            self.words.append(word)
            if not token[0].isalpha():
                self.clauses[-1].append("<num>")
            elif token[0].isupper() and not initial and not heading and token != "I":
                self.clauses[-1].append("<name>")
            else:
                self.clauses[-1].append(stem(word))
            initial = initial and not token[0].isalpha()


class Words:
    """Stems and pairs of stems; no pair reaches across the end of a clause."""

    def __init__(self):
        self.stemmer = Stemmer.Stemmer("english", 65_536)

    def stem(self, word):
        return self.stemmer.stemWord(word.removesuffix("'s"))

    def __call__(self, sentence):
        for clause in sentence.clauses:
            yield from clause
            yield from map(" ".join, zip(clause, clause[1:]))


class Pattern:
    """Elements in order: ("words", exact, prefixes), ("any",), ("gap", words), ("class", number)."""

    def __init__(self, text, owner, numbers):
        self.owner, self.at_start = owner, text.startswith("^")
        self.elements = [self.element(part, numbers) for part in text.removeprefix("^").split()]

    @staticmethod
    def element(part, numbers):
        if part == "*":
            return ("any",)
        if part.startswith(".."):
            return ("gap", int(part[2:] or 3))
        if part.startswith("{"):
            return ("class", numbers[part[1:-1]])
        alternatives = part.split("|")
        prefixes = tuple(each[:-1] for each in alternatives if each.endswith("*"))
        return ("words", frozenset(alternatives), prefixes)


def matches(element, word):
    return word in element[1] or (element[2] and word.startswith(element[2]))


class Cues:
    """Counts classes and ordered pairs of classes. A sentence is walked from right to left, so that the matches of a class
    are known before a pattern further left asks for them."""

    def __init__(self, path):
        with open(path, "rb") as file:
            lexicon = tomllib.load(file)
        self.names = list(lexicon)
        numbers = {name: number for number, name in enumerate(self.names)}
        patterns = [
            Pattern(text, numbers[name], numbers) for name, entry in lexicon.items() for text in entry["patterns"]
        ]
        self.by_word = [pattern for pattern in patterns if pattern.elements[0][0] != "class"]
        self.by_class = {}
        for pattern in patterns:
            if pattern.elements[0][0] == "class":
                self.by_class.setdefault(pattern.elements[0][1], []).append(pattern)
        self.beginning = {}

    def beginning_with(self, word):
        found = self.beginning.get(word)
        if found is None:
            found = self.beginning[word] = [
                pattern for pattern in self.by_word
                if pattern.elements[0][0] != "words" or matches(pattern.elements[0], word)
            ]  # fmt: skip
        return found

    def find(self, sentence):
        """For each token the classes that match from there, with all the ends of the matches."""
        found = [{} for _ in range(len(sentence.words) + 1)]
        first = sentence.is_word.index(True) if True in sentence.is_word else -1
        for start in range(len(sentence.words) - 1, -1, -1):
            here, waiting = found[start], []
            candidates = self.beginning_with(sentence.words[start])
            while True:
                for pattern in candidates:
                    if pattern.at_start and start != first:
                        continue
                    ends = set()
                    self.follow(sentence, found, pattern.elements, 0, start, ends)
                    if ends:
                        if pattern.owner not in here:
                            here[pattern.owner] = set()
                            heapq.heappush(waiting, pattern.owner)
                        here[pattern.owner] |= ends
                if not waiting:
                    break
                # A class uses only those above it, so the matches of the first one that waits are complete.
                candidates = self.by_class.get(heapq.heappop(waiting), ())
        return found

    def follow(self, sentence, found, elements, place, at, ends):
        """Collects where `elements[place:]` can end when they begin at the token `at`, or behind commas and quotes."""
        if place == len(elements):
            ends.add(at)
            return
        element, words = elements[place], sentence.words
        if element[0] == "gap":
            self.follow(sentence, found, elements, place + 1, at, ends)
            for _ in range(element[1]):
                while at < len(words) and words[at] in SOFT:
                    at += 1
                if at >= len(words) or not sentence.is_word[at]:
                    return
                at += 1
                self.follow(sentence, found, elements, place + 1, at, ends)
            return
        while at < len(words):
            if element[0] == "class":
                for end in tuple(found[at].get(element[1], ())):
                    self.follow(sentence, found, elements, place + 1, end, ends)
            elif element[0] == "words" and matches(element, words[at]) or element[0] == "any" and sentence.is_word[at]:
                self.follow(sentence, found, elements, place + 1, at + 1, ends)
                return
            if place == 0 or words[at] not in SOFT:
                return
            at += 1

    def __call__(self, sentence):
        hits, words = [], 0
        for found, is_word in zip(self.find(sentence), sentence.is_word):
            hits += [(words, name) for name in map(self.names.__getitem__, sorted(found)) if not name.endswith("_")]
            words += is_word
        for each, (start, name) in enumerate(hits):
            yield name
            for later, other in hits[each + 1 :]:
                if later - start > PAIR_WINDOW:
                    break
                if later > start:
                    yield f"{name}→{other}"


class Analyzer:
    """The terms of both blocks of a text."""

    def __init__(self, cues):
        self.words, self.cues = Words(), Cues(cues)

    def __call__(self, text):
        sentence = Sentence(text, self.words.stem)
        return list(self.words(sentence)), list(self.cues(sentence))
