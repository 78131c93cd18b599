"""Training with SPSA, a job an iteration: the same weights as at home, budget, checkpoints."""

from __future__ import annotations

import json

import numpy as np
import pytest

pytest.importorskip("qiskit_ibm_runtime")

from fault_helpers import jobs
from ibm_helpers import exact_values

from qmlplay import VariationalClassifier, ibm, load_dataset, load_model
from qmlplay.ibm import store
from qmlplay.ibm.compiled import n_bases
from qmlplay.ibm.errors import BudgetError, JobError, StoreError, UnknownRunError

DATA = load_dataset("moons", n_samples=30, random_state=0)
SETTINGS = {
    "device": "fake_manila",
    "iterations": 4,
    "shots": 32,
    "batch_size": 6,
    "max_qpu_seconds": 60,
    "seed": 5,
}


def untrained():
    return VariationalClassifier(n_layers=1, random_state=0)


def train(clf=None, **changes):
    return ibm.train(clf or untrained(), DATA.X, DATA.y, **(SETTINGS | changes))


@pytest.fixture
def exactly(monkeypatch):
    """Measure without shots and noise."""
    monkeypatch.setattr("qmlplay.ibm.simulated.simulate", exact_values)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Return training that nothing interrupted."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QMLPLAY_HOME", str(tmp_path_factory.mktemp("whole")))
        return train()


def key_of_newest():
    return ibm.list_trainings().iloc[0]["key"]


def same(one, other):
    assert (one.classifier.weights_ == other.classifier.weights_).all()
    assert (one.classifier.readout_.numbers == other.classifier.readout_.numbers).all()
    assert one.losses == other.losses
    return True


class TestSpsa:
    @pytest.mark.slow
    def test_is_the_local_optimiser_where_nothing_is_measured_wrongly(self, exactly):
        """The same directions, gains and losses as `optimizer="spsa"`, to the last digits."""
        n = len(DATA.X)
        found = train(batch_size=n)
        home = untrained().set_params(optimizer="spsa", max_iter=4, n_iter_no_change=None)
        w, losses = spsa_at_home(home, n)
        np.testing.assert_allclose(found.classifier.weights_, w[: len(found.classifier.weights_)])
        np.testing.assert_allclose(found.losses, losses)

    @pytest.mark.slow
    def test_learns(self, exactly):
        plain = {"encoding": "angle", "ansatz": "hardware_efficient"}
        first = untrained().set_params(**plain)  # one layer of it learns the moons in 60 steps
        found = train(first, iterations=60, batch_size=30, max_qpu_seconds=600)
        before = untrained().set_params(**plain)
        before = ibm.train(before, DATA.X, DATA.y, **(SETTINGS | {"iterations": 1})).classifier
        assert np.mean(found.losses[-5:]) < 0.75 * np.mean(found.losses[:5])
        assert found.classifier.score(DATA.X, DATA.y) > before.score(DATA.X, DATA.y)

    def test_two_points_and_one_job_an_iteration(self, monkeypatch):
        seen = []

        def watch(request):
            seen.append(request)
            return exact_values(request)

        monkeypatch.setattr("qmlplay.ibm.simulated.simulate", watch)
        found = train()
        assert len(seen) == len(found.job_ids) == 4
        assert {request.angles.shape[0] for request in seen} == {12}
        assert len({request.tag for request in seen}) == 4
        for request in seen:
            assert not np.allclose(request.angles[:6], request.angles[6:])

    def test_goes_on_from_a_fitted_model(self, exactly, model):
        X = load_dataset("moons", n_samples=40, random_state=0)
        before = model.weights_.copy()
        found = ibm.train(model, X.X, X.y, **(SETTINGS | {"iterations": 1}))
        assert (model.weights_ == before).all()
        assert 0 < np.abs(found.classifier.weights_ - before).max() < 1

    def test_the_classifier_is_a_fitted_one(self, whole, tmp_path):
        clf = whole.classifier
        clf.save(tmp_path / "trained.qmlplay")
        again = load_model(tmp_path / "trained.qmlplay")
        assert (again.predict(DATA.X) == clf.predict(DATA.X)).all()
        assert clf.loss_curve_ == list(whole.losses)
        assert (clf.n_iter_, clf.stop_reason_) == (4, "max_iter")
        assert clf.n_circuit_evaluations_ == 2 * 6 * 4


