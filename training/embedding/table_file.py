"""The table's file, as `server/index/src/embed/table.rs` describes it: written here, and read back for evaluation."""

import hashlib
import pathlib
import struct

import numpy as np

MAGIC = b"BTNEMB1\0"
ALIGNMENT = 64


def quantise(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """int8 rows and one float32 scale each."""
    scales = np.abs(rows).max(axis=1).astype(np.float32) / 127
    scales[scales == 0] = 1
    return np.rint(rows / scales[:, None]).astype(np.int8), scales


def fnv(token: bytes) -> int:
    """FNV-1a, 64 bits."""
    value = 0xCBF2_9CE4_8422_2325
    for byte in token:
        value = ((value ^ byte) * 0x0100_0000_01B3) & 0xFFFF_FFFF_FFFF_FFFF
    return value


def slots(tokens: list[bytes]) -> np.ndarray:
    """Hash table of the tokens: part of the hash and the number plus one, in the first free slot."""
    n_slots = 1 << (2 * len(tokens) - 1).bit_length()
    found = np.zeros(n_slots, np.uint32)
    for number, token in enumerate(tokens):
        value = fnv(token)
        slot = (value ^ value >> 32) % n_slots
        while found[slot]:
            slot = (slot + 1) % n_slots
        found[slot] = (value >> 52) << 20 | (number + 1)
    return found


def write(path: pathlib.Path, vocab: list[str], rows: np.ndarray) -> int:
    """Writes the table; `vocab` is sorted bytewise. Returns the file's size in bytes."""
    tokens = [token.encode() for token in vocab]
    if tokens != sorted(set(tokens)):
        raise ValueError("the tokens are not sorted, or one is there twice")
    numbers, scales = quantise(rows)
    table = slots(tokens)
    strings = b"".join(tokens)
    ends = np.cumsum([len(token) for token in tokens]).astype("<u4")
    parts = [table.astype("<u4"), ends, strings, scales.astype("<f4"), numbers]
    data = [part if isinstance(part, bytes) else part.tobytes() for part in parts]
    stamp = hashlib.sha256(b"".join(data)).digest()[:8]
    header = struct.pack("<6I", len(tokens), rows.shape[1], 0, len(table), len(strings), 0)
    out = padded(MAGIC + header + stamp)
    out += b"".join(map(padded, data[:-1])) + data[-1]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(out)
    return len(out)


def padded(data: bytes) -> bytes:
    """With zeros up to where the next part begins."""
    return data + bytes(-len(data) % ALIGNMENT)


def read(path: pathlib.Path) -> tuple[list[str], np.ndarray]:
    """The tokens and their rows as float32."""
    data = path.read_bytes()
    if data[:8] != MAGIC:
        raise ValueError(f"{path} is no table")
    n_tokens, dim, _, n_slots, n_bytes, _ = struct.unpack_from("<6I", data, 8)
    at = ALIGNMENT
    parts = []
    for size in (4 * n_slots, 4 * n_tokens, n_bytes, 4 * n_tokens, n_tokens * dim):
        parts.append(data[at : at + size])
        at += size + -size % ALIGNMENT
    ends = np.frombuffer(parts[1], "<u4").tolist()
    vocab = [parts[2][a:b].decode() for a, b in zip([0, *ends], ends, strict=False)]
    scales = np.frombuffer(parts[3], "<f4")
    rows = np.frombuffer(parts[4], np.int8).reshape(n_tokens, dim)
    return vocab, rows.astype(np.float32) * scales[:, None]
