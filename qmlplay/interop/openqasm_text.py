"""OpenQASM text as encodings and ansätze, read by Qiskit."""

from __future__ import annotations

import re
from textwrap import shorten
from typing import Any

from qmlplay.backends import backend_info
from qmlplay.interop.circuit_layers import CircuitAnsatz, CircuitEncoding
from qmlplay.interop.qiskit_circuits import from_qiskit

__all__ = ["from_openqasm"]

_COMMENTS = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_VERSION = re.compile(r"\s*OPENQASM\s+([23])(\.\d+)?\s*;")


def from_openqasm(
    text: str, features: Any = None, *, weights: Any = None
) -> CircuitEncoding | CircuitAnsatz:
    """Return OpenQASM 2 or 3 text as an encoding, or as an ansatz where no feature is named.

    Symbols are declared as ``input float x_0;``, which only OpenQASM 3 has. Our qubit q is the
    q-th one that the text declares. What is left out at the end, and what is refused, is said at
    `from_qiskit`.

    Parameters
    ----------
    text : str
        It begins with ``OPENQASM 2.0;`` or ``OPENQASM 3.0;``, after comments at most.
    features, weights : str or sequence of str, optional
        Names of inputs, as in `from_qiskit`: ``"x"`` stands for x_0, x_1, …

    Returns
    -------
    CircuitEncoding or CircuitAnsatz
        A frozen value without anything of Qiskit.

    Raises
    ------
    TypeError
        If it is no text.
    ValueError
        If the text cannot be read, or something in it cannot be translated.
    ImportError
        If a package is missing: OpenQASM 3 is read with qiskit-qasm3-import; the text is the
        command to type.

    Examples
    --------
    >>> from qmlplay.circuit import draw_text
    >>> text = '''
    ... OPENQASM 3.0;
    ... include "stdgates.inc";
    ... input float x_0;
    ... input float w_0;
    ... qubit[2] q;
    ... rx(x_0) q[0];
    ... cx q[0], q[1];
    ... ry(2 * w_0) q[1];
    ... '''
    >>> print(draw_text(from_openqasm(text, features="x").circuit))
    q0: ──RX(x0)──●────────────
                  │
    q1: ──────────⊕──RY(2·w0)──
    """
    if not isinstance(text, str):
        raise TypeError(f"OpenQASM text is needed, got {type(text).__name__}")
    version = _VERSION.match(_COMMENTS.sub("", text))
    if version is None:
        raise ValueError(
            f"the text does not begin with OPENQASM 2.0; or OPENQASM 3.0; but with "
            f"{shorten(text, 40)!r}: put its version there; a file is read with "
            f"pathlib.Path(name).read_text()"
        )
    backend_info("qiskit").load()
    circuit = _read_2(text) if version[1] == "2" else _read_3(text)
    return from_qiskit(circuit, features, weights=weights)


def _read_2(text: str) -> Any:
    from qiskit import qasm2

    # Qiskit's own rxx and the like, but for gates that the text defines: those are what it says.
    defined = set(re.findall(r"\bgate\s+(\w+)", _COMMENTS.sub("", text)))
    known = [gate for gate in qasm2.LEGACY_CUSTOM_INSTRUCTIONS if gate.name not in defined]
    try:
        return qasm2.loads(text, custom_instructions=known)
    except qasm2.QASM2ParseError as error:
        raise ValueError(f"the OpenQASM 2 text cannot be read: {error.message}") from error


def _read_3(text: str) -> Any:
    from qiskit import qasm3

    try:
        return qasm3.loads(text)
    except ImportError as error:
        raise ImportError(
            "reading OpenQASM 3 needs qiskit-qasm3-import: pip install qiskit-qasm3-import"
        ) from error
    except Exception as error:  # of the parser, of which there is no common class
        raise ValueError(
            f"the OpenQASM 3 text cannot be read ({type(error).__name__}): "
            f"{str(error) or 'its syntax is wrong'}"
        ) from error
