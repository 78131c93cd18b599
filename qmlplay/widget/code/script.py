"""The script behind “Show me the code”: it makes the same run again."""

from __future__ import annotations

from textwrap import dedent

from qmlplay.widget.code.course_code import training_code
from qmlplay.widget.code.own_data_code import own_data_code, quoted
from qmlplay.widget.data.own_data import OwnData
from qmlplay.widget.data.plane import Plane, dataset_options
from qmlplay.widget.playing.run_course import Course
from qmlplay.widget.settings.configuration import Configuration
from qmlplay.widget.settings.drawn_points import CLASS_NAMES, SCALE, Points

__all__ = ["script"]


def script(
    configuration: Configuration,
    plane: Plane,
    *,
    steps: int = 0,
    own_data: OwnData | None = None,
    course: Course | None = None,
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
    course : Course, optional
        How the run went, where `steps` do not say all.

    Examples
    --------
    >>> from qmlplay.widget.data.plane import make_plane
    >>> configuration = Configuration(max_iter=50, n_layers=2)
    >>> exec(script(configuration, make_plane(configuration), steps=30))
    train accuracy 0...
    test accuracy 0...
    """
    prepare, preparing = _prepare(configuration, plane)
    if plane.lacks:
        return f"# {plane.lacks}\n"
    if configuration.own_data and own_data:
        imports, data = own_data_code(own_data)
    else:
        imports, data = _drawn(plane.drawn) if plane.drawn else _known(configuration)
    imports += [
        *preparing,
        "from sklearn.model_selection import train_test_split",
        "from qmlplay import VariationalClassifier",
    ]
    if configuration.removed_gates:
        imports.append("from qmlplay.without_gates import WithoutGates")
    course = course or _simple(configuration, steps)
    parts = [
        f"# {_heading(course)}",
        _tidy(imports),
        data + _split(configuration, plane) + prepare,
        training_code(configuration, course) + _REPORT,
    ]
    return "\n".join(parts)


def _heading(course: Course) -> str:
    if not course.can_be_fitted:
        return "A model of the qmlplay playground, its numbers written out."
    if not course.steps:
        return "A run of the qmlplay playground, from its start to its end."
    return "A run of the qmlplay playground, made again step by step."


_TOP_LEVEL = "from qmlplay import "

_TO_NUMBERS = dedent("""\
    # Text, gaps and dates become numbers, learned from the training part.
    prepare = TablePreprocessor(){}.fit(X_train)
    X_train, X_test = prepare.transform(X_train), prepare.transform(X_test)
    """)

_REDUCE = dedent("""\
    # The two main directions of all features, learned from the training part.
    reduce = make_pipeline(StandardScaler(), PCA(2, svd_solver="full")).fit(X_train)
    X_train, X_test = reduce.transform(X_train), reduce.transform(X_test)
    """)

_REPORT = dedent("""\
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


def _drawn(points: Points) -> tuple[list[str], str]:
    """Return the imports and the lines that write drawn samples out, some to a line."""
    samples = [repr((CLASS_NAMES[label], x, y)) for label, x, y in points]
    rows = [", ".join(samples[i : i + 5]) for i in range(0, len(samples), 5)]
    written = "".join(f"    {row},\n" for row in rows)
    return ["import numpy as np"], (
        f"# What was drawn in the playground: class, x and y.\ndrawn = [\n{written}]\n"
        f"X = np.array([[x, y] for _, x, y in drawn]) / {SCALE}\n"
        "y = np.array([label for label, _, _ in drawn])\n"
    )


def _plain(value: object) -> str:
    return repr(list(value) if isinstance(value, tuple) else value)


def _split(configuration: Configuration, plane: Plane) -> str:
    chosen = None if plane.is_preprocessed else configuration.features
    X = "X" if chosen is None else f"X[:, {list(chosen)}]"
    seed = configuration.random_state
    return (
        "X_train, X_test, y_train, y_test = train_test_split(\n"
        f"    {X}, y, test_size={plane.test_size!r}, stratify=y, random_state={seed}\n)\n"
    )


def _prepare(configuration: Configuration, plane: Plane) -> tuple[str, list[str]]:
    """Return the lines that make two features of a table's columns, and their imports."""
    lines, imports = "", []
    chosen = plane.split.feature_names if configuration.features and plane.is_preprocessed else []
    if plane.is_preprocessed:
        lines += _TO_NUMBERS.format('.set_output(transform="pandas")' if chosen else "")
        imports += ["from qmlplay import TablePreprocessor"]
    if chosen:
        names = f"[{', '.join(map(quoted, chosen))}]"
        lines += f"chosen = {names}\nX_train, X_test = X_train[chosen], X_test[chosen]\n"
    if plane.is_reduced:
        lines += _REDUCE
        imports += [
            "from sklearn.decomposition import PCA",
            "from sklearn.pipeline import make_pipeline",
            "from sklearn.preprocessing import StandardScaler",
        ]
    return lines, imports


def _simple(configuration: Configuration, steps: int) -> Course:
    """Return the course of a run that was left alone, of one step per iteration."""
    return Course(steps, min(steps, configuration.max_iter), configuration.max_iter)
