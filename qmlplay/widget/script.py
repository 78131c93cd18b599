"""The script behind “Show me the code”: it makes the same run again."""

from __future__ import annotations

import json
from textwrap import dedent

from qmlplay.widget.configuration import Configuration
from qmlplay.widget.models import model_parameters
from qmlplay.widget.own_data import OwnData
from qmlplay.widget.plane import TEST_SIZE, Plane, dataset_options

__all__ = ["script"]

#: Own data of more numbers than this are read from a file, not written into the script.
_MOST_NUMBERS = 4_000


def script(
    configuration: Configuration, plane: Plane, *, steps: int = 0, own_data: OwnData | None = None
) -> str:
    """Return a Python script that trains the same model on the same data for as many steps.

    Parameters
    ----------
    configuration : Configuration
    plane : Plane
        The data of that configuration.
    steps : int, default=0
        Training steps, after which the script ends training; 0 trains to the end.
    own_data : OwnData, optional
        The user's own data, where the configuration belongs to them.

    Examples
    --------
    >>> from qmlplay.widget.plane import make_plane
    >>> configuration = Configuration(max_iter=50, n_layers=2)
    >>> exec(script(configuration, make_plane(configuration), steps=30))
    train accuracy 0...
    test accuracy 0...
    """
    reduces = configuration.features is None and len(plane.columns) > 2
    imports, data = (
        _given(own_data) if configuration.own_data and own_data else _known(configuration)
    )
    if reduces:
        imports += [
            "from sklearn.decomposition import PCA",
            "from sklearn.pipeline import make_pipeline",
            "from sklearn.preprocessing import StandardScaler",
        ]
    imports += [
        "from sklearn.model_selection import train_test_split",
        "from qmlplay import VariationalClassifier",
    ]
    parts = [
        "# A run of the qmlplay playground, made again step by step.",
        _tidy(imports),
        data + _split(configuration) + (_REDUCE if reduces else ""),
        _model(configuration, steps) + _REPORT,
    ]
    return "\n".join(parts)


_TOP_LEVEL = "from qmlplay import "

_REDUCE = dedent("""\
    # The two main directions of all features, learned from the training part.
    reduce = make_pipeline(StandardScaler(), PCA(2, svd_solver="full")).fit(X_train)
    X_train, X_test = reduce.transform(X_train), reduce.transform(X_test)
    """)

_REPORT = dedent("""\
    model.fit(X_train, y_train)
    print(f"train accuracy {model.score(X_train, y_train):.4f}")
    print(f"test accuracy {model.score(X_test, y_test):.4f}")
    """)


def _tidy(imports: list[str]) -> str:
    """Return imports as people order them: other packages, then qmlplay."""
    names = sorted(line.split(" import ")[1] for line in imports if line.startswith(_TOP_LEVEL))
    rest = [line for line in imports if not line.startswith(_TOP_LEVEL)]
    others = sorted((line for line in rest if "qmlplay" not in line), key=_import_first)
    further = [line for line in rest if "qmlplay" in line]
    lines = [*others, "", _TOP_LEVEL + ", ".join(names), *further, ""]
    return "\n".join(lines)


def _import_first(line: str) -> tuple[bool, str]:
    return line.startswith("from"), line


def _known(configuration: Configuration) -> tuple[list[str], str]:
    """Return the imports and the lines that load a dataset by name."""
    options = {name: _plain(value) for name, value in dataset_options(configuration).items()}
    arguments = ", ".join(f"{name}={value}" for name, value in options.items())
    line = f'data = load_dataset("{configuration.dataset}", {arguments})\n'
    return ["from qmlplay import load_dataset"], f"{line}X, y = data.X, data.y\n"


def _plain(value: object) -> str:
    return repr(list(value) if isinstance(value, tuple) else value)


def _given(own_data: OwnData) -> tuple[list[str], str]:
    """Return the imports and the lines that hold or read the user's own data."""
    X, y = own_data.bunch.X, own_data.bunch.y
    if own_data.csv is not None:
        target = "" if own_data.target is None else f", {_quoted(own_data.target)}"
        lines = "# The file that you gave to the playground, in the current folder.\n"
        file = _quoted(own_data.file_name)
        lines += f"data = as_dataset({file}{target})\nX, y = data.X, data.y\n"
        return ["from qmlplay.datasets import as_dataset"], lines
    if X.size <= _MOST_NUMBERS:
        lines = f"X = np.array({X.tolist()!r})\ny = np.array({y.tolist()!r})\n"
        return ["import numpy as np"], lines
    lines = dedent("""\
        # The data that you gave to the playground, kept from there (`widget` is the playground):
        #     np.savez("own_data.npz", X=widget.data.X, y=widget.data.y)
        with np.load("own_data.npz") as data:
            X, y = data["X"], data["y"]
        """)
    return ["import numpy as np"], lines


def _split(configuration: Configuration) -> str:
    chosen = configuration.features
    X = "X" if chosen is None else f"X[:, {list(chosen)}]"
    seed = configuration.random_state
    return (
        "X_train, X_test, y_train, y_test = train_test_split(\n"
        f"    {X}, y, test_size={TEST_SIZE}, stratify=y, random_state={seed}\n)\n"
    )


def _model(configuration: Configuration, steps: int) -> str:
    parameters = model_parameters(configuration)
    lines = [f"    {name}={_quoted(value)},\n" for name, value in parameters.items()]
    if steps:
        end = f"lambda state: state.step == {steps}"
        lines.append(f"    callbacks=[{end}],  # as far as the playground had come\n")
    return "model = VariationalClassifier(\n" + "".join(lines) + ")\n"


def _quoted(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
