"""The different texts of a column: what is worked out once for each, and not for every cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qmlplay.tables.cells.notation import unquoted
from qmlplay.typing import Booleans, Integers

__all__ = ["Distinct", "distinct_texts"]


@dataclass(frozen=True, eq=False)
class Distinct:
    """The different texts of a column, how often each occurs, and which cell holds which."""

    texts: list[str]
    counts: Integers
    codes: Integers
    is_gap: Booleans

    @property
    def indices(self) -> list[int]:
        """Places of the texts that are no gaps."""
        indices: list[int] = np.flatnonzero(~self.is_gap).tolist()
        return indices

    @property
    def filled(self) -> list[str]:
        """The texts that are no gaps."""
        return [self.texts[index] for index in self.indices]

    def share(self, is_kind: Booleans) -> float:
        """Return the share of cells, of those that are no gaps, whose text is of a kind."""
        counts = self.counts[~self.is_gap]
        return float(counts[is_kind].sum() / counts.sum()) if len(counts) else 0.0


def distinct_texts(cells: Sequence[str]) -> tuple[Integers, Any]:
    """Return for each cell the place of its text, trimmed, among the different ones."""
    import pandas as pd

    codes, raw = pd.factorize(np.array(cells, dtype=object))
    places, texts = pd.factorize(np.array(list(map(unquoted, raw)), dtype=object))
    return places[codes], texts
