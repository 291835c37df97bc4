"""Indexes a folder with `semble` and asks it; prints files, chunks, seconds and milliseconds as JSON.

usage: with_semble.py WORKSPACE QUERIES

Its model is a download, so a stub stands in its place: whatever the text, the same eight numbers. So semble is faster here than as
it is shipped. Neither its cache nor what it would save is used or counted, and starting Python is not counted either.
"""

import json
import sys
import time

import numpy
import semble
import semble.index.index as index
import semble.search


class Stub:
    """In the place of the model."""

    dim = 8

    def encode(self, texts, **_options):
        return numpy.ones((len(texts), self.dim), numpy.float32)


def main():
    workspace, queries = sys.argv[1:]
    with open(queries, encoding="utf-8") as file:
        queries = [line.strip() for line in file if line.strip()]
    index.load_model = lambda *_args, **_options: (Stub(), "stub")
    index.get_validated_cache = lambda *_args, **_options: None
    index.load_previous_for_incremental = lambda *_args, **_options: None
    start, cpu = time.perf_counter(), time.process_time()
    made = semble.SembleIndex.from_path(workspace)
    wall_s, cpu_s = time.perf_counter() - start, time.process_time() - cpu
    times = []
    for query in queries:
        start = time.perf_counter()
        # Words and rules only, as the stub knows no meaning.
        semble.search.search(query, made.model, made._semantic_index, made._bm25_index, made.chunks, 10, alpha=0.0)
        times.append((time.perf_counter() - start) * 1000)
    stats = made.stats
    said = {"files": stats.indexed_files, "chunks": stats.total_chunks, "wall_s": wall_s, "cpu_s": cpu_s, "query_ms": times}
    print(json.dumps(said))


if __name__ == "__main__":
    main()
