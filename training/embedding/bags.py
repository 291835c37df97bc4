"""The pairs' token bags in memory, and batches of them. It knows no model."""

import pathlib

import numpy as np
import torch

FIELDS = ["doc", "doc_rest", "path", "qualified", "signature", "body"]


class Bags:
    """All bags of `tokens.npz` on one device."""

    def __init__(self, path: pathlib.Path, device: str):
        """Reads the file; bag `pair * 6 + field` starts at `starts[bag]`."""
        data = np.load(path)
        if data["fields"].tolist() != FIELDS:
            raise ValueError(f"{path} has other fields: {data['fields'].tolist()}")
        self.vocab: list[str] = data["vocab"].tolist()
        self.languages: list[str] = data["languages"].tolist()
        self.packages: list[str] = data["packages"].tolist()
        lengths = data["lengths"].astype(np.int64)
        starts = np.concatenate([[0], np.cumsum(lengths)])
        differences = data["ids_high"].astype(np.int64) << 8 | data["ids_low"]
        ids = undo_differences(differences, lengths, starts)
        self.ids = torch.from_numpy(ids).to(device)
        self.counts = torch.from_numpy(data["counts"].astype(np.float32)).to(device)
        self.lengths = torch.from_numpy(lengths).to(device)
        self.starts = torch.from_numpy(starts[:-1]).to(device)
        self.language = data["language"]
        self.package = data["package"].astype(np.int64)
        self.kind = data["kind"]
        self.held_out = data["held_out"].astype(bool)
        self.device = device

    def __len__(self) -> int:
        """Number of pairs."""
        return len(self.language)

    def idf(self) -> np.ndarray:
        """ln(1 + N / n) of every token, n being the bags it is in; 1 on average."""
        seen = torch.bincount(self.ids, minlength=len(self.vocab)).cpu().numpy()
        idf = np.log1p(len(self) / (1.0 + seen))
        return (idf / idf.mean()).astype(np.float32)

    def gather(self, pairs: torch.Tensor, weights: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, int]:
        """The bags of `pairs` with all their fields counted into one.

        `weights` (pairs x fields): what an occurrence counts in each field; a field at 0 is left out. Returns distinct
        keys (place in `pairs` times tokens plus token) in ascending order, the count of each, and how many pairs there
        are.
        """
        n_fields = len(FIELDS)
        bag = (pairs[:, None] * n_fields + torch.arange(n_fields, device=self.device)).reshape(-1)
        flat = weights.reshape(-1)
        used = (flat > 0).nonzero()[:, 0]
        bag, flat = bag[used], flat[used]
        lengths = self.lengths[bag]
        total = int(lengths.sum())
        shift = self.starts[bag] - (lengths.cumsum(0) - lengths)
        at = torch.repeat_interleave(shift, lengths, output_size=total) + torch.arange(total, device=self.device)
        place = torch.repeat_interleave(used // n_fields, lengths, output_size=total)
        counts = self.counts[at] * torch.repeat_interleave(flat, lengths, output_size=total)
        keys, inverse = torch.unique(place * len(self.vocab) + self.ids[at], return_inverse=True)
        summed = torch.zeros(len(keys), device=self.device).index_add(0, inverse, counts)
        return keys, summed, len(pairs)


def undo_differences(ids: np.ndarray, lengths: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Token ids out of the differences inside each bag."""
    sums = np.cumsum(ids, dtype=np.int64)
    before = np.concatenate([[0], sums])[starts[:-1]]
    return sums - np.repeat(before, lengths)
