"""Error mitigation: better expectations from noisy circuits, at the price of more circuits.

``folding`` makes a circuit noisier on purpose, ``extrapolation`` goes back to no noise from
there, ``zne`` puts the two together, ``readout_correction`` undoes errors of the measurement,
and ``table`` shows what all of it does to a trained model. Everything works on the
framework-neutral circuit, so that it works on every backend.
"""

from qmlplay.mitigation.extrapolation import extrapolate, extrapolation_weights
from qmlplay.mitigation.folding import fold_global, folded_scale_factor
from qmlplay.mitigation.readout_correction import corrected_expectations, corrected_probabilities
from qmlplay.mitigation.table import mitigation_table
from qmlplay.mitigation.zne import zero_noise_extrapolation

__all__ = [
    "corrected_expectations",
    "corrected_probabilities",
    "extrapolate",
    "extrapolation_weights",
    "fold_global",
    "folded_scale_factor",
    "mitigation_table",
    "zero_noise_extrapolation",
]
