"""The plan of an export: a trained model as arrays, from raw features to predictions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, final

import numpy as np

from qmlplay.amplitude_encoding import AmplitudeEncoding
from qmlplay.checks import check_choice
from qmlplay.circuit import AmplitudeAngle, Circuit, Observables, ParametricCircuit
from qmlplay.circuit.pauli_sum import observables_to_list
from qmlplay.export.angle_band import AngleBand
from qmlplay.export.angle_products import AngleProducts, split_formula
from qmlplay.export.circuit_form import CircuitForm, SlotAngles
from qmlplay.export.fourier_form import FourierForm
from qmlplay.model import TrainedCircuit, TrainedModel, TrainedRegression
from qmlplay.model.readout import Readout
from qmlplay.model.scaling import FARTHEST, InputScaling
from qmlplay.model.target_scaling import TargetScaling
from qmlplay.typing import Real

__all__ = ["FORMS", "MOST_QUBITS", "ExportPlan"]

FORMS = ("auto", "circuit", "fourier")
#: The state vector of more is exported no longer: files of megabytes, slower than a simulator.
MOST_QUBITS = 10
#: Terms up to which "auto" looks whether a trigonometric polynomial is the shorter form.
_MOST_TERMS_TRIED = 1024


@final
@dataclass(frozen=True)
class ExportPlan:
    """All that a trained model computes, from raw features to predictions.

    Features are held between the limits of `scaling` and become radians; sums of products of
    these (`angles`) are the data angles. `form` makes expectations of them, either by a state
    vector or as a trigonometric polynomial; `readout` makes decision values of the expectations,
    and these stand for classes or, by `target_scaling`, for numbers.

    Parameters
    ----------
    n_qubits : int
    scaling : InputScaling
    angles : AngleProducts
    form : CircuitForm or FourierForm
    observables : tuple of (str or PauliSum)
    readout : Readout
    classes : tuple or None
        The labels of a classifier, in the order of its probabilities.
    target_scaling : TargetScaling or None
        Of a regressor.

    Examples
    --------
    >>> from qmlplay import VariationalClassifier
    >>> clf = VariationalClassifier(encoding="angle", n_layers=1, max_iter=1, random_state=0)
    >>> plan = ExportPlan.of(clf.fit([[0.0], [1.0]], ["a", "b"]).model_)
    >>> plan.n_features, plan.n_outputs, plan.classes
    (1, 1, ('a', 'b'))
    """

    n_qubits: int
    scaling: InputScaling
    angles: AngleProducts
    form: CircuitForm | FourierForm
    observables: Observables
    readout: Readout
    classes: tuple[Any, ...] | None
    target_scaling: TargetScaling | None

    @classmethod
    def of(cls, model: TrainedCircuit, form: str = "auto") -> ExportPlan:
        """Return the plan of a trained model.

        It is the exact one, whatever shots and noise a simulator adds.

        Parameters
        ----------
        model : TrainedModel or TrainedRegression
            Such as ``clf.model_``.
        form : {"auto", "circuit", "fourier"}, default="auto"
            Whether expectations come from a state vector, or from the trigonometric polynomial
            that they are of the data angles, which is as exact; "auto" takes what is shorter.

        Raises
        ------
        TypeError
            If the model is no trained circuit.
        ValueError
            If it has more than 10 qubits, its angles are no sums of products of features, or it
            has no or too long a trigonometric polynomial and that was asked for.
        """
        check_choice("form", form, FORMS)
        if not isinstance(model, TrainedModel | TrainedRegression):
            raise TypeError(
                f"what can be exported is the model_ of a fitted VariationalClassifier or "
                f"VariationalRegressor, got {type(model).__name__}"
            )
        if model.n_qubits > MOST_QUBITS:
            raise ValueError(
                f"the model has {model.n_qubits} qubits, and models of at most {MOST_QUBITS} are "
                f"exported: every further qubit doubles the state vector. Train one with "
                f"n_qubits={MOST_QUBITS} or fewer, or hand this one on with save() or to_openqasm()"
            )
        circuit, n_amplitudes = _without_amplitudes(model.circuit)
        products, slots = _data_angles(circuit, model.weights)
        return cls(
            model.n_qubits,
            model.scaling,
            products,
            _shorter_form(circuit.circuit, products, slots, model.observables, n_amplitudes, form),
            model.observables,
            model.readout,
            tuple(model.classes.tolist()) if isinstance(model, TrainedModel) else None,
            model.target_scaling if isinstance(model, TrainedRegression) else None,
        )

    @property
    def n_features(self) -> int:
        """Number of columns of X."""
        return len(self.scaling.center)

    @property
    def n_outputs(self) -> int:
        """Number of decision values of a sample: one for two classes, one per class for more."""
        return len(self.readout.bias)

    def to_dict(self) -> dict[str, Any]:
        """Return the plan as plain values, ready for JSON; a limit that is none is None."""
        limits = {
            name: [float(x) if np.isfinite(x) else None for x in getattr(self.scaling, name)]
            for name in ("low", "high")
        }
        target = self.target_scaling
        return {
            "n_qubits": self.n_qubits,
            "n_features": self.n_features,
            "scaling": {
                "center": self.scaling.center.tolist(),
                "half_range": self.scaling.half_range.tolist(),
                **limits,
                "farthest": FARTHEST,
            },
            "angles": self.angles.to_dict(),
            "form": self.form.to_dict(),
            "observables": observables_to_list(self.observables),
            "readout": {"scale": self.readout.scale.tolist(), "bias": self.readout.bias.tolist()},
            "classes": None if self.classes is None else list(self.classes),
            "target_scaling": target
            and {"center": target.center.tolist(), "scale": target.scale.tolist()},
        }


def _without_amplitudes(circuit: ParametricCircuit) -> tuple[ParametricCircuit, int]:
    """Return the circuit after an amplitude encoding, and how many features that has.

    The number is 0, and the circuit whole, where there is none. Gates have one angle or none.
    """
    spelled_out = replace(circuit, circuit=circuit.circuit.elementary)
    sizes = {f.n_features for f in circuit.formulas if isinstance(f, AmplitudeAngle)}
    if not sizes:
        return spelled_out, 0
    n_amplitudes = min(sizes)
    encoding = AmplitudeEncoding()(circuit.n_qubits, n_amplitudes)
    gates = spelled_out.circuit.gates
    came = [(gate.name, gate.qubits, gate.angle(circuit.formulas)) for gate in gates]
    rest = spelled_out.circuit.part(len(encoding), len(gates))
    slots = sorted({slot for gate in gates[len(encoding) :] for slot in gate.slots})
    formulas = tuple(circuit.formulas[slot] for slot in slots)
    is_at_the_beginning = came[: len(encoding)] == [
        (operation.name, operation.qubits, operation.angle) for operation in encoding
    ]
    if not is_at_the_beginning or any(isinstance(f, AmplitudeAngle) for f in formulas):
        raise ValueError(
            "features are amplitudes somewhere else than at the beginning of this circuit, so that "
            "its state is not made of them at once: what can be exported are models with "
            "encoding='amplitude' and reupload=False"
        )
    return ParametricCircuit(rest, formulas, circuit.n_features), n_amplitudes


def _data_angles(circuit: ParametricCircuit, weights: Real) -> tuple[AngleProducts, SlotAngles]:
    """Return the data angles, each once, and which of them every slot adds to which number."""
    columns: dict[Any, int] = {}
    slots: list[tuple[int | None, float]] = []
    for formula in circuit.formulas:
        terms, constant = split_formula(formula, weights)
        column = columns.setdefault(terms, len(columns)) if terms else None
        slots.append((column, constant))
    return AngleProducts.of(list(columns)), tuple(slots)


def _shorter_form(
    circuit: Circuit,
    products: AngleProducts,
    slots: SlotAngles,
    observables: Observables,
    n_amplitudes: int,
    form: str,
) -> CircuitForm | FourierForm:
    """Return the form that was asked for, or the one of fewer numbers."""
    as_circuit = CircuitForm.of(circuit, slots, n_amplitudes)
    if form == "circuit":
        return as_circuit
    is_polynomial = not n_amplitudes and len(products.coefficients) > 0
    if form == "fourier" and not is_polynomial:
        raise ValueError(
            "this model is no trigonometric polynomial of angles, as its features are amplitudes "
            'or it reads none: export it with form="circuit"'
        )
    if not is_polynomial:
        return as_circuit
    band = AngleBand.of(circuit, products, slots)
    if form == "auto" and band.n_terms > _MOST_TERMS_TRIED:
        return as_circuit
    polynomial = FourierForm.of(circuit, band, slots, observables)
    is_shorter = polynomial.n_numbers <= as_circuit.n_numbers
    return polynomial if form == "fourier" or is_shorter else as_circuit
