"""Tracking with MLflow: trainings, a comparison and a model in a database that a browser shows."""

import tempfile

import mlflow
import numpy as np
from sklearn.model_selection import train_test_split

from qmlplay import VariationalClassifier, compare, load_dataset
from qmlplay.mlflow import Logger, log_model

data = load_dataset("moons", n_samples=200, random_state=0)
X_train, X_test, y_train, y_test = train_test_split(data.X, data.y, random_state=0)

with tempfile.TemporaryDirectory() as folder:
    # Leave this out, and MLflow writes to mlflow.db; look at it with: mlflow ui
    mlflow.set_tracking_uri(f"sqlite:///{folder}/mlflow.db")
    client = mlflow.MlflowClient()
    artifacts = f"file://{folder}/artifacts"
    mlflow.set_experiment(experiment_id=client.create_experiment("moons", artifacts))

    # 1. A callback logs parameters, every loss, scores, pictures and the model.
    logger = Logger(run_name="first try")
    clf = VariationalClassifier(max_iter=30, random_state=0, callbacks=[logger])
    clf.fit(X_train, y_train)
    run = client.get_run(logger.run_ids[0])
    print(f"{run.info.run_name}: {run.info.status}, {run.data.metrics['n_iter']:.0f} iterations")
    print(f"losses: {len(client.get_metric_history(run.info.run_id, 'loss'))}")
    print(f"files: {', '.join(a.path for a in client.list_artifacts(run.info.run_id))}")

    # 2. Or MLflow's own way, with nothing else to say.
    mlflow.sklearn.autolog(log_models=False)
    VariationalClassifier(max_iter=5, random_state=0).fit(X_train, y_train)
    mlflow.sklearn.autolog(disable=True)
    print(
        f"autolog: training_score = {mlflow.last_active_run().data.metrics['training_score']:.2f}"
    )

    # 3. A registered model, loaded by people who know nothing of qmlplay.
    log_model(clf, input_example=X_train[:3], registered_model_name="moons")
    model = mlflow.pyfunc.load_model("models:/moons/1")
    p = model.predict(X_test, params={"predict_method": "predict_proba"})
    print(f"same probabilities: {np.array_equal(p, clf.predict_proba(X_test))}")

    # 4. A comparison: one run, and inside it one per model, dataset and seed.
    names = ["numpy", "logistic_regression", "svc_rbf"]
    settings = VariationalClassifier(max_iter=5)
    compare("moons", models=names, classifier=settings, seeds=2, track=True, verbose=0)
    runs = mlflow.search_runs(filter_string="params.seed != ''")
    columns = ["params.model", "params.seed", "metrics.test_accuracy"]
    print(runs[columns].sort_values(columns[:2]).to_string(index=False))

# Expected output:
# first try: FINISHED, 30 iterations
# losses: 30
# files: circuit.png, circuit.txt, decision_boundary.png, loss_curve.png
# autolog: training_score = 0.94
# same probabilities: True
#        params.model params.seed  metrics.test_accuracy
# logistic_regression           0               0.833333
# logistic_regression           1               0.833333
#               numpy           0               0.811111
#               numpy           1               0.855556
#             svc_rbf           0               0.966667
#             svc_rbf           1               0.977778
