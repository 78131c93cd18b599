"""Taking a fitted estimator elsewhere: drawings, native circuits and PyTorch modules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike
from sklearn.utils import estimator_html_repr
from sklearn.utils.validation import check_is_fitted

from qmlplay import interop
from qmlplay.circuit import Circuit, ParametricCircuit
from qmlplay.circuit.drawing import draw_text
from qmlplay.classifier.edge_exports import EdgeExportsMixin
from qmlplay.classifier.onnx_exports import OnnxExportsMixin
from qmlplay.html import classifier_html
from qmlplay.typing import Real

if TYPE_CHECKING:
    from qmlplay.backends import Backend
    from qmlplay.model import TrainedCircuit
    from qmlplay.torch import TrainedModule

__all__ = ["ExportsMixin"]


class ExportsMixin(OnnxExportsMixin, EdgeExportsMixin):
    """The methods of a fitted estimator that show or hand over its circuit."""

    model_: TrainedCircuit

    def draw(self) -> str:
        """Return a text drawing of the circuit; x are features in radians, w weights.

        Returns
        -------
        str
            A line per qubit, qubit 0 on top.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the model is not fitted.

        Examples
        --------
        >>> from qmlplay import VariationalClassifier
        >>> model = VariationalClassifier(n_layers=1, max_iter=1)
        >>> print(model.fit([[0.0], [1.0]], ["a", "b"]).draw())
        q0: ──H──RY(w0·x0)──RY(w2)──RZ(w4)────RXX────
                                               │
        q1: ──H──RY(w1·x0)──RY(w3)──RZ(w5)──RXX(w6)──
        """
        check_is_fitted(self)
        return draw_text(self.model_.circuit)

    def to_qiskit(self, x: ArrayLike | None = None) -> Any:
        """Return the circuit in Qiskit: for one sample, or with symbols for all.

        Parameters
        ----------
        x : array-like of shape (n_features,), optional
            One sample, such as ``X[0]``, in the units of the training data. Without it the circuit
            has two vectors of parameters: ``x``, the features in the units of the training data
            too, as the scaling to radians is in the angles, and ``w``, the weights, whose trained
            values are ``weights_``. Values that the scaling holds at a limit (``scaling_.low``
            and ``scaling_.high``) have to be held beforehand, with `numpy.clip`: parameters know
            no limits.

        Returns
        -------
        qiskit.QuantumCircuit
            Without measurements. Our qubit 0 is Qiskit's qubit 0, which is the last letter of
            Qiskit's bit strings.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the model is not fitted.
        ValueError
            If x is not one sample.
        ImportError
            If the framework is not installed; the text is the command to type.

        Examples
        --------
        >>> from qmlplay import VariationalClassifier
        >>> model = VariationalClassifier(n_layers=1, max_iter=1)
        >>> circuit = model.fit([[0.0], [1.0]], ["a", "b"]).to_qiskit([0.3])
        >>> circuit.num_qubits, circuit.count_ops()["ry"]
        (2, 4)

        All samples in one PUB of a Qiskit estimator, with the trained weights:

        >>> from qiskit.primitives import StatevectorEstimator
        >>> circuit = model.to_qiskit()
        >>> w = {p: model.weights_[p.index] for p in circuit.parameters if p.vector.name == "w"}
        >>> X = [[0.3], [0.7]]  # what is left are the features, in their order
        >>> pub = (circuit.assign_parameters(w), [["ZI"], ["IZ"]], X)
        >>> StatevectorEstimator().run([pub]).result()[0].data.evs.shape
        (2, 2)
        """
        return interop.to_qiskit(*self._circuit_for(x), units=self._units)

    def to_cirq(self, x: ArrayLike | None = None) -> Any:
        """Return the circuit in Cirq: for one sample, or with symbols for all.

        Parameters
        ----------
        x : array-like of shape (n_features,), optional
            As in `to_qiskit`, which also says what is raised. The symbols are SymPy's ``x[0]``,
            ``x[1]``, … and ``w[0]``, ``w[1]``, …

        Returns
        -------
        cirq.Circuit
            On ``cirq.LineQubit`` 0, 1, …, without measurements.

        Examples
        --------
        >>> from qmlplay import VariationalClassifier
        >>> model = VariationalClassifier(n_layers=1, max_iter=1)
        >>> circuit = model.fit([[0.0], [1.0]], ["a", "b"]).to_cirq([0.3])
        >>> sorted(circuit.all_qubits())
        [cirq.LineQubit(0), cirq.LineQubit(1)]
        """
        return interop.to_cirq(*self._circuit_for(x), units=self._units)

    def to_pennylane(self, x: ArrayLike | None = None) -> Any:
        """Return the circuit as a PennyLane quantum function: for one sample, or of any.

        Parameters
        ----------
        x : array-like of shape (n_features,), optional
            As in `to_qiskit`, which also says what is raised.

        Returns
        -------
        callable
            ``qfunc()`` queues the operations on wires 0, 1, … and measures nothing; call it
            inside a QNode. Without x it is ``qfunc(x, w)``, of features (n_features,) or
            (n_samples, n_features) in the units of the training data, and weights.

        Examples
        --------
        >>> import pennylane as qml
        >>> from qmlplay import VariationalClassifier
        >>> model = VariationalClassifier(n_layers=1, max_iter=1)
        >>> qfunc = model.fit([[0.0], [1.0]], ["a", "b"]).to_pennylane([0.3])
        >>> @qml.qnode(qml.device("default.qubit", wires=model.n_qubits_))
        ... def expectation():
        ...     qfunc()
        ...     return qml.expval(qml.Z(0))
        >>> -1 <= float(expectation()) <= 1
        True
        """
        return interop.to_pennylane(*self._circuit_for(x), units=self._units)

    def to_openqasm(self, x: ArrayLike | None = None) -> str:
        """Return the circuit as OpenQASM 3, written by Qiskit: for one sample, or with inputs.

        Parameters
        ----------
        x : array-like of shape (n_features,), optional
            As in `to_qiskit`, which also says what is raised. The symbols are declared as
            ``input float[64] x_0;`` and so on.

        Returns
        -------
        str
            ``q[0]`` is our qubit 0; numbers are exact to the last bit, in radians where they are
            angles; nothing is measured.

        Examples
        --------
        >>> from qmlplay import VariationalClassifier
        >>> model = VariationalClassifier(ansatz="real_amplitudes", n_layers=1, max_iter=1)
        >>> print(model.fit([[0.0], [1.0]], ["a", "b"]).to_openqasm([0.3]))
        OPENQASM 3.0;
        include "stdgates.inc";
        qubit[2] q;
        h q[0];
        ...
        ry(...) q[0];
        ...
        cx q[0], q[1];
        """
        return interop.to_openqasm(*self._circuit_for(x), units=self._units)

    def to_torch(
        self, *, backend: str | Backend | None = None, device: Any = None, dtype: Any = None
    ) -> TrainedModule:
        """Return the trained model as a PyTorch module, to be used or trained further.

        Parameters
        ----------
        backend : str, Backend or None, default=None
            None simulates in PyTorch; a simulator's name, or ``model.backend_``, there.
        device, dtype
            Of the module's numbers; on the processor and float64 by default.

        Returns
        -------
        qmlplay.torch.TrainedModule
            It takes features (…, n_features) in the units of the training data, and returns what
            `decision_function` does (`predict` of a regressor). Of a pipeline, this is the last
            step alone: give the module what the steps before made of X,
            ``pipeline[:-1].transform(X)``. Numbers trained there come back with
            ``model.with_model(module.to_model())``.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the model is not fitted.
        ImportError
            If PyTorch is not installed; the text is the command to type.

        See Also
        --------
        qmlplay.torch.TrainedModule : with an example.
        """
        check_is_fitted(self)
        from qmlplay.torch import TrainedModule

        return TrainedModule(self.model_, backend=backend, device=device, dtype=dtype)

    def _repr_html_inner(self) -> str:
        # scikit-learn's displays end here; inside a pipeline its own diagram is drawn.
        if "model_" in vars(self):
            return classifier_html(self)
        return str(estimator_html_repr(self))

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        bundle: dict[str, Any] = super()._repr_mimebundle_(**kwargs)  # type: ignore[misc]
        if "text/html" in bundle:  # not with set_config(display="text")
            bundle["text/html"] = self._repr_html_inner()
        return bundle

    def _circuit_for(
        self, x: ArrayLike | None
    ) -> tuple[Circuit | ParametricCircuit, list[float] | None]:
        """Return the circuit and its angles in radians for one sample, or None for symbols."""
        check_is_fitted(self)
        if x is None:
            return self.model_.circuit, None
        return self.model_.circuit.circuit, self.model_.sample_angles(x)

    @property
    def _units(self) -> tuple[Real, Real]:
        """The center of every feature, and radians per unit of it."""
        return self.model_.scaling.center, self.model_.scaling.slope
