"""On a cluster: a comparison, a grid search and many predictions on Dask, by joblib's backend."""

import dask.array as da
import numpy as np
from dask.distributed import Client, LocalCluster
from joblib import effective_n_jobs, parallel_config
from sklearn.model_selection import GridSearchCV

from qmlplay import VariationalClassifier, compare, load_dataset

data = load_dataset("moons", n_samples=200, random_state=0)
clf = VariationalClassifier(n_layers=2, max_iter=20, verbose=0, random_state=0)


def on_cluster() -> None:
    """Do everything on the workers of the cluster that this process is a client of."""
    with parallel_config(backend="dask"):
        print(f"{effective_n_jobs(None)} workers")
        models = ["numpy", "logistic_regression", "svc_rbf"]
        result = compare("moons", models=models, classifier=clf, seeds=2, verbose=0)
        for row in result.table.itertuples():
            print(f"{row.model}: {row.test_accuracy:.3f}")

    # The data go to all workers, so that they survive the loss of one.
    search = GridSearchCV(clf, {"n_layers": [1, 2]}, cv=2)
    with parallel_config(backend="dask", scatter=[data.X, data.y]):
        search.fit(data.X, data.y)
    print(f"grid search: {search.best_params_}, {search.best_score_:.3f}")

    # Predictions of more rows than one would send: blocks of Dask's arrays.
    rows = da.from_array(np.random.default_rng(0).uniform(-1, 2, (100_000, 2)), chunks=(10_000, -1))
    model = search.best_estimator_
    p = rows.map_blocks(model.predict_proba, chunks=(rows.chunks[0], (2,)), dtype=float)
    print(f"{len(p):,} predictions: mean probabilities {p.mean(axis=0).compute().round(3)}")


# Workers are processes that import this script: only the one that was called starts a cluster.
if __name__ == "__main__":
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": "localhost:0"}
    with LocalCluster(**options) as cluster, Client(cluster):
        on_cluster()

# Expected output:
# 2 workers
# numpy: 0.917
# logistic_regression: 0.833
# svc_rbf: 0.972
# grid search: {'n_layers': 2}, 0.955
# 100,000 predictions: mean probabilities [0.489 0.511]
