"""The playground's guided experiments as pages of the gallery, from the settings that it loads.

Every variant is the script of the playground's own *Show me the code*, so that page and playground
cannot differ.
"""

from __future__ import annotations

from pathlib import Path
from textwrap import fill
from typing import Any

from sphinx.application import Sphinx

from qmlplay.widget.code.script import script
from qmlplay.widget.data.plane import make_plane
from qmlplay.widget.experiments import EXPERIMENTS, Experiment, Variant

__all__ = ["FOLDER", "experiment_page", "setup", "write_experiments"]

FOLDER = "displays/experiments"
HEADER = """Experiments of the playground
-----------------------------

Each has a question, settings to try it with, and an answer that the tests hold against several
seeds. ``qmlplay play --experiment NAME`` opens the playground there.
"""
BOUNDARY = """
from qmlplay.plots import BoundariesDisplay

models["{label}"] = model
display = BoundariesDisplay.from_estimator(
    model, X_train, y_train, X_test, y_test, dataset=data.name, class_names=data.target_names
)
"""
CURVES = """
# %%
# Both trainings, step by step:

from qmlplay.plots import CurvesDisplay

display = CurvesDisplay.from_estimators(models)
"""
PARITY = """
# %%
# The same weights on every simulator, and how far the probabilities lie apart at most:

from qmlplay.plots import ParityDisplay

simulators = ["numpy", "qiskit", "cirq", "pennylane"]
display = ParityDisplay.from_estimator(model, X_test, simulators)
"""


def comment(text: str) -> str:
    """Return text of a page as comments, the first line of which begins a block."""
    lines = "\n".join(f"# {line}".rstrip() for line in text.splitlines())
    return f"# %%\n{lines}\n"


def variant_block(experiment: Experiment, variant: Variant) -> str:
    """Return the lines that train a variant and draw what it has learned."""
    configuration = variant.configuration
    code = script(configuration, make_plane(configuration), steps=experiment.steps)
    title = comment(f"{variant.label}\n{'^' * len(variant.label)}")
    return f"{title}\n{code.split(chr(10), 1)[1]}{BOUNDARY.format(label=variant.label)}\n"


def experiment_page(name: str, experiment: Experiment) -> str:
    """Return the script of an experiment's page: question, variants, answer."""
    title, question = experiment.title, fill(experiment.question, 90)
    head = f'"""\n{title}\n{"=" * len(title)}\n\n{question}\n"""\n\nmodels = {{}}\n\n'
    parts = [variant_block(experiment, variant) for variant in experiment.variants]
    if len(experiment.variants) > 1:
        parts.append(CURVES.replace("Both", "All" if len(parts) > 2 else "Both"))
    if not experiment.steps:
        parts.append(PARITY)
    place = (
        f"In the playground: ``qmlplay play --experiment {name}``. {experiment.task} The chapter "
        f"to it is :doc:`/{experiment.chapter}`."
    )
    whole: dict[str, Any] = {"break_long_words": False, "break_on_hyphens": False}
    answer = f"Answer\n^^^^^^\n\n{fill(experiment.answer, 90)}\n\n{fill(place, 90, **whole)}"
    return head + "\n".join(parts) + "\n" + comment(answer)


def write_experiments(folder: Path) -> None:
    """Write all pages, those that have changed, and remove those of experiments that are gone."""
    pages = {f"plot_{name}.py": experiment_page(name, e) for name, e in EXPERIMENTS.items()}
    pages["GALLERY_HEADER.rst"] = HEADER
    folder.mkdir(exist_ok=True)
    for name, text in pages.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
    for path in folder.glob("plot_*.py"):
        if path.name not in pages:
            path.unlink()


def setup(app: Sphinx) -> dict[str, Any]:
    """Write the pages before the gallery looks for them."""
    app.connect(
        "builder-inited", lambda app: write_experiments(Path(app.srcdir) / FOLDER), priority=100
    )
    return {"parallel_read_safe": True, "parallel_write_safe": True}
