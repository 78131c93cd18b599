"""Steps before a model in its file: transformers from a table to numbers, by a closed schema."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from numpy.typing import NDArray

from qmlplay.tables import FeatureReduction, TablePreprocessor

__all__ = ["Steps", "steps_from_parts", "steps_to_parts"]

Steps = tuple[tuple[str, TablePreprocessor | FeatureReduction], ...]

#: What a file can hold, by the name that it has there.
_KINDS: Mapping[str, type[TablePreprocessor] | type[FeatureReduction]] = MappingProxyType(
    {"table": TablePreprocessor, "reduction": FeatureReduction}
)


def steps_to_parts(steps: Steps) -> tuple[list[dict[str, Any]], dict[str, NDArray[Any]]]:
    """Return what a file keeps of fitted steps: values for JSON, and arrays.

    Examples
    --------
    >>> steps = (("reduce", FeatureReduction(1).fit([[0.0, 1.0], [2.0, 5.0]])),)
    >>> content, arrays = steps_to_parts(steps)
    >>> content, list(arrays)[:2]
    ([{'name': 'reduce', 'kind': 'reduction', 'n_components': 1, 'method': 'pca',
       'feature_names': []}],
     ['preprocessing_0_center', 'preprocessing_0_matrix'])
    >>> steps_from_parts(content, arrays, 1)[0][1]
    FeatureReduction(n_components=1)
    """
    content: list[dict[str, Any]] = []
    arrays: dict[str, NDArray[Any]] = {}
    for number, (name, transformer) in enumerate(steps):
        kind = next(kind for kind, type_ in _KINDS.items() if type(transformer) is type_)
        values, own_arrays = transformer.to_parts()
        content.append({"name": name, "kind": kind, **values})
        arrays |= {_prefix(number) + key: array for key, array in own_arrays.items()}
    return content, arrays


def steps_from_parts(content: Any, arrays: dict[str, NDArray[Any]], n_features: int) -> Steps:
    """Return the steps that `steps_to_parts` wrote, and take their arrays out of all arrays.

    Parameters
    ----------
    content : list of dict
    arrays : dict of str to ndarray
        All of a file.
    n_features : int
        Of the model that takes what the last step returns.

    Raises
    ------
    KeyError, TypeError, ValueError
        If the parts are anything else, or the steps do not fit together.
    """
    if not isinstance(content, list):
        raise ValueError("its preprocessing is no list of steps")
    steps = tuple(_step(number, values, arrays) for number, values in enumerate(content))
    names = [name for name, _ in steps]
    if len(set(names)) < len(names):
        raise ValueError("two steps of its preprocessing have one name")
    sizes_in = [transformer.n_features_in_ for _, transformer in steps[1:]] + [n_features]
    if steps and [transformer.n_outputs_ for _, transformer in steps] != sizes_in:
        raise ValueError("the steps of its preprocessing do not fit together")
    return steps


def _step(
    number: int, values: Any, arrays: dict[str, NDArray[Any]]
) -> tuple[str, TablePreprocessor | FeatureReduction]:
    rest = dict(values)
    name, kind = rest.pop("name"), rest.pop("kind")
    if not isinstance(name, str) or not name or "__" in name or kind not in _KINDS:
        raise ValueError(f"a step of its preprocessing is none of {[*_KINDS]} with a name")
    prefix = _prefix(number)
    keys = [key for key in arrays if key.startswith(prefix)]
    own_arrays = {key.removeprefix(prefix): arrays.pop(key) for key in keys}
    return name, _KINDS[kind].from_parts(rest, own_arrays)


def _prefix(number: int) -> str:
    return f"preprocessing_{number}_"
