"""The settings of the playground: one frozen record with a closed schema."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, fields
from types import MappingProxyType
from typing import Any, Self

from qmlplay.ansatze import ANSATZE
from qmlplay.backends import list_backends
from qmlplay.baselines import list_baselines
from qmlplay.checks import is_integer, is_number
from qmlplay.encodings import ENCODINGS
from qmlplay.errors import shortened, unknown_name
from qmlplay.training.optimizers import OPTIMIZERS
from qmlplay.widget.settings.choices import DRAWN, NOISE_LEVELS, OWN_DATA, TOYS
from qmlplay.widget.settings.drawn_points import DrawnPoints, Points
from qmlplay.widget.settings.steering_rules import Indices, TrainableNumbers

__all__ = ["RULES", "Choice", "Configuration", "Number", "Rule", "WholeNumber"]


@dataclass(frozen=True)
class Choice:
    """A setting that is one of some names; a table's names may become more."""

    allowed: Collection[str]

    def check(self, name: str, value: Any) -> str:
        """Return the value, or raise ValueError."""
        if not isinstance(value, str) or value not in self.allowed:
            raise unknown_name(name, value, self.allowed)
        return value


@dataclass(frozen=True)
class WholeNumber:
    """A setting that is a whole number in [low, high], or None where `optional`."""

    low: int
    high: int
    optional: bool = False

    def check(self, name: str, value: Any) -> int | None:
        """Return the value, or raise ValueError."""
        if value is None and self.optional:
            return None
        if not is_integer(value, self.low, self.high):
            also = " or None" if self.optional else ""
            raise ValueError(
                f"{name}={shortened(value)}: must be a whole number from {self.low} to "
                f"{self.high}{also}"
            )
        return int(value)


@dataclass(frozen=True)
class Number:
    """A setting that is a number in [low, high]."""

    low: float
    high: float

    def check(self, name: str, value: Any) -> float:
        """Return the value as a float, or raise ValueError."""
        if not is_number(value, self.low, self.high):
            raise ValueError(
                f"{name}={shortened(value)}: must be a number from {self.low:g} to {self.high:g}"
            )
        return float(value)


@dataclass(frozen=True)
class _Columns:
    """Two different column numbers, or None."""

    def check(self, name: str, value: Any) -> tuple[int, int] | None:
        if value is None:
            return None
        is_pair = isinstance(value, list | tuple) and len(value) == 2 and value[0] != value[1]
        if not is_pair or not all(is_integer(column, 0, 9_999) for column in value):
            raise ValueError(
                f"{name}={shortened(value)}: must be two different column numbers, or None"
            )
        return int(value[0]), int(value[1])


@dataclass(frozen=True)
class _Fingerprint:
    """Sixteen hexadecimal digits, or nothing."""

    def check(self, name: str, value: Any) -> str:
        is_text = isinstance(value, str) and len(value) in (0, 16)
        if not is_text or not set(value) <= set("0123456789abcdef"):
            raise ValueError(f"{name}={shortened(value)}: must be 16 hexadecimal digits, or empty")
        return str(value)


#: With noise a simulation follows 4ⁿ numbers, not 2ⁿ.
MOST_NOISY_QUBITS = 5

Rule = (
    Choice
    | WholeNumber
    | Number
    | _Columns
    | _Fingerprint
    | DrawnPoints
    | Indices
    | TrainableNumbers
)

#: What every setting may be.
RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "dataset": Choice((*TOYS, DRAWN, OWN_DATA)),
        "data_noise": Number(0, 2),
        "features": _Columns(),
        "own_data": _Fingerprint(),
        "encoding": Choice(ENCODINGS),
        "ansatz": Choice(ANSATZE),
        "n_layers": WholeNumber(1, 10),
        "n_qubits": WholeNumber(1, 8),
        "backend": Choice(tuple(list_backends())),
        "shots": WholeNumber(1, 1_000_000, optional=True),
        "noise": Choice(NOISE_LEVELS),
        "optimizer": Choice(OPTIMIZERS),
        "learning_rate_init": Number(0.0001, 2),
        "max_iter": WholeNumber(1, 1_000),
        "baseline": Choice(tuple(list_baselines())),
        "random_state": WholeNumber(0, 2**32 - 1),
        "points": DrawnPoints(),
        "removed_gates": Indices(),
        "frozen": Indices(),
        "weights": TrainableNumbers(),
    }
)


