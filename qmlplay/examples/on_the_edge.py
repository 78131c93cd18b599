"""On the edge: one trained model as a file for phones, and as a page for the browser."""

import tempfile
import zipfile
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from qmlplay import VariationalClassifier, load_dataset

data = load_dataset("iris")
names = np.array(data.target_names)[data.y]
clf = VariationalClassifier(max_iter=30, random_state=0).fit(data.X, names)

with tempfile.TemporaryDirectory() as folder:
    # TensorFlow writes the file; ai-edge-litert runs it, without TensorFlow and without qmlplay.
    path = Path(folder) / "iris.tflite"
    clf.to_tflite(path)
    model = Interpreter(model_path=str(path)).get_signature_runner()
    answers = model(X=data.X.astype(np.float32))
    difference = np.abs(answers["probabilities"] - clf.predict_proba(data.X)).max()
    print(f"TensorFlow Lite, as the simulator within 1e-5: {difference < 1e-5}")

    # It has no strings: the labels are in an archive at the end of the file.
    with zipfile.ZipFile(path) as archive:
        labels = archive.read("labels.txt").decode().splitlines()
    print(f"the first flower: {labels[answers['label'][0]]}, of {', '.join(labels)}")
    print(f"under 40 kB: {path.stat().st_size < 40_000}")

    # One file with a slider per feature, which opens in any browser and loads nothing.
    page = Path(folder) / "iris.html"
    clf.to_html(page, title="Iris flowers")
    print(f"a page: {page.read_text('utf-8').splitlines()[0]}")
    print(f"under 120 kB: {page.stat().st_size < 120_000}")

# Expected output:
# TensorFlow Lite, as the simulator within 1e-5: True
# the first flower: setosa, of setosa, versicolor, virginica
# under 40 kB: True
# a page: <!DOCTYPE html>
# under 120 kB: True