class TestCounts:
    """Circuits are those that are run: per sample, point of SPSA, and measurement setting."""

    THREE = load_dataset("blobs", n_samples=12, random_state=0)

    def trained(self, n_classes, level=0, device="fake_manila"):
        labels = np.arange(12) % n_classes
        clf = VariationalClassifier(n_layers=1, n_qubits=2, random_state=0)
        asked = {"iterations": 2, "resilience_level": level, "device": device}
        return ibm.train(clf, self.THREE.X, labels, **(SETTINGS | asked | {"max_qpu_seconds": 500}))

    @pytest.mark.slow
    @pytest.mark.parametrize(("n_classes", "n_settings"), [(2, 1), (3, 1), (4, 2), (6, 2), (8, 3)])
    def test_settings_count(self, monkeypatch, n_classes, n_settings):
        seen = []

        def watch(request):
            seen.append(len(request.angles) * n_bases(request.observables))
            return exact_values(request)

        monkeypatch.setattr("qmlplay.ibm.simulated.simulate", watch)
        count = self.trained(n_classes).classifier.n_circuit_evaluations_
        assert count == sum(seen) == 2 * 2 * 6 * n_settings

    # Without noise all shots may agree, which the client's extrapolation says.
    @pytest.mark.slow
    @pytest.mark.filterwarnings("ignore:No positive, finite standard errors:UserWarning")
    @pytest.mark.parametrize("n_classes", [2, 4])
    @pytest.mark.parametrize("level", [0, 1, 2])
    def test_the_service_counts_the_same(self, emulator, quick, n_classes, level):
        found = self.trained(n_classes, level, "ibmq_manila")
        executed = [job.executions for job in jobs(emulator)]
        shots = 32 if level == 0 else 64  # twirled in randomisations of 64 at least
        assert found.classifier.n_circuit_evaluations_ * shots == sum(executed)

    def test_class_weights_are_refused(self):
        with pytest.raises(ValueError, match="class_weight does not count in training on a device"):
            train(untrained().set_params(class_weight="balanced"))


def spsa_at_home(clf, n):
    """Run the package's own SPSA from the same first weights, with the same random numbers."""
    from qmlplay import get_backend
    from qmlplay.classifier.start import prepared
    from qmlplay.training import Model, TrainingProblem
    from qmlplay.training.optimizers import OPTIMIZERS, OptimizerSettings

    model = prepared(clf, DATA.X, DATA.y)[0].model_
    weights = np.ones(len(DATA.X))
    untrained = Model(get_backend("numpy"), model.circuit, model.observables)
    X = model.scaling.radians(DATA.X)
    problem = TrainingProblem(untrained, X, DATA.y, weights, "log_loss")
    generator = np.random.default_rng(SETTINGS["seed"])

    class AsWhenBatchesAreDrawn:
        """The directions, with a draw of a batch before each."""

        def choice(self, *arguments):
            generator.permutation(n)
            return generator.choice(*arguments)

    found, losses = [], []

    def report(w, loss, end, state):
        found.append(w)
        losses.append(loss)

    settings = OptimizerSettings(
        learning_rate=clf.learning_rate_init,
        max_iter=4,
        batch_size=n,
        momentum=0.9,
        tol=0.0,
        generator=AsWhenBatchesAreDrawn(),
    )
    OPTIMIZERS["spsa"].run(problem, model.numbers, settings, report)
    return found[-1], losses


class TestCheckpoints:
    @pytest.mark.slow
    @pytest.mark.parametrize("done", [1, 3])
    def test_interrupted_between_iterations(self, whole, done):
        def stop(checkpoint):
            if checkpoint.done == done:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt) as caught:
            train(callback=stop)
        key = key_of_newest()
        assert caught.value.__notes__ == [
            f"{done} of 4 iterations are kept: qmlplay.ibm.resume_training({key!r}) goes on"
        ]
        assert same(ibm.resume_training(key), whole)

    @pytest.mark.slow
    @pytest.mark.parametrize(("where", "call"), [("posting", 3), ("waiting", 5), ("stored", 3)])
    def test_interrupted_within_an_iteration(self, whole, monkeypatch, where, call):
        from qmlplay.ibm.runs import Run
        from qmlplay.ibm.tracking import JobTracker

        calls = []

        owner, name = {
            "posting": (JobTracker, "post"),
            "waiting": (Run, "wait"),
            "stored": (Run, "result"),
        }[where]
        real = getattr(owner, name)

        def interrupted(self, *arguments):
            calls.append(1)
            if len(calls) == call:
                raise KeyboardInterrupt
            return real(self, *arguments)

        with monkeypatch.context() as patch:
            patch.setattr(owner, name, interrupted)
            with pytest.raises(KeyboardInterrupt):
                train()
        key = key_of_newest()
        content = store.read_record(key, "training")
        assert len(content["losses"]) == 2
        assert content["run"] is not None  # the job under way is known
        found = ibm.resume_training(key)
        assert same(found, whole)
        assert len(found.job_ids) == 4

    @pytest.mark.slow
    def test_a_checkpoint_has_all_that_matters(self, whole):
        seen = []
        train(callback=seen.append)
        first, *_, last = seen
        assert [checkpoint.done for checkpoint in seen] == [1, 2, 3, 4]
        assert first.generator != last.generator
        assert last.weights[: len(whole.classifier.weights_)] == tuple(whole.classifier.weights_)
        content = store.read_record(key_of_newest(), "training")
        assert tuple(content["weights"]) == last.weights
        assert content["generator"] == json.loads(json.dumps(last.generator))
        assert len(content["job_ids"]) == 4

    def test_iterations_leave_no_files_behind(self):
        train(iterations=2)
        key = key_of_newest()
        names = sorted(file.name.removeprefix(key) for file in store.folder().iterdir())
        assert names == [".plan.npz", ".training.json", ".training.npz", ".training.qmlplay"]
        assert ibm.list_runs().empty

    def test_resuming_what_is_done_gives_the_result(self, monkeypatch):
        found = train(iterations=2)
        again = lambda _: pytest.fail("measured again")  # noqa: E731
        monkeypatch.setattr("qmlplay.ibm.simulated.simulate", again)
        assert same(ibm.resume_training(found.key), found)

    @pytest.mark.slow
    def test_a_true_answer_of_the_callback_ends_it(self):
        found = train(callback=lambda checkpoint: checkpoint.done == 2)
        assert len(found.losses) == 2
        assert found.classifier.stop_reason_ == "callbacks"

    @pytest.mark.slow
    def test_other_answers_of_the_callback_do_not(self, whole):
        found = train(callback=lambda checkpoint: f"iteration {checkpoint.done}")
        assert len(found.losses) == len(whole.losses)

    @pytest.mark.slow
    def test_a_failed_job_is_posted_anew_when_asked(self, whole, monkeypatch):
        from qmlplay.ibm import simulated

        real, calls = simulated.simulate, []

        def fail_once(request):
            calls.append(1)
            if len(calls) == 2:
                raise MemoryError("no room")
            return real(request)

        monkeypatch.setattr("qmlplay.ibm.simulated.simulate", fail_once)
        with pytest.raises(JobError, match="no room") as caught:
            train()
        assert "1 of 4 iterations are kept" in caught.value.__notes__[0]
        assert same(ibm.resume_training(key_of_newest()), whole)


