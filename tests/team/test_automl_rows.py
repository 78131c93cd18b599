"""H2O's and FLAML's AutoML as rows of a comparison, on the same splits; FLAML with our model."""

from __future__ import annotations

import numpy as np
import pytest

from qmlplay import VariationalClassifier, compare, load_dataset


@pytest.fixture(scope="module")
def moons():
    return load_dataset("moons", n_samples=90, random_state=0)


@pytest.mark.slow
@pytest.mark.needs("h2o", "flaml", "optuna")
@pytest.mark.filterwarnings("ignore")  # H2O's and FLAML's own, of the age of a cluster and so on
def test_h2o_is_one_more_row_on_the_same_split(moons):
    """Its accuracy in the table is that of its predictions for the test part of everybody."""
    import h2o

    from qmlplay.examples.automl_side_by_side import H2OClassifier

    h2o.init(ip="127.0.0.1", bind_to_localhost=True, nthreads=1, strict_version_check=False)
    h2o.no_progress()
    try:
        models = {"H2O": H2OClassifier(max_models=2), "quantum": VariationalClassifier(max_iter=5)}
        result = compare(moons, models=models, seeds=1, verbose=0)
        fitted, split = result.fitted["moons", "H2O"], result.splits["moons"]
        expected = np.mean(fitted.predict(split.X_test) == split.y_test)
    finally:
        h2o.cluster().shutdown()
    table = result.table.set_index("model")
    assert list(table["status"]) == ["ok", "ok"]
    assert table.loc["H2O", "test_accuracy"] == pytest.approx(expected)
    assert table.loc["H2O", "kind"] == "classical"


@pytest.mark.needs("flaml", "h2o")
@pytest.mark.filterwarnings("ignore")
def test_flaml_is_one_more_row(moons):
    from qmlplay.examples.automl_side_by_side import FLAMLClassifier

    result = compare(moons, models={"FLAML": FLAMLClassifier(max_iter=3)}, seeds=1, verbose=0)
    assert result.table["status"].tolist() == ["ok"]
    assert result.table["test_accuracy"][0] > 0.7


@pytest.mark.needs("flaml")
@pytest.mark.filterwarnings("ignore")
def test_flaml_tunes_the_quantum_model(moons):
    from flaml import AutoML, tune
    from flaml.automl.model import SKLearnEstimator

    class Quantum(SKLearnEstimator):
        def __init__(self, task="binary", **config):
            super().__init__(task, **config)
            self.estimator_class = VariationalClassifier

        def config2params(self, config):
            known = VariationalClassifier().get_params()
            return {"verbose": 0, **{k: v for k, v in config.items() if k in known}}

        @classmethod
        def search_space(cls, data_size, task):
            return {"n_layers": {"domain": tune.randint(1, 4), "init_value": 2}}

    automl = AutoML()
    automl.add_learner("quantum", Quantum)
    automl.fit(
        moons.X, moons.y, task="classification", estimator_list=["quantum"], max_iter=2,
        time_budget=60, verbose=0, seed=0,
    )  # fmt: skip
    assert automl.best_estimator == "quantum"
    assert automl.predict(moons.X).shape == (90,)
