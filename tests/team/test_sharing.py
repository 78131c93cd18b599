"""Folders to share against the real libraries: the Hub's own card reader, YAML, and skops."""

import json
import shutil

import numpy as np
import pytest
from backend_helpers import each_backend
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from qmlplay import (
    TablePreprocessor,
    VariationalClassifier,
    VariationalRegressor,
    compare,
    load_dataset,
)
from qmlplay.callbacks import Checkpoint
from qmlplay.sharing import load_from_folder, save_to_folder
from qmlplay.sharing.metadata import to_yaml

pytestmark = pytest.mark.needs("huggingface_hub", "skops")

IRIS = load_dataset("iris")
X, y = IRIS.X, IRIS.y


def quick(**parameters):
    return VariationalClassifier(**({"max_iter": 2, "n_layers": 1, "random_state": 0} | parameters))


def scaled(model=None):
    return make_pipeline(StandardScaler(), PCA(2), quick() if model is None else model).fit(X, y)


@pytest.fixture(scope="module")
def hub():
    return pytest.importorskip("huggingface_hub")


def test_the_hub_reads_the_scores(hub, tmp_path):
    result = compare("iris", models=["numpy", "dummy"], classifier=quick(), seeds=2, verbose=0)
    model = result.fitted["iris", "numpy"]
    folder = save_to_folder(model, tmp_path / "m", comparison=result, license="apache-2.0")
    card = hub.ModelCard.load(folder / "README.md")
    assert (card.data.library_name, card.data.license) == ("qmlplay", "apache-2.0")
    assert card.data.pipeline_tag == "tabular-classification"
    row = result.table.set_index("model").loc["numpy"]
    scores = {entry.metric_type: entry.metric_value for entry in card.data.eval_results}
    names = {"accuracy": "test_accuracy"}
    assert scores == {name: row[names.get(name, name)] for name in scores}
    assert set(scores) == {"accuracy", "balanced_accuracy", "roc_auc", "log_loss"}
    assert {entry.dataset_name for entry in card.data.eval_results} == {"iris"}
    assert all("mean over 2 splits" in entry.metric_name for entry in card.data.eval_results)


def test_the_hub_reads_a_card_without_scores(hub, tmp_path):
    model = VariationalRegressor(max_iter=1, random_state=0).fit(X, X[:, 0])
    card = hub.ModelCard.load(save_to_folder(model, tmp_path / "m") / "README.md")
    assert card.data.pipeline_tag == "tabular-regression"
    assert card.data.license is None
    assert not card.data.eval_results


