"""The trials of a comparison: what they will take, who is trained where, and every score.

``timing`` makes a ``forecast``, and ``planning`` decides by it who is trained; ``schedule`` runs
the tasks, ``scoring`` fits and judges one model, ``simulators`` evaluates it on the others.
"""

from qmlplay.compare.trials.forecast import WORTH_SAYING, Forecast
from qmlplay.compare.trials.planning import TrainEverywhere, check_train_everywhere, make_forecast
from qmlplay.compare.trials.schedule import run_all
from qmlplay.compare.trials.scoring import ACCURACY, BALANCED_ACCURACY, Predictions
from qmlplay.compare.trials.simulators import parity_table

__all__ = [
    "ACCURACY",
    "BALANCED_ACCURACY",
    "WORTH_SAYING",
    "Forecast",
    "Predictions",
    "TrainEverywhere",
    "check_train_everywhere",
    "make_forecast",
    "parity_table",
    "run_all",
]
