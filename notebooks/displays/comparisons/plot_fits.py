"""
Fits of several regressors
==========================

Predicted against observed, residuals, and the curve where there is one feature.
"""

from qmlplay import VariationalRegressor, compare
from qmlplay.plots import FitDisplay

quick = VariationalRegressor(max_iter=40)
result = compare("sine", models=["numpy", "ridge", "svr_rbf"], regressor=quick, seeds=1, verbose=0)
display = FitDisplay.from_comparison(result)
