"""
Confusion matrix
================

Which classes are taken for which: rows are what the flowers were, columns what the model said, of
flowers that it had not seen.
"""

import numpy as np
from sklearn.model_selection import train_test_split

from qmlplay import VariationalClassifier, load_dataset
from qmlplay.plots import ConfusionDisplay

iris = load_dataset("iris")
species = np.array(iris.target_names)[iris.y]
X, X_test, y, y_test = train_test_split(iris.X, species, stratify=species, random_state=0)
model = VariationalClassifier(max_iter=30, random_state=0).fit(X, y)
display = ConfusionDisplay.from_estimator(model, X_test, y_test)
