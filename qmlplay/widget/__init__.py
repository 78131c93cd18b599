"""The interactive playground: a model to play with, in any Jupyter or in a browser.

ipywidgets and anywidget are imported when a playground is opened, not before.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qmlplay.widget.playground_widget import Playground

__all__ = ["playground"]


def playground(
    data: Any = None,
    target: Any = None,
    *,
    separator: str | None = None,
    drop: Sequence[Any] = (),
    features: Sequence[Any] | None = None,
    keep: Sequence[Any] = (),
    configuration: str | None = None,
    experiment: str | None = None,
) -> Playground:
    """Open the interactive playground in a notebook.

    Choose data, circuit, simulator and optimiser; watch the decision boundary and the loss while
    it trains, beside the same model without entanglement and a classical one; and take the run
    along as a script or as a native circuit. ``qmlplay play`` opens the same in a browser.

    Parameters
    ----------
    data : str, Path, tuple, DataFrame or Bunch, optional
        The name of a dataset, or data of your own: whatever `qmlplay.datasets.as_dataset` takes,
        of at most 5000 rows and 8 classes. The moons by default.
    target : str or other column label, optional
        The column with the labels, for a file or a DataFrame; by default one called target,
        class, label, species or the like, else the last one.
    separator, drop, features, keep : optional
        How a file or a DataFrame is read, see `qmlplay.tables.read_table`.
    configuration : str, optional
        A string from “Share this state”, to start from.
    experiment : str, optional
        A guided experiment to start from, such as ``"entanglement"`` or ``"plateau"``: a name in
        `qmlplay.widget.experiments.EXPERIMENTS`. It brings its own data and settings.

    Returns
    -------
    Playground
        A widget; a notebook shows it where it is the last value of a cell. Its methods ``play``,
        ``pause``, ``step``, ``reset``, ``change`` and ``close`` do what the page does; ``model``
        is the classifier trained so far.

    Raises
    ------
    ImportError
        If anywidget is not installed; the text is the command to type.
    TypeError, ValueError
        If the data, the string or the experiment are not allowed.

    Examples
    --------
    >>> from qmlplay import playground
    >>> widget = playground("circles")
    >>> widget.configuration.dataset
    'circles'
    >>> widget.close()
    >>> widget = playground(experiment="entanglement")
    >>> widget.configuration.dataset
    'checkerboard'
    >>> widget.close()
    """
    if find_spec("anywidget") is None:
        raise ImportError('the playground needs anywidget: pip install "qmlplay[widget]"')
    from qmlplay.widget.experiments import start_of
    from qmlplay.widget.playground_widget import Playground

    if experiment is not None:
        configuration = start_of(experiment, data=data, configuration=configuration)
    options = {"separator": separator, "drop": drop, "features": features, "keep": keep}
    return Playground.opened(data, target, configuration=configuration, **options)
