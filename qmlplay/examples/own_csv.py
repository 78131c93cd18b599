"""Your own data: from a CSV file to a saved model and predictions for new rows."""

import tempfile
from pathlib import Path

import pandas as pd
from sklearn.datasets import load_iris
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from qmlplay import VariationalClassifier, load_model

with tempfile.TemporaryDirectory() as folder:
    # Numbers and a column of labels; for text, gaps and dates see own_table.py.
    iris = load_iris(as_frame=True)
    table = iris.data.assign(species=iris.target_names[iris.target])
    table.to_csv(Path(folder) / "flowers.csv", index=False)

    flowers = pd.read_csv(Path(folder) / "flowers.csv")
    X, y = flowers.drop(columns="species"), flowers["species"]

    model = VariationalClassifier(max_iter=40, random_state=0).fit(X, y)
    print("classes:", ", ".join(model.classes_))
    print("columns:", ", ".join(model.feature_names_in_))

    model.save(Path(folder) / "flowers.qmlplay")
    again = load_model(Path(folder) / "flowers.qmlplay", backend="cirq")
    print("three flowers, predicted on Cirq:", ", ".join(again.predict(X.iloc[[0, 60, 120]])))

    # It is a scikit-learn classifier: pipelines and cross-validation just work.
    pipeline = make_pipeline(StandardScaler(), VariationalClassifier(max_iter=40, random_state=0))
    scores = cross_val_score(pipeline, X, y, cv=3)
    print(f"cross-validated accuracy: {scores.mean():.2f}")

# Expected output:
# classes: setosa, versicolor, virginica
# columns: sepal length (cm), sepal width (cm), petal length (cm), petal width (cm)
# three flowers, predicted on Cirq: setosa, versicolor, virginica
# cross-validated accuracy: 0.97