HOSTILE = [
    "a: b",
    "- x",
    "---",
    "a\n---\nlicense: evil",
    "'\"\\",
    "\x00\x07\x1b\x7f\x85\xa0\ufeff",
    "\u202e\u2028",
    "😀 ñ",
    "!!python/object/apply:os.system [ls]",
    "&a *a {x: y} [z] | > % @ `",
    "yes",
    "1e5",
    "null",
    "~",
    "",
    " # no comment",
    "{{ x }} ${y}",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_yaml_reads_every_text_as_itself(hub, text, tmp_path):
    import yaml

    content = {"a": text, "b": [text, {"c": text, "d": [text]}], "e": {"f": text}}
    assert yaml.safe_load(to_yaml(content)) == content
    folder = save_to_folder(
        quick().fit(X, y),
        tmp_path / "m",
        name=text or "m",
        data=text or None,
        held_out=(X[::9], y[::9]),
    )
    data = hub.ModelCard.load(folder / "README.md").data
    assert data.license is None
    if text:
        assert data.model_name == text
        assert {entry.dataset_name for entry in data.eval_results} == {text}


def test_yaml_reads_every_number_as_itself():
    yaml = pytest.importorskip("yaml")
    content = {"n": [0, -3, 0.5, 1e-05, 1e22, 1.5e-300, True, None, 2**70, [], {}]}
    assert yaml.safe_load(to_yaml(content)) == content
    with pytest.raises(ValueError, match="JSON"):
        to_yaml({"n": float("nan")})


@each_backend()
def test_pipelines_with_steps_of_scikit_learn(tmp_path, name):
    model = scaled()
    model.steps[-1] = ("model", model[-1].with_backend(name))
    folder = save_to_folder(model, tmp_path / "m", held_out=(X[::9], y[::9]))
    assert {p.name for p in folder.iterdir()} == {
        "README.md",
        "circuit.png",
        "config.json",
        "model.skops",
    }
    again = load_from_folder(folder)
    assert (again.predict_proba(X) == model.predict_proba(X)).all()
    other = load_from_folder(folder, backend="numpy")
    assert other[-1].backend == "numpy"
    assert np.abs(other.predict_proba(X) - model.predict_proba(X)).max() < 1e-10
    text = (folder / "README.md").read_text(encoding="utf-8")
    assert "StandardScaler → PCA → VariationalClassifier" in text
    assert "# X: a table with the columns of training, 4" in text


def test_another_kind_of_file_takes_the_place_of_the_first(tmp_path):
    folder = save_to_folder(scaled(), tmp_path / "m")
    save_to_folder(quick().fit(X, y), folder)
    assert not (folder / "model.skops").exists()
    save_to_folder(scaled(), folder)
    assert not (folder / "model.qmlplay").exists()
    assert load_from_folder(folder)[-1].n_qubits_ == 2


def doubled(X):
    return 2 * np.asarray(X)


def test_functions_and_classes_of_others_need_to_be_trusted(tmp_path):
    model = make_pipeline(FunctionTransformer(doubled), quick()).fit(X, y)
    folder = save_to_folder(model, tmp_path / "m")
    name = f"{doubled.__module__}.doubled"
    with pytest.raises(ValueError, match=f"types that are not trusted: {name}; if you know"):
        load_from_folder(folder)
    again = load_from_folder(folder, trusted=[name])
    assert (again.predict(X) == model.predict(X)).all()


def test_callbacks_of_the_training_stay_at_home(tmp_path):
    model = scaled(quick(callbacks=[lambda state: None, Checkpoint(tmp_path / "c.qmlplay")]))
    folder = save_to_folder(model, tmp_path / "m")
    assert len(model[-1].callbacks) == 2
    again = load_from_folder(folder)
    assert again[-1].callbacks is None
    assert (again.predict_proba(X) == model.predict_proba(X)).all()
    assert "callbacks" in (folder / "README.md").read_text()


def test_a_damaged_or_hostile_file_of_skops_is_one_clear_error(tmp_path):
    folder = save_to_folder(scaled(), tmp_path / "m")
    whole = (folder / "model.skops").read_bytes()
    for content in (b"", b"no zip", whole[: len(whole) // 2]):
        write(folder, content)
        with pytest.raises(ValueError, match=r"cannot read .*model\.skops"):
            load_from_folder(folder)
    save_to_folder(make_pipeline(TablePreprocessor(), quick()).fit(X, y), tmp_path / "n")
    shutil.copy(tmp_path / "n" / "model.qmlplay", folder / "model.skops")
    write(folder, (folder / "model.skops").read_bytes())
    with pytest.raises(ValueError, match=r"cannot read .*model\.skops"):
        load_from_folder(folder)


def test_a_file_of_skops_without_a_quantum_model_is_none_of_ours(tmp_path):
    import skops.io

    folder = save_to_folder(scaled(), tmp_path / "m")
    write(folder, skops.io.dumps(StandardScaler().fit(X)))
    with pytest.raises(ValueError, match="got StandardScaler"):
        load_from_folder(folder)


def write(folder, content):
    """Write a file of skops, and let the config vouch for it, as a forger would."""
    import hashlib

    (folder / "model.skops").write_bytes(content)
    config = json.loads((folder / "config.json").read_text())
    checksum = hashlib.sha256(content).hexdigest()
    config["files"]["model.skops"] = {"bytes": len(content), "sha256": checksum}
    (folder / "config.json").write_text(json.dumps(config))
