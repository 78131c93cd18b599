"""The quantum models inside an estimator: in pipelines, searches, ensembles, at any depth."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from functools import partial
from inspect import getclosurevars
from types import FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np
import pandas as pd
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from qmlplay.ansatze import NoEntanglement
from qmlplay.baselines.counting import COUNTABLE, count_parameters
from qmlplay.classifier.quantum_estimator import QuantumEstimator
from qmlplay.kernels import QuantumKernel

__all__ = [
    "ABLATION",
    "KERNEL",
    "KINDS",
    "ON_COMPONENTS",
    "fitted_models",
    "kind_of",
    "quantum_models",
    "sizes",
]

#: The ansatz without entanglement, and the name of the quantum model that has it.
ABLATION = "no_entanglement"
#: The name of the support vector machine on a quantum kernel.
KERNEL = "kernel"
#: What a model may be.
KINDS = ("quantum", "ablation", "classical", "hybrid")
#: Layers of classical networks that are circuits: where one of these is inside, its module is
#: loaded.
_LAYERS = (("qmlplay.torch", "QuantumLayer"), ("qmlplay.keras", "QuantumLayer"))
#: End of the name of a classical model that gets the few columns that the quantum model gets. How
#: many these are is found out in each training part; the table tells it.
ON_COMPONENTS = " on components"

Types = tuple[type, ...]

#: What holds no estimators, however many attributes it has.
_LEAVES = (type, ModuleType, pd.DataFrame, pd.Series, pd.Index)
#: A record of what a search tried; the estimators in it were never kept.
_TRIED = "cv_results_"


def quantum_models(estimator: Any) -> list[QuantumEstimator]:
    """Return the quantum models that an estimator is made of, or holds somewhere inside.

    Parameters
    ----------
    estimator : estimator
        A `VariationalClassifier` or a kernel estimator, or anything that contains one: pipelines,
        searches, votes,
        stacks, bags, calibrated or one-against-rest classifiers, steps of a ColumnTransformer,
        functions that call one, lists and dicts of a class of your own.

    Returns
    -------
    list of QuantumEstimator
        Where a fitted estimator keeps fitted copies (``best_estimator_``, ``estimators_``, …),
        these; otherwise what it was given. Empty for a classical estimator.

    Examples
    --------
    >>> from sklearn.decomposition import PCA
    >>> from sklearn.model_selection import GridSearchCV
    >>> from sklearn.pipeline import make_pipeline
    >>> from qmlplay import VariationalClassifier
    >>> pipeline = make_pipeline(PCA(2), VariationalClassifier(n_layers=1))
    >>> quantum_models(GridSearchCV(pipeline, {"pca__n_components": [1, 2]}))
    [VariationalClassifier(n_layers=1)]
    >>> quantum_models(PCA(2))
    []
    """
    return list(_inside(estimator, (QuantumEstimator,), set()))


def fitted_models(estimator: Any) -> list[QuantumEstimator]:
    """Return the quantum models inside a fitted estimator that are fitted, too.

    It may keep none, as a selection of features that has thrown away what it tried.
    """
    return list(filter(_is_fitted, quantum_models(estimator)))


def _inside(value: Any, types: Types, seen: set[int]) -> Iterator[Any]:
    """Yield every object of these types inside a value; what lies inside those is theirs."""
    if id(value) in seen or isinstance(value, _LEAVES):
        return
    seen.add(id(value))
    if isinstance(value, types):
        yield value
    elif isinstance(value, Mapping):
        yield from _inside_all(value.values(), types, seen)
    elif isinstance(value, list | tuple | set | frozenset) or _has_objects(value):
        yield from _inside_all(value, types, seen)
    elif isinstance(value, FunctionType | MethodType | partial):
        yield from _inside_all(_captured(value), types, seen)
    else:
        yield from _inside_object(getattr(value, "__dict__", {}), types, seen)


def _has_objects(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype == "O"


def _captured(function: Any) -> list[Any]:
    """Return a function's object, its fixed arguments, or the variables that it uses."""
    if isinstance(function, MethodType):
        return [function.__self__]
    if isinstance(function, partial):
        return [function.func, function.args, function.keywords]
    try:
        variables = getclosurevars(function)
    except ValueError:  # a cell that is still empty
        return []
    # What other functions of the module hold is not looked at.
    used = [v for v in variables.globals.values() if not isinstance(v, FunctionType)]
    return [*variables.nonlocals.values(), *used, function.__defaults__, function.__kwdefaults__]


