"""Small tables, made up, of two kinds of trees."""

from __future__ import annotations

import numpy as np
import pytest

from qmlplay.tables import read_table

N_ROWS = 24


@pytest.fixture
def trees():
    """Return rows of cells: size and mass with two decimals, and the kind."""
    random = np.random.default_rng(0)
    kinds = ["fir", "oak"] * (N_ROWS // 2)
    numbers = random.normal(size=(N_ROWS, 2)) + [[3 * (kind == "oak"), 0] for kind in kinds]
    return [[f"{a:.2f}", f"{b:.2f}", kind] for (a, b), kind in zip(numbers, kinds, strict=True)]


@pytest.fixture
def read():
    """Read text or bytes as if they were a file."""

    def read_content(content, name="trees.csv", **options):
        data = content if isinstance(content, bytes) else content.encode()
        return read_table(data, name=name, **options)

    return read_content


@pytest.fixture
def check_trees(trees):
    """Check that a table holds all rows of the trees, and nothing else."""

    def check(table, names=("size", "mass")):
        expected = np.array([[float(a), float(b)] for a, b, _ in trees])
        assert list(table.features.columns) == list(names)
        np.testing.assert_array_equal(table.features.to_numpy(), expected)
        assert table.target.tolist() == [kind for *_, kind in trees]
        assert table.recognition.n_rows == N_ROWS

    return check
