"""Simulations of the verdict: how often equal models are called different, and 0.05 is found.

``python tests/verdict_simulations.py`` prints the tables of tests/benchmarks/README.md. Two models
learn in the same way from the same labels, each from four columns of its own, which are normal and
as far apart for the second class as for the other model: neither is better. For power, one model's
columns are farther apart.
"""

from __future__ import annotations

from functools import cache

import click
import numpy as np
from scipy.spatial import cKDTree
from sklearn.model_selection import StratifiedKFold, StratifiedShuffleSplit
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from qmlplay.compare.evidence.statistics import LEVEL, difference
from qmlplay.compare.running import Predictions

N_COLUMNS = 4


class LeastSquares:
    """A linear classifier, as good as logistic regression here and many times quicker."""

    def fit(self, X, y):
        self.weights = np.linalg.lstsq(np.column_stack([X, np.ones(len(X))]), 2 * y - 1)[0]
        return self

    def predict(self, X):
        return (X @ self.weights[:-1] + self.weights[-1] > 0).astype(int)


class NaiveBayes:
    """Gaussian naive Bayes of two balanced classes."""

    def fit(self, X, y):
        self.moments = [(X[y == label].mean(axis=0), X[y == label].var(axis=0)) for label in (0, 1)]
        return self

    def predict(self, X):
        scores = [-(np.log(v) + (X - m) ** 2 / v).sum(axis=1) for m, v in self.moments]
        return (scores[1] > scores[0]).astype(int)


class RandomFeatures:
    """Ridge regression on random features, which differ from training to training."""

    def __init__(self, seed):
        self.generator = np.random.default_rng(seed)

    def fit(self, X, y):
        self.inner = self.generator.normal(size=(X.shape[1] + 1, 12))
        hidden = self._hidden(X)
        penalty = 0.01 * np.eye(12)
        self.weights = np.linalg.solve(hidden.T @ hidden + penalty, hidden.T @ (2 * y - 1))
        return self

    def predict(self, X):
        return (self._hidden(X) @ self.weights > 0).astype(int)

    def _hidden(self, X):
        return np.tanh(np.column_stack([X, np.ones(len(X))]) @ self.inner)


class Neighbours:
    """The majority of the nearest neighbours."""

    def __init__(self, n_neighbors):
        self.n_neighbors = n_neighbors

    def fit(self, X, y):
        self.tree, self.y = cKDTree(X), y
        return self

    def predict(self, X):
        nearest = self.tree.query(X, self.n_neighbors)[1].reshape(len(X), -1)
        return (self.y[nearest].mean(axis=1) > 0.5).astype(int)


FAMILIES = {
    "least squares": lambda seed: LeastSquares(),
    "naive Bayes": lambda seed: NaiveBayes(),
    "random features": RandomFeatures,
    "tree of depth 3": lambda seed: DecisionTreeClassifier(max_depth=3, random_state=seed),
    "grown tree": lambda seed: DecisionTreeClassifier(random_state=seed),
    "5 neighbours": lambda seed: Neighbours(5),
    "1 neighbour": lambda seed: Neighbours(1),
    "RBF-SVC": lambda seed: SVC(),
}
#: The families that had no part in finding the numbers of the formula.
NEW_FAMILIES = ["1 neighbour", "RBF-SVC"]
#: Name → number of splits, folds (0: random splits with 30 % of the samples).
SCHEMES = {
    "1 split": (1, 0),
    "3 splits": (3, 0),
    "5 splits": (5, 0),
    "10 splits": (10, 0),
    "cv=5": (5, 5),
    "cv=10": (10, 10),
    "2 × cv=5": (10, 5),
}


