//! Small projects in which each kind of check has something to do, a change of one line in each, and how one proves it by hand.

use std::fmt::Write;
use std::path::PathBuf;

use base::{FileChange, Patch, RelPath};
use fixture::{Fixture, TempWorkspace};

/// A project.
pub(crate) struct Project {
    pub(crate) name: &'static str,
    /// Its files without the repeated ones, in the fixture language.
    files: &'static str,
    /// Files that there are several of; `{n}` stands for their number.
    repeated: &'static str,
    /// The changed file, and the line in it whose number changes.
    path: &'static str,
    line: &'static str,
    /// Its language server.
    server: &'static str,
    pub(crate) by_hand: &'static [&'static [&'static str]],
}

/// How many of each repeated file.
const COPIES: usize = 8;

pub(crate) static ALL: &[Project] = &[PYTHON, GO];

impl Project {
    /// A program without which nothing can be compared.
    pub(crate) fn missing(&self) -> Option<&'static str> {
        let by_hand = self.by_hand.iter().map(|argv| argv[0]);
        by_hand.chain([self.server]).find(|name| program(name).is_none())
    }

    /// The project on disk.
    pub(crate) fn folder(&self) -> TempWorkspace {
        let mut text = self.files.to_owned();
        for n in 0..COPIES {
            write!(text, "{}", self.repeated.replace("{n}", &n.to_string())).unwrap();
        }
        let folder = TempWorkspace::new(&Fixture::parse(&text)).unwrap();
        fixture::link_language_server(folder.path(), self.server).unwrap();
        folder
    }

    /// The changed file and its text: another one in each round.
    pub(crate) fn changed(&self, round: usize) -> (&'static str, String) {
        let old = self.text();
        (self.path, old.replace(self.line, &format!("{}{}", self.line, round + 1)))
    }

    pub(crate) fn patch(&self, round: usize) -> Patch {
        let path = RelPath::parse(self.path).unwrap();
        Patch::new(vec![FileChange::edit(path, self.text().as_str(), &self.changed(round).1)])
            .unwrap()
    }

    fn text(&self) -> String {
        let files = Fixture::parse(self.files).files;
        let (_, text) = files.into_iter().find(|(path, _)| path == self.path).unwrap();
        assert_eq!(text.matches(self.line).count(), 1);
        text
    }
}

/// The file of a program, also of one that lies beside the PATH.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    fixture::language_server(name)
}

const PYTHON: Project = Project {
    name: "python",
    files: r#"
//- /.gitignore
node_modules/
__pycache__/
.pytest_cache/
.ruff_cache/
//- /ruff.toml
line-length = 100
//- /pyrightconfig.json
{ "exclude": ["node_modules"] }
//- /pytest.ini
[pytest]
pythonpath = .
//- /shop/__init__.py
//- /shop/price.py
"""Prices, in cents."""

from dataclasses import dataclass

LIMIT = 1000


@dataclass(frozen=True)
class Price:
    cents: int
    currency: str = "EUR"

    def __add__(self, other: "Price") -> "Price":
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency}")
        return Price(self.cents + other.cents, self.currency)

    def times(self, count: int) -> "Price":
        return Price(self.cents * count, self.currency)


def total(prices: list[Price]) -> Price:
    result = Price(0)
    for price in prices:
        result = result + price
    return result


def is_free_of_postage(price: Price) -> bool:
    return LIMIT <= price.cents
//- /tests/test_price.py
import pytest

from shop.price import Price, is_free_of_postage, total


@pytest.mark.parametrize("count", range(10))
def test_times(count: int) -> None:
    assert Price(5).times(count) == Price(5 * count)


def test_total() -> None:
    assert total([Price(1), Price(2)]) == Price(3)


def test_currencies() -> None:
    with pytest.raises(ValueError):
        total([Price(1, "USD")])


def test_postage() -> None:
    assert not is_free_of_postage(Price(10))
    assert is_free_of_postage(Price(100_000_000))
"#,
    repeated: r#"
//- /shop/stock_{n}.py
"""What is there of shelf {n}."""

from collections import Counter

from shop.price import Price, total


