"""Learns the static table from the token bags, by telling each documentation's code from the others in its batch.

It reads `tokens.npz` (and `start.npz`, if it is there) and writes the table's file; beside it, `<table>.json` holds the
settings, the weights of the fields and the figures on the packages held out.
"""

import argparse
import json
import math
import pathlib
import time

import numpy as np
import torch
from torch.nn import functional

import table_file
from bags import FIELDS, Bags

DOC, REST, PATH, QUALIFIED, SIGNATURE, BODY = range(6)
KIND_DOC, KIND_NAME, KIND_FILE = range(3)


def main() -> None:
    """Trains, measures, writes."""
    args = arguments()
    torch.manual_seed(args.seed)
    if args.threads:
        torch.set_num_threads(args.threads)
    bags = Bags(args.cache / "tokens.npz", args.device)
    model = Model(bags, args)
    print(
        f"{len(bags)} pairs, {len(bags.vocab)} tokens x {args.dim}; before: {line(measure(bags, model, args))}",
        flush=True,
    )
    train(bags, model, args)
    rows = model.rows()
    numbers, scales = table_file.quantise(rows)
    model.table.data = torch.from_numpy(numbers * scales[:, None]).to(args.device)
    figures = measure(bags, model, args)
    order = sorted(range(len(bags.vocab)), key=lambda idx: bags.vocab[idx].encode())
    size = table_file.write(args.out, [bags.vocab[idx] for idx in order], rows[order])
    print(f"after, as int8: {line(figures)}; {size / 1e6:.1f} MB", flush=True)
    report = {
        "settings": {key: str(value) for key, value in vars(args).items()},
        "fields": model.fields(),
        "mrr": figures,
    }
    args.out.with_suffix(".json").write_text(json.dumps(report, indent=1) + "\n")


def arguments() -> argparse.Namespace:
    """Command line: every setting has a default."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    add = parser.add_argument
    add("cache", type=pathlib.Path, help="folder with tokens.npz and start.npz")
    add("out", type=pathlib.Path, help="file to write")
    add("--device", default="cpu")
    add("--threads", type=int, default=0)
    add("--seed", type=int, default=1)
    add("--dim", type=int, default=256, help="width of the table")
    add("--start", choices=["distilled", "random"], default="distilled", help="first vectors of the tokens")
    add("--steps", type=int, default=2500)
    add("--batch", type=int, default=1024)
    add("--rate", type=float, default=0.02, help="Adam's largest step, at vectors of length 1")
    add("--warm", type=float, default=0.05, help="part of the steps in which the rate rises")
    add("--temperature", type=float, default=0.05)
    add("--balance", type=float, default=0.6, help="a language with n pairs is seen n to this power times")
    add("--run-length", type=int, default=32, help="neighbours in a batch that come from one package or cluster")
    add("--clusters", type=int, default=0, help="runs are clusters of alike code, this many a language; 0: packages")
    add("--again", type=int, default=1000, help="steps after which clusters are made anew")
    add("--field-drop", type=float, default=0.15, help="chance that a field of the code is left out")
    add("--token-drop", type=float, default=0.1, help="chance that a token is left out")
    add("--rest-query", type=float, default=0.2, help="chance that the query has all of the documentation")
    add("--rest-code", type=float, default=0.3, help="chance that the code has the documentation's rest")
    add("--name-query", type=float, default=0.1, help="chance that a documented pair is asked for by its name")
    add("--name-share", type=float, default=0.5, help="how much of the undocumented pairs is used")
    add("--fixed-fields", action="store_true", help="do not learn the fields' weights")
    add("--decay", type=float, default=0.0, help="weight decay of the table")
    add("--questions", type=int, default=400, help="questions a language in the figures")
    return parser.parse_args()


class Model(torch.nn.Module):
    """A row for each token and a weight for each field."""

    def __init__(self, bags: Bags, args: argparse.Namespace):
        """First rows times the tokens' idf."""
        super().__init__()
        start = args.cache / "start.npz"
        if args.start == "distilled" and start.exists():
            rows = torch.from_numpy(np.load(start)["vectors"][:, : args.dim].astype(np.float32))
        else:
            rows = torch.randn(len(bags.vocab), args.dim)
        if rows.shape[1] < args.dim:
            rows = torch.cat([rows, 0.02 * torch.randn(len(rows), args.dim - rows.shape[1])], 1)
        rows = functional.normalize(rows) * torch.from_numpy(bags.idf())[:, None].cpu()
        self.table = torch.nn.Parameter(rows.to(args.device))
        self.field = torch.nn.Parameter(torch.zeros(len(FIELDS), device=args.device))
        self.field.requires_grad = not args.fixed_fields
        self.n_tokens = len(bags.vocab)

    def weights(self) -> torch.Tensor:
        """What an occurrence counts in each field; in the body 1."""
        return (self.field - self.field[BODY]).exp()

    def fields(self) -> dict[str, float]:
        """The weights by name."""
        return dict(zip(FIELDS, self.weights().detach().cpu().tolist(), strict=True))

    def rows(self) -> np.ndarray:
        """The table."""
        return self.table.detach().cpu().numpy()

    def forward(self, bags: Bags, pairs: torch.Tensor, weights: torch.Tensor, drop: float = 0.0) -> torch.Tensor:
        """Unit vectors of the pairs' fields, weighed by `weights` (pairs x fields)."""
        keys, counts, n_pairs = bags.gather(pairs, weights)
        damped = torch.where(counts > 1, 1 + counts.clamp_min(1).log(), counts)
        if drop:
            damped = damped * (torch.rand_like(damped) > drop)
        bounds = torch.arange(n_pairs, device=keys.device) * self.n_tokens
        offsets = torch.searchsorted(keys, bounds)
        sums = functional.embedding_bag(
            keys % self.n_tokens, self.table, offsets, mode="sum", per_sample_weights=damped
        )
        return functional.normalize(sums)


