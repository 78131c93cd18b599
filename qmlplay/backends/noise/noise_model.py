"""Noise, described once for all simulators: channels after gates, and errors of the readout.

After every gate on one qubit come, in this order: depolarising, amplitude damping, phase
damping, bit flip, phase flip on that qubit. After every gate on two qubits come two-qubit
depolarising and then the other four channels on each of its qubits. A gate on more qubits, such
as CCX, is treated alike: two-qubit depolarising on every pair of its qubits, then the other four
channels on each; a gate with several angles, such as U, is one gate. Readout errors flip the
classical bit that a measurement yields. Turning a qubit so that X or Y can be read is part of
the measurement, and free of the noise of gates.

The channels themselves and their conventions are in `qmlplay.backends.noise.channels`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from itertools import combinations
from typing import Any

import numpy as np

from qmlplay.backends.noise.channels import Channel
from qmlplay.checks import check_probability
from qmlplay.errors import unknown_name
from qmlplay.typing import Real

__all__ = ["NOISE_PRESETS", "NoiseModel", "check_noise"]


@dataclass(frozen=True)
class NoiseModel:
    """What goes wrong after every gate and at readout, in no framework's terms.

    Parameters
    ----------
    depolarizing_1q : float, default=0.0
        Probability that X, Y or Z (a third each) follows a one-qubit gate. It multiplies
        ⟨X⟩, ⟨Y⟩ and ⟨Z⟩ of the qubit by 1 − 4p/3.
    depolarizing_2q : float, default=0.0
        Probability that one of the 15 Pauli pairs other than II follows a two-qubit gate. It
        multiplies every expectation on the pair by 1 − 16p/15. A gate on three qubits is
        followed by it on each of its three pairs.
    amplitude_damping : float, default=0.0
        Probability that a qubit in |1⟩ decays to |0⟩ after a gate on it.
    phase_damping : float, default=0.0
        Loss of coherence after a gate: it multiplies ⟨X⟩ and ⟨Y⟩ by √(1 − p).
    bit_flip, phase_flip : float, default=0.0
        Probability that X, or Z, follows a gate on each of its qubits.
    readout_error : float or (float, float), default=0.0
        Probability that a bit is read wrongly; or a pair, the probabilities of reading 1 where
        the bit is 0, and of reading 0 where it is 1.

    Raises
    ------
    TypeError
        If a probability is no number.
    ValueError
        If a probability is below 0 or above 1.

    Examples
    --------
    >>> import numpy as np
    >>> from qmlplay import get_backend
    >>> from qmlplay.circuit import Circuit, Gate
    >>> noise = NoiseModel(depolarizing_1q=0.03, readout_error=(0.0, 0.1))
    >>> noise
    NoiseModel(depolarizing_1q=0.03, readout_error=(0.0, 0.1))
    >>> flip = Circuit(1, (Gate("x", (0,)),))
    >>> get_backend("numpy", noise=noise).probabilities(flip, []).round(3)  # 0.02 + 0.1 · 0.98
    array([[0.118, 0.882]])
    """

    depolarizing_1q: float = 0.0
    depolarizing_2q: float = 0.0
    amplitude_damping: float = 0.0
    phase_damping: float = 0.0
    bit_flip: float = 0.0
    phase_flip: float = 0.0
    readout_error: float | tuple[float, float] = 0.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name == "readout_error" and isinstance(value, tuple | list | np.ndarray):
                object.__setattr__(self, field.name, _pair(value))
            else:
                object.__setattr__(self, field.name, check_probability(field.name, value))

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in vars(self).items() if value != 0.0)
        return f"{type(self).__name__}({shown})"

    @property
    def is_zero(self) -> bool:
        """Whether nothing goes wrong: a simulator is then exact, as with ``noise=None``."""
        return not self.has_gate_noise and not np.any(self.readout_error)

    @property
    def has_gate_noise(self) -> bool:
        """Whether gates are noisy, and not readout alone."""
        return bool(self.channels(1) or self.channels(2))

    def channels(self, n_qubits: int) -> tuple[Channel, ...]:
        """Return the channels after a gate on `n_qubits` qubits, in the order they act.

        Channels of probability 0 are left out.

        Examples
        --------
        >>> for channel in NoiseModel(depolarizing_2q=0.1, bit_flip=0.2).channels(2):
        ...     print(channel)
        Channel(name='depolarizing_2q', probability=0.1, places=(0, 1))
        Channel(name='bit_flip', probability=0.2, places=(0,))
        Channel(name='bit_flip', probability=0.2, places=(1,))
        """
        places = range(n_qubits)
        if n_qubits == 1:
            found = [Channel("depolarizing_1q", self.depolarizing_1q, (0,))]
        else:
            pairs = combinations(places, 2)
            found = [Channel("depolarizing_2q", self.depolarizing_2q, pair) for pair in pairs]
        found += [
            Channel(name, getattr(self, name), (place,)) for place in places for name in _SINGLE
        ]
        return tuple(channel for channel in found if channel.probability > 0)

    @property
    def confusion(self) -> Real:
        """Matrix [read, true] of the probabilities of what is read, shape (2, 2)."""
        error = self.readout_error
        read_1, read_0 = error if isinstance(error, tuple) else (error, error)
        return np.array([[1 - read_1, read_0], [read_1, 1 - read_0]])

    def to_dict(self) -> dict[str, Any]:
        """Return the model as plain numbers and lists, ready for JSON.

        Examples
        --------
        >>> NoiseModel(bit_flip=0.1).to_dict()["bit_flip"]
        0.1
        """
        return {k: list(v) if isinstance(v, tuple) else v for k, v in vars(self).items()}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> NoiseModel:
        """Return the model that `to_dict` wrote.

        Raises
        ------
        TypeError, ValueError
            If `data` is no dictionary, holds an unknown name, or a value that is not allowed.

        Examples
        --------
        >>> NoiseModel.from_dict({"bit_flip": 0.1})
        NoiseModel(bit_flip=0.1)
        """
        if not isinstance(data, dict):
            raise TypeError(f"a noise model is written as a dictionary, got {data!r}")
        allowed = [field.name for field in fields(cls)]
        for name in data:
            if name not in allowed:
                raise unknown_name("noise parameter", name, allowed)
        return cls(**data)


#: The channels on one qubit, in the order they act, after the depolarising one.
_SINGLE = ("amplitude_damping", "phase_damping", "bit_flip", "phase_flip")


def _pair(values: Any) -> tuple[float, float]:
    if len(values) != 2:
        raise ValueError(
            f"readout_error must be a probability, or the pair (P(read 1 | is 0), "
            f"P(read 0 | is 1)); got {values!r}"
        )
    return (
        check_probability("readout_error[0]", values[0]),
        check_probability("readout_error[1]", values[1]),
    )


#: Named models. "low": two-qubit gates and readout about as good as on IBM's Heron processors
#: (medians near 0.3 % and 1 to 2 %). "medium": like the Falcon and Eagle processors (near 1 %
#: and 2 %). "high": several times worse, like the first machines on the cloud; noise is
#: plain to see after a few gates.
NOISE_PRESETS: dict[str, NoiseModel] = {
    "low": NoiseModel(
        depolarizing_1q=0.0003, depolarizing_2q=0.003,
        amplitude_damping=0.0002, phase_damping=0.0002, readout_error=0.01,
    ),
    "medium": NoiseModel(
        depolarizing_1q=0.001, depolarizing_2q=0.01,
        amplitude_damping=0.001, phase_damping=0.001, readout_error=(0.015, 0.03),
    ),
    "high": NoiseModel(
        depolarizing_1q=0.005, depolarizing_2q=0.04,
        amplitude_damping=0.005, phase_damping=0.005, readout_error=(0.04, 0.08),
    ),
}  # fmt: skip


def check_noise(noise: object) -> NoiseModel | None:
    """Return the noise model that is meant: by None, a preset's name, or the model itself.

    Parameters
    ----------
    noise : None, str or NoiseModel
        None means no noise; names are those of `NOISE_PRESETS`.

    Raises
    ------
    TypeError
        If it is something else.
    ValueError
        If there is no preset of that name, or it names a fake device, which the Qiskit backend
        alone simulates.

    Examples
    --------
    >>> check_noise("low").readout_error
    0.01
    >>> check_noise("lwo")
    Traceback (most recent call last):
    ValueError: unknown noise 'lwo': did you mean 'low'? Allowed: 'high', 'low', 'medium'
    """
    if noise is None or isinstance(noise, NoiseModel):
        return noise
    if not isinstance(noise, str):
        raise TypeError(
            f"noise must be None, one of {', '.join(map(repr, NOISE_PRESETS))}, or a NoiseModel "
            f"such as qmlplay.NoiseModel(depolarizing_2q=0.01); got noise={noise!r}"
        )
    if noise.startswith("fake_"):
        raise ValueError(
            f"noise={noise!r} is a fake IBM device, which backend='qiskit' alone simulates; "
            f"here noise is None, one of {', '.join(map(repr, NOISE_PRESETS))}, or a NoiseModel"
        )
    if noise not in NOISE_PRESETS:
        raise unknown_name("noise", noise, NOISE_PRESETS)
    return NOISE_PRESETS[noise]
