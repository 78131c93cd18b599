"""The data as points of a plane, divided into a training and a test part."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import Bunch

from qmlplay.compare.setup import Split, stratified_split
from qmlplay.datasets import load_dataset
from qmlplay.errors import listed
from qmlplay.tables import TablePreprocessor
from qmlplay.typing import Real
from qmlplay.widget.data.drawn_data import drawn_split, drawn_test_size
from qmlplay.widget.data.own_data import OwnData
from qmlplay.widget.settings.choices import DRAWN, OWN_DATA, TOYS
from qmlplay.widget.settings.configuration import Configuration
from qmlplay.widget.settings.drawn_points import CLASS_NAMES, Points, lacking

__all__ = ["TEST_SIZE", "Plane", "dataset_options", "make_plane"]

#: The share of the data that no model sees in training.
TEST_SIZE = 0.3
#: Of drawn data: it does not jump with every sample.
_DRAWN_EXTENT = (-1.08, 1.08, -1.08, 1.08)


@dataclass(frozen=True, eq=False)
class Plane:
    """Data of the playground, on which its models are trained and shown.

    Parameters
    ----------
    split : Split
        Parts of two features each.
    class_names : tuple of str
        In the order of the sorted labels.
    columns : tuple of str
        All features of the data as numbers, from which the two come.
    notice : str
        What was done to get two features; empty where nothing was.
    is_preprocessed : bool
        Whether text, gaps or dates were made into numbers first.
    is_reduced : bool
        Whether the two are the main directions of more.
    test_size : float
        The share of the test part.
    drawn : tuple of (int, int, int), optional
        The samples as they were drawn by clicking, if they were.
    """

    split: Split
    class_names: tuple[str, ...]
    columns: tuple[str, ...]
    notice: str = ""
    is_preprocessed: bool = False
    is_reduced: bool = False
    test_size: float = TEST_SIZE
    drawn: Points | None = None

    @property
    def lacks(self) -> str:
        """What has to be drawn before a model can be trained; empty where nothing is lacking."""
        return "" if self.drawn is None else lacking(self.drawn)

    @property
    def n_classes(self) -> int:
        """How many classes a model tells apart, at least 2."""
        return max(2, len(np.unique(self.split.y_train)))

    @property
    def class_numbers(self) -> list[int]:
        """By which numbers the classes are coloured: a drawn one keeps its own."""
        if self.drawn is None:
            return list(range(self.n_classes))
        return [CLASS_NAMES.index(name) for name in self.class_names]

    @cached_property
    def extent(self) -> tuple[float, float, float, float]:
        """(x_low, x_high, y_low, y_high) of the picture, in the units of the features."""
        if self.drawn is not None:
            return _DRAWN_EXTENT
        X = np.concatenate([self.split.X_train, self.split.X_test])
        low, high = X.min(axis=0), X.max(axis=0)
        margin = np.where(high > low, 0.08 * (high - low), 1.0)
        (x_low, y_low), (x_high, y_high) = (low - margin).tolist(), (high + margin).tolist()
        return x_low, x_high, y_low, y_high

    def grid(self, resolution: int) -> Real:
        """Return the points of a square grid, row by row from the top left: (resolution², 2).

        None is (0, 0), which no state has as its amplitudes; there is one right beside it instead.
        """
        x_low, x_high, y_low, y_high = self.extent
        x, y = np.linspace(x_low, x_high, resolution), np.linspace(y_high, y_low, resolution)
        points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
        points[~points.any(axis=1)] = 1e-9 * (x_high - x_low)
        return points


def dataset_options(configuration: Configuration) -> dict[str, object]:
    """Return the options of `load_dataset` that a configuration stands for."""
    toy = TOYS[configuration.dataset]
    noise = {} if toy.noise is None else {toy.noise: configuration.data_noise}
    return {**toy.options, **noise, "random_state": configuration.random_state}


def make_plane(configuration: Configuration, own_data: OwnData | None = None) -> Plane:
    """Return the data of a configuration as points of a plane.

    Text, gaps and dates become numbers first. Two features stay as they are. Of more, either the
    chosen two are taken, or the two main directions (PCA of the standardised features). All of it
    is learned from the training part alone.

    Raises
    ------
    ValueError
        If it belongs to other data of the user's than those given, a column does not exist, or
        a class is too small to be divided. Of drawn samples any number makes a plane: what it
        lacks says `Plane.lacks`.
    """
    if configuration.dataset == DRAWN:
        return _drawn_plane(configuration)
    bunch = _bunch(configuration, own_data)
    is_own = own_data is not None and bunch is own_data.bunch
    columns = tuple(own_data.columns if is_own and own_data else bunch.feature_names)
    is_preprocessed = is_own and own_data is not None and not own_data.is_numeric
    split = stratified_split(bunch, TEST_SIZE, configuration.random_state)
    if is_preprocessed:
        split = _as_numbers(split)
    plane = Plane(split, tuple(bunch.target_names), columns, is_preprocessed=is_preprocessed)
    if configuration.features is not None:
        return replace(plane, split=_chosen(split, configuration.features, columns))
    if len(split.feature_names) == 2:
        return plane
    became = "numbers made of its columns" if is_preprocessed else "features"
    notice = (
        f"{bunch.name} has {len(split.feature_names)} {became}: the plane shows their two main "
        "directions (PCA), learned from the training part. Or choose two columns."
    )
    return replace(plane, split=_two_main_directions(split), notice=notice, is_reduced=True)


def _drawn_plane(configuration: Configuration) -> Plane:
    points = configuration.points
    test_size = TEST_SIZE if lacking(points) else drawn_test_size(points, TEST_SIZE)
    split = drawn_split(points, TEST_SIZE, configuration.random_state)
    names = tuple(np.unique([*split.y_train, *split.y_test]).tolist())
    return Plane(split, names, tuple(split.feature_names), test_size=test_size, drawn=points)


def _bunch(configuration: Configuration, own_data: OwnData | None) -> Bunch:
    if configuration.dataset != OWN_DATA:
        return load_dataset(configuration.dataset, **dataset_options(configuration))
    if own_data is None or own_data.fingerprint != configuration.own_data:
        name = None if own_data is None else own_data.bunch.name
        present = "there are none here" if name is None else f"{name!r} here are others"
        raise ValueError(
            f"this configuration belongs to own data that it does not carry, and {present}: load "
            "the same file or DataFrame first"
        )
    return own_data.bunch


def _as_numbers(split: Split) -> Split:
    """Return the parts as numbers, learned from the training part."""
    preprocessor = TablePreprocessor().fit(split.X_train)
    names = preprocessor.get_feature_names_out().tolist()
    if len(names) < 2:
        raise ValueError(
            f"{split.dataset}: in the training part only {listed(names)} tells samples apart, but "
            "the picture needs two features: choose another seed"
        )
    X_train, X_test = map(preprocessor.transform, (split.X_train, split.X_test))
    return replace(split, X_train=X_train, X_test=X_test, feature_names=names)


def _chosen(split: Split, features: tuple[int, int], columns: tuple[str, ...]) -> Split:
    if max(features) >= len(columns):
        raise ValueError(
            f"features={features}: {split.dataset} has columns 0 to {len(columns) - 1}"
        )
    names = [columns[feature] for feature in features]
    missing = [name for name in names if name not in split.feature_names]
    if missing:
        raise ValueError(
            f"{listed(missing)} is the same in the whole training part of {split.dataset}: choose "
            "another column or another seed"
        )
    pair = [list(split.feature_names).index(name) for name in names]
    X_train, X_test = split.X_train[:, pair], split.X_test[:, pair]
    return replace(split, X_train=X_train, X_test=X_test, feature_names=names)


def _two_main_directions(split: Split) -> Split:
    reduce = make_pipeline(StandardScaler(), PCA(2, svd_solver="full")).fit(split.X_train)
    names = ["main direction 1", "main direction 2"]
    X_train, X_test = reduce.transform(split.X_train), reduce.transform(split.X_test)
    return replace(split, X_train=X_train, X_test=X_test, feature_names=names)
