"""Quantum kernels: similarities from states, and the kernel machines around them.

``quantum_kernel`` is what users see and what scikit-learn's own kernel methods take,
``kernel_classifier`` and ``kernel_regressor`` learn a scaling and choose a bandwidth;
``kernel_matrix`` computes, ``alignment`` judges and trains a kernel before any machine does.
"""

from qmlplay.kernels.alignment import target_alignment, train_alignment
from qmlplay.kernels.kernel_classifier import QuantumKernelClassifier
from qmlplay.kernels.kernel_regressor import QuantumKernelRegressor
from qmlplay.kernels.quantum_kernel import QuantumKernel

__all__ = [
    "QuantumKernel",
    "QuantumKernelClassifier",
    "QuantumKernelRegressor",
    "target_alignment",
    "train_alignment",
]
