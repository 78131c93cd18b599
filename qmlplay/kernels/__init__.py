"""Quantum kernels: similarities from states, and the kernel machines around them.

``quantum_kernel`` is what users see and what scikit-learn's own kernel methods take,
``kernel_machines`` the estimators with a scaling and a bandwidth of their own; ``kernel_matrix``
computes, ``alignment`` judges and trains a kernel before any machine does.
"""

from qmlplay.kernels.alignment import target_alignment, train_alignment
from qmlplay.kernels.kernel_machines import QuantumKernelClassifier, QuantumKernelRegressor
from qmlplay.kernels.quantum_kernel import QuantumKernel

__all__ = [
    "QuantumKernel",
    "QuantumKernelClassifier",
    "QuantumKernelRegressor",
    "target_alignment",
    "train_alignment",
]
