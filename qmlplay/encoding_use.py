"""The use of an encoding in a model: how often, with which weights, on angles of which range."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf, pi
from typing import Any

from qmlplay.checks import check_flag, check_interval, check_positive, is_flag, is_number

__all__ = ["EncodingUse", "encoding_use"]

#: Radians.
_USUAL_RANGE = (-pi / 2, pi / 2)


@dataclass(frozen=True)
class EncodingUse:
    """How a model uses its encoding.

    Parameters
    ----------
    reupload : bool, default=True
        Whether the data are encoded before every layer or only before the first.
    trainable_scaling : bool, default=True
        Whether every encoding angle is multiplied by a trainable weight.
    input_range : tuple of two float or None, default=(−π/2, π/2)
        Radians that the smallest and the largest value of a feature in training become; None
        takes features as radians.
    keeps_turns : bool, default=False
        Whether features that fill a turn are taken as radians all the same (see
        `qmlplay.model.scaling.fills_a_turn`).
    alpha : float, default=0.0
        Strength of the L2 penalty on the weights that multiply features, where there are at most
        8 features (see the parameter `alpha` of `qmlplay.VariationalClassifier`).
    bandwidth : float, default=1.0
        Positive factor of every angle, beyond the range above.

    Raises
    ------
    TypeError, ValueError
        If a flag is neither True nor False, the range is not two rising numbers, or `alpha` is
        no number of at least 0, or `bandwidth` is not positive.

    Examples
    --------
    A function of your own says how it is to be used in an attribute:

    >>> from qmlplay import Feature, Operation, VariationalClassifier
    >>> def once(n_qubits, n_features):
    ...     return [Operation("rx", i % n_qubits, Feature(i)) for i in range(n_features)]
    >>> once.published_use = EncodingUse(reupload=False, trainable_scaling=False)
    >>> circuit = VariationalClassifier(encoding=once).design(n_features=2).circuit
    >>> sum(gate.name == "rx" for gate in circuit.circuit.gates)
    2
    """

    reupload: bool = True
    trainable_scaling: bool = True
    input_range: tuple[float, float] | None = _USUAL_RANGE
    keeps_turns: bool = False
    alpha: float = 0.0
    bandwidth: float = 1.0

    def __post_init__(self) -> None:
        check_interval("alpha", self.alpha, 0, inf)
        check_positive("bandwidth", self.bandwidth)
        for name in ("reupload", "trainable_scaling", "keeps_turns"):
            check_flag(name, getattr(self, name))
        limits: Any = self.input_range
        if limits is None:
            return
        is_pair = isinstance(limits, tuple) and len(limits) == 2 and all(map(is_number, limits))
        if not is_pair or not limits[0] < limits[1]:
            raise ValueError(
                f"input_range must be two rising angles in radians, such as (0, 1), or None; got "
                f"{limits!r}"
            )


def encoding_use(
    encoding: Callable[..., Any],
    *,
    reupload: bool | str = "auto",
    trainable_scaling: bool | str = "auto",
    scale_inputs: Any = "auto",
    bandwidth: float = 1.0,
) -> EncodingUse:
    """Return how a model uses an encoding: as it is asked to, else as was published.

    What was published stands in the encoding's attribute ``published_use``; without it, data are
    re-uploaded with trainable scaling, as `EncodingUse` has it.

    Parameters
    ----------
    encoding : callable
        The encoding, see `qmlplay.encodings`.
    reupload, trainable_scaling : bool or "auto", default="auto"
        Parameters of `qmlplay.VariationalClassifier`.
    scale_inputs : bool, "auto" or (low, high), default="auto"
        Another one; a range of features becomes the published range of angles, or the usual one
        where that is None.
    bandwidth : float, default=1.0
        A further one: the factor of all angles.

    Raises
    ------
    TypeError
        If the attribute is no `EncodingUse`.

    Examples
    --------
    >>> from qmlplay.encodings import get_encoding
    >>> use = encoding_use(get_encoding("zz"))
    >>> use.reupload, use.trainable_scaling, use.input_range, use.keeps_turns
    (False, False, (0.0, 1.0), True)
    >>> encoding_use(get_encoding("zz"), reupload=True).reupload
    True
    """
    use: object = getattr(encoding, "published_use", EncodingUse())
    if not isinstance(use, EncodingUse):
        raise TypeError(
            f"published_use of an encoding must be an EncodingUse, such as "
            f"qmlplay.encodings.EncodingUse(reupload=False), got {use!r}"
        )
    if is_flag(scale_inputs):
        use = replace(use, keeps_turns=False, input_range=_USUAL_RANGE if scale_inputs else None)
    elif not isinstance(scale_inputs, str):
        use = replace(use, keeps_turns=False, input_range=use.input_range or _USUAL_RANGE)
    if bandwidth != 1:
        use = replace(use, bandwidth=use.bandwidth * float(bandwidth))
    if not isinstance(reupload, str):
        use = replace(use, reupload=bool(reupload))
    if not isinstance(trainable_scaling, str):
        use = replace(use, trainable_scaling=bool(trainable_scaling))
    return use
