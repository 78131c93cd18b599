"""AutoML side by side: H2O's and FLAML's searches and ours, on the same splits of one table.

pip install "qmlplay[search]" h2o "flaml[automl]", and Java 17 for H2O, which runs on this machine
alone.
"""

from contextlib import redirect_stdout
from io import StringIO
from typing import Any

import h2o
import numpy as np
import pandas as pd
from flaml import AutoML
from h2o.automl import H2OAutoML
from sklearn.base import BaseEstimator, ClassifierMixin

from qmlplay import VariationalClassifier, compare
from qmlplay.search import SearchClassifier


class H2OClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """H2O's AutoML as a classifier of scikit-learn."""

    def __init__(self, max_models: int = 3, random_state: int = 0) -> None:
        self.max_models = max_models
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> Any:
        self.classes_ = np.unique(y)
        frame = pd.DataFrame(X).add_prefix("x").assign(y=[f"class {label}" for label in y])
        table = h2o.H2OFrame(frame, column_types={"y": "enum"})
        self.automl_ = H2OAutoML(
            max_models=self.max_models, seed=self.random_state, nfolds=3, verbosity=None
        )
        self.automl_.train(y="y", training_frame=table)
        return self

    def predict(self, X: Any) -> Any:
        frame = h2o.H2OFrame(pd.DataFrame(X).add_prefix("x"))
        found = self.automl_.leader.predict(frame)["predict"]
        names = found.as_data_frame(use_multi_thread=False)["predict"]
        return self.classes_[[[f"class {c}" for c in self.classes_].index(n) for n in names]]


class FLAMLClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """FLAML's AutoML as a classifier of scikit-learn."""

    def __init__(self, max_iter: int = 20, random_state: int = 0) -> None:
        self.max_iter = max_iter
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> Any:
        self.automl_ = AutoML()
        self.automl_.fit(
            X,
            y,
            task="classification",
            metric="accuracy",
            estimator_list=["rf", "extra_tree", "kneighbor"],
            max_iter=self.max_iter,
            time_budget=60,
            n_jobs=1,
            seed=self.random_state,
            verbose=0,
        )
        self.classes_ = self.automl_.classes_
        return self

    def predict(self, X: Any) -> Any:
        return self.automl_.predict(X)


def main() -> None:
    with redirect_stdout(StringIO()):
        h2o.init(
            ip="127.0.0.1",
            bind_to_localhost=True,
            nthreads=1,
            max_mem_size="1G",
            strict_version_check=False,
        )
    h2o.no_progress()
    try:
        models = {
            "H2O": H2OClassifier(),
            "FLAML": FLAMLClassifier(),
            "qmlplay search": SearchClassifier(budget=600, n_trials=6, verbose=0),
            "quantum, default": VariationalClassifier(verbose=0),
        }
        result = compare("moons", models=models, seeds=1, verbose=0)
    finally:
        h2o.cluster().shutdown()
    print(result.table[["model", "test_accuracy", "status"]].round(2).to_string(index=False))


if __name__ == "__main__":
    main()

# Expected output:
#            model  test_accuracy status
#              H2O           0.82     ok
#            FLAML           0.98     ok
#   qmlplay search           0.99     ok
# quantum, default           0.99     ok
