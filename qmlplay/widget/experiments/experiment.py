"""A guided experiment: settings, a question to try on them, and the answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib.metadata import metadata
from typing import Any

from qmlplay.widget.settings.configuration import Configuration

__all__ = ["Experiment", "Variant", "chapter_address", "variants"]


@dataclass(frozen=True)
class Variant:
    """One of the settings that an experiment compares.

    Parameters
    ----------
    label : str
        What distinguishes it, such as "with CX".
    configuration : Configuration
    """

    label: str
    configuration: Configuration


@dataclass(frozen=True)
class Experiment:
    """A guided experiment.

    Parameters
    ----------
    title, question, task, answer : str
        What the page shows: question and task before, the answer afterwards.
    chapter : str
        The notebook that explains it, its name without ".ipynb".
    steps : int
        Training steps of every variant after which the answer can be seen; 0 where the comparison
        of the simulators shows it.
    variants : tuple of Variant
        What is compared; the first one is loaded.
    """

    title: str
    question: str
    task: str
    answer: str
    chapter: str
    steps: int
    variants: tuple[Variant, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the values that the page needs."""
        texts = {name: getattr(self, name) for name in ("title", "question", "task", "answer")}
        return texts | {
            "steps": self.steps,
            "variants": [variant.label for variant in self.variants],
            "notebook": f"notebooks/{self.chapter}.ipynb",
            "address": chapter_address(self.chapter),
        }


def variants(first: Configuration, **changes: dict[str, Any]) -> tuple[Variant, ...]:
    """Return variants of a configuration by their labels, whose underscores become spaces.

    Examples
    --------
    >>> one, four = variants(Configuration(), one_layer={"n_layers": 1}, four_layers={})
    >>> one.label, one.configuration.n_layers, four.configuration.n_layers
    ('one layer', 1, 4)
    """
    return tuple(
        Variant(label.replace("_", " "), replace(first, **change))
        for label, change in changes.items()
    )


def chapter_address(chapter: str) -> str | None:
    """Return where a chapter can be read; None where the package names no repository."""
    for entry in metadata("qmlplay").get_all("Project-URL") or []:
        label, _, address = entry.partition(", ")
        if label == "Repository":
            return f"{address.rstrip('/')}/blob/main/notebooks/{chapter}.ipynb"
    return None
