"""Model files: what is kept of a trained model and of how it was trained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qmlplay.backends.noise import NoiseModel
from qmlplay.model.archive import read_archive, write_archive
from qmlplay.model.model_parts import circuit_from_parts, circuit_to_parts
from qmlplay.model.preprocessing import Steps, steps_from_parts, steps_to_parts
from qmlplay.model.target_scaling import TargetScaling
from qmlplay.model.trained import TrainedModel
from qmlplay.model.trained_circuit import TrainedCircuit
from qmlplay.model.trained_regression import TrainedRegression

__all__ = ["ModelFile"]

#: Parameters that a file holds as they are; the others are objects or functions.
_PLAIN = (bool, int, float, str, type(None))


@dataclass(frozen=True, eq=False)
class ModelFile:
    """The content of a ``.qmlplay`` file.

    Parameters
    ----------
    model : TrainedModel or TrainedRegression
    parameters : dict of str to object
        Of the estimator: plain values, or a `NoiseModel` named noise; others are not written.
    history : dict of str to object
        How it was trained: whatever JSON can hold.
    arrays : dict of str to ndarray
        And its arrays, under names that the model's own do not have.
    feature_names : tuple of str
        Column names, empty where X had none.
    objects : dict of str to dict
        Parameters that are no plain values, written as dictionaries.
    left_out : dict of str to str
        What the file cannot hold, and how it looked.
    steps : tuple of (str, transformer)
        What a pipeline does before the model: fitted transformers of ours, by their names.

    Examples
    --------
    >>> import tempfile
    >>> from qmlplay import VariationalClassifier
    >>> clf = VariationalClassifier(max_iter=1).fit([[0.0], [1.0]], ["a", "b"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     clf.save(f"{folder}/model.qmlplay")
    ...     ModelFile.read(f"{folder}/model.qmlplay").model == clf.model_
    True
    """

    model: TrainedCircuit
    parameters: Mapping[str, Any]
    history: Mapping[str, Any] = field(default_factory=dict)
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    feature_names: tuple[str, ...] = ()
    objects: Mapping[str, Any] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    steps: Steps = ()

    def write(self, path: str | PathLike[str]) -> None:
        """Write the file whole or not at all.

        Raises
        ------
        OSError, ValueError
            If it cannot be written or could not be read again; an older file of that name is
            then left whole.
        """
        model, noise = self.model, self.parameters.get("noise")
        circuit, circuit_arrays = circuit_to_parts(model)
        plain = {
            k: v.item() if isinstance(v, np.generic) else v for k, v in self.parameters.items()
        }
        content = {
            "parameters": {k: v for k, v in plain.items() if isinstance(v, _PLAIN)},
            "noise_model": noise.to_dict() if isinstance(noise, NoiseModel) else None,
            **circuit,
            **_answers_to_dict(model),
            "feature_names": list(self.feature_names),
            "objects": dict(self.objects),
            "left_out": dict(self.left_out),
            **self.history,
        }
        preprocessing, transformer_arrays = steps_to_parts(self.steps)
        arrays = {
            **circuit_arrays,
            **self.arrays,
            **transformer_arrays,
        }
        version = 1
        if self.steps:  # without these, the model would take its input for something else
            content |= {"preprocessing": preprocessing}
            version = 2
        if model.scaling.holds:  # and so without these limits
            version = 3
        if isinstance(model, TrainedRegression):
            arrays["target_center"] = model.target_scaling.center
            arrays["target_scale"] = model.target_scaling.scale
            version = 4
        if model.readout.is_fixed or not all(isinstance(o, str) for o in model.observables):
            version = 5
        write_archive(path, content, arrays, version=version)

    @classmethod
    def read(cls, path: str | PathLike[str]) -> ModelFile:
        """Read what `write` wrote, and run nothing of it.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        ValueError
            If it is damaged, not a model file, or written by a newer version.
        """
        content, arrays = read_archive(path)
        try:
            return cls._from_parts(content, arrays)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            raise ValueError(f"{path} is no model file of qmlplay: {error!r}") from error

    @classmethod
    def _from_parts(cls, content: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> ModelFile:
        parameters = dict(content.pop("parameters"))
        noise = content.pop("noise_model", None)  # unknown to files of earlier versions
        if noise is not None:
            parameters["noise"] = NoiseModel.from_dict(noise)
        model = _model_from_parts(content, arrays)
        names = tuple(content.pop("feature_names"))
        if len(names) not in (0, model.n_features) or not all(isinstance(n, str) for n in names):
            raise ValueError("its feature names do not fit the circuit")
        objects, left_out = content.pop("objects", {}), content.pop("left_out", {})  # newer
        if not all(isinstance(text, str) for pair in left_out.items() for text in pair):
            raise ValueError("it names what it leaves out in something else than text")
        steps = steps_from_parts(content.pop("preprocessing", []), arrays, model.n_features)
        return cls(model, parameters, content, arrays, names, dict(objects), dict(left_out), steps)


def _answers_to_dict(model: TrainedCircuit) -> dict[str, Any]:
    """Return what a file says of the answers of a model; those of a regression are arrays."""
    if not isinstance(model, TrainedModel):
        return {}
    return {"classes": model.classes.tolist(), "classes_dtype": str(model.classes.dtype)}


def _model_from_parts(content: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> TrainedCircuit:
    """Return the model of a file, and take its parts out of all parts."""
    parts = circuit_from_parts(content, arrays)
    if "classes" not in content:
        scaling = TargetScaling(arrays.pop("target_center"), arrays.pop("target_scale"))
        return TrainedRegression(**parts, target_scaling=scaling)
    classes = np.array(content.pop("classes"), dtype=content.pop("classes_dtype"))
    if classes.dtype.kind not in "biufUO":
        raise ValueError(f"its classes are of type {classes.dtype}")
    return TrainedModel(**parts, classes=classes)