class TestBudget:
    def test_of_all_iterations_together(self):
        with pytest.raises(BudgetError, match=r"4 iterations of 3 QPU seconds each are 12"):
            train(max_qpu_seconds=11)
        assert ibm.list_trainings().empty

    def test_says_how_many_iterations_it_pays_for(self):
        with pytest.raises(BudgetError, match=r"lower iterations to 3"):
            train(max_qpu_seconds=11)

    @pytest.mark.slow
    def test_that_runs_out(self, monkeypatch, whole):
        """Iterations that take more than estimated use up the budget before the end."""
        from qmlplay.ibm.plans import Plan

        estimated = Plan.estimated_seconds.fget
        with monkeypatch.context() as patch:
            patch.setattr(Plan, "estimated_seconds", property(lambda plan: 2 * estimated(plan)))
            with pytest.raises(BudgetError, match=r"are spent, and an iteration takes 3"):
                train(max_qpu_seconds=12)
        key = key_of_newest()
        done = ibm.list_trainings().iloc[0]
        assert 0 < done["done"] < 4
        assert done["spent_seconds"] > 12 - 3
        with pytest.raises(BudgetError):
            ibm.resume_training(key)
        assert same(ibm.resume_training(key, max_qpu_seconds=60), whole)

    def test_what_was_spent_is_counted(self, whole):
        assert whole.spent_seconds == pytest.approx(4 * (2 + 12 * 32 * 255e-6), rel=0.02)


class TestBadInput:
    @pytest.mark.parametrize(
        ("changes", "error", "words"),
        [
            ({"iterations": 0}, ValueError, "iterations must be an integer of at least 1"),
            ({"shots": 1.5}, TypeError, "shots must be an integer"),
            ({"batch_size": 0}, ValueError, "batch_size must be an integer"),
            ({"max_qpu_seconds": 0}, ValueError, "max_qpu_seconds must be at least 1"),
            ({"resilience_level": 4}, ValueError, "resilience_level must be 0, 1 or 2"),
            ({"seed": -1}, ValueError, "seed must be None or"),
            ({"device": "fake_none"}, ValueError, "unknown fake device 'fake_none'"),
        ],
    )
    def test_settings(self, changes, error, words):
        with pytest.raises(error, match=words):
            train(**changes)
        assert ibm.list_trainings().empty

    def test_parameters_of_the_classifier(self):
        with pytest.raises(ValueError, match="unknown loss 'hinged'"):
            train(untrained().set_params(loss="hinged"))
        with pytest.raises(TypeError, match="loss is a pair of functions"):
            train(untrained().set_params(loss=(np.subtract, np.multiply)))

    def test_labels(self, model):
        with pytest.raises(ValueError, match="only one class"):
            ibm.train(untrained(), DATA.X, np.zeros(30), **SETTINGS)
        with pytest.raises(ValueError, match=r"labels \[5\] that the model does not know"):
            ibm.train(model, DATA.X, np.full(30, 5), **SETTINGS)

    def test_no_training_of_that_key(self):
        with pytest.raises(UnknownRunError, match=r"no stored training.*list_trainings\(\)"):
            ibm.resume_training("20260131-120000-0a1b2c3d")

    def test_a_damaged_checkpoint(self):
        train(iterations=1)
        key = key_of_newest()
        content = store.read_record(key, "training")
        del content["generator"]
        store.write_record(key, content, "training")
        with pytest.raises(StoreError, match="damaged"):
            ibm.resume_training(key)
        store.path_of(key, "training.json").write_text("{")
        with pytest.raises(StoreError, match="damaged"):
            ibm.resume_training(key)
        assert ibm.list_trainings().iloc[0]["device"].startswith("damaged")
