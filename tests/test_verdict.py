"""The verdict says what the runs say, and no more."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from qmlplay.compare.comparison import runs_table
from qmlplay.compare.verdict import verdict

KINDS = {"numpy": "quantum", "cirq": "quantum", "no_entanglement": "ablation"}


def runs_of(dataset="xor", seconds=None, **accuracies):
    """Return runs of models with these test accuracies, one per seed; None failed."""
    rows = [
        {
            "dataset": dataset,
            "model": model,
            "kind": KINDS.get(model, "classical"),
            "seed": seed,
            "status": "ok" if accuracy is not None else "ValueError: no",
            "test_accuracy": accuracy,
            "fit_seconds": (seconds or {}).get(model, 1.0),
        }
        for model, values in accuracies.items()
        for seed, accuracy in enumerate(values)
    ]
    return runs_table(rows)


def text(**accuracies):
    return " ".join(verdict(runs_of(**accuracies), "xor"))


def test_classical_wins():
    said = text(numpy=[0.80, 0.82, 0.81], svc_rbf=[0.90, 0.93, 0.91], mlp=[0.5, 0.5, 0.5])
    assert said.startswith("xor: classical wins: svc_rbf (0.913 ± 0.012) against")
    assert "the quantum model (0.810 ± 0.008, on numpy)" in said


@pytest.mark.parametrize(
    ("svc", "start", "end"),
    [
        ([0.90, 0.92, 0.88], "classical does as well", "same time."),  # equal
        ([0.904, 0.924, 0.884], "classical does as well", "same time."),  # less than half a point
        ([0.96, 0.86, 0.94], "no clear winner", "; the seeds cannot tell them apart."),  # ahead
        ([0.84, 0.94, 0.86], "no clear winner", "; the seeds cannot tell them apart."),  # behind
    ],
)
def test_no_clear_lead(svc, start, end):
    said = text(numpy=[0.90, 0.92, 0.88], svc_rbf=svc)
    assert start in said
    assert said.endswith(end)


def test_the_quantum_model_is_ahead():
    said = text(numpy=[0.9, 0.92, 0.91], svc_rbf=[0.8, 0.81, 0.8])
    assert "the quantum model is ahead here: 0.910 ± 0.008 against svc_rbf" in said
    assert "3 seed(s)" in said
    assert "no evidence of an advantage" in said


@pytest.mark.parametrize(
    ("quantum", "classical", "words"),
    [
        (10.0, 0.1, "trained 100 times faster"),
        (1.0, 0.9, "trained in about the same time"),
        (0.1, 0.8, "trained 8 times slower"),
        (0.0, 0.0, "trained in about the same time"),
    ],
)
def test_times(quantum, classical, words):
    seconds = {"numpy": quantum, "svc_rbf": classical}
    runs = runs_of(numpy=[0.5, 0.5], svc_rbf=[0.9, 0.9], seconds=seconds)
    assert words in verdict(runs, "xor")[0]


@pytest.mark.parametrize(
    ("ablation", "words"),
    [
        ([0.70, 0.72, 0.71], "entanglement helps: without"),
        ([0.90, 0.92, 0.91], "entanglement is not what helps"),
        ([0.90, 0.92, 0.92], "as good as with it"),
        ([0.97, 0.98, 0.97], "entanglement hurts: without"),
        ([0.99, 0.75, 0.85], "entanglement makes no clear difference"),
    ],
)
def test_ablation(ablation, words):
    sentences = verdict(runs_of(numpy=[0.9, 0.92, 0.91], no_entanglement=ablation), "xor")
    assert len(sentences) == 2
    assert words in sentences[1]
    assert " ± " in sentences[1]


def test_the_seeds_are_compared_in_pairs():
    # Hard and easy seeds differ by far more than the models do, but one is ahead on each.
    numpy, svc = np.array([0.6, 0.8, 0.95]), np.array([0.64, 0.84, 0.985])
    assert "classical wins" in text(numpy=list(numpy), svc_rbf=list(svc))
    assert "no clear winner" in text(numpy=list(numpy), svc_rbf=list(svc[::-1]))


def test_one_seed_only():
    sentences = verdict(runs_of(numpy=[0.8], svc_rbf=[0.9]), "xor")
    assert "no clear winner" in sentences[0]
    assert sentences[-1].startswith("xor: one seed says little")
    assert "one seed" not in text(numpy=[0.8, 0.8], svc_rbf=[0.9, 0.9])


def test_all_failed():
    runs = runs_of(numpy=[None, None], svc_rbf=[None, None])
    assert verdict(runs, "xor") == ["xor: every model failed, see the reasons."]


def test_a_failed_model_does_not_count():
    said = text(numpy=[None, None], cirq=[0.7, 0.7], svc_rbf=[0.8, 0.8])
    assert ", on cirq)" in said
    said = text(numpy=[0.7, 0.7], svc_rbf=[None, None])
    assert said == "xor: the best model is numpy (0.700 ± 0.000)."


def test_models_without_a_seed_in_common():
    said = text(numpy=[0.7, None], svc_rbf=[None, 0.9])
    assert "cannot tell them apart" in said


def test_only_quantum():
    said = text(numpy=[0.7, 0.7], cirq=[0.8, 0.8])
    assert said == "xor: the best model is cirq (0.800 ± 0.000)."


def test_only_classical_or_only_the_ablation_or_only_dummy():
    assert text(mlp=[0.7, 0.7], svc_rbf=[0.6, 0.6]) == "xor: the best model is mlp (0.700 ± 0.000)."
    assert "the best model is no_entanglement" in text(no_entanglement=[0.7, 0.7])
    assert text(dummy=[0.5, 0.5]) == "xor: the best model is dummy (0.500 ± 0.000)."


def test_of_equals_the_quickest_is_named():
    seconds = {"numpy": 2.0, "cirq": 1.0}
    runs = runs_of(numpy=[0.8, 0.8], cirq=[0.8, 0.8], svc_rbf=[0.9, 0.9], seconds=seconds)
    assert ", on cirq)" in verdict(runs, "xor")[0]


def test_dummy_never_counts_as_the_best_classical():
    said = text(numpy=[0.7, 0.7], svc_rbf=[0.6, 0.6], dummy=[0.9, 0.9])
    assert "against svc_rbf" in said
    assert "the best model is numpy" in text(numpy=[0.7, 0.7], dummy=[0.9, 0.9])


def test_no_better_than_guessing():
    guess = "no model is clearly better than guessing: dummy (0.500 ± 0.000)"
    assert guess in text(numpy=[0.5, 0.51], svc_rbf=[0.4, 0.5], dummy=[0.5, 0.5])
    assert guess not in text(numpy=[0.5, 0.51], svc_rbf=[0.9, 0.9], dummy=[0.5, 0.5])


def test_datasets_are_kept_apart():
    both = pd.concat(
        [
            runs_of("xor", numpy=[0.5, 0.5], svc_rbf=[0.9, 0.9]),
            runs_of("moons", numpy=[0.9, 0.9], svc_rbf=[0.5, 0.5]),
        ]
    )
    assert "classical wins" in verdict(both, "xor")[0]
    assert verdict(both, "moons")[0].startswith("moons: the quantum model is ahead")