@cache
def splits(n_samples, n_splits, n_folds, n_test=None):
    """Return the labels and the (train, test) rows of a scheme, the same for all tables.

    The rows of a table are drawn independently of each other, so that one division is as good as
    another.
    """
    y = np.arange(n_samples) % 2
    if n_folds:
        repeats = [
            StratifiedKFold(n_folds, shuffle=True, random_state=seed).split(y, y)
            for seed in range(n_splits // n_folds)
        ]
        return y, [pair for repeat in repeats for pair in repeat]
    splitter = StratifiedShuffleSplit(n_splits, test_size=n_test or 0.3, random_state=0)
    return y, list(splitter.split(y, y))


def runs(make, generator, distance, y, pairs):
    """Return a model's runs on a table of its own columns."""
    X = generator.normal(size=(len(y), N_COLUMNS))
    X += distance / np.sqrt(N_COLUMNS) * (2 * y[:, None] - 1)
    of_model = {}
    for number, (train, test) in enumerate(pairs):
        model = make(int(generator.integers(2**31))).fit(X[train], y[train])
        p = model.predict(X)
        recalls = [np.mean(p[train][y[train] == label] == label) for label in (0, 1)]
        of_model[number] = Predictions(
            0, test, y[test], p[test], 0, len(train), float(np.mean(recalls))
        )
    return of_model


def differences(family, scheme, n_samples, n_tables, distances=(0.8, 0.8), n_test=None):
    """Yield the difference of two models on each table."""
    y, pairs = splits(n_samples, *SCHEMES[scheme], n_test)
    for table in range(n_tables):
        generator = np.random.default_rng([table, n_samples, *SCHEMES[scheme]])
        models = [runs(FAMILIES[family], generator, d, y, pairs) for d in distances]
        yield difference(*models)


def share_called_different(*arguments, **options):
    """Return the share of tables where the test excludes that the models are equal."""
    return float(np.mean([d.p_value < LEVEL for d in differences(*arguments, **options)]))


#: (family, better, worse) → how far apart the classes are for such accuracies with 800 samples.
DISTANCES = {
    ("least squares", 0.90, 0.85): (1.290, 1.045),
    ("least squares", 0.85, 0.80): (1.045, 0.850),
    ("5 neighbours", 0.90, 0.85): (1.368, 1.132),
    ("5 neighbours", 0.85, 0.80): (1.132, 0.951),
    ("grown tree", 0.90, 0.85): (1.622, 1.352),
    ("grown tree", 0.85, 0.80): (1.352, 1.147),
}


def share_found(family, better, worse, scheme, n_tables):
    """Return how often a difference of 0.05 is found with 1,000 test samples, and the mean."""
    n_samples, n_test = (1000, None) if SCHEMES[scheme][1] else (1800, 1000)
    distances = DISTANCES[family, better, worse]
    found = list(differences(family, scheme, n_samples, n_tables, distances, n_test))
    return float(np.mean([d.p_value < LEVEL for d in found])), float(
        np.mean([d.mean for d in found])
    )


@click.command()
@click.option("--tables", default=1000, show_default=True)
@click.option("--sizes", default="100,200,300,1000", show_default=True)
@click.option("--families", default=",".join(FAMILIES), show_default=True)
@click.option("--schemes", default=",".join(SCHEMES), show_default=True)
@click.option("--power-tables", default=1000, show_default=True)
def main(tables, sizes, families, schemes, power_tables):
    """Print how often equal models are called different, and how often 0.05 is found."""
    schemes = schemes.split(",")
    for n_samples in map(int, filter(None, sizes.split(","))):
        for family in families.split(","):
            shares = [share_called_different(family, s, n_samples, tables) for s in schemes]
            report(n_samples, family, *(f"{share:.3f}" for share in shares))
    for key in DISTANCES if power_tables else ():
        found = [share_found(*key, scheme, power_tables) for scheme in schemes]
        report(*key, *(f"{share:.2f} ({mean:.3f})" for share, mean in found))


def report(*cells):
    """Print a row of a table."""
    print("|", " | ".join(map(str, cells)), "|", flush=True)


if __name__ == "__main__":
    main()
