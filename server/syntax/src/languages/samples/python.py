"""Shelves and what is on them."""
from __future__ import annotations

import os.path
from .parcels import Parcel, weigh as weight_of

MAX_PARCELS: Final[int] = int(os.environ.get("MAX", 64))
by_weight = lambda parcel: parcel.weight


# How shelves are told apart.
@dataclass(frozen=True)
class Key:
    name: str = field(default="")


class Shelf(Base[Parcel], metaclass=Meta):
    """Keeps parcels of one kind."""

    kinds: list[Kind] = []

    def __init__(self, name: str, *, clock: Clock | None = None) -> None:
        super().__init__(name)

    @property
    def size(self) -> int:
        """How many there are."""
        return len(self.items)

    async def put(self, *items: Parcel) -> None:
        # Heavy ones first.
        for item in sorted(items, key=by_weight):
            try:
                await self.store.add(item)
            except (Full, KeyError) as error:
                raise Refused(item) from error


class TestShelf:
    def test_keeps_what_is_put(self, shelf):
        assert shelf.size == 1


def test_size():
    assert Shelf("a").size == 0


type Weight = int | float
