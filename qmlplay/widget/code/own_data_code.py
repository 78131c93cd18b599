"""Lines of Python that bring the user's own data back: read from their file, or written out."""

from __future__ import annotations

import json
from textwrap import dedent
from typing import Any

from qmlplay.widget.data.own_data import OwnData

__all__ = ["own_data_code", "quoted"]

#: Data of more values than this are read from a file, not written into the script.
_MOST_VALUES = 4_000


def own_data_code(own_data: OwnData) -> tuple[list[str], str]:
    r"""Return the imports and the lines after which X and y are the user's own data.

    Parameters
    ----------
    own_data : OwnData

    Returns
    -------
    imports : list of str
    lines : str

    Examples
    --------
    >>> from qmlplay.widget.data.own_data import OwnData, Upload
    >>> trees = Upload("trees.csv", b"a;b;kind\n1;2;fir\n2;1;oak\n1;1;fir\n2;2;oak\n")
    >>> trees = OwnData.from_upload(trees, "kind")
    >>> print(own_data_code(trees)[1])
    # The file that you gave to the playground, in the current folder.
    data = as_dataset("trees.csv", "kind")
    X, y = data.X, data.y
    <BLANKLINE>
    """
    if own_data.upload is not None:
        return ["from qmlplay.datasets import as_dataset"], _read(own_data)
    is_small = own_data.bunch.X.size <= _MOST_VALUES
    if own_data.is_numeric:
        return ["import numpy as np"], _array(own_data) if is_small else _KEPT_ARRAYS
    frame = _frame(own_data) if is_small else _kept_frame(own_data)
    return ["import numpy as np", "import pandas as pd"], frame


def quoted(value: object) -> str:
    """Return a value as Python code, text in double quotation marks."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def _read(own_data: OwnData) -> str:
    assert own_data.upload is not None
    options = {k: list(v) if isinstance(v, tuple) else v for k, v in own_data.options.items()}
    target = [quoted(options.pop("target"))] if "target" in options else []
    others = [f"{name}={quoted(value)}" for name, value in options.items()]
    arguments = ", ".join([quoted(own_data.upload.file_name), *target, *others])
    return (
        "# The file that you gave to the playground, in the current folder.\n"
        f"data = as_dataset({arguments})\nX, y = data.X, data.y\n"
    )


def _array(own_data: OwnData) -> str:
    return f"X = np.array({own_data.bunch.X.tolist()!r})\n{_labels(own_data)}"


def _labels(own_data: OwnData) -> str:
    return f"y = np.array({own_data.bunch.y.tolist()!r})\n"


_KEPT_ARRAYS = dedent("""\
    # The data that you gave to the playground, kept from there (`widget` is the playground):
    #     np.savez("own_data.npz", X=widget.data.X, y=widget.data.y)
    with np.load("own_data.npz") as data:
        X, y = data["X"], data["y"]
    """)


def _frame(own_data: OwnData) -> str:
    """Return the lines that write a table of numbers, text and dates out, column by column."""
    X = own_data.bunch.X
    columns = [f"    {quoted(name)}: {_column(X[name])},\n" for name in X.columns]
    return f"X = pd.DataFrame({{\n{''.join(columns)}}})\n{_labels(own_data)}"


def _column(values: Any) -> str:
    filled = values.astype(object).where(values.notna(), None).tolist()
    if values.dtype.kind != "M":
        return repr(filled)
    dates = [None if value is None else value.isoformat() for value in filled]
    return f'pd.to_datetime({dates!r}, format="ISO8601")'


def _kept_frame(own_data: OwnData) -> str:
    X, target = own_data.bunch.X, quoted(own_data.bunch.recognition.target)
    text = [name for name in X.columns if X[name].dtype.kind not in "fM"]
    dates = [name for name in X.columns if X[name].dtype.kind == "M"]
    if own_data.bunch.y.dtype.kind == "U":
        text.append(own_data.bunch.recognition.target)
    return dedent(f"""\
        # The data that you gave to the playground, kept from there (`widget` is the playground):
        #     table = widget.data.X.assign(**{{{target}: widget.data.y}})
        #     table.to_csv("own_data.csv", index=False)
        data = pd.read_csv(
            "own_data.csv", dtype=dict.fromkeys({text!r}, str), parse_dates={dates!r},
            keep_default_na=False, na_values=[""], float_precision="round_trip",
        )
        y = np.array(data.pop({target}).tolist())
        X = data
        """)
