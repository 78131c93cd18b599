"""Patterns of bits and pixels."""

from __future__ import annotations

import numpy as np

from qmlplay.checks import real_number, whole_number
from qmlplay.datasets._samples import RandomState, Samples, balanced_labels, random_source
from qmlplay.typing import Real

__all__ = ["bars_and_stripes", "parity"]


def bars_and_stripes(
    *,
    n_samples: int = 300,
    height: int = 4,
    width: int = 4,
    noise: float = 0.5,
    random_state: RandomState = None,
) -> Samples:
    """Images of vertical bars (label 0) or horizontal stripes (label 1).

    Pixels are -1 or +1 before noise. Images all dark or all bright are left out, as they would
    be bars and stripes at once; the paper keeps them, with a random label.

    Parameters
    ----------
    n_samples : int, at least 2
    height, width : int, 2 to 30
        Size of the image in pixels; n_features = height · width, row after row.
    noise : float, at least 0
        Standard deviation of Gaussian noise on every pixel.
    random_state : None, int or RandomState

    Notes
    -----
    What is hard: no pixel alone tells the class; neighbours have to be compared, and shifts of
    the image must not matter.

    References
    ----------
    Source: J. Bowles, S. Ahmed and M. Schuld, Better than classical?, arXiv:2403.07059.
    """
    n_samples = whole_number("n_samples", n_samples, 2)
    height, width = whole_number("height", height, 2, 30), whole_number("width", width, 2, 30)
    noise = real_number("noise", noise)
    source = random_source(random_state)
    y = balanced_labels(n_samples, 2, source)
    bars = _lines(n_samples, width, source)[:, None, :]
    stripes = _lines(n_samples, height, source)[:, :, None]
    images = np.where(y[:, None, None] == 1, stripes, bars)  # (n_samples, height, width)
    X = images.reshape(n_samples, -1) + noise * source.standard_normal((n_samples, height * width))
    names = [f"pixel_{row}_{column}" for row in range(height) for column in range(width)]
    return Samples(X, y, feature_names=names, target_names=("bars", "stripes"))


def _lines(n_samples: int, length: int, source: np.random.RandomState) -> Real:
    """Random rows of -1 and +1, (n_samples, length), never all alike."""
    codes = source.randint(1, 2**length - 1, size=n_samples)
    bits = (codes[:, None] >> np.arange(length)) & 1
    return np.where(bits == 1, 1.0, -1.0)


def parity(
    *,
    n_samples: int = 300,
    n_features: int = 4,
    noise: float = 0.1,
    random_state: RandomState = None,
) -> Samples:
    """Random bit strings, labelled by their sum modulo 2.

    Parameters
    ----------
    n_samples : int, at least 2
    n_features : int, at least 2
        The number of bits.
    noise : float, at least 0
        Standard deviation of Gaussian noise added to the bits 0 and 1.
    random_state : None, int or RandomState

    Notes
    -----
    What is hard: every bit counts, and any subset of them tells nothing. There are only
    2**n_features strings: to test more than memory, take many more strings than samples.

    References
    ----------
    Source: M. Minsky and S. Papert, Perceptrons, MIT Press (1969).
    """
    n_samples = whole_number("n_samples", n_samples, 2)
    n_features = whole_number("n_features", n_features, 2)
    noise = real_number("noise", noise)
    source = random_source(random_state)
    y = balanced_labels(n_samples, 2, source)
    bits = source.randint(0, 2, size=(n_samples, n_features))
    bits[:, -1] = (bits[:, :-1].sum(axis=1) + y) % 2  # the last bit makes the parity
    X = bits + noise * source.standard_normal(bits.shape)
    return Samples(X, y, target_names=("even", "odd"))
