"""The tokeniser here and the one in the binary answer the same cases; and what is written can be read back."""

import json
import pathlib
import tempfile
import unittest

import numpy as np

import table_file
from tokens import Tokeniser, split

CASES = pathlib.Path(__file__).parents[2] / "server/index/src/embed/tokens.json"


class Tokens(unittest.TestCase):
    """Cases shared with the binary's tests."""

    def test_cases(self) -> None:
        """Every text of the shared file gives its tokens."""
        data = json.loads(CASES.read_text())
        tokeniser = Tokeniser(data["table"])
        for case in data["cases"]:
            with self.subTest(case["text"]):
                found = [data["table"][idx] for idx in tokeniser.text(case["text"])]
                self.assertEqual(found, case["tokens"])

    def test_split(self) -> None:
        """Identifiers fall apart where a reader would cut them."""
        self.assertEqual(split("parseHTTPDate_v2"), ["parse", "http", "date", "v", "2"])
        self.assertEqual(split("__init__"), ["init"])


class Table(unittest.TestCase):
    """The file of the table."""

    def test_round(self) -> None:
        """Tokens come back as they were, rows nearly."""
        rows = np.random.default_rng(0).normal(size=(3, 32)).astype(np.float32)
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "table.bin"
            table_file.write(path, ["##b", "a", "ö"], rows)
            vocab, back = table_file.read(path)
        self.assertEqual(vocab, ["##b", "a", "ö"])
        self.assertLess(float(np.abs(rows - back).max()), 0.02)

    def test_unsorted(self) -> None:
        """Tokens in another order are refused: the binary would not find them."""
        with self.assertRaises(ValueError):
            table_file.write(pathlib.Path("unused"), ["b", "a"], np.ones((2, 32), np.float32))


if __name__ == "__main__":
    unittest.main()
