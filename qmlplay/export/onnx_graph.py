"""An ONNX graph in the making: nodes and constants, before it is known where they go.

They become a model of their own, or part of the graph that skl2onnx makes of a pipeline. Only
operators of the standard's opset 13 are used that onnxruntime computes in single and in double
precision, and that mean the same up to the newest opset.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qmlplay.typing import Real

__all__ = ["OPSET", "OnnxGraph", "OnnxNode"]

#: The version of ONNX's operators, of the year 2020; newer ones mean the same.
OPSET = 13


@dataclass(frozen=True)
class OnnxNode:
    """An operator with the names of what it reads and writes."""

    operator: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, Any]

    @property
    def onnx_attributes(self) -> dict[str, Any]:
        """The attributes as ONNX has them, its numbers for types."""
        from onnx.helper import np_dtype_to_tensor_dtype

        return {
            name: np_dtype_to_tensor_dtype(np.dtype(value)) if name == "to" else value
            for name, value in self.attributes.items()
        }


@dataclass
class OnnxGraph:
    """Nodes in their order, and constants by name, each kept once.

    Examples
    --------
    >>> graph = OnnxGraph()
    >>> graph.add("Mul", "X", graph.constant(np.array([2.0])))
    'v0'
    >>> graph.nodes[0].inputs
    ('X', 'c0')
    """

    nodes: list[OnnxNode] = field(default_factory=list)
    constants: dict[str, NDArray[Any]] = field(default_factory=dict)
    _names: dict[tuple[Any, ...], str] = field(default_factory=dict)

    def constant(self, array: Any) -> str:
        """Return the name of a constant."""
        array = np.ascontiguousarray(array)
        content = array.tolist() if array.dtype.kind in "OU" else array.tobytes()
        key = array.dtype.str, array.shape, str(content) if array.dtype.kind in "OU" else content
        if key not in self._names:
            self._names[key] = f"c{len(self.constants)}"
            self.constants[self._names[key]] = array
        return self._names[key]

    def add(self, operator: str, *inputs: str, output: str | None = None, **attributes: Any) -> str:
        """Add an operator, and return the name of its output."""
        name = output or self._next()
        self.nodes.append(OnnxNode(operator, inputs, (name,), attributes))
        return name

    def split(self, value: str, sizes: list[int]) -> list[str]:
        """Return the names of parts of a value along its first axis, of such sizes."""
        if len(sizes) == 1:
            return [value]
        first = self._next()
        names = (first, *(f"{first}_{k}" for k in range(1, len(sizes))))
        inputs = value, self.constant(np.array(sizes))
        self.nodes.append(OnnxNode("Split", inputs, names, {"axis": 0}))
        return list(names)

    def waves(self, values: str, matrix: Real, constants: Real) -> tuple[str, str]:
        """Return the names of cos(φ) and sin(φ), for φ = matrix @ values + constants.

        The cosine is 1 − 2 sin²(φ/2), as older versions of onnxruntime have none in double
        precision; halves are exact, so that the two fit together however large φ is.
        """
        turns = self.add("MatMul", self.constant(np.concatenate([matrix, matrix / 2])), values)
        if constants.any():
            shifts = np.concatenate([constants, constants / 2])
            turns = self.add("Add", turns, self.constant(shifts))
        sines, halves = self.split(self.add("Sin", turns), [len(matrix)] * 2)
        squares = self.add("Mul", halves, halves)
        doubled = self.add("Mul", squares, self.constant(np.array(2.0)))
        return self.add("Sub", self.constant(np.array(1.0)), doubled), sines

    def _next(self) -> str:
        return f"v{len(self.nodes)}"
