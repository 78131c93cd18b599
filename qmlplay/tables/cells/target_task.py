"""The task that a target sets: classes to be told apart, or numbers to be predicted."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["are_few_decimals", "number_problem", "task_doubt", "task_of_numbers"]

#: Up to so many whole numbers are classes, and so many decimals that each stand in many rows.
_FEW = 10
#: Up to so many whole numbers are classes, unless hardly a row has the same one.
_MANY = 20
#: Rows of the rarest class where more whole numbers than these are classes all the same.
_OFTEN = 2
_ROWS_PER_DECIMAL = 5


def are_few_decimals(numbers: NDArray[Any]) -> bool:
    """Tell whether decimals are so few, each in many rows, that they are marks: 1.0, 1.5, 2.0."""
    n_different = len(np.unique(numbers))
    return n_different <= min(_FEW, len(numbers) / _ROWS_PER_DECIMAL)


def task_of_numbers(numbers: NDArray[Any], *, is_called_class: bool = False) -> tuple[str, bool]:
    """Return what a target of numbers asks for, and whether that may be doubted.

    Decimals are predicted as numbers, unless they are few. Whole numbers are classes where they
    are up to 10, where their column is called so, where each stands in two rows at least and none
    is more than twice as frequent as another, or where they are up to 20; but never where most
    rows have different ones. From eleven on, both ways are doubted.

    Parameters
    ----------
    numbers : ndarray, shape (n_samples,)
        Finite.
    is_called_class : bool, default=False
        Whether the name of the column says that it holds classes.

    Returns
    -------
    tuple of str and bool
        "classification" or "regression"; True where a word about it is due.

    Examples
    --------
    >>> import numpy as np
    >>> task_of_numbers(np.arange(100) % 3), task_of_numbers(np.arange(100) / 7)
    (('classification', False), ('regression', False))
    >>> task_of_numbers(np.arange(600) % 120 // 10 * 2)
    ('classification', True)
    """
    different, counts = np.unique(numbers, return_counts=True)
    n_different, n_rows = len(different), len(numbers)
    if (different != np.floor(different)).any():
        is_few = are_few_decimals(numbers)
        return ("classification", True) if is_few else ("regression", False)
    if n_rows >= 10 and n_different > n_rows / 2:
        return "regression", False
    if n_different <= _FEW:
        return "classification", False
    is_even = counts.min() >= max(_OFTEN, counts.max() / 2)
    are_classes = is_called_class or is_even or n_different <= _MANY
    return ("classification" if are_classes else "regression"), True


def task_doubt(target: str, numbers: NDArray[Any], task: str) -> str:
    """Return a line about a task that was found out and may be the other one, with what to type.

    Examples
    --------
    >>> import numpy as np
    >>> print(task_doubt("rings", np.arange(1, 30), "regression"))
    29 different numbers in 'rings' are predicted as numbers, a regression; for classes: --task
    classification (in Python task='classification')
    """
    n_different = len(np.unique(numbers))
    other = "classification" if task == "regression" else "regression"
    taken, instead = {
        "regression": ("predicted as numbers, a regression", "for classes"),
        "classification": ("taken for classes", "to predict them as numbers"),
    }[task]
    return (
        f"{n_different} different numbers in {target!r} are {taken}; {instead}: --task {other} "
        f"(in Python task={other!r})"
    )


def number_problem(numbers: NDArray[Any]) -> str:
    """Return why numbers cannot be predicted; "" where they can.

    Examples
    --------
    >>> import numpy as np
    >>> number_problem(np.array([1.5, 2.5])), number_problem(np.array([2.5, 2.5]))
    ('', 'has the same number in every row, 2.5: there is nothing to predict')
    """
    if not len(numbers):
        return "has no numbers: every cell is empty"
    if len(np.unique(numbers)) == 1:
        return f"has the same number in every row, {numbers[0]:.12g}: there is nothing to predict"
    return ""
