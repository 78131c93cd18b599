"""ONNX: a trained model, alone and in a pipeline, in a runtime that knows nothing of qubits."""

import tempfile
from pathlib import Path

import numpy as np
import onnxruntime
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from qmlplay import VariationalClassifier, load_dataset
from qmlplay.export import to_onnx

data = load_dataset("iris")
names = np.array(data.target_names)[data.y]
clf = VariationalClassifier(max_iter=30, random_state=0).fit(data.X, names)


def run(path: Path, X: np.ndarray) -> list[np.ndarray]:
    """Return the labels and probabilities that onnxruntime computes from a file."""
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    outputs: list[np.ndarray] = session.run(["label", "probabilities"], {"X": X})
    return outputs


with tempfile.TemporaryDirectory() as folder:
    for dtype, close in (("float32", 1e-5), ("float64", 1e-10)):
        path = Path(folder) / f"{dtype}.onnx"
        clf.to_onnx(path, dtype=dtype)
        X = data.X.astype(dtype)
        labels, probabilities = run(path, X)
        difference = np.abs(probabilities - clf.predict_proba(X)).max()
        print(f"{dtype}: {labels[0]} and {labels[-1]}, as the simulator: {difference < close}")

    # skl2onnx converts the steps before it; between them numbers are float32 or float64.
    pipeline = make_pipeline(StandardScaler(), clf).fit(data.X, names)
    path = Path(folder) / "pipeline.onnx"
    to_onnx(pipeline, path, dtype="float64")
    labels, _ = run(path, data.X)
    print(f"pipeline: the same labels: {(labels == pipeline.predict(data.X)).all()}")

    # Without trainable scaling all frequencies are whole numbers, from -4 to 4 for 4 layers:
    # 41 sines and cosines are the whole model, without a state vector.
    circles = load_dataset("circles", n_samples=100, random_state=0)
    short = VariationalClassifier(trainable_scaling=False, max_iter=30, random_state=0)
    short.fit(circles.X, circles.y)
    path = Path(folder) / "short.onnx"
    model = short.to_onnx(path)
    form = next(entry.value for entry in model.metadata_props if entry.key == "form")
    print(f"{form} form, under 4 kB: {path.stat().st_size < 4000}")

# Expected output:
# float32: setosa and virginica, as the simulator: True
# float64: setosa and virginica, as the simulator: True
# pipeline: the same labels: True
# fourier form, under 4 kB: True