class Sampler:
    """Batches of one language each, out of runs of pairs that belong together."""

    def __init__(self, bags: Bags, args: argparse.Namespace):
        """`groups`: what runs are made of; packages at first."""
        self.bags, self.args = bags, args
        self.random = np.random.default_rng(args.seed)
        used = ~bags.held_out & ((bags.kind != KIND_NAME) | (self.random.random(len(bags)) < args.name_share))
        self.used = np.flatnonzero(used)
        self.groups = bags.package.copy()
        sizes = np.bincount(bags.language[self.used], minlength=len(bags.languages))
        chances = sizes**args.balance * (sizes > 0)
        self.chances = chances / chances.sum()
        self.waiting: list[list[np.ndarray]] = [[] for _ in sizes]

    def batch(self) -> np.ndarray:
        """The next batch's pairs."""
        language = self.random.choice(len(self.chances), p=self.chances)
        if not self.waiting[language]:
            self.waiting[language] = self.deal(language)
        return self.waiting[language].pop()

    def deal(self, language: int) -> list[np.ndarray]:
        """All pairs of a language in batches; the last, short one is filled up."""
        pairs = self.random.permutation(self.used[self.bags.language[self.used] == language])
        pairs = pairs[np.argsort(self.groups[pairs], kind="stable")]
        runs = [pairs[at : at + self.args.run_length] for at in range(0, len(pairs), self.args.run_length)]
        order = np.concatenate([runs[at] for at in self.random.permutation(len(runs))])
        size = min(self.args.batch, len(order))
        starts = range(0, len(order) - size + 1, size)
        return [order[at : at + size] for at in starts]

    def regroup(self, model: Model) -> None:
        """Makes clusters of alike code by a few rounds of k-means in each language."""
        self.waiting = [[] for _ in self.waiting]
        for language in np.unique(self.bags.language[self.used]):
            pairs = self.used[self.bags.language[self.used] == language]
            vectors = embed(self.bags, model, pairs, code_weights(model, len(FIELDS)))
            n_clusters = min(self.args.clusters, max(1, len(pairs) // 64))
            chosen = torch.from_numpy(self.random.permutation(len(pairs))[:n_clusters]).to(vectors.device)
            centres = vectors[chosen]
            for _ in range(3):
                nearest = (vectors @ centres.T).argmax(1)
                centres = functional.normalize(torch.zeros_like(centres).index_add(0, nearest, vectors))
            self.groups[pairs] = nearest.cpu().numpy()


def code_weights(model: Model, n_fields: int) -> torch.Tensor:
    """Weights of a candidate without documentation."""
    shown = torch.ones(n_fields, device=model.field.device)
    shown[[DOC, REST]] = 0
    return model.weights().detach() * shown


@torch.no_grad()
def embed(bags: Bags, model: Model, pairs: np.ndarray, weights: torch.Tensor) -> torch.Tensor:
    """Vectors of many pairs, in pieces."""
    places = torch.from_numpy(np.asarray(pairs)).to(bags.device)
    return torch.cat([model(bags, part, weights.expand(len(part), -1)) for part in places.split(4096)])


def masks(bags: Bags, pairs: np.ndarray, args: argparse.Namespace) -> tuple[torch.Tensor, torch.Tensor]:
    """Which fields are the question and which the code, for each pair (0 or 1)."""
    n = len(pairs)
    kind = torch.from_numpy(bags.kind[pairs].astype(np.int64)).to(bags.device)
    chance = lambda p: torch.rand(n, device=bags.device) < p  # noqa: E731
    by_name = (kind == KIND_NAME) | ((kind == KIND_DOC) & chance(args.name_query))
    query = torch.zeros(n, len(FIELDS), device=bags.device)
    query[:, DOC] = (~by_name).float()
    query[:, REST] = (~by_name & chance(args.rest_query)).float()
    query[:, QUALIFIED] = by_name.float()
    code = (torch.rand(n, len(FIELDS), device=bags.device) > args.field_drop).float()
    code[:, DOC] = 0
    code[:, REST] = (chance(args.rest_code) & (query[:, REST] == 0)).float()
    # Asked for by its name, code must be known by what is in it.
    code[:, QUALIFIED] *= (~by_name).float()
    code[:, SIGNATURE] *= (~by_name).float()
    # Something is always left: the body, or where there is none, the signature.
    has_body = bags.lengths[torch.from_numpy(pairs).to(bags.device) * len(FIELDS) + BODY] > 0
    code[:, BODY] = torch.maximum(code[:, BODY], ((code.sum(1) == 0) | by_name).float())
    code[:, SIGNATURE] = torch.maximum(code[:, SIGNATURE], (~has_body & ~by_name).float())
    return query, code


def loss_of(bags: Bags, model: Model, pairs: np.ndarray, args: argparse.Namespace) -> torch.Tensor:
    """InfoNCE in both directions; the same text in two places of a batch is no mistake."""
    query_mask, code_mask = masks(bags, pairs, args)
    places = torch.from_numpy(pairs).to(bags.device)
    query = model(bags, places, query_mask, args.token_drop)
    code = model(bags, places, code_mask * model.weights(), args.token_drop)
    usable = (query.detach().abs().sum(1) > 0) & (code.detach().abs().sum(1) > 0)
    query, code = query[usable], code[usable]
    scores = query @ code.T / args.temperature
    same = (code.detach() @ code.detach().T > 0.98) | (query.detach() @ query.detach().T > 0.98)
    scores = scores.masked_fill(same & ~torch.eye(len(scores), dtype=torch.bool, device=scores.device), -1e4)
    right = torch.arange(len(scores), device=scores.device)
    return (functional.cross_entropy(scores, right) + functional.cross_entropy(scores.T, right)) / 2


def rate_at(step: int, args: argparse.Namespace) -> float:
    """The rate rises over the first steps and falls as a cosine after them."""
    warm = max(1, int(args.steps * args.warm))
    if step < warm:
        return (step + 1) / warm
    return 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, args.steps - warm))) + 0.01