@dataclass(frozen=True)
class Configuration:
    """Everything that decides how a run of the playground goes.

    Parameters
    ----------
    dataset : str
        A name of `qmlplay.list_datasets`, ``"drawn"`` or ``"own data"``.
    data_noise : float
        Noise of a generated dataset, in [0, 2]; 0 where there is none to choose.
    features : tuple of two int or None
        Columns that span the plane; None takes both, or of more the two main directions.
    own_data : str
        Fingerprint of your own data, 16 hexadecimal digits; otherwise empty.
    encoding, ansatz, n_layers, n_qubits, backend, shots
        As in `VariationalClassifier`, with n_layers in [1, 10] and n_qubits in [1, 8].
    noise : str
        ``"none"``, ``"low"``, ``"medium"`` or ``"high"``: noise of the simulated device, of at
        most 5 qubits.
    optimizer, learning_rate_init, max_iter, random_state
        As in `VariationalClassifier`, with max_iter in [1, 1000]; the seed also draws the data
        and divides them.
    baseline : str
        The classical model beside it, a name of `qmlplay.baselines.list_baselines`.
    points : tuple of (int, int, int)
        Drawn samples, for the dataset ``"drawn"``: class in [0, 3], and x and y in [-100, 100],
        in hundredths; at most 300.
    removed_gates : tuple of int
        Entanglers that are taken out, by their places in the whole circuit.
    frozen : tuple of int
        Weights that are held, by their places among those of the circuit.
    weights : tuple of float or None
        All trainable numbers that the run begins with, the readout's last; None draws them.

    Raises
    ------
    ValueError
        If a setting is not allowed.

    Examples
    --------
    >>> Configuration(dataset="circles", data_noise=0.1).n_layers
    4
    >>> Configuration(n_layers=99)
    Traceback (most recent call last):
        ...
    ValueError: n_layers=99: must be a whole number from 1 to 10
    """

    dataset: str = "moons"
    data_noise: float = 0.15
    features: tuple[int, int] | None = None
    own_data: str = ""
    encoding: str = "angle_sum"
    ansatz: str = "hardware_efficient_rxx"
    n_layers: int = 4
    n_qubits: int = 2
    backend: str = "numpy"
    shots: int | None = None
    noise: str = "none"
    optimizer: str = "adam"
    learning_rate_init: float = 0.1
    max_iter: int = 100
    baseline: str = "svc_rbf"
    random_state: int = 0
    points: Points = ()
    removed_gates: tuple[int, ...] = ()
    frozen: tuple[int, ...] = ()
    weights: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        for name, rule in RULES.items():
            object.__setattr__(self, name, rule.check(name, getattr(self, name)))
        if (self.dataset == OWN_DATA) != bool(self.own_data):
            raise ValueError(f"own_data={self.own_data!r} does not fit dataset={self.dataset!r}")
        if self.points and self.dataset != DRAWN:
            raise ValueError(f"drawn points do not fit dataset={self.dataset!r}")
        if self.features is not None and self.dataset == DRAWN:
            raise ValueError(f"features={self.features} do not fit dataset={self.dataset!r}")
        if self.data_noise and not self.has_data_noise:
            raise ValueError(
                f"data_noise={self.data_noise:g}: {self.dataset!r} has no noise to choose, only 0"
            )
        if self.noise != "none" and self.n_qubits > MOST_NOISY_QUBITS:
            raise ValueError(
                f"noise={self.noise!r} with n_qubits={self.n_qubits}: a step would take minutes; "
                f"choose at most {MOST_NOISY_QUBITS} qubits, or no noise"
            )

    @property
    def has_data_noise(self) -> bool:
        """Whether the dataset is generated with a noise that can be chosen."""
        return self.dataset in TOYS and TOYS[self.dataset].noise is not None

    @classmethod
    def for_dataset(cls, name: str, **others: Any) -> Self:
        """Return the configuration of one of the named datasets, with its usual noise."""
        Choice(TOYS).check("dataset", name)
        return cls(dataset=name, data_noise=TOYS[name].usual_noise, **others)

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as plain values, ready for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Any) -> Self:
        """Return the configuration of exactly these settings: none missing, none more.

        Raises
        ------
        ValueError
            If a setting is missing, unknown or not allowed.
        """
        if not isinstance(values, dict):
            raise ValueError(f"the settings must be an object, got {type(values).__name__}")
        names = {field.name for field in fields(cls)}
        if set(values) != names:
            missing, further = sorted(names - set(values)), sorted(set(values) - names)
            raise ValueError(f"the settings must be complete: missing {missing}, unknown {further}")
        return cls(**values)
