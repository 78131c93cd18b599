"""Evidence: the differences that a verdict rests on, as a table."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from qmlplay.compare.verdict import Verdict

__all__ = ["statistics_table"]

_STATISTICS = [
    "dataset", "metric", "first", "second", "difference", "low", "high", "p_value", "n_choices",
    "n_splits", "n_samples", "test",
]  # fmt: skip


def statistics_table(verdicts: Sequence[Verdict]) -> pd.DataFrame:
    """Return a row per difference that the verdict speaks of.

    ``difference`` is the first model's score minus the second's, mean over the splits that both
    have, ``low`` to ``high`` its 95 % interval; interval and ``p_value`` allow for the choice of
    the best of ``n_choices`` models.
    """
    rows = [
        {
            "dataset": verdict.dataset,
            "metric": verdict.metric,
            "first": lead.first,
            "second": lead.second,
            "difference": lead.difference.mean,
            "low": lead.low,
            "high": lead.high,
            "p_value": lead.p_value,
            "n_choices": lead.n_choices,
            "n_splits": lead.difference.n_splits,
            "n_samples": lead.difference.n_samples,
            "test": lead.difference.test,
        }
        for verdict in verdicts
        for lead in verdict.leads
    ]
    return pd.DataFrame(rows, columns=_STATISTICS)
