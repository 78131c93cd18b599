"""The first line of a table: names of the columns, or a row like all others."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise

from qmlplay.tables.cells import GAPS, NUMBER_GAPS, looks_like_number, plain_number, unquoted

__all__ = ["column_names", "counts_on", "first_is_row", "header_reason", "unique_names"]

#: Rows and columns that are looked at to find out which columns hold numbers.
_SAMPLE = 300


def header_reason(first: Sequence[str], columns: Sequence[Sequence[str]]) -> str | None:
    """Return why the first line is no header; None where it is one.

    A row of numbers that grow in equal steps, ``0,1,2,3`` or ``2019,2020,2021``, is a header above
    other values; other numbers are not. Text above all columns of numbers is one. Among text, a row
    is none that ends in one of the last column's values, or most of whose words are values of
    their columns.

    Parameters
    ----------
    first : sequence of str, length n_columns
        The cells of the first line.
    columns : sequence of sequences of str, n_columns of them
        The cells below.

    Examples
    --------
    >>> header_reason(["size", "kind"], [["1", "2"], ["oak", "fir"]])
    >>> header_reason(["5.1", "3.5", "oak"], [["1", "2"], ["3", "4"], ["oak", "fir"]])
    'most cells of the first row are numbers'
    >>> header_reason(["low", "oak"], [["low", "high"], ["oak", "fir"]])
    "'oak' in the first row is a value of the last column"
    """
    cells = [unquoted(cell) for cell in first]
    is_value = first[-1].strip() in map(str.strip, columns[-1])
    is_label = is_value and not looks_like_number(cells[-1])
    numbers = sum(map(looks_like_number, cells))
    named = sum(cell.lower() not in GAPS for cell in cells)
    is_scale = not is_label and _is_scale(cells, first, columns)
    if named and 2 * numbers > named and not is_scale:
        return "most cells of the first row are numbers"
    # Below a line of names, text stands above numbers.
    above = [
        looks_like_number(cell)
        for cell, column in list(zip(cells, columns, strict=True))[:_SAMPLE]
        if cell.lower() not in NUMBER_GAPS and _is_numeric(column)
    ]
    if is_scale or (above and not any(above)):
        return None
    if is_value and cells[-1].lower() not in NUMBER_GAPS:
        return f"{cells[-1]!r} in the first row is a value of the last column"
    if above:
        is_row = 2 * sum(above) > len(above)
        return "the first row has numbers where its columns have" if is_row else None
    # Free text beside labels is new in every row, and tells nothing.
    telling = [i for i, column in enumerate(columns) if not _is_free_text(column)]
    n_repeated = _n_repeated([first[i] for i in telling], [columns[i] for i in telling])
    is_row = 2 * n_repeated > sum(cells[i].lower() not in GAPS for i in telling) > 0
    return "most cells of the first row are values of their columns" if is_row else None


def _is_scale(cells: Sequence[str], first: Sequence[str], columns: Sequence[Sequence[str]]) -> bool:
    """Return whether the numbers in the first row count on, and are no values as those below."""
    if not cells[0] and [cell.strip() for cell in columns[0]] == list(
        map(str, range(len(columns[0])))
    ):
        return True  # pandas writes no name above its counter
    numbers = [cell for cell in cells if looks_like_number(cell)]
    if not counts_on(cells):
        return False
    return numbers[0] == "0" or 2 * _n_repeated(first, columns) < len(numbers)


def counts_on(cells: Sequence[str]) -> bool:
    """Return whether the numbers among the cells grow in equal steps: 0, 1, 2, … or years.

    Three whole numbers that begin with 0 or a year are enough, or five of any kind.

    Examples
    --------
    >>> counts_on(["", "0", "1", "2", "kind"]), counts_on(["2019", "2020", "2021", "rain"])
    (True, True)
    >>> counts_on(["400.5", "402.5", "404.5", "406.5", "408.5", "ripe"])
    True
    >>> counts_on(["1", "2", "3", "0"]), counts_on(["5.1", "1", "2", "3"])
    (False, False)
    """
    numbers = [cell for cell in cells if looks_like_number(cell)]
    if not all(map(plain_number, numbers)) or len(numbers) < 3:
        return False
    values = [float(number) for number in numbers]
    steps = [after - before for before, after in pairwise(values)]
    is_even = steps[0] > 0 and all(abs(step - steps[0]) < 1e-6 * steps[0] for step in steps)
    is_start = numbers[0] == "0" or (numbers[0].isdigit() and 1900 <= values[0] <= 2100)
    return is_even and (len(numbers) > 4 or (is_start and steps[0] == 1))


def _is_numeric(column: Sequence[str]) -> bool:
    cells = [cell for cell in map(unquoted, column[:_SAMPLE]) if cell.lower() not in NUMBER_GAPS]
    return bool(cells) and sum(map(looks_like_number, cells)) >= 0.9 * len(cells)


def _is_free_text(column: Sequence[str]) -> bool:
    sample = column[:_SAMPLE]
    return len(sample) > 4 and 2 * len(set(sample)) > len(sample)


def _n_repeated(first: Sequence[str], columns: Sequence[Sequence[str]]) -> int:
    """Return how many cells of the first row come again in their columns."""
    pairs = zip(first, columns, strict=True)
    return sum(cell in column[:_SAMPLE] for cell, column in pairs if cell)


def column_names(first: Sequence[str] | None, n_columns: int) -> list[str]:
    """Return the names of the columns: those of the header, or x0, x1, … without one.

    A column whose header is empty is called ``"Unnamed: 0"``, as pandas does, by its place.

    Examples
    --------
    >>> column_names(["", " size ", "'kind'"], 3), column_names(None, 2)
    (['Unnamed: 0', 'size', 'kind'], ['x0', 'x1'])
    """
    if first is None:
        return [f"x{index}" for index in range(n_columns)]
    names = [" ".join(unquoted(cell.removeprefix("\ufeff")).split()) for cell in first]
    return [name or f"Unnamed: {index}" for index, name in enumerate(names)]


def unique_names(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return names without repetitions, and those that had to be changed for it.

    Examples
    --------
    >>> unique_names(["a", "b", "a", "a (2)"])
    (['a', 'b', 'a (3)', 'a (2)'], ['a (3)'])
    """
    taken = set(names)
    came, unique, renamed = set[str](), list[str](), list[str]()
    for name in names:
        new, number = name, 2
        while new in came or (new != name and new in taken):
            new, number = f"{name} ({number})", number + 1
        came.add(new)
        unique.append(new)
        if new != name:
            renamed.append(new)
    return unique, renamed


def first_is_row(
    first: Sequence[str], names: Collection[str], texts: Collection[str]
) -> bool | None:
    """Return whether the first line of new rows is one of them, by the columns of training.

    Parameters
    ----------
    first : sequence of str
    names : collection of str
        Columns of training; x0, x1, … where the file had no header.
    texts : collection of str
        Those that are not plain numbers.

    Returns
    -------
    bool or None
        None where the names do not tell.

    Examples
    --------
    >>> first_is_row(["size", "kind"], ["size"], []), first_is_row(["1.5", "oak"], ["x0"], [])
    (False, True)
    >>> first_is_row(["1.5", "oak"], ["size"], []) is None
    True
    """
    if set(names) <= set(unique_names(column_names(first, len(first)))[0]):
        return False
    cells = {f"x{index}": unquoted(cell) for index, cell in enumerate(first)}
    if not set(names) <= set(cells):
        return None
    numbers = [cells[name] for name in names if name not in texts]
    is_row = all(cell.lower() in NUMBER_GAPS or looks_like_number(cell) for cell in numbers)
    return is_row or None
