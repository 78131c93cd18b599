"""Parameters of the estimator on the command line: ``--set name=value``."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from qmlplay.classifier import VariationalClassifier, VariationalRegressor
from qmlplay.errors import unknown_name

__all__ = ["parameter_value", "parameters"]

_OPEN = {"(": ")", "[": "]", "{": "}"}
#: Which of them is trained is known when the data are read.
_ESTIMATORS = (VariationalClassifier, VariationalRegressor)
_WORDS = {"none": None, "true": True, "false": False}
#: Parameters that make no sense there, and why.
_REFUSED = {
    "callbacks": "callbacks are Python functions: train in Python to use them",
    "verbose": "use --progress or --no-progress",
    "random_state": "use --seed or --seeds",
    "warm_start": "every command starts anew, so there is no earlier fit to go on from",
    "backend": "compare takes the simulators from --models, such as --models numpy,cirq",
}


def parameters(texts: Sequence[str], options: Collection[str], typed: Collection[str]) -> Any:
    """Return parameters of the estimator by name, each checked by its own table.

    Parameters
    ----------
    texts : sequence of str
        As typed, ``"name=value"`` each.
    options : collection of str
        Parameters that have an option of their own in this command, too.
    typed : collection of str
        Those of them that were typed.

    Returns
    -------
    dict of str to object

    Raises
    ------
    ValueError
        If a text is not of that form, a name is unknown, makes no sense here or comes twice, or a
        value is not allowed.

    Examples
    --------
    >>> parameters(["tol=1e-3", "n_iter_no_change=none", "reupload=false"], [], [])
    {'tol': 0.001, 'n_iter_no_change': None, 'reupload': False}
    """
    given: dict[str, Any] = {}
    for text in texts:
        name, equals, word = (part.strip() for part in text.partition("="))
        if not name or not equals or not word:
            raise ValueError(
                f"--set takes name=value, such as --set learning_rate_init=0.05, got {text!r}"
            )
        _check_name(name, options)
        if name in given:
            raise ValueError(f"--set {name} came twice: give one value")
        if name in typed:
            option = "--" + name.replace("_", "-")
            raise ValueError(f"{option} and --set {text} say the same thing: leave one out")
        given[name] = _checked(name, word)
    return given


def _check_name(name: str, options: Collection[str]) -> None:
    known = {name for make in _ESTIMATORS for name in make().get_params()}
    refused = set(_REFUSED) - ({"backend"} & set(options))
    if name not in known:
        raise unknown_name("parameter of --set", name, known - refused)
    if name in refused:
        raise ValueError(f"--set {name} is not possible: {_REFUSED[name]}")


def _checked(name: str, word: str) -> Any:
    value, problems = parameter_value(word), []
    for check in (make.parameter_checks.get(name) for make in _ESTIMATORS):
        try:
            if check is not None:
                check(name, value)
                return value
        except (TypeError, ValueError) as error:
            problems.append(error)
    if problems:
        raise ValueError(f"--set {name}={word}: {problems[0]}") from problems[0]
    return value


def parameter_value(word: str) -> Any:
    """Return what a word of the command line stands for; nothing is executed.

    Parameters
    ----------
    word : str
        ``none``, ``true`` or ``false`` in any case; an integer; a number; several of these with
        commas or in square brackets, a tuple, in brackets where tuples are inside it;
        ``label:weight`` with commas, a dict; anything else is a name, also in quotation marks.

    Examples
    --------
    >>> [parameter_value(word) for word in ("5", "0.05", "1e-3", "None", "TRUE", "balanced")]
    [5, 0.05, 0.001, None, True, 'balanced']
    >>> parameter_value("(0, 3.14)"), parameter_value("0,1"), parameter_value("(0,0),(1,9)")
    ((0, 3.14), (0, 1), ((0, 0), (1, 9)))
    >>> parameter_value("yes:10,no:1"), parameter_value("{0: 1, 1: 2.5}")
    ({'yes': 10, 'no': 1}, {0: 1, 1: 2.5})
    >>> parameter_value("ZI,XX"), parameter_value('[0, "XX", {"ZZ": 0.5, "XI": 1}]')
    (('ZI', 'XX'), (0, 'XX', {'ZZ': 0.5, 'XI': 1}))
    """
    if word.lower() in _WORDS:
        return _WORDS[word.lower()]
    number = _number(word)
    if not isinstance(number, str):
        return number
    parts = _parts(word)
    if parts == [word] and _OPEN.get(word[0]) == word[-1]:
        parts = _parts(word[1:-1])
    pairs = [_pair(part) for part in parts]
    if pairs and None not in pairs:
        return dict(pair for pair in pairs if pair is not None)
    if parts != [word] and ("," in word or word[0] == "["):
        return tuple(parameter_value(part) for part in parts)
    return _unquoted(word)


def _number(word: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(word)
        except ValueError:
            continue
    return word


def _parts(text: str) -> list[str]:
    """Return what stands between the commas outside of brackets."""
    parts, depth = [""], 0
    for character in text:
        depth += (character in _OPEN) - (character in _OPEN.values())
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts if part.strip()]


def _pair(part: str) -> tuple[int | float | str, int | float] | None:
    """Return a label and its weight, or None where it is no such pair."""
    label, colon, word = part.rpartition(":")
    weight = _number(word)
    if not colon or not label.strip() or isinstance(weight, str):
        return None
    label = label.strip()
    unquoted = _unquoted(label)
    return (_number(label) if unquoted == label else unquoted), weight


def _unquoted(text: str) -> str:
    is_quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    return text[1:-1] if is_quoted else text