def train(bags: Bags, model: Model, args: argparse.Namespace) -> None:
    """All steps."""
    sampler = Sampler(bags, args)
    groups = [{"params": [model.table], "weight_decay": args.decay}]
    if model.field.requires_grad:
        groups.append({"params": [model.field], "weight_decay": 0.0})
    adam = torch.optim.AdamW(groups, lr=args.rate, betas=(0.9, 0.99), fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(adam, lambda step: rate_at(step, args))
    began, mean = time.time(), 0.0
    for step in range(args.steps):
        if args.clusters and step and step % args.again == 0:
            sampler.regroup(model)
        loss = loss_of(bags, model, sampler.batch(), args)
        adam.zero_grad(set_to_none=True)
        loss.backward()
        adam.step()
        schedule.step()
        if step % 100 == 99:
            mean = loss.item()
            print(f"step {step + 1} loss {mean:.3f} {time.time() - began:.0f} s", flush=True)


@torch.no_grad()
def measure(bags: Bags, model: Model, args: argparse.Namespace) -> dict[str, float]:
    """MRR@10 a language on packages held out: first sentences against bodies with names, without documentation."""
    figures = {}
    documented = np.flatnonzero(bags.held_out & (bags.kind == KIND_DOC))
    weights = code_weights(model, len(FIELDS))
    asked = torch.zeros(len(FIELDS), device=bags.device)
    asked[DOC] = 1
    for language in np.unique(bags.language[documented]):
        pairs = documented[bags.language[documented] == language]
        if len(pairs) < 50:
            continue
        random = np.random.default_rng(0)
        chosen = np.sort(random.permutation(len(pairs))[: args.questions])
        scores = embed(bags, model, pairs[chosen], asked) @ embed(bags, model, pairs, weights).T
        right = scores[torch.arange(len(chosen)), torch.from_numpy(chosen)]
        place = (scores > right[:, None]).sum(1) + 1
        figures[bags.languages[language]] = float(torch.where(place <= 10, 1.0 / place, 0.0).mean())
    figures["mean"] = sum(figures.values()) / max(1, len(figures))
    return figures


def line(figures: dict[str, float]) -> str:
    """Figures in one line."""
    return " ".join(f"{name} {value:.3f}" for name, value in figures.items())


if __name__ == "__main__":
    main()
