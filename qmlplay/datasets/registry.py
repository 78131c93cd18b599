"""The datasets by name."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from qmlplay.datasets import _papers, _patterns, _quantum, _regression, _shapes, _tables
from qmlplay.datasets._samples import Samples, to_bunch
from qmlplay.errors import unknown_name

if TYPE_CHECKING:
    from sklearn.utils import Bunch

__all__ = ["list_datasets", "load_dataset"]

_GENERATORS: Mapping[str, Callable[..., Samples]] = MappingProxyType(
    {
        name: getattr(module, name)
        for module in (_shapes, _papers, _patterns, _quantum, _tables, _regression)
        for name in module.__all__
    }
)


def list_datasets(task: str | None = None) -> list[str]:
    """Return the name of every dataset, sorted.

    Parameters
    ----------
    task : {"classification", "regression"} or None, default=None
        Those of one task only.

    Returns
    -------
    list of str
        What `load_dataset` accepts.

    Raises
    ------
    ValueError
        If the task is unknown.

    Examples
    --------
    >>> list_datasets()[:4]
    ['ad_hoc', 'bars_and_stripes', 'blobs', 'breast_cancer']
    >>> list_datasets("regression")
    ['diabetes', 'fourier', 'friedman1', 'sine']
    """
    regressions = set(_regression.__all__)
    names = {"classification": set(_GENERATORS) - regressions, "regression": regressions}
    if task is not None and task not in names:
        raise unknown_name("task", task, names)
    return sorted(_GENERATORS if task is None else names[task])


def load_dataset(name: str, **options: Any) -> Bunch:
    """Make or load a dataset by name, without a network.

    Parameters
    ----------
    name : str
        One of `list_datasets`.
    **options
        Options of this dataset. Every one takes ``n_samples`` and ``random_state`` (None, int or
        ``numpy.random.RandomState``); its other options and its source are in its ``DESCR``.

    Returns
    -------
    sklearn.utils.Bunch
        X : ndarray of float64, shape (n_samples, n_features);
        y : ndarray of int, shape (n_samples,), or of float for a regression;
        feature_names : list of str, one per column;
        target_names : list of str, one per class in the order of ``np.unique(y)``, or the
        target's name;
        task : {"classification", "regression"};
        DESCR : str, what it is, where it comes from, what is hard, and the arguments used;
        name : str.

    Raises
    ------
    ValueError
        If the name is unknown or an option is out of range.
    TypeError
        If the dataset has no such option.

    Examples
    --------
    >>> data = load_dataset("moons", n_samples=100, random_state=0)
    >>> data.X.shape, data.target_names
    ((100, 2), ['upper moon', 'lower moon'])
    >>> load_dataset("digits", classes=[3, 8]).X.shape
    (357, 64)
    """
    if not isinstance(name, str) or name not in _GENERATORS:
        raise unknown_name("dataset", name, _GENERATORS)
    generator = _GENERATORS[name]
    arguments = _bind(name, generator, options)
    return to_bunch(generator(**arguments), name, _describe(name, generator, arguments))


def _bind(name: str, generator: Callable[..., Samples], options: dict[str, Any]) -> dict[str, Any]:
    """Return every argument of the generator, defaults included."""
    signature = inspect.signature(generator)
    for option in options:
        if option not in signature.parameters:
            # TypeError, as Python itself raises for an unexpected keyword
            raise TypeError(str(unknown_name(f"{name} option", option, signature.parameters)))
    bound = signature.bind(**options)
    bound.apply_defaults()
    return dict(bound.arguments)


def _describe(name: str, generator: Callable[..., Samples], arguments: dict[str, Any]) -> str:
    """Return the generator's own documentation, headed by its name, with the arguments used."""
    used = ", ".join(f"{key}={value!r}" for key, value in arguments.items())
    return f"{name}: {inspect.getdoc(generator) or ''}\n\nArguments used: {used}\n"
