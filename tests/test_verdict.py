"""The verdict says what the test samples say, and no more."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from verdict_helpers import contest, predictions_of, sentences, text

from qmlplay.compare.evidence import verdict

GUESS = range(0, 100, 2)  # wrong where the class is not the commonest one


def test_classical_wins():
    said = text(numpy=[20, 18, 19], svc_rbf=[10, 7, 9], mlp=[50, 50, 50])
    assert said.startswith("xor: classical wins: svc_rbf (0.913 ± 0.012) against")
    assert "the quantum model (0.810 ± 0.008, on NumPy), trained in about the same time" in said
    assert "; difference +0.103, 95 % interval +0.0" in said
    assert "(allowing for the choice among 2 models)" in said


@pytest.mark.parametrize(
    ("svc", "start", "end"),
    [
        ([10, 8, 12], "classical does as well", "both are right on the same samples."),
        ([4, 18, 6], "no clear winner", ": the test samples cannot tell them apart."),  # ahead
        ([16, 2, 20], "no clear winner", ": the test samples cannot tell them apart."),  # behind
    ],
)
def test_no_clear_lead(svc, start, end):
    said = text(numpy=[10, 8, 12], svc_rbf=svc)
    assert start in said
    assert said.endswith(end)


def test_as_good_within_two_points():
    """Nearly the same on many samples shows that models are as good; on few it does not."""
    for n, is_shown in ((1000, True), (50, False)):
        first = [predictions_of(20, n, table=seed) for seed in range(3)]
        second = [predictions_of(range(1, 21), n, table=seed) for seed in range(3)]
        said = text(numpy=first, svc_rbf=second)
        assert ("classical does as well" in said) == is_shown
        assert ("no clear winner" in said) != is_shown
        said = text(numpy=first, no_entanglement=second)
        assert ("as good as with it; difference 0.000" in said) == is_shown
        assert ("makes no clear difference" in said) != is_shown


def test_the_quantum_model_is_ahead():
    said = text(numpy=[10, 8, 9], svc_rbf=[20, 19, 20])
    assert "the quantum model is ahead here: 0.910 ± 0.008 on NumPy against svc_rbf" in said
    assert "difference +0.107, 95 % interval +0.0" in said
    assert "no evidence of an advantage" in said


def test_a_quantum_pipeline_counts_as_quantum():
    said = text(mine=[2, 2], svc_rbf=[20, 20], kinds={"mine": "quantum"})
    assert "the quantum model is ahead here: 0.980 ± 0.000 on mine against svc_rbf" in said


@pytest.mark.parametrize(
    ("quantum", "classical", "words"),
    [
        (10.0, 0.1, ", trained 100 times faster;"),
        (1.0, 0.9, ", trained in about the same time;"),
        (0.1, 0.8, ", trained 8 times slower;"),
        (0.0, 0.0, ", trained in about the same time;"),
        (None, 0.1, "on NumPy); difference"),  # only another model's weights were tried
    ],
)
def test_times(quantum, classical, words):
    seconds = {"numpy": quantum, "svc_rbf": classical}
    assert words in text(numpy=[50, 50], svc_rbf=[10, 10], seconds=seconds)


def test_weights_from_elsewhere_have_the_time_of_their_training():
    runs, records = contest(numpy=[50, 50], cirq=[40, 40], svc_rbf=[10, 10])
    runs.loc[runs["model"] == "numpy", "fit_seconds"] = 20.0
    runs.loc[runs["model"] == "cirq", "fit_seconds"] = np.nan
    runs["trained_on"] = np.where(runs["model"] == "cirq", "numpy", None)
    said = verdict(runs, records, "xor").sentences[0]
    assert ", on Cirq), trained 20 times faster" in said


@pytest.mark.parametrize(
    ("ablation", "words"),
    [
        ([30, 28, 29], "entanglement helps: without entanglement the same model"),
        ([10, 8, 9], "as good as with it"),
        ([2, 1, 1], "entanglement hurts: without"),
        ([1, 25, 15], "entanglement makes no clear difference"),
    ],
)
def test_ablation(ablation, words):
    said = sentences(numpy=[10, 8, 9], no_entanglement=ablation)
    assert len(said) == 2
    assert words in said[1]
    assert " ± " in said[1]


@pytest.mark.parametrize(
    ("ablation", "words"),
    [
        ([30, 28, 29], "helps"),
        ([10, 8, 9], "is not what helps"),
        ([2, 1, 1], "hurts"),
        ([1, 25, 15], "makes no clear difference"),
    ],
)
def test_an_encoding_that_entangles_is_said(ablation, words):
    gates = {"numpy": 16, "no_entanglement": 8}
    said = sentences(numpy=[10, 8, 9], no_entanglement=ablation, two_qubit_gates=gates)[1]
    # Gates of the encoding may have weights, too: "trainable entanglement" alone would be too much.
    what = "trainable entanglement of the ansatz"
    assert f"xor: {what} {words}: without {what} the same model" in said
    assert "the same model, which keeps 8 two-qubit gates of its encoding, reaches" in said
    assert "without entanglement" not in said


def test_where_nothing_is_entangled_nothing_is_said_of_it():
    gates = {"numpy": 0, "no_entanglement": 0}
    said = sentences(numpy=[10, 8], no_entanglement=[10, 8], two_qubit_gates=gates)[1]
    assert said == (
        "xor: quantum (NumPy) has no two-qubit gates here: there is no entanglement to leave out."
    )


def test_an_ansatz_without_two_qubit_gates_after_an_encoding_that_has_some():
    gates = {"numpy": 8, "no_entanglement": 8, "own": 8, "flat": 8}
    said = sentences(numpy=[10, 8], no_entanglement=[10, 8], two_qubit_gates=gates)[1]
    assert said == (
        "xor: quantum (NumPy) has two-qubit gates in its encoding alone: its ansatz has none to "
        "leave out."
    )
    kinds = {"own": "quantum", "flat": "ablation"}  # of two own models who knows?
    said = sentences(own=[10, 8], flat=[10, 8], two_qubit_gates=gates, kinds=kinds)[1]
    assert "without trainable entanglement of the ansatz flat, which keeps 8" in said


def test_an_ablation_of_the_user_is_called_by_its_name():
    said = text(numpy=[10, 10], flat=[30, 30], kinds={"flat": "ablation"})
    assert "without entanglement flat reaches 0.700" in said
    assert "with it quantum (NumPy) has 0.900" in said


def test_an_own_model_is_not_called_the_same_as_the_known_ablation():
    """That has the settings of `classifier`, whatever those of the own one are."""
    said = text(mine=[10, 10], no_entanglement=[30, 30], kinds={"mine": "quantum"})
    assert "without entanglement no_entanglement reaches 0.700" in said
    assert "with it mine has 0.900" in said
    assert "the same model" not in said


def test_the_seeds_are_compared_in_pairs():
    # Hard and easy splits differ by far more than the models do, but one is ahead on each.
    svc = [30, 12, 0]
    assert "classical wins" in text(numpy=[40, 20, 7], svc_rbf=svc)
    assert "no clear winner" in text(numpy=[40, 20, 7], svc_rbf=svc[::-1])


def test_one_split_tells_by_its_samples():
    said = sentences(numpy=[20], svc_rbf=[10])
    assert said[0].startswith("xor: classical wins: svc_rbf (0.900) against")
    assert said[-1].startswith("xor: one split tells these trained models apart, not how much")
    assert "one split" not in text(numpy=[20, 20], svc_rbf=[10, 10])
    assert "no clear winner" in text(numpy=[14], svc_rbf=[10])


def test_all_failed():
    assert sentences(numpy=[None, None], svc_rbf=[None, None]) == [
        "xor: every model failed, see the reasons."
    ]


def test_a_failed_model_does_not_count():
    said = text(numpy=[None, None], cirq=[30, 30], svc_rbf=[20, 20])
    assert ", on Cirq)" in said
    said = text(numpy=[30, 30], svc_rbf=[None, None])
    assert said == "xor: the best model is quantum (NumPy) (0.700 ± 0.000)."


def test_models_are_compared_on_the_splits_that_both_finished():
    said = text(numpy=[30, None, 10], svc_rbf=[25, 60, 5])
    assert "svc_rbf (0.850 ± 0.100) against the quantum model (0.800 ± 0.100" in said
    assert "difference +0.050" in said


def test_a_model_that_finished_only_an_easy_split_is_not_the_best():
    said = text(numpy=[20, 20], svc_rbf=[None, 1], mlp=[10, 10])
    assert "classical wins: mlp" in said


def test_models_without_a_split_in_common():
    said = text(numpy=[30, None], svc_rbf=[None, 10])
    assert "have no split in common on which neither failed" in said
    said = text(numpy=[30, None], no_entanglement=[None, 10])
    assert "no split in common, which leaves entanglement open" in said


def test_only_quantum():
    said = text(numpy=[30, 30], cirq=[20, 20])
    assert said.startswith(
        "xor: the best model is quantum (Cirq) (0.800 ± 0.000); to quantum (NumPy): difference +0.1"
    )
    said = text(numpy=[20, 20], cirq=[20, 20])
    assert said.endswith("is right on the same samples.")
    said = text(numpy=[20, 20], cirq=[range(1, 23), range(1, 19)])
    assert "the highest score has " in said


def test_only_classical_or_only_the_ablation_or_only_dummy():
    assert "the best model is svc_rbf (0.900 ± 0.000)" in text(mlp=[30, 30], svc_rbf=[10, 10])
    assert "the best model is no_entanglement" in text(no_entanglement=[30, 30])
    assert text(dummy=[50, 50]) == "xor: the best model is dummy (0.500 ± 0.000)."


def test_of_equals_the_quickest_is_named():
    said = text(numpy=[20, 20], cirq=[20, 20], svc_rbf=[10, 10], seconds={"numpy": 2, "cirq": 1})
    assert ", on Cirq)" in said


def test_backends_with_the_same_predictions_are_no_choice():
    said = text(numpy=[20, 20], cirq=[20, 20], svc_rbf=[10, 10])
    assert "allowing" not in said
    ahead = text(numpy=[2, 2], cirq=[2, 2], svc_rbf=[20, 20])
    assert "the quantum model is ahead" in ahead
    assert "allowing" not in ahead


def test_dummy_never_counts_as_the_best_classical():
    said = text(numpy=[30, 30], svc_rbf=[40, 40], dummy=[10, 10])
    assert "against svc_rbf" in said or "svc_rbf (0.600" in said
    assert "the best model is quantum (NumPy)" in text(numpy=[30, 30], dummy=[10, 10])


def test_no_better_than_guessing():
    guess = "no model is clearly better than guessing: the accuracy of the commonest class alone is"
    assert guess in text(numpy=[GUESS, 49], svc_rbf=[60, 50], dummy=[GUESS, GUESS])
    assert guess not in text(numpy=[GUESS, GUESS], svc_rbf=[10, 10], dummy=[GUESS, GUESS])
    assert guess in text(numpy=[GUESS, GUESS])  # a dummy need not take part


def test_all_right_on_one_split_is_better_than_guessing():
    right = predictions_of(0, 54)
    assert "guessing" not in text(numpy=[right], svc_rbf=[right])


def test_datasets_are_kept_apart():
    first = contest("xor", numpy=[50, 50], svc_rbf=[10, 10])
    second = contest("moons", numpy=[10, 10], svc_rbf=[50, 50])
    runs, records = pd.concat([first[0], second[0]]), first[1] | second[1]
    assert "classical wins" in verdict(runs, records, "xor").sentences[0]
    assert verdict(runs, records, "moons").sentences[0].startswith("moons: the quantum model is ah")


def test_fewer_columns_and_not_the_quantum_model_cost_accuracy():
    name = "best classical on components"
    wrong = {"numpy": [20, 20, 20], "svc_rbf": [2, 2, 2]}
    said = text(**wrong, **{name: [20, 20, 20]})
    assert (
        "fewer columns cost accuracy, also without a quantum model: svc_rbf has 0.980 ± 0.000 on "
        f"all of them, {name} 0.800 ± 0.000; difference +0.180" in said
    )
    for same in ([2, 2, 2], [3, 2, 2], [1, 1, 1]):
        assert "fewer columns" not in text(**wrong, **{name: same})
    assert "fewer columns" not in text(**wrong)
    assert "fewer columns" not in text(numpy=[20] * 3, **{name: [2] * 3})
