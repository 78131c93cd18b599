"""Model cards: what a model is, how good it is on rows it has not seen, and what it cannot do."""

from __future__ import annotations

from typing import Any

from qmlplay._version import __version__
from qmlplay.sharing import card_sections as sections
from qmlplay.sharing.limits import limits, privacy
from qmlplay.sharing.markdown import escaped, fenced
from qmlplay.sharing.metadata import to_yaml
from qmlplay.sharing.shared_model import SharedModel
from qmlplay.sharing.usage import usage_code

__all__ = ["card_text", "metadata"]

_TAGS = ("qmlplay", "quantum-machine-learning", "quantum-computing", "scikit-learn", "tabular")


def card_text(shared: SharedModel, *, folder: str, picture: str | None = None) -> str:
    """Return the README.md of a folder with a model.

    Parameters
    ----------
    shared : SharedModel
    folder : str
        Its name, for the lines that load it.
    picture : str or None
        The name of the picture of the circuit, where there is one.
    """
    description = (
        escaped(shared.description, 5000) if shared.description else "Description: not given."
    )
    parts = {
        "What it predicts": sections.prediction(shared),
        "How good it is": sections.scores(shared),
        "How to use it": f"`pip install qmlplay`\n\n{fenced(usage_code(shared, folder), 'python')}",
        "Data": sections.data(shared),
        "Circuit": sections.circuit(shared, picture),
        "Training": sections.training(shared),
        "Limits": limits(shared),
        "What of the training data is in the files": privacy(shared),
        "Versions that wrote this folder": sections.versions(shared),
    }
    license_line = f"License: {escaped(shared.license or sections.NOT_GIVEN)}"
    origin = (
        f"Written by qmlplay {escaped(__version__)} from the model itself and from what was given "
        'beside it, where every number comes from; "not given" means that nobody said.'
    )
    body = "\n\n".join(f"## {title}\n\n{text}" for title, text in parts.items())
    head = f"---\n{to_yaml(metadata(shared))}\n---\n\n# {escaped(shared.name)}"
    return f"{head}\n\n{description}\n\n{license_line}. {origin}\n\n{body}\n"


def metadata(shared: SharedModel) -> dict[str, Any]:
    """Return what a hub reads of a card: library, task, license, and scores by dataset."""
    task = "tabular-regression" if shared.is_regression else "tabular-classification"
    content: dict[str, Any] = {"library_name": "qmlplay", "pipeline_tag": task, "tags": [*_TAGS]}
    if shared.license is not None:
        content["license"] = shared.license
    if shared.scores and shared.data is not None:  # an index names the data of its scores
        result = {
            "task": {"type": task},
            "dataset": {"name": shared.data.name, "type": shared.data.name},
            "metrics": [score.to_dict() for score in shared.scores],
        }
        content["model-index"] = [{"name": shared.name, "results": [result]}]
    return content
