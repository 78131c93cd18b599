"""
A regression
============

Predicted against observed on rows that were not trained on, in units of the target, and what is
left over.
"""

from qmlplay import VariationalRegressor, load_dataset
from qmlplay.plots import RegressionDisplay

data = load_dataset("friedman1", n_samples=120, random_state=0)
model = VariationalRegressor(max_iter=30, random_state=0).fit(data.X[:80], data.y[:80])
display = RegressionDisplay.from_estimator(model, data.X[80:], data.y[80:])
