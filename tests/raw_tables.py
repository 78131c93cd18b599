"""Tables as people bring them, all made up: how each is written, and what is right about it."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

N_ROWS = 120


@dataclass(frozen=True)
class RawTable:
    """A table, the file it stands in, and the right answers.

    Parameters
    ----------
    draw : callable
        ``draw(random, n_rows)`` → DataFrame.
    write : callable
        ``write(frame)`` → bytes of the file.
    file_name, target : str
        The target is the name that the reader should give.
    n_features : int
        Columns that remain.
    left_out : mapping of str to str
        Column → part of the reason.
    words : tuple of str
        Further parts of the line that says what was recognised.
    n_classes : int
    accuracy : tuple of float
        What the quantum model should reach on new rows: at least, at most.
    """

    draw: Callable[[np.random.Generator, int], pd.DataFrame]
    write: Callable[[pd.DataFrame], bytes]
    file_name: str
    target: str
    n_features: int
    left_out: Mapping[str, str] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    n_classes: int = 2
    accuracy: tuple[float, float] = (0.75, 1.0)

    def frame(self, seed=0, n_rows=N_ROWS):
        return self.draw(np.random.default_rng(seed), n_rows)


def csv(encoding="utf-8", **options):
    """Return a function that writes a frame as text."""
    return lambda frame: frame.to_csv(index=False, **options).encode(encoding)


def zipped(frame):
    return gzip.compress(csv(sep="|")(frame))


def signal(random, n_rows, labels=("no", "yes")):
    """Return labels, and two numbers that tell them apart: about 0.9 can be right."""
    y = np.arange(n_rows) % 2
    random.shuffle(y)
    age = (40 + 12 * (random.normal(size=n_rows) + 2 * y)).round()
    income = (30_000 + 8_000 * (random.normal(size=n_rows) - 2 * y)).round(2)
    return np.array(labels)[y], age.astype(int), income


def with_gaps(random, values, share):
    return pd.Series(values).astype(object).mask(random.random(len(values)) < share)


def customers(random, n_rows):
    label, age, income = signal(random, n_rows)
    return pd.DataFrame(
        {
            "Id": np.arange(1, n_rows + 1),
            "age": with_gaps(random, age, 0.1),
            "income": income,
            "city": random.choice(["Paris", "Rome", "Oslo"], n_rows),
            "job": with_gaps(random, random.choice(["nurse", "cook"], n_rows), 0.2),
            "bought": label,
        }
    )


def flowers(random, n_rows):
    kind = random.permutation(np.arange(n_rows) % 3)
    X = random.normal(size=(n_rows, 4)).round(1) / 2 + [5, 3, 4, 1] + kind[:, None]
    return pd.DataFrame(X.round(1)).assign(kind=np.array(["setosa", "alba", "rosea"])[kind])


def garden(random, n_rows):
    label, age, income = signal(random, n_rows, ("größer", "kleiner"))
    return pd.DataFrame({"Höhe": (age / 10).round(1), "Fläche": income / 1000, "Klasse": label})


def houses(random, n_rows):
    label, age, income = signal(random, n_rows, ("sold", "unsold"))
    price = [f"${value:,.2f}" for value in income]
    rate = [f"{value:.0f}%" for value in 100 * random.random(n_rows)]
    return pd.DataFrame({"class": label, "year": 1900 + age, "price": price, "rate": rate})


def visits(random, n_rows):
    label, age, income = signal(random, n_rows)
    when = pd.Timestamp("2019-01-01") + pd.to_timedelta(random.integers(0, 900, n_rows), unit="D")
    name = [f"Ms. {number} Smith" for number in random.permutation(n_rows)]
    columns = {"name": name, "when": when.strftime("%d/%m/%Y"), "age": age, "paid": income}
    return pd.DataFrame(columns | {"again": label})


def kidneys(random, n_rows):
    label, age, income = signal(random, n_rows, ("notckd", "ckd"))
    frame = pd.DataFrame({"age": with_gaps(random, age, 0.1), "sodium": income / 200})
    label = [
        f"{text}\t" if number < 0.05 else text
        for text, number in zip(label, random.random(n_rows), strict=True)
    ]
    return frame.assign(classification=label)


def cells(random, n_rows):
    y = np.arange(n_rows) % 2
    X = random.normal(size=(n_rows, 30)).round(3) + 1.2 * y[:, None]
    frame = pd.DataFrame(X, columns=[f"f{number}" for number in range(30)])
    frame.insert(0, "diagnosis", np.array(["B", "M"])[y])
    frame.insert(0, "id", random.permutation(900_000)[:n_rows] + 100_000)
    return frame


def payments(random, n_rows):
    is_fraud = np.arange(n_rows) % 10 == 3
    amount = random.normal(size=n_rows).round(3) + 4 * is_fraud
    hour = random.normal(size=n_rows).round(3)
    return pd.DataFrame({"amount": amount, "hour": hour, "fraud": np.where(is_fraud, 1, 0)})


def noise(random, n_rows):
    species = np.repeat(["a", "b", "c"], n_rows // 3)
    return pd.DataFrame(
        {"Id": range(n_rows), "noise": random.normal(size=n_rows), "species": species}
    )


def passengers(random, n_rows):
    label, age, income = signal(random, n_rows, (0, 1))
    return pd.DataFrame(
        {
            "survived": label,
            "sex": random.choice(["male", "female"], n_rows),
            "age": with_gaps(random, age, 0.2).fillna("?"),
            "fare": income,
            "ticket": [f"A/{number}" for number in random.permutation(n_rows)],
            "cabin": with_gaps(random, ["C12"] * n_rows, 0.8),
        }
    )


RAW = {
    "text, gaps, semicolons and an id": RawTable(
        customers, csv(sep=";"), "customers.csv", "bought", 4, {"Id": "counts the rows"},
        ("separator ';'", "'age'", "'job'"),
    ),
    "no header": RawTable(
        flowers, csv(header=False), "flowers.data", "x4", 4,
        words=("header none",), n_classes=3,
    ),
    "decimal commas in another encoding": RawTable(
        garden, csv("cp1252", sep=";", decimal=","), "garden.csv", "Klasse", 2,
        words=("separator ';'", "encoding", "größer: 60"),
    ),
    "amounts and shares": RawTable(
        houses, csv(), "houses.csv", "class", 3, words=("$", "%"),
    ),
    "dates and names": RawTable(
        visits, csv(), "visits.csv", "again", 3, {"name": "different text"}, ("'when'",),
    ),
    "labels with tabs": RawTable(
        kidneys, csv(), "kidneys.csv", "classification", 2, words=("ckd: 60", "notckd: 60"),
    ),
    "thirty columns and an id": RawTable(
        cells, csv(), "cells.csv", "diagnosis", 30, {"id": "a number of its own"},
    ),
    "unbalanced": RawTable(
        payments, csv(sep="\t"), "payments.tsv", "fraud", 2, words=("0: 108, 1: 12",),
        accuracy=(0.88, 1.0),
    ),
    "noise, sorted, with a counter": RawTable(
        noise, csv(), "noise.csv", "species", 1, {"Id": "counts the rows"}, n_classes=3,
        accuracy=(0.0, 0.5),
    ),
    "the target first, packed": RawTable(
        passengers, zipped, "passengers.csv.gz", "survived", 4, {"ticket": "different text"},
        ("separator '|'", "'cabin'"),
    ),
}  # fmt: skip
