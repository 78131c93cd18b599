"""
What a prediction rests on
==========================

Integrated gradients share out the difference between a prediction and that of a reference point
among the features. They add up to it, which can be checked; that they explain the *world* does not
follow.
"""

from qmlplay import VariationalClassifier, load_dataset
from qmlplay.diagnostics import integrated_gradients
from qmlplay.plots import AttributionsDisplay

iris = load_dataset("iris")
model = VariationalClassifier(max_iter=30, random_state=0).fit(iris.X, iris.y)
display = AttributionsDisplay.from_explanations(
    {"integrated gradients": integrated_gradients(model, iris.X[::3])},
    output=2,  # the third class
    feature_names=iris.feature_names,
)
