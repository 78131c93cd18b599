"""Pictures, in scikit-learn's Display style: `from_…` computes, `plot(ax=)` draws.

Every display keeps its data as attributes, and Jupyter shows it by itself. Colours are
those of Okabe and Ito, and shapes, dashes or hatches say the same for print in grey.
matplotlib is imported here, and so only when a picture is asked for.
"""

from qmlplay.plots.accuracy_cost import CostDisplay
from qmlplay.plots.attributions import AttributionsDisplay
from qmlplay.plots.bloch import BlochDisplay
from qmlplay.plots.boundaries import BoundariesDisplay
from qmlplay.plots.circuit_diagram import CircuitDisplay
from qmlplay.plots.confusion import ConfusionDisplay
from qmlplay.plots.curves import CurvesDisplay
from qmlplay.plots.fits import FitDisplay, FitPanel
from qmlplay.plots.gradient_variance import GradientVarianceDisplay
from qmlplay.plots.native_drawings import NativeCircuitDisplay
from qmlplay.plots.parity import ParityDisplay
from qmlplay.plots.recorders import FrameRecorder, HistoryRecorder
from qmlplay.plots.regression import RegressionDisplay
from qmlplay.plots.scores import ScoresDisplay
from qmlplay.plots.spectrum import FourierDisplay
from qmlplay.plots.states import ProbabilitiesDisplay, StateCityDisplay
from qmlplay.plots.training_frames import TrainingFramesDisplay

__all__ = [
    "AttributionsDisplay",
    "BlochDisplay",
    "BoundariesDisplay",
    "CircuitDisplay",
    "ConfusionDisplay",
    "CostDisplay",
    "CurvesDisplay",
    "FitDisplay",
    "FitPanel",
    "FourierDisplay",
    "FrameRecorder",
    "GradientVarianceDisplay",
    "HistoryRecorder",
    "NativeCircuitDisplay",
    "ParityDisplay",
    "ProbabilitiesDisplay",
    "RegressionDisplay",
    "ScoresDisplay",
    "StateCityDisplay",
    "TrainingFramesDisplay",
]
