"""A raw table of your own: text, gaps, a counter; compared, trained on, saved and used."""

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.pipeline import make_pipeline

from qmlplay import TablePreprocessor, VariationalClassifier, compare, load_model, save_model
from qmlplay.datasets import as_dataset
from qmlplay.tables import read_features


def customers(n_rows: int, seed: int) -> pd.DataFrame:
    """Return a made-up table: who buys depends on age and city, a little on chance."""
    random = np.random.default_rng(seed)
    age = random.normal(40, 12, n_rows).round()
    city = random.choice(["Oslo", "Paris", "Rome"], n_rows)
    score = age + 20 * (city == "Oslo") + random.normal(0, 3, n_rows)
    table = pd.DataFrame({"Id": range(1, n_rows + 1), "age": age, "city": city})
    table["price"] = [f"${price:,.2f}" for price in random.uniform(500, 2000, n_rows)]
    table["bought"] = np.where(score > 45, "yes", "no")
    table.loc[random.random(n_rows) < 0.1, "age"] = np.nan
    table.loc[random.random(n_rows) < 0.1, "city"] = None
    return table


with tempfile.TemporaryDirectory() as folder:
    raw, new, file = (Path(folder) / name for name in ("raw.csv", "new.csv", "model.qmlplay"))
    customers(200, seed=0).to_csv(raw, sep=";", index=False)
    customers(100, seed=1).drop(columns="bought").to_csv(new, sep=";", index=False)

    # What is read is said in one line; numbers without gaps are an array, others a DataFrame.
    data = as_dataset(raw)
    print("rows, features:", data.X.shape, "left out:", dict(data.recognition.left_out))

    # Models with names get the preprocessing by themselves, learned in each training part.
    result = compare(raw, models=["numpy", "dummy", "logistic_regression"], cv=3)
    print(result.table[["model", "test_accuracy"]].round(2).to_string(index=False))

    # Your own model is a pipeline; one file keeps preprocessing and model, without any code.
    model = make_pipeline(TablePreprocessor(), VariationalClassifier(max_iter=40, random_state=0))
    save_model(model.fit(data.X, data.y), file)
    again = load_model(file, backend="cirq")
    labels = again.predict(read_features(new)[list(data.X.columns)])
    truth = customers(100, seed=1)["bought"].to_numpy()
    print(f"accuracy on new rows, predicted on Cirq: {np.mean(labels == truth):.2f}")

# Expected output:
# rows, features: (200, 3) left out: {'Id': 'counts the rows'}
#               model  test_accuracy
#               numpy           0.89
#               dummy           0.50
# logistic_regression           0.91
# accuracy on new rows, predicted on Cirq: 0.94
