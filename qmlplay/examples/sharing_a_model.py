"""A model for others: a folder with its file and a card that says how good it is, and where not."""

import tempfile
from pathlib import Path

from qmlplay import VariationalClassifier, compare, load_dataset
from qmlplay.sharing import load_from_folder, save_to_folder

data = load_dataset("iris")
model = VariationalClassifier(n_layers=2, max_iter=30, random_state=0).fit(data.X, data.y)

# Scores of a card are those of rows that training did not see: here from five splits.
result = compare(
    "iris", models=["numpy", "logistic_regression"], classifier=model, seeds=5, verbose=0
)

with tempfile.TemporaryDirectory() as parent:
    folder = save_to_folder(
        model, Path(parent) / "iris-model", data=data, comparison=result, license="apache-2.0"
    )
    print("files:", ", ".join(sorted(path.name for path in folder.iterdir())))

    card = (folder / "README.md").read_text(encoding="utf-8")
    print("\n".join(line for line in card.splitlines() if line.startswith("| accuracy")))
    plain = card.replace("\\", "")  # without the marks that keep names from being Markdown
    told = all(sentence in plain for sentence in result.verdict)
    print("the verdict is told, whoever wins:", told)

    # Whoever gets the folder loads it, on any simulator; nothing in it is run.
    again = load_from_folder(folder, backend="cirq")
    difference = abs(again.predict_proba(data.X) - model.predict_proba(data.X)).max()
    print(f"NumPy and Cirq differ by less than 1e-10: {difference < 1e-10}")

# To publish it: huggingface_hub.upload_folder(repo_id="you/iris-model", folder_path=folder)

# Expected output:
# files: README.md, circuit.png, comparison.json, config.json, model.qmlplay
# | accuracy | 0.9822 | standard deviation over the splits 0.017 | mean over 5 splits, models of the same settings, each trained anew; the shared one is another one |
# the verdict is told, whoever wins: True
# NumPy and Cirq differ by less than 1e-10: True
