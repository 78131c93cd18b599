"""The content of an exported page: what it computes with, and what it says of the model."""

from __future__ import annotations

from typing import Any

import numpy as np

from qmlplay.circuit.drawing import draw_text
from qmlplay.errors import listed
from qmlplay.export.export_plan import ExportPlan
from qmlplay.export.exported_inputs import ExportedInputs
from qmlplay.export.input_columns import NumberInput
from qmlplay.html import circuit_svg
from qmlplay.palette import ACCENT, class_color

__all__ = ["RAMP", "page_content", "plain_text"]

#: Colours from the smallest number to the largest: cividis, which colour-blind readers see alike.
RAMP = ("#00224E", "#35456C", "#666970", "#948E77", "#C8B866", "#FEE838")
#: Rows that the page compares with Python when it opens, and how far they may differ, relative to
#: the largest decision value.
_CHECKED_ROWS, _TOLERANCE = 5, 1e-9
#: Rows by which it is found out which columns matter most.
_SHUFFLED_ROWS = 64
_MOST_CHARACTERS = 20_000


def page_content(inputs: ExportedInputs, plan: ExportPlan) -> dict[str, Any]:
    """Return the values of the page's template, and under "plan" what its script computes with."""
    numeric = [i for i, c in enumerate(inputs.columns) if isinstance(c, NumberInput)]
    computed = _computed(inputs, plan) | {"axes": _telling(inputs, numeric)}
    return {
        "plan": computed,
        "inputs": computed["inputs"],
        "names": computed["names"],
        "axes": [(i, plain_text(inputs.columns[i].name)) for i in numeric],
        "first": computed["axes"][0] if numeric else None,
        "second": computed["axes"][1] if len(numeric) > 1 else None,
        "summary": _summary(inputs),
        "guess": _guess(inputs),
        "picture_note": _picture_note(len(numeric), plan),
        "facts": _facts(inputs),
        "circuit": circuit_svg(inputs.model.circuit),
        "drawing": _drawing(inputs),
    }


def plain_text(value: Any) -> str:
    """Return a label or a name as text that can be written to a file.

    Examples
    --------
    >>> plain_text("oak" + chr(0xD800)), plain_text(3)
    ('oak?', '3')
    """
    return str(value).encode("utf-8", "replace").decode("utf-8")


def _computed(inputs: ExportedInputs, plan: ExportPlan) -> dict[str, Any]:
    labels = None if plan.classes is None else [plain_text(label) for label in plan.classes]
    return plan.to_dict() | {
        "classes": labels,
        "names": None if plan.classes is None else [*map(_class_name, plan.classes)],
        "inputs": [_with_plain_names(column.to_dict()) for column in inputs.columns],
        "maps": [
            {"center": step.center.tolist(), "matrix": step.matrix.tolist()} for step in inputs.maps
        ],
        "colors": {
            "classes": [class_color(k) for k in range(len(labels or ()))],
            "ramp": RAMP,
            "line": ACCENT,
        },
        "targets": _targets(plan),
        "check": _check(inputs),
    }


def _targets(plan: ExportPlan) -> dict[str, Any] | None:
    """Return how decision values become numbers, and what these are called; None for classes."""
    scaling = plan.target_scaling
    if scaling is None:
        return None
    names = (
        ["prediction"]
        if scaling.n_targets == 1
        else [f"prediction {k}" for k in range(scaling.n_targets)]
    )
    return {
        "center": scaling.center.ravel().tolist(),
        "scale": scaling.scale.ravel().tolist(),
        "names": names,
    }


def _class_name(label: Any) -> str:
    """Return how a class is called: a number alone would say little."""
    text = plain_text(label)
    return text if isinstance(label, str) else f"class {text}"


def _with_plain_names(column: dict[str, Any]) -> dict[str, Any]:
    column["name"] = plain_text(column["name"])
    for choice in column.get("choices", ()):
        choice["label"] = plain_text(choice["label"])
    return column


def _check(inputs: ExportedInputs) -> dict[str, Any]:
    """Return rows and what the simulator answers, for the page to compare itself with."""
    rows, table = inputs.drawn(_CHECKED_ROWS)
    decisions = inputs.model.decisions(inputs.features(table), "numpy")
    return {
        "rows": rows,
        "decisions": decisions.tolist(),
        "tolerance": float(_TOLERANCE * max(1.0, np.abs(decisions).max())),
    }


def _telling(inputs: ExportedInputs, numeric: list[int]) -> list[int]:
    """Return the two of the numeric columns that change decisions most, in their order."""
    if len(numeric) <= 2:
        return numeric
    _, table = inputs.drawn(_SHUFFLED_ROWS)
    decisions = inputs.model.decisions(inputs.features(table), "numpy")
    changes = []
    for i in numeric:
        shuffled = table.copy()
        shuffled.isetitem(i, np.roll(table.iloc[:, i], 1))
        changes.append(
            np.abs(inputs.model.decisions(inputs.features(shuffled), "numpy") - decisions).mean()
        )
    return sorted(numeric[k] for k in np.argsort(changes)[-2:])


def _summary(inputs: ExportedInputs) -> str:
    model, n_columns = inputs.model, len(inputs.columns)
    return (
        f"A trained quantum model ({inputs.kind}) of {n_columns} feature"
        f"{'' if n_columns == 1 else 's'} on {model.n_qubits} qubit"
        f"{'' if model.n_qubits == 1 else 's'}, simulated by this page: nothing is loaded, "
        "nothing is sent."
    )


def _guess(inputs: ExportedInputs) -> str:
    """Return which ranges are not those of the training data."""
    guessed = [c.name for c in inputs.columns if isinstance(c, NumberInput) and not c.is_known]
    if not guessed:
        return ""
    which = (
        "All ranges are"
        if len(guessed) == len(inputs.columns)
        else (f"The ranges of {plain_text(listed(guessed, quoted=False))} are")
    )
    return f"{which} guesses: the model does not keep those of its training data."


def _picture_note(n_axes: int, plan: ExportPlan) -> str:
    point = "Drag the point, or use the sliders."
    if n_axes == 1:
        return point
    if plan.classes is not None:
        return f"Colours are the most probable class, paler the less sure the model is. {point}"
    first = "the first number that is predicted" if plan.n_outputs > 1 else "the number predicted"
    return f"Colours are {first}. {point}"


def _facts(inputs: ExportedInputs) -> list[tuple[str, str]]:
    sizes = inputs.model.sizes
    facts = [
        ("qubits", f"{sizes['n_qubits']}"),
        ("depth", f"{sizes['depth']}"),
        ("two-qubit gates", f"{sizes['two_qubit_gates']}"),
        ("trained numbers", f"{sizes['n_parameters']:,}"),
        ("steps before the model", ", ".join(type(step).__name__ for step in inputs.steps)),
        ("simulation", "exact, in double precision: no shots, no noise"),
    ]
    return [(name, text) for name, text in facts if text]


def _drawing(inputs: ExportedInputs) -> str:
    text = draw_text(inputs.model.circuit)
    cut = text[:_MOST_CHARACTERS]
    return text if cut == text else f"{cut}\n… the rest is cut"
