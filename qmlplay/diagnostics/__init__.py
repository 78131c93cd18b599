"""Diagnostics of circuits and models: pure functions, each held against a closed form.

``fourier`` gives the spectrum of a model as a function of its features, ``gradient_variance``
says how flat the training landscape is, ``expressibility`` and ``entanglement`` describe the
states an ansatz reaches, ``parity`` says how far backends agree, ``saliency`` which features a
trained model looks at, and ``integrated_gradients`` what each of them adds to an answer.
``layer_states`` gives the states after every layer, ``reduced_states`` what one or two qubits of
them are alone: Bloch vectors and entanglement.
"""

from qmlplay.diagnostics.entanglement import entangling_capability, meyer_wallach
from qmlplay.diagnostics.expressibility import Expressibility, expressibility, haar_probabilities
from qmlplay.diagnostics.fourier import (
    FourierSpectrum,
    allowed_band,
    fourier_coefficients,
    fourier_spectrum,
)
from qmlplay.diagnostics.gradient_variance import (
    GradientVariance,
    global_variance,
    gradient_variance,
    haar_variance,
    local_variance,
    product_rotations,
)
from qmlplay.diagnostics.integrated_gradients import Attributions, integrated_gradients
from qmlplay.diagnostics.layer_states import LayerStates, layer_states
from qmlplay.diagnostics.observables import Observable, global_cost, local_cost
from qmlplay.diagnostics.parity import parity
from qmlplay.diagnostics.reduced_states import (
    bloch_vectors,
    concurrence,
    pair_concurrences,
    reduced_states,
)
from qmlplay.diagnostics.saliency import saliency
from qmlplay.diagnostics.sampling import random_weights

__all__ = [
    "Attributions",
    "Expressibility",
    "FourierSpectrum",
    "GradientVariance",
    "LayerStates",
    "Observable",
    "allowed_band",
    "bloch_vectors",
    "concurrence",
    "entangling_capability",
    "expressibility",
    "fourier_coefficients",
    "fourier_spectrum",
    "global_cost",
    "global_variance",
    "gradient_variance",
    "haar_probabilities",
    "haar_variance",
    "integrated_gradients",
    "layer_states",
    "local_cost",
    "local_variance",
    "meyer_wallach",
    "pair_concurrences",
    "parity",
    "product_rotations",
    "random_weights",
    "reduced_states",
    "saliency",
]
