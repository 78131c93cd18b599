"""Trained models for other runtimes: what a model computes, written down without a simulator.

`ExportPlan` holds a trained model as a few small arrays: how features become angles, what is done
to a state vector, or the exact trigonometric polynomial that comes of it, and how predictions are
read off. ONNX, TensorFlow Lite and JavaScript are written from it.
"""

from qmlplay.export.angle_products import AngleProducts
from qmlplay.export.circuit_form import CircuitForm
from qmlplay.export.circuit_steps import DataPhases, RowMoves, WindowMatrix
from qmlplay.export.expectation_groups import ExpectationGroup, expectation_groups
from qmlplay.export.export_plan import ExportPlan
from qmlplay.export.fourier_form import FourierForm
from qmlplay.export.html_page import to_html
from qmlplay.export.onnx_pipeline import to_onnx
from qmlplay.export.skl2onnx_converters import register_converters
from qmlplay.export.tflite import to_tflite

__all__ = [
    "AngleProducts",
    "CircuitForm",
    "DataPhases",
    "ExpectationGroup",
    "ExportPlan",
    "FourierForm",
    "RowMoves",
    "WindowMatrix",
    "expectation_groups",
    "register_converters",
    "to_html",
    "to_onnx",
    "to_tflite",
]
