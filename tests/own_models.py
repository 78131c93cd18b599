"""Estimators of the user's own, as the tests of comparisons need them."""

from __future__ import annotations

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin

#: What every Recorder was given: ("fit" or "predict", tag, random_state, X, y or None).
SEEN: list[tuple] = []


class Recorder(ClassifierMixin, BaseEstimator):
    """Predicts the first class and remembers what it was given."""

    def __init__(self, tag="", random_state=None):
        self.tag = tag
        self.random_state = random_state

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        SEEN.append(("fit", self.tag, self.random_state, X.copy(), y.copy()))
        return self

    def predict(self, X):
        SEEN.append(("predict", self.tag, self.random_state, X.copy(), None))
        return np.full(len(X), self.classes_[0])


class Broken(Recorder):
    def fit(self, X, y):
        if self.random_state == 1:
            raise RuntimeError("the moon is\nin the wrong house")
        return super().fit(X, y)


class Untraceable(BaseEstimator):
    """Fits, but leaves no attribute that scikit-learn could know it by."""

    def fit(self, X, y):
        self.known = y[0]
        return self

    def predict(self, X):
        return np.full(len(X), self.known)
