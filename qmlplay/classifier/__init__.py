"""The estimators, in scikit-learn's manners.

``estimator`` is the classifier, ``regressor`` the regressor, ``variational`` their base,
``attributes`` what they know once they are fitted, ``start`` where a fit begins, ``fitting`` its
course, ``validation`` what it refuses, ``exports`` how to take a circuit elsewhere,
``quantum_pipelines`` what may come before it.
"""

from qmlplay.classifier.estimator import VariationalClassifier
from qmlplay.classifier.loading import load_model
from qmlplay.classifier.quantum_pipelines import quantum_part, save_model, with_backend
from qmlplay.classifier.regressor import VariationalRegressor

__all__ = [
    "VariationalClassifier",
    "VariationalRegressor",
    "load_model",
    "quantum_part",
    "save_model",
    "with_backend",
]
