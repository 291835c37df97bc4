"""Cuts text into the tokens of the static table, as the binary does.

It learns nothing; `prepare.py` chooses the table's tokens.
"""

import re
from collections.abc import Iterable

RUN = re.compile(r"[^\W]+")
MAX_WORD_CHARS = 32


def char_class(char: str) -> str:
    """Class of a character in an identifier: lower, Upper, digit, ideograph or separator."""
    code = ord(char)
    if 0x3040 <= code <= 0x30FF or 0x3400 <= code <= 0x9FFF or 0xAC00 <= code <= 0xD7AF or 0x20000 <= code <= 0x3FFFF:
        return "i"
    if char.isupper():
        return "U"
    if char.isalpha():
        return "l"
    if char.isnumeric():
        return "d"
    return "s"


def cuts(before: str, here: str, following: str, rest: str) -> bool:
    """Whether a part of an identifier ends between two characters of these classes."""
    if here in "is" or before == "s":
        return True
    if here == "U":
        if before == "U":
            # `HTTPServer` is cut before the S; the s in `URLs` is a plural.
            return following == "l" and rest != "s" and not rest.startswith("s_")
        return True
    if here == "d":
        return before != "d"
    return before in "di"


def split(run: str) -> list[str]:
    """Parts of an identifier in lower case: `parseHTTPDate_v2` gives parse, http, date, v, 2."""
    if run.isascii() and run.isalpha() and run.islower():
        return [run]
    classes = [char_class(char) for char in run]
    parts = []
    start = 0
    for at in range(1, len(run)):
        following = classes[at + 1] if at + 1 < len(run) else ""
        if cuts(classes[at - 1], classes[at], following, run[at + 1 :]):
            parts.append((start, at))
            start = at
    parts.append((start, len(run)))
    return [run[a:b].lower() for a, b in parts if any(c != "s" for c in classes[a:b])]


class Tokeniser:
    """Text to token ids, with a memory of every run of letters seen."""

    def __init__(self, tokens: Iterable[str]):
        """`tokens`: the table's strings; an id is a place in them."""
        self.ids = {token: idx for idx, token in enumerate(tokens)}
        self.longest = max((len(token) for token in self.ids), default=0)
        self.known: dict[str, tuple[int, ...]] = {}

    def word(self, word: str) -> list[int]:
        """Ids of one word: itself if it is in the table, else the longest pieces from the left.

        A piece at the word's start is as written, a later one has `##` in front; a letter that no piece begins with
        is left out.
        """
        word = word[:MAX_WORD_CHARS]
        whole = self.ids.get(word)
        if whole is not None:
            return [whole]
        found = []
        at = 0
        while at < len(word):
            mark = "##" if at else ""
            for end in range(min(len(word), at + self.longest), at, -1):
                piece = self.ids.get(mark + word[at:end])
                if piece is not None:
                    found.append(piece)
                    at = end
                    break
            else:
                at += 1
        return found

    def run(self, run: str) -> tuple[int, ...]:
        """Ids of one identifier."""
        ids = self.known.get(run)
        if ids is None:
            ids = tuple(idx for part in split(run) for idx in self.word(part))
            self.known[run] = ids
        return ids

    def text(self, text: str, limit: int | None = None) -> list[int]:
        """Ids of a text, in order; at most `limit`."""
        ids: list[int] = []
        for run in RUN.findall(text):
            ids.extend(self.run(run))
            if limit is not None and limit <= len(ids):
                return ids[:limit]
        return ids
