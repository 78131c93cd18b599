"""The running of a comparison: what it will take, who is trained where, and every score.

``timing`` makes a ``forecast``, and ``planning`` decides by it who is trained; ``schedule`` runs
the tasks of ``model_tasks`` on ``workers``, ``scoring`` fits and judges one model, ``simulators``
evaluates it on the others.
"""

from qmlplay.compare.running.forecast import WORTH_SAYING, Forecast, ModelForecast
from qmlplay.compare.running.model_tasks import ModelRun, RunKey
from qmlplay.compare.running.planning import TrainEverywhere, check_train_everywhere, make_forecast
from qmlplay.compare.running.run_predictions import (
    Predictions,
    RegressionPredictions,
    RunPredictions,
)
from qmlplay.compare.running.schedule import Lineup, run_all
from qmlplay.compare.running.scoring import fitted_scores, recorded_predictions, scores
from qmlplay.compare.running.simulators import last_quantum_model, parity_table
from qmlplay.compare.running.timing import FitTime, baseline_time, quantum_time
from qmlplay.compare.setup import ACCURACY, BALANCED_ACCURACY

__all__ = [
    "ACCURACY",
    "BALANCED_ACCURACY",
    "WORTH_SAYING",
    "FitTime",
    "Forecast",
    "Lineup",
    "ModelForecast",
    "ModelRun",
    "Predictions",
    "RegressionPredictions",
    "RunKey",
    "RunPredictions",
    "TrainEverywhere",
    "baseline_time",
    "check_train_everywhere",
    "fitted_scores",
    "last_quantum_model",
    "make_forecast",
    "parity_table",
    "quantum_time",
    "recorded_predictions",
    "run_all",
    "scores",
]
