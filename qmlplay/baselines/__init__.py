"""Classical baselines, with which a quantum model has to be compared.

Each one is a scikit-learn Pipeline with its scaler inside, so that nothing is learned from test
data. Their settings are scikit-learn's usual ones, not tuned to any dataset.
"""

from qmlplay.baselines.counting import count_parameters
from qmlplay.baselines.pipelines import list_baselines, make_baseline, matched_hidden_units

__all__ = ["count_parameters", "list_baselines", "make_baseline", "matched_hidden_units"]
