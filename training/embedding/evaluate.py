"""Searches in the packages that were held out: first sentence of the documentation against bodies without it.

MRR@10 a language, for the table alone, BM25 alone, and both together by ranks and by normalised scores.
"""

import argparse
import json
import math
import pathlib
from collections import Counter, defaultdict

import numpy as np

import table_file
from prepare import LIMITS, texts
from tokens import RUN, Tokeniser, split

K1, B = 1.5, 0.75
RRF_K = 60
CODE = ["path", "qualified", "signature", "body"]


def main() -> None:
    """Prints the table of figures."""
    args = arguments()
    vocab, rows = table_file.read(args.table)
    fields = json.loads(args.table.with_suffix(".json").read_text())["fields"]
    tokeniser = Tokeniser(vocab)
    pools = held_out(args.pairs)
    columns = ["dense", "BM25", "RRF", "0.7/0.3", "0.5/0.5"]
    print("| language | questions | candidates | " + " | ".join(columns) + " |")
    print("|---" * (len(columns) + 3) + "|")
    sums: Counter = Counter()
    for language, pool in sorted(pools.items()):
        figures, n_questions = search(pool, tokeniser, rows, fields, args.questions)
        sums.update(figures)
        cells = " | ".join(f"{figures[column]:.3f}" for column in columns)
        print(f"| {language} | {n_questions} | {len(pool)} | {cells} |", flush=True)
    cells = " | ".join(f"{sums[column] / max(1, len(pools)):.3f}" for column in columns)
    print(f"| mean | | | {cells} |")


def arguments() -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table", type=pathlib.Path)
    parser.add_argument("pairs", type=pathlib.Path)
    parser.add_argument("--questions", type=int, default=300, help="a language")
    return parser.parse_args()


def held_out(path: pathlib.Path) -> dict[str, list[dict[str, str]]]:
    """Fields of the documented definitions of the packages held out, by language."""
    pools = defaultdict(list)
    with path.open() as lines:
        for line in lines:
            pair = '"held_out":true' in line and json.loads(line)
            if pair and pair["kind"] == "doc":
                pools[pair["language"]].append(texts(pair))
    return {language: pool for language, pool in pools.items() if len(pool) >= 50}


def search(
    pool: list[dict[str, str]], tokeniser: Tokeniser, rows: np.ndarray, fields: dict[str, float], n_questions: int
) -> tuple[dict[str, float], int]:
    """Mean reciprocal ranks of all ways to search in one pool, and how many questions were asked."""
    chosen = np.sort(np.random.default_rng(0).permutation(len(pool))[:n_questions])
    code = np.stack([vector(tokeniser, rows, {field: pair[field] for field in CODE}, fields) for pair in pool])
    queries = np.stack([vector(tokeniser, rows, {"doc": pool[at]["doc"]}, {"doc": 1.0}) for at in chosen])
    dense = queries @ code.T
    bm25 = Bm25([words(" ".join(pair[field] for field in CODE)) for pair in pool])
    lexical = np.stack([bm25.scores(words(pool[at]["doc"])) for at in chosen])
    unit_dense, unit_lexical = unit(dense), unit(lexical)
    ways = {
        "dense": dense,
        "BM25": lexical,
        "RRF": 1 / (RRF_K + ranks(dense)) + 1 / (RRF_K + ranks(lexical)),
        "0.7/0.3": 0.7 * unit_dense + 0.3 * unit_lexical,
        "0.5/0.5": 0.5 * unit_dense + 0.5 * unit_lexical,
    }
    return {way: reciprocal(scores, chosen) for way, scores in ways.items()}, len(chosen)


def vector(tokeniser: Tokeniser, rows: np.ndarray, texts: dict[str, str], weights: dict[str, float]) -> np.ndarray:
    """Unit vector of some fields, as the binary makes it."""
    counts: dict[int, float] = defaultdict(float)
    for field, text in texts.items():
        for token in tokeniser.text(text, LIMITS[field]):
            counts[token] += weights[field]
    ids = list(counts)
    damped = np.array([count if count <= 1 else 1 + math.log(count) for count in counts.values()], np.float32)
    total = damped @ rows[ids] if ids else np.zeros(rows.shape[1], np.float32)
    return total / max(float(np.linalg.norm(total)), 1e-9)


def words(text: str) -> list[str]:
    """Parts of all identifiers and words."""
    return [part for run in RUN.findall(text) for part in split(run)]


class Bm25:
    """The usual lexical ranking, over words."""

    def __init__(self, documents: list[list[str]]):
        """`documents`: their words."""
        self.postings: dict[str, list[tuple[int, int]]] = defaultdict(list)
        lengths = np.array([len(document) for document in documents], np.float32)
        self.norm = K1 * (1 - B + B * lengths / max(1.0, float(lengths.mean())))
        for at, document in enumerate(documents):
            for word, count in Counter(document).items():
                self.postings[word].append((at, count))

    def scores(self, query: list[str]) -> np.ndarray:
        """One score a document."""
        n = len(self.norm)
        total = np.zeros(n, np.float32)
        for word in set(query):
            found = self.postings.get(word)
            if not found:
                continue
            places, counts = np.array(found).T
            idf = math.log(1 + (n - len(found) + 0.5) / (len(found) + 0.5))
            total[places] += idf * counts * (K1 + 1) / (counts + self.norm[places])
        return total


def unit(scores: np.ndarray) -> np.ndarray:
    """Each row from 0 to 1."""
    low, high = scores.min(1, keepdims=True), scores.max(1, keepdims=True)
    return (scores - low) / np.maximum(high - low, 1e-9)


def ranks(scores: np.ndarray) -> np.ndarray:
    """Place of each candidate, from 1."""
    return np.argsort(np.argsort(-scores, axis=1, kind="stable"), axis=1) + 1


def reciprocal(scores: np.ndarray, right: np.ndarray) -> float:
    """MRR@10; of equal scores half are taken to come first."""
    own = scores[np.arange(len(right)), right][:, None]
    place = (scores > own).sum(1) + ((scores == own).sum(1) - 1) / 2 + 1
    return float(np.where(place <= 10, 1 / place, 0).mean())


if __name__ == "__main__":
    main()
