"""The classifier, in scikit-learn's manners.

``estimator`` is what users see, ``fitting`` what `fit` does, ``design`` what it decides for
itself, ``planning`` what that will cost, ``simulators`` where it runs, ``validation`` what it
refuses, ``exports`` and ``model_files`` how to leave.
"""

from qmlplay.classifier.estimator import VariationalClassifier
from qmlplay.classifier.loading import load_model

__all__ = ["VariationalClassifier", "load_model"]
