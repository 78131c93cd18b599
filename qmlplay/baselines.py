"""Classical baselines: what a quantum model has to be compared with.

Each one is a scikit-learn Pipeline with its scaler inside, so that nothing is learned from test
data. Their settings are scikit-learn's usual ones, not tuned to any dataset.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.utils.validation import check_is_fitted

from qmlplay.errors import unknown_name

__all__ = ["count_parameters", "list_baselines", "make_baseline", "matched_hidden_units"]

RandomState = int | np.random.RandomState | None


def _svc(random_state: RandomState) -> Any:
    # ensemble=False: one SVC on all rows, and a sigmoid from held-out scores for probabilities
    return CalibratedClassifierCV(SVC(random_state=random_state), ensemble=False, cv=3)


def _mlp(random_state: RandomState, hidden_units: int = 16) -> Any:
    # smooth units and L-BFGS: on a few hundred rows this converges, without a learning rate
    return MLPClassifier(
        (hidden_units,),
        activation="tanh",
        solver="lbfgs",
        alpha=1e-2,
        max_iter=5_000,
        max_fun=100_000,
        random_state=random_state,
    )


_CLASSIFIERS: Mapping[str, Callable[[RandomState], Any]] = MappingProxyType(
    {
        "dummy": lambda seed: DummyClassifier(strategy="prior", random_state=seed),
        "logistic_regression": lambda seed: LogisticRegression(max_iter=1_000, random_state=seed),
        "svc_rbf": _svc,
        "k_nearest_neighbours": lambda _: KNeighborsClassifier(),
        "random_forest": lambda seed: RandomForestClassifier(random_state=seed),
        "gradient_boosting": lambda seed: GradientBoostingClassifier(random_state=seed),
        "mlp": _mlp,
    }
)


def list_baselines() -> list[str]:
    """Return the name of every baseline, from the plainest on.

    Examples
    --------
    >>> list_baselines()[:3]
    ['dummy', 'logistic_regression', 'svc_rbf']
    """
    return list(_CLASSIFIERS)


def make_baseline(
    name: str,
    *,
    random_state: RandomState = None,
    n_parameters: int | None = None,
    n_features: int | None = None,
    n_classes: int | None = None,
) -> Pipeline:
    """Return an unfitted classical pipeline: standard scaling, then a classifier.

    Every baseline has ``predict_proba``. That of ``svc_rbf`` comes from a sigmoid fitted in
    three-fold cross-validation, so it needs three rows of each class. ``dummy`` predicts the
    commonest class with the classes' shares as probabilities.

    Parameters
    ----------
    name : str
        One of `list_baselines`.
    random_state : None, int or RandomState
        Seed of the classifier, where it draws numbers.
    n_parameters : int, optional
        For ``mlp`` only, the others ignore it: the number of weights to match, at least 1; needs
        `n_features` and `n_classes`. Without it the hidden layer has 16 units.
    n_features : int, optional
        The number of columns of X.
    n_classes : int, optional
        The number of different labels, at least 2.

    Returns
    -------
    sklearn.pipeline.Pipeline
        The classifier is its last step; labels may be of any kind.

    Raises
    ------
    ValueError
        If the name is unknown, or `n_parameters` comes without the other two numbers.

    Examples
    --------
    >>> from qmlplay.datasets import load_dataset
    >>> data = load_dataset("moons", random_state=0)
    >>> model = make_baseline("mlp", random_state=0, n_parameters=50, n_features=2, n_classes=2)
    >>> count_parameters(model.fit(data.X, data.y))
    49
    """
    if name not in _CLASSIFIERS:
        raise unknown_name("baseline", name, _CLASSIFIERS)
    if name != "mlp" or n_parameters is None:
        return make_pipeline(StandardScaler(), _CLASSIFIERS[name](random_state))
    if n_features is None or n_classes is None:
        raise ValueError(
            f"n_parameters={n_parameters!r} needs n_features and n_classes as well, for instance "
            f"make_baseline('mlp', n_parameters={n_parameters!r}, n_features=2, n_classes=2)"
        )
    units = matched_hidden_units(n_parameters, n_features, n_classes)
    return make_pipeline(StandardScaler(), _mlp(random_state, units))


def matched_hidden_units(n_parameters: int, n_features: int, n_classes: int) -> int:
    """Return the width of the hidden layer whose network has nearest to `n_parameters` weights.

    With h units and o outputs (1 for two classes, else one per class) there are
    h (n_features + 1) + o (h + 1) weights, biases included.

    Parameters
    ----------
    n_parameters : int, at least 1
    n_features : int, at least 1
    n_classes : int, at least 2

    Returns
    -------
    int
        At least 1, even where that has more weights than asked for.

    Raises
    ------
    ValueError
        If a number is too small or not whole.

    Examples
    --------
    >>> matched_hidden_units(50, n_features=2, n_classes=2)  # 12 · 3 + 13 = 49
    12
    """
    _refuse_below("n_parameters", n_parameters, 1)
    _refuse_below("n_features", n_features, 1)
    _refuse_below("n_classes", n_classes, 2)
    outputs = 1 if n_classes == 2 else n_classes
    return max(1, round((n_parameters - outputs) / (n_features + 1 + outputs)))


def _refuse_below(name: str, value: int, least: int) -> None:
    if not isinstance(value, int | np.integer) or value < least:
        raise ValueError(f"{name}={value!r}: must be a whole number, at least {least}")


def count_parameters(fitted_estimator: Any) -> int | None:
    """Return how many numbers a fitted baseline has learned; its scaler is left out.

    What counts: logistic regression, coefficients and intercepts; MLP, weights and biases; SVC,
    support vectors, their dual coefficients, intercepts, and two numbers per calibrating
    sigmoid; trees, a feature and a threshold per split and the values of each leaf (one per
    class in a forest, one in boosting, where the starting priors come on top); nearest
    neighbours, every stored row with its label; dummy, the class priors. The numbers tell the
    size of what is kept, not how flexible a model is.

    Parameters
    ----------
    fitted_estimator : estimator
        A fitted baseline: its Pipeline, or the classifier alone.

    Returns
    -------
    int or None
        None for an estimator of another kind.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If it is not fitted.

    Examples
    --------
    >>> from qmlplay.datasets import load_dataset
    >>> iris = load_dataset("iris")
    >>> count_parameters(make_baseline("logistic_regression").fit(iris.X, iris.y))  # 3 · (4 + 1)
    15
    """
    check_is_fitted(fitted_estimator)
    classifier = (
        fitted_estimator[-1] if isinstance(fitted_estimator, Pipeline) else fitted_estimator
    )
    count = _COUNTS.get(type(classifier))
    return None if count is None else count(classifier)


def _sizes(*parts: Any) -> int:
    return sum(int(np.size(part)) for part in parts)


def _count_calibrated(model: Any) -> int | None:
    total = 0
    for fitted in model.calibrated_classifiers_:
        inner = count_parameters(fitted.estimator)
        if inner is None:
            return None
        total += inner + 2 * len(fitted.calibrators)  # a slope and an offset per sigmoid
    return total


def _count_forest(model: Any) -> int:
    return sum(_tree_size(tree.tree_, len(model.classes_)) for tree in model.estimators_)


def _count_boosting(model: Any) -> int:
    trees = sum(_tree_size(tree.tree_, 1) for tree in model.estimators_.ravel())
    return trees + _sizes(model.init_.class_prior_)


def _tree_size(tree: Any, values_per_leaf: int) -> int:
    return int(2 * (tree.node_count - tree.n_leaves) + values_per_leaf * tree.n_leaves)


_COUNTS: Mapping[type, Callable[[Any], int | None]] = MappingProxyType(
    {
        DummyClassifier: lambda model: _sizes(model.class_prior_),
        LogisticRegression: lambda model: _sizes(model.coef_, model.intercept_),
        SVC: lambda model: _sizes(model.support_vectors_, model.dual_coef_, model.intercept_),
        CalibratedClassifierCV: _count_calibrated,
        KNeighborsClassifier: lambda m: int(m.n_samples_fit_ * (m.n_features_in_ + 1)),
        RandomForestClassifier: _count_forest,
        GradientBoostingClassifier: _count_boosting,
        MLPClassifier: lambda model: _sizes(*model.coefs_, *model.intercepts_),
    }
)
