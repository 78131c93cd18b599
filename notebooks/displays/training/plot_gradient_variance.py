"""
A barren plateau
================

How much the gradient of a random circuit varies, against the number of qubits. For a cost that
looks at all qubits at once it falls exponentially, for one that looks at each qubit by itself by a
power of their number; the lines are the closed forms.
"""

from qmlplay.plots import GradientVarianceDisplay

display = GradientVarianceDisplay.from_product_rotations(range(1, 7), n_samples=300, random_state=0)
