"""Writes a llama of two layers with random weights, half a megabyte: for tests of what a server does, not of what a model knows.

usage: make_model.py CHAT_TEMPLATE OUT

It speaks printable ASCII and a few longer characters, and ends only where its server makes it. The weights are the same every time.
Sources: GGUF's specification in ggml's `docs/gguf.md`; the names of keys and tensors in llama.cpp's `src/llama-arch.cpp`.
"""

import array
import random
import struct
import sys

WIDTH, HIDDEN, LAYERS, HEADS = 64, 128, 2, 4
# So many that a test can have an answer without an end.
CONTEXT = 1 << 17

ALIGNMENT = 32
UINT32, INT32, FLOAT32, BOOL, STRING, ARRAY = 4, 5, 6, 7, 8, 9
FORMATS = {UINT32: "<I", INT32: "<i", FLOAT32: "<f", BOOL: "<?"}

NORMAL, UNKNOWN, CONTROL, USER_DEFINED, BYTE = 1, 2, 3, 4, 6
# What starts a tool call is one token, so that a bias can force it.
SPECIAL = [
    ("<unk>", UNKNOWN),
    ("<s>", CONTROL),
    ("</s>", CONTROL),
    ("<|im_start|>", CONTROL),
    ("<|im_end|>", CONTROL),
    ("<tool_call>\n", USER_DEFINED),
]
BYTES = [(f"<0x{byte:02X}>", BYTE) for byte in range(256)]
# A space is written so in this kind of vocabulary.
SPOKEN = [("▁" if char == " " else char, NORMAL) for char in map(chr, range(0x20, 0x7F))]
SPOKEN += [(char, NORMAL) for char in "é✓🦀"]
# The tests know some by their numbers, so new ones come last.
TOKENS = SPECIAL + BYTES + SPOKEN

# The first number of each token's embedding, and with it the first column of the output is a bias against what is not spoken.
LOUD, SILENT = 8.0, -6.0


def string(text):
    raw = text.encode()
    return struct.pack("<Q", len(raw)) + raw


def value(kind, it):
    if kind == STRING:
        return string(it)
    if kind == ARRAY:
        inner, items = it
        return struct.pack("<IQ", inner, len(items)) + b"".join(value(inner, item) for item in items)
    return struct.pack(FORMATS[kind], it)


def metadata(template):
    names, kinds = zip(*TOKENS)
    end = names.index("<|im_end|>")
    return {
        "general.architecture": (STRING, "llama"),
        "general.name": (STRING, "tiny"),
        "general.alignment": (UINT32, ALIGNMENT),
        "llama.context_length": (UINT32, CONTEXT),
        "llama.embedding_length": (UINT32, WIDTH),
        "llama.feed_forward_length": (UINT32, HIDDEN),
        "llama.block_count": (UINT32, LAYERS),
        "llama.attention.head_count": (UINT32, HEADS),
        "llama.attention.layer_norm_rms_epsilon": (FLOAT32, 1e-5),
        "llama.rope.dimension_count": (UINT32, WIDTH // HEADS),
        "tokenizer.ggml.model": (STRING, "llama"),
        "tokenizer.ggml.tokens": (ARRAY, (STRING, names)),
        "tokenizer.ggml.scores": (ARRAY, (FLOAT32, [0.0] * len(names))),
        "tokenizer.ggml.token_type": (ARRAY, (INT32, kinds)),
        "tokenizer.ggml.unknown_token_id": (UINT32, names.index("<unk>")),
        "tokenizer.ggml.bos_token_id": (UINT32, names.index("<s>")),
        "tokenizer.ggml.eos_token_id": (UINT32, end),
        "tokenizer.ggml.add_bos_token": (BOOL, False),
        # With one, the grammars of llama-server refuse the beginning of the answer that the template writes.
        "tokenizer.ggml.add_space_prefix": (BOOL, False),
        "tokenizer.chat_template": (STRING, template),
    }


def tensors():
    """Name to shape and numbers; the first of the shape is the one whose numbers lie side by side."""
    rng = random.Random(0)

    def table(columns, rows, size):
        return (columns, rows), [rng.gauss(0, size) for _ in range(columns * rows)]

    def ones():
        return (WIDTH,), [1.0] * WIDTH

    embedding = table(WIDTH, len(TOKENS), 1.0)
    output = table(WIDTH, len(TOKENS), 0.3)
    for idx, token in enumerate(TOKENS):
        embedding[1][idx * WIDTH] = LOUD
        output[1][idx * WIDTH] = 0.0 if token in SPOKEN else SILENT
    res = {"token_embd.weight": embedding, "output_norm.weight": ones(), "output.weight": output}
    for layer in range(LAYERS):
        parts = {"attn_norm": ones(), "ffn_norm": ones()}
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            parts[name] = table(WIDTH, WIDTH, WIDTH**-0.5)
        for name in ("ffn_gate", "ffn_up"):
            parts[name] = table(WIDTH, HIDDEN, WIDTH**-0.5)
        parts["ffn_down"] = table(HIDDEN, WIDTH, HIDDEN**-0.5)
        res |= {f"blk.{layer}.{name}.weight": part for name, part in parts.items()}
    return res


def gguf(template):
    keys, tables = metadata(template), tensors()
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tables), len(keys))
    for key, (kind, it) in keys.items():
        head += string(key) + struct.pack("<I", kind) + value(kind, it)
    body = b""
    for name, (shape, numbers) in tables.items():
        # 0 is the number of 32-bit floats among the kinds of tensors.
        head += string(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, 0, len(body))
        body += array.array("f", numbers).tobytes()
        assert len(body) % ALIGNMENT == 0, name
    return head + bytes(-len(head) % ALIGNMENT) + body


def main():
    template, out = sys.argv[1:]
    with open(template, encoding="utf-8") as file:
        model = gguf(file.read())
    with open(out, "wb") as file:
        file.write(model)


if __name__ == "__main__":
    main()