class Shelf:
    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.prices: dict[str, Price] = {}

    def put(self, name: str, price: Price, count: int = 1) -> None:
        self.counts[name] += count
        self.prices[name] = price

    def take(self, name: str) -> Price:
        if self.counts[name] == 0:
            raise KeyError(name)
        self.counts[name] -= 1
        return self.prices[name]

    def worth(self) -> Price:
        return total([self.prices[name].times(count) for name, count in self.counts.items()])
//- /tests/test_stock_{n}.py
import pytest

from shop.price import Price
from shop.stock_{n} import Shelf


@pytest.fixture
def shelf() -> Shelf:
    shelf = Shelf()
    shelf.put("pen", Price(120), 3)
    return shelf


def test_worth(shelf: Shelf) -> None:
    assert shelf.worth() == Price(360)


def test_take(shelf: Shelf) -> None:
    assert shelf.take("pen") == Price(120)
    assert shelf.worth() == Price(240)


def test_nothing_left(shelf: Shelf) -> None:
    with pytest.raises(KeyError):
        shelf.take("ink")
"#,
    path: "shop/price.py",
    line: "LIMIT = 1000",
    server: "pyright-langserver",
    by_hand: &[
        &["ruff", "format", "--check", "shop/price.py"],
        &["pyright", "shop/price.py"],
        &["ruff", "check", "shop/price.py"],
        &["pytest", "-q"],
    ],
};

const GO: Project = Project {
    name: "go",
    files: r#"
//- /.gitignore
node_modules/
//- /go.mod
module example.org/shop

go 1.21
//- /price/price.go
// Package price has prices, in cents.
package price

import "fmt"

const limit = 1000

// Price is an amount of a currency.
type Price struct {
	Cents    int
	Currency string
}

// Add adds two prices of one currency.
func (p Price) Add(other Price) (Price, error) {
	if p.Currency != other.Currency {
		return Price{}, fmt.Errorf("%s and %s", p.Currency, other.Currency)
	}
	return Price{p.Cents + other.Cents, p.Currency}, nil
}

// IsFreeOfPostage says whether it is enough.
func (p Price) IsFreeOfPostage() bool {
	return limit <= p.Cents
}
//- /price/price_test.go
package price

import "testing"

func TestAdd(t *testing.T) {
	sum, err := Price{1, "EUR"}.Add(Price{2, "EUR"})
	if err != nil || sum.Cents != 3 {
		t.Errorf("%v, %v", sum, err)
	}
}

func TestCurrencies(t *testing.T) {
	if _, err := (Price{1, "EUR"}).Add(Price{2, "USD"}); err == nil {
		t.Error("no error")
	}
}

func TestPostage(t *testing.T) {
	if (Price{10, "EUR"}).IsFreeOfPostage() || !(Price{100_000_000, "EUR"}).IsFreeOfPostage() {
		t.Error("wrong")
	}
}
"#,
    repeated: r#"
//- /stock{n}/stock.go
// Package stock{n} has what is there of shelf {n}.
package stock{n}

import "example.org/shop/price"

// Shelf has things by their names.
type Shelf map[string][]price.Price

// Put puts a thing on it.
func (s Shelf) Put(name string, one price.Price) {
	s[name] = append(s[name], one)
}

// Worth is the price of all things.
func (s Shelf) Worth() (price.Price, error) {
	sum := price.Price{Currency: "EUR"}
	for _, all := range s {
		for _, one := range all {
			var err error
			if sum, err = sum.Add(one); err != nil {
				return sum, err
			}
		}
	}
	return sum, nil
}
//- /stock{n}/stock_test.go
package stock{n}

import (
	"testing"

	"example.org/shop/price"
)

func TestWorth(t *testing.T) {
	shelf := Shelf{}
	shelf.Put("pen", price.Price{Cents: 120, Currency: "EUR"})
	if worth, err := shelf.Worth(); err != nil || worth.Cents != 120 {
		t.Errorf("%v, %v", worth, err)
	}
}
"#,
    path: "price/price.go",
    line: "limit = 1000",
    server: "gopls",
    by_hand: &[
        &["gofmt", "-l", "price/price.go"],
        &["go", "build", "./..."],
        &["go", "vet", "./price"],
        &["go", "test", "./..."],
    ],
};
