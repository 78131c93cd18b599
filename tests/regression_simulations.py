"""Simulations of the verdict on numbers: how often equal models are called different.

``python tests/regression_simulations.py`` prints the tables of tests/benchmarks/README.md. As in
``verdict_simulations`` two models learn in the same way, each from four columns of its own, which
are the target and normal noise: neither is better. For power, one model's columns have less noise.
"""

from __future__ import annotations

import click
import numpy as np
from scipy.spatial import cKDTree
from sklearn.ensemble import RandomForestRegressor
from sklearn.metrics import r2_score
from sklearn.model_selection import KFold, ShuffleSplit
from sklearn.svm import SVR
from sklearn.tree import DecisionTreeRegressor
from verdict_simulations import N_COLUMNS, SCHEMES, report

from qmlplay.compare.evidence.statistics import LEVEL, difference
from qmlplay.compare.running import RegressionPredictions


class Linear:
    """Least squares."""

    def fit(self, X, y):
        self.weights = np.linalg.lstsq(np.column_stack([X, np.ones(len(X))]), y)[0]
        return self

    def predict(self, X):
        return X @ self.weights[:-1] + self.weights[-1]


class RandomFeaturesRidge:
    """Ridge regression on random features, which differ from training to training."""

    def __init__(self, seed):
        self.generator = np.random.default_rng(seed)

    def fit(self, X, y):
        self.inner = self.generator.normal(size=(X.shape[1] + 1, 12))
        hidden = self._hidden(X)
        self.weights = np.linalg.solve(hidden.T @ hidden + 0.01 * np.eye(13), hidden.T @ y)
        return self

    def predict(self, X):
        return self._hidden(X) @ self.weights

    def _hidden(self, X):
        inner = np.tanh(np.column_stack([X, np.ones(len(X))]) @ self.inner)
        return np.column_stack([inner, np.ones(len(X))])


class NeighbourMean:
    """The mean of the nearest neighbours."""

    def __init__(self, n_neighbors):
        self.n_neighbors = n_neighbors

    def fit(self, X, y):
        self.tree, self.y = cKDTree(X), y
        return self

    def predict(self, X):
        nearest = self.tree.query(X, self.n_neighbors)[1].reshape(len(X), -1)
        return self.y[nearest].mean(axis=1)


REGRESSORS = {
    "least squares": lambda seed: Linear(),
    "random features": RandomFeaturesRidge,
    "tree of depth 3": lambda seed: DecisionTreeRegressor(max_depth=3, random_state=seed),
    "grown tree": lambda seed: DecisionTreeRegressor(random_state=seed),
    "5 neighbours": lambda seed: NeighbourMean(5),
    "1 neighbour": lambda seed: NeighbourMean(1),
    "RBF-SVR": lambda seed: SVR(),
    "forest": lambda seed: RandomForestRegressor(10, random_state=seed),
}
#: Standard deviation of the columns' noise beside the target's 1.
USUAL_NOISE = 2.0


def divided(n_samples, scheme, seed):
    """Return the (train, test) rows of a scheme."""
    n_splits, n_folds = SCHEMES[scheme]
    rows = np.arange(n_samples)
    if n_folds:
        repeats = [
            KFold(n_folds, shuffle=True, random_state=seed + number).split(rows)
            for number in range(n_splits // n_folds)
        ]
        return [pair for repeat in repeats for pair in repeat]
    return list(ShuffleSplit(n_splits, test_size=0.3, random_state=seed).split(rows))


def targets(kind, generator, n_samples):
    """Return numbers that are normal, or with tails as long as those of prices."""
    y = generator.normal(size=n_samples)
    return np.exp(y) / 2 if kind == "skewed" else y


def runs_of(make, generator, noise, y, pairs):
    """Return a model's runs on a table of its own columns."""
    X = y[:, None] + noise * generator.normal(size=(len(y), N_COLUMNS))
    of_model = {}
    for number, (train, test) in enumerate(pairs):
        model = make(int(generator.integers(2**31))).fit(X[train], y[train])
        p = model.predict(X)
        of_model[number] = RegressionPredictions(
            0, test, y[test], p[test], y[train].mean(), len(train), r2_score(y[train], p[train])
        )
    return of_model


def pairs_of_runs(family, scheme, n_samples, n_tables, noises=(USUAL_NOISE,) * 2, kind="normal"):
    """Yield the runs of two models on each table."""
    for table in range(n_tables):
        generator = np.random.default_rng([table, n_samples, *SCHEMES[scheme]])
        y = targets(kind, generator, n_samples)
        pairs = divided(n_samples, scheme, table)
        yield [runs_of(REGRESSORS[family], generator, noise, y, pairs) for noise in noises]


def share_called_different(*arguments, **options):
    """Return the share of tables where the test excludes that the models are equal."""
    differences = [difference(*pair, "R²") for pair in pairs_of_runs(*arguments, **options)]
    return float(np.mean([d.p_value < LEVEL for d in differences]))


@click.command()
@click.option("--tables", default=1000, show_default=True)
@click.option("--sizes", default="100,300", show_default=True)
@click.option("--families", default=",".join(REGRESSORS), show_default=True)
@click.option("--schemes", default="1 split,3 splits,5 splits,10 splits,cv=5", show_default=True)
@click.option("--kinds", default="normal,skewed", show_default=True)
@click.option("--noises", default="2,2", show_default=True, help="Other than equal: for power.")
def main(tables, sizes, families, schemes, kinds, noises):
    """Print how often two models are called different."""
    noises = tuple(map(float, noises.split(",")))
    for kind in kinds.split(","):
        for n_samples in map(int, sizes.split(",")):
            for family in families.split(","):
                shares = [
                    share_called_different(family, s, n_samples, tables, noises, kind)
                    for s in schemes.split(",")
                ]
                report(kind, n_samples, family, *(f"{share:.3f}" for share in shares))


if __name__ == "__main__":
    main()
