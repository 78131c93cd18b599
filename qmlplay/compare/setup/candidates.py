"""Candidates of a comparison: models by name, or estimators of your own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from sklearn.base import BaseEstimator, clone, is_classifier

from qmlplay.backends import backend_info, list_backends
from qmlplay.backends.inputs import check_memory
from qmlplay.baselines import list_baselines
from qmlplay.classifier import VariationalClassifier
from qmlplay.classifier.validation import check_parameters
from qmlplay.compare.setup.named_models import named_models
from qmlplay.compare.setup.quantum import ABLATION, KERNEL, kind_of
from qmlplay.errors import unknown_name

if TYPE_CHECKING:
    from qmlplay.compare.setup.splits import Split

__all__ = ["ABLATION", "Candidate", "check_models", "check_prototype", "lineup", "list_models"]

#: More qubits than any computer can simulate exactly.
_MOST_QUBITS = 60

Models = Sequence[str] | Mapping[str, Any] | None


@dataclass(frozen=True)
class Candidate:
    """A model that takes part in a comparison.

    Parameters
    ----------
    name : str
        Name in the table.
    kind : {"quantum", "ablation", "classical"}
        What it is; the verdict weighs them against each other.
    estimator : estimator
        Unfitted; it is cloned for every run.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from qmlplay.compare import Candidate
    >>> Candidate("mine", "classical", LogisticRegression())
    Candidate(name='mine', kind='classical', estimator=LogisticRegression())
    """

    name: str
    kind: str
    estimator: Any


def list_models() -> list[str]:
    """Return the names of all models that `compare` knows.

    Returns
    -------
    list of str
        The backends, the quantum model without entanglement, a support vector machine on a
        quantum kernel, and the classical baselines.

    Examples
    --------
    >>> list_models()[:7]
    ['numpy', 'qiskit', 'cirq', 'pennylane', 'torch', 'jax', 'no_entanglement']
    """
    return [*list_backends(), ABLATION, KERNEL, *list_baselines()]


def check_models(models: Any) -> list[str] | dict[str, Any]:
    """Return models by name, or estimators by their names in the table.

    None stands for all that can run here: those of a framework that is not installed are left
    out, unless they are asked for by name.

    Raises
    ------
    TypeError, ValueError
        If a name is unknown or comes twice, or something is not an estimator.

    Examples
    --------
    >>> check_models("numpy"), check_models(["dummy", "mlp"])
    (['numpy'], ['dummy', 'mlp'])
    """
    if models is None:
        absent = [name for name in list_backends() if not backend_info(name).is_installed]
        return [name for name in list_models() if name not in absent]
    if isinstance(models, Mapping):
        for name, estimator in models.items():
            _check_estimator(name, estimator)
        return {str(name): estimator for name, estimator in models.items()} or _nothing()
    if not isinstance(models, Sequence):
        raise TypeError(f"models must be a list of names or a dict of estimators, got {models!r}")
    names = [models] if isinstance(models, str) else list(models)
    for name in names:
        if name not in list_models():
            raise unknown_name("model", name, list_models())
        if names.count(name) > 1:
            raise ValueError(f"model {name!r} came {names.count(name)} times: name it once")
    return names or _nothing()


def _nothing() -> NoReturn:
    raise ValueError(f"no model came: choose among {list_models()}, or leave models out")


def _check_estimator(name: object, estimator: Any) -> None:
    has_methods = hasattr(estimator, "fit") and hasattr(estimator, "get_params")
    # A stack has `predict` only when it is fitted.
    can_predict = hasattr(estimator, "predict") or (has_methods and is_classifier(estimator))
    if isinstance(estimator, type) or not (has_methods and can_predict):
        raise TypeError(
            f"model {name!r} must be an unfitted scikit-learn classifier such as "
            f"LogisticRegression(), got {estimator!r}"
        )


def check_prototype(prototype: Any) -> VariationalClassifier:
    """Return the quantum model's settings, checked before anything is trained.

    Raises
    ------
    TypeError, ValueError
        If a setting is not allowed whatever the data, or the qubits do not fit into memory.
    """
    if not isinstance(prototype, VariationalClassifier):
        raise TypeError(
            "classifier must be a VariationalClassifier, such as VariationalClassifier(n_layers=2),"
            f" got {prototype!r}; models of other kinds go to models={{'name': estimator}}"
        )
    check_parameters(prototype)
    n_qubits = prototype.n_qubits
    if n_qubits is not None and n_qubits > _MOST_QUBITS:
        raise ValueError(
            f"n_qubits={n_qubits} needs 16 · 2^{n_qubits} bytes per state vector, more than any "
            f"computer has: use fewer qubits, such as n_qubits=8"
        )
    if n_qubits is not None:
        check_memory(n_qubits, 4)
    return prototype


def lineup(
    models: list[str] | dict[str, Any], prototype: VariationalClassifier, split: Split
) -> list[Candidate]:
    """Return the models of one split, with its seed as their random state.

    Parameters
    ----------
    models : list of str or dict of str to estimator
        Checked by `check_models`.
    prototype : VariationalClassifier
        The quantum model's settings.
    split : Split
    """
    if isinstance(models, dict):
        return [_seeded(name, estimator, split.seed) for name, estimator in models.items()]
    return [Candidate(*parts) for parts in named_models(models, prototype, split)]


def _seeded(name: str, estimator: Any, seed: int) -> Candidate:
    model = clone(estimator)
    _set_random_state(model, seed)
    return Candidate(name, kind_of(model), model)


def _set_random_state(value: Any, seed: int) -> None:
    """Set every `random_state` of an estimator, also of those in its lists and dicts."""
    if isinstance(value, list | tuple):
        for item in value:
            _set_random_state(item, seed)
    elif isinstance(value, Mapping):
        _set_random_state(list(value.values()), seed)
    elif isinstance(value, BaseEstimator):
        parameters = value.get_params()
        names = [key for key in parameters if key.split("__")[-1] == "random_state"]
        value.set_params(**dict.fromkeys(names, seed))
        containers = [v for v in parameters.values() if isinstance(v, list | tuple | Mapping)]
        _set_random_state(containers, seed)
