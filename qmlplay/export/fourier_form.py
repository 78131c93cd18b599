"""The exact trigonometric polynomial that a circuit's expectations are of its data angles."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any, final

import numpy as np

from qmlplay.backends import get_backend
from qmlplay.circuit import Circuit, Observables
from qmlplay.export.angle_band import AngleBand
from qmlplay.export.circuit_form import SlotAngles
from qmlplay.model.values import ArrayValue
from qmlplay.typing import Complex, Real

__all__ = ["MOST_TERMS", "FourierForm"]

#: A polynomial of more terms is longer than any circuit of up to 10 qubits that makes it.
MOST_TERMS = 4096
#: Amplitudes of all circuits that are run to find the coefficients.
_MOST_AMPLITUDES = 2**23
#: Coefficients that are nothing but rounding.
_NEGLIGIBLE = 1e-14


@final
@dataclass(frozen=True, eq=False)
class FourierForm(ArrayValue):
    """Expectations Σ cosines·cos(frequencies·p) + sines·sin(frequencies·p) of a row's products p.

    The products are those of `AngleProducts`, mostly the features in radians.

    Parameters
    ----------
    frequencies : ndarray of shape (n_terms, n_products)
    cosines, sines : ndarray of shape (n_terms, n_observables)
    """

    frequencies: Real
    cosines: Real
    sines: Real

    @classmethod
    def of(
        cls,
        circuit: Circuit,
        band: AngleBand,
        angles: SlotAngles,
        observables: Observables,
    ) -> FourierForm:
        """Return the polynomial, from the circuit's expectations on a grid of turns.

        Raises
        ------
        ValueError
            If it would have too many terms.
        """
        if band.n_terms > MOST_TERMS or prod(band.shape) << circuit.n_qubits > _MOST_AMPLITUDES:
            raise ValueError(
                f"as a trigonometric polynomial this model has up to {band.n_terms} terms on "
                f"{circuit.n_qubits} qubits, too many (at most {MOST_TERMS} terms): export it with "
                f'form="circuit"'
            )
        axes = [2 * np.pi * np.arange(size) / size for size in band.shape]
        grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, len(axes))
        values = get_backend("numpy").expectations(
            circuit, _slot_angles(grid, band, angles), observables
        )
        values = np.broadcast_to(values, (len(grid), len(observables)))
        spectrum = np.fft.fftn(
            values.reshape(*band.shape, -1), axes=tuple(range(len(axes))), norm="forward"
        ).reshape(len(grid), -1)
        return cls._from_spectrum(spectrum, band)

    @classmethod
    def _from_spectrum(cls, spectrum: Complex, band: AngleBand) -> FourierForm:
        """Return one term for every pair of a frequency and its negative."""
        axes = [np.fft.fftfreq(size, 1 / size) for size in band.shape]
        whole = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, len(axes))
        nonzero = whole != 0
        first = np.take_along_axis(whole, nonzero.argmax(axis=1)[:, None], axis=1)[:, 0]
        is_large = np.abs(spectrum).max(axis=1) > _NEGLIGIBLE
        is_kept = (first > 0) & is_large | ~nonzero.any(axis=1)
        pairs = np.where(first == 0, 1.0, 2.0)[is_kept, None]
        # c·exp(ifx) + its conjugate = 2 Re c·cos(fx) − 2 Im c·sin(fx)
        kept = spectrum[is_kept]
        return cls(whole[is_kept] @ band.coefficients, pairs * kept.real, -pairs * kept.imag)

    @property
    def n_numbers(self) -> int:
        """How many real numbers the form consists of."""
        return self.frequencies.size + self.cosines.size + self.sines.size

    def to_dict(self) -> dict[str, Any]:
        """Return the form as lists, ready for JSON."""
        return {
            "type": "fourier",
            "frequencies": self.frequencies.tolist(),
            "cosines": self.cosines.tolist(),
            "sines": self.sines.tolist(),
        }


def _slot_angles(grid: Real, band: AngleBand, angles: SlotAngles) -> list[float | Real]:
    """Return the angles of all slots at points (n_points, n_turns) of the grid."""
    values: list[float | Real] = []
    for column, constant in angles:
        if column is None:
            values.append(constant)
        else:
            values.append(constant + band.multiples[column] * grid[:, band.turns[column]])
    return values
