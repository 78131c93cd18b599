"""A trained model in ai-edge-litert and in Chromium, as `exports.py` times it."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from qmlplay import VariationalClassifier

Predict = Callable[[np.ndarray], np.ndarray]
_NAMES = ("chromium", "chromium-browser", "google-chrome")
#: Rows again and again for a tenth of a second; the seconds of once.
_TIMED = """(rows) => {
  const start = performance.now();
  let times = 0;
  do {
    for (const row of rows) answerOf(row);
    times += 1;
  } while (performance.now() - start < 100);
  return (performance.now() - start) / 1000 / times;
}"""
_PREDICTED = "(rows) => qmlplay.predict(rows).map((answer) => answer.probabilities)"


def tflite(clf: VariationalClassifier) -> tuple[int, Predict]:
    """Return the size of a file of TensorFlow Lite, and what runs it, with one thread."""
    from ai_edge_litert.interpreter import Interpreter

    content = clf.to_tflite()
    interpreter = Interpreter(model_content=content, num_threads=1)
    (entry,) = interpreter.get_input_details()
    interpreter.allocate_tensors()
    output = next(o for o in interpreter.get_output_details() if o["dtype"] == np.float32)

    def predict(X: np.ndarray) -> np.ndarray:
        if tuple(entry["shape"]) != X.shape:
            interpreter.resize_tensor_input(entry["index"], X.shape)
            interpreter.allocate_tensors()
            entry["shape"] = X.shape
        interpreter.set_tensor(entry["index"], X)
        interpreter.invoke()
        return interpreter.get_tensor(output["index"])

    return len(content), predict


def browser(clf: VariationalClassifier) -> tuple[int, Predict, Callable[[np.ndarray], float]]:
    """Return the size of a page, what it predicts, and the seconds that it takes for rows."""
    page = _chromium().new_page()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.html"
        content = clf.to_html(path)
        page.goto(path.as_uri())
    return (
        len(content.encode("utf-8")),
        lambda X: np.array(page.evaluate(_PREDICTED, X.tolist())),
        lambda X: float(page.evaluate(_TIMED, X.tolist())),
    )


@cache
def _chromium() -> Any:
    """Return a browser, which ends with the process."""
    from playwright.sync_api import sync_playwright

    playwright = sync_playwright().start()
    path = next(filter(None, map(shutil.which, _NAMES)), None)
    started = playwright.chromium.launch(executable_path=path, args=["--headless", "--no-sandbox"])
    atexit.register(playwright.stop)
    atexit.register(started.close)
    return started
