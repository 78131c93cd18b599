"""Noise, described once for all simulators: the model, its presets, and the channels."""

from qmlplay.backends.noise.noise_model import NOISE_PRESETS, NoiseModel, check_noise

__all__ = ["NOISE_PRESETS", "NoiseModel", "check_noise"]
