"""The classifier, in scikit-learn's manners.

``estimator`` is what users see, ``variational`` its base, ``attributes`` what it knows once it is
fitted, ``start`` where a fit begins, ``fitting`` its course, ``validation`` what it refuses,
``exports`` how to take its circuit elsewhere, ``quantum_pipelines`` what may come before it.
"""

from qmlplay.classifier.estimator import VariationalClassifier, load_model
from qmlplay.classifier.quantum_pipelines import quantum_part, save_model, with_backend

__all__ = ["VariationalClassifier", "load_model", "quantum_part", "save_model", "with_backend"]
