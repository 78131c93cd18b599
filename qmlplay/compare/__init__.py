"""The fair comparison.

`setup` shares the data and makes the models, `running` trains and scores them, `evidence` says what
the scores are worth, `reports` writes it down. ``run`` goes through all of these, and
``comparison`` keeps what came out.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qmlplay.compare.comparison import Comparison
    from qmlplay.compare.run import compare
    from qmlplay.compare.setup import Candidate, list_models

__all__ = ["Candidate", "Comparison", "compare", "list_models"]

_HOMES = {
    "Candidate": "setup",
    "Comparison": "comparison",
    "compare": "run",
    "list_models": "setup",
}


def _loaded(name: str) -> Any:
    """Return what is asked for the first time."""
    if name not in _HOMES:
        raise AttributeError(f"module 'qmlplay.compare' has no attribute {name!r}")
    return getattr(import_module(f"qmlplay.compare.{_HOMES[name]}"), name)


if not TYPE_CHECKING:  # to type checkers it would say that every name is there
    __getattr__ = _loaded


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