def _inside_all(values: Any, types: Types, seen: set[int]) -> Iterator[Any]:
    for value in values:
        yield from _inside(value, types, seen)


def _inside_object(attributes: Mapping[str, Any], types: Types, seen: set[int]) -> Iterator[Any]:
    """Look at what was learned first; what was given is a template where there is any of that."""
    if "best_estimator_" in attributes:  # a search that chose, perhaps something classical
        yield from _inside(attributes["best_estimator_"], types, seen)
        return
    given = [v for name, v in attributes.items() if not name.endswith("_")]
    templates = set(map(id, given))  # Bagging keeps the one it was given as `estimator_`, too
    learned = [
        value
        for name, value in attributes.items()
        if name.endswith("_") and name != _TRIED and id(value) not in templates
    ]
    fitted = [model for model in _inside_all(learned, types, seen) if _is_fitted(model)]
    others = [] if fitted else list(_inside_all(given, types, seen))
    # A class that names what it learned without the underscore holds both, too.
    yield from fitted or list(filter(_is_fitted, others)) or others


def _is_fitted(model: Any) -> bool:
    try:
        check_is_fitted(model)
    except NotFittedError:
        return False
    except TypeError:  # what has no `fit`, as a kernel or a layer, is ready as it is
        return True
    return True


def kind_of(estimator: Any) -> str:
    """Return "quantum" or "ablation" (all without entanglement) if quantum inside, "classical".

    A classical network with a quantum layer is "hybrid".
    """
    models = quantum_models(estimator)
    if not models:
        if _holds(estimator, _layer_types()):
            return "hybrid"
        return "quantum" if _holds(estimator, (QuantumKernel,)) else "classical"
    ansatze = [model.get_params(deep=False).get("ansatz") for model in models]
    are_free = [a == ABLATION or isinstance(a, NoEntanglement) for a in ansatze]
    return "ablation" if all(are_free) else "quantum"


def _holds(estimator: Any, types: Types) -> bool:
    return any(True for _ in _inside(estimator, types, set()))


def _layer_types() -> Types:
    loaded = [(sys.modules.get(module), name) for module, name in _LAYERS]
    found = [vars(module).get(name) for module, name in loaded if module is not None]
    return tuple(kind for kind in found if isinstance(kind, type))


def sizes(estimator: Any) -> dict[str, Any]:
    """Return how large a fitted estimator is: its quantum models' numbers, put together.

    Parameters add up over the quantum models that it keeps and the classical parts whose
    parameters can be counted, circuits over the quantum models (a search has trained more, and
    thrown them away); qubits, depth and gates are those of the largest.
    """
    models = fitted_models(estimator)
    if not models:
        try:
            return {"n_parameters": count_parameters(estimator)}
        except (NotFittedError, TypeError):  # an estimator that leaves no trace of its fit
            return {"n_parameters": None}
    every = [model.model_.sizes for model in models]
    largest = {name: max(size[name] for size in every) for name in every[0]}
    countable = filter(_is_fitted, _inside(estimator, COUNTABLE, set()))
    classical = sum(count_parameters(part) or 0 for part in countable)
    return largest | {
        "n_parameters": classical + sum(size["n_parameters"] for size in every),
        "circuit_evaluations": sum(model.n_circuit_evaluations_ for model in models),
    }
