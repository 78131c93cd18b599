"""Tests of differences: against formulas by hand and scipy, and calibrated in simulations."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest, fisher_exact, norm, t
from verdict_helpers import predictions_of

from qmlplay.compare.evidence.guessing import beyond_guessing
from qmlplay.compare.evidence.leads import lead
from qmlplay.compare.evidence.statistics import LEVEL, difference
from qmlplay.compare.running import ACCURACY, BALANCED_ACCURACY, Predictions


def record(rows, correct, *, n_train, table=0, train=1.0):
    """Return a run on these samples, of which some are right."""
    ones = np.ones(len(rows), dtype=int)
    return Predictions(table, np.asarray(rows), ones, np.asarray(correct) * 1, 1, n_train, train)


def pair_of(splits, first, second, n_train, *, tables=None, trains=None):
    """Return two models' runs: which sample each has right in each split.

    Each knows its training parts as well as its test parts, unless scores are given.
    """
    tables = tables or [0] * len(splits)
    shares = [[np.concatenate(model).mean()] * len(splits) for model in (first, second)]
    return [
        {
            j: record(rows, right, n_train=n_train, table=table, train=train)
            for j, (rows, right, table, train) in enumerate(
                zip(splits, model, tables, scores, strict=True)
            )
        }
        for model, scores in zip((first, second), trains or shares, strict=True)
    ]


@pytest.mark.parametrize(("wins", "losses"), [(1, 0), (5, 0), (6, 0), (9, 2), (30, 31), (80, 40)])
def test_one_split_is_mcnemar(wins, losses):
    n = 200
    first, second = np.ones(n, bool), np.ones(n, bool)
    second[:wins] = False
    first[wins : wins + losses] = False
    found = difference(*pair_of([np.arange(n)], [first], [second], 100))
    assert found.p_value == pytest.approx(binomtest(wins, wins + losses).pvalue)
    assert found.mean == pytest.approx((wins - losses) / n)
    up, down = (wins + 1) / (n + 2), (losses + 1) / (n + 2)
    half = norm.ppf(0.975) * np.sqrt((up + down - (up - down) ** 2) / (n + 2))
    expected = [up - down - half, up - down + half]
    if found.p_value >= LEVEL:
        expected = [min(expected[0], 0), max(expected[1], 0)]
    assert [found.low, found.high] == pytest.approx(expected)


@pytest.mark.slow
def test_interval_and_mcnemar_never_contradict_each_other():
    for n in (10, 30, 100):
        for wins in range(n + 1):
            for losses in range(n + 1 - wins):
                right = np.ones(n, bool)
                first, second = right.copy(), right.copy()
                second[:wins] = False
                first[wins : wins + losses] = False
                if n == 100 and (wins + losses) % 7:
                    continue
                found = difference(*pair_of([np.arange(n)], [first], [second], n))
                assert (found.low > 0 or found.high < 0) == (found.p_value < LEVEL)
                assert found.low <= found.mean <= found.high


def many_samples(seed, n_splits, n, overlap):
    """Return splits of one table, and correctness of two models without effects of training."""
    generator = np.random.default_rng(seed)
    right = generator.random((2, n)) < 0.8
    if overlap == "folds":
        splits = np.array_split(generator.permutation(n), n_splits)
    else:
        splits = [generator.choice(n, int(0.3 * n), replace=False) for _ in range(n_splits)]
    return splits, [[model[rows] for rows in splits] for model in right]


def test_random_splits_are_nadeau_and_bengio_with_a_moderated_variance():
    """Written out once more, with the sums over all pairs of splits."""
    n, n_splits = 300, 5
    splits, (first, second) = many_samples(3, n_splits, n, "random")
    found = difference(*pair_of(splits, first, second, n - 90))
    d = np.array([a.mean() - b.mean() for a, b in zip(first, second, strict=True)])
    by_sample = np.zeros(n)
    within = 0.0
    for rows, a, b in zip(splits, first, second, strict=True):
        by_sample[rows] += (a.astype(float) - b) / 90 / n_splits
        within += ((a.astype(float) - b) ** 2).sum() / 90**2
    variance = (by_sample**2).sum()
    prior = (within - n_splits * variance) / (n_splits - 1)
    moderated = (12 * prior + 4 * d.var(ddof=1)) / 16
    sizes = [len(np.intersect1d(splits[i], splits[j])) / 90 for i in range(5) for j in range(i)]
    rho = np.mean(sizes)
    assert rho == pytest.approx(0.3, abs=0.03)
    factor = (1 / 5 + 4 / 5 * rho) / (1 - rho)
    assert factor == pytest.approx(1 / 5 + 0.3 / 0.7, abs=0.05)  # 1/J + n_test/n_train
    error = np.sqrt(max(variance, factor * moderated))
    freedom = min(16, variance**2 / (by_sample**4).sum())
    assert found.mean == pytest.approx(d.mean())
    assert found.p_value == pytest.approx(2 * t.sf(abs(d.mean()) / error, freedom))
    half = (found.high - found.low) / 2
    assert t.ppf(0.975, 16) * error < half < 1.15 * t.ppf(0.975, 16) * error
    assert found.test.startswith("corrected resampled t test")
    assert (found.n_splits, found.n_samples) == (5, len(np.unique(np.concatenate(splits))))


def test_splits_that_vary_more_than_their_samples_are_nadeau_and_bengio_alone():
    n = 4000
    generator = np.random.default_rng(0)
    splits = [generator.permutation(n)[:1200] for _ in range(4)]
    first = [generator.random(1200) < p for p in (0.95, 0.6, 0.9, 0.7)]
    second = [generator.random(1200) < 0.8 for _ in range(4)]
    found = difference(*pair_of(splits, first, second, 2800))
    d = np.array([a.mean() - b.mean() for a, b in zip(first, second, strict=True)])
    error = np.sqrt((1 / 4 + 1200 / 2800) * d.var(ddof=1))
    assert found.p_value == pytest.approx(2 * t.sf(abs(d.mean()) / error, 3), rel=0.05)


def folds_of_models(n=200, n_splits=5):
    splits, (first, second) = many_samples(8, n_splits, n, "folds")
    values = np.concatenate(first).astype(float) - np.concatenate(second)
    accuracies = [np.concatenate(model).mean() for model in (first, second)]
    variance = (values**2).sum() / n**2
    freedom = (values**2).sum() ** 2 / (values**4).sum()
    return (splits, first, second, n - n // n_splits), accuracies, values.mean(), variance, freedom


@pytest.mark.parametrize("optimisms", [(0, 0), (0.02, 0.03), (0, 0.3), (0.3, 0.3), (-0.1, 0.01)])
def test_folds_are_their_samples_and_as_much_more_as_the_models_are_optimistic(optimisms):
    arguments, accuracies, mean, variance, freedom = folds_of_models()
    trains = [[a + optimism] * 5 for a, optimism in zip(accuracies, optimisms, strict=True)]
    found = difference(*pair_of(*arguments, trains=trains))
    share = np.mean([min(max(14 * optimism, 0), 0.9) for optimism in optimisms])
    error = np.sqrt(variance * (1 + share))
    assert found.mean == pytest.approx(mean)
    assert found.p_value == pytest.approx(2 * t.sf(abs(mean) / error, freedom))
    assert found.test.startswith("t test of all folds' samples")


def test_random_splits_count_optimism_as_far_as_they_test_the_table():
    n, n_splits = 300, 6
    splits, (first, second) = many_samples(5, n_splits, n, "random")
    trains = [[np.concatenate(model).mean() + 0.5] * n_splits for model in (first, second)]
    found = difference(*pair_of(splits, first, second, n - 90, trains=trains))
    by_sample = np.zeros(n)
    for rows, a, b in zip(splits, first, second, strict=True):
        by_sample[rows] += (a.astype(float) - b) / 90 / n_splits
    variance = (by_sample**2).sum()
    tested = len(np.unique(np.concatenate(splits))) / n
    assert 0.8 < tested < 0.95
    error = np.sqrt(variance * (1 + 0.9 * tested**2))
    freedom = min(12 + n_splits - 1, variance**2 / (by_sample**4).sum())
    assert found.p_value == pytest.approx(2 * t.sf(abs(by_sample.sum()) / error, freedom))


def test_folds_whose_training_scores_vary_have_been_unlucky_in_training():
    arguments, accuracies, mean, variance, freedom = folds_of_models()
    offsets = np.array([0.1, -0.1, 0.05, -0.05, 0])
    trains = [accuracies[0] + offsets, [accuracies[1]] * 5]
    found = difference(*pair_of(*arguments, trains=trains))
    of_part = offsets.var(ddof=1) - (1 / 4) ** 2 * 5 * variance
    total = variance + of_part / 5
    freedom = min(freedom, 4 * (total / (of_part / 5)) ** 2)
    assert found.p_value == pytest.approx(2 * t.sf(abs(mean) / np.sqrt(total), freedom))


def test_folds_that_vary_far_more_than_their_samples_have_few_degrees_of_freedom():
    generator = np.random.default_rng(0)
    splits = np.array_split(generator.permutation(2000), 5)
    first = [generator.random(400) < p for p in (0.99, 0.6, 0.95, 0.7, 0.85)]
    second = [generator.random(400) < 0.8 for _ in range(5)]
    found = difference(*pair_of(splits, first, second, 1600))
    d = np.array([a.mean() - b.mean() for a, b in zip(first, second, strict=True)])
    error = np.sqrt(d.var(ddof=1) / 5)
    assert found.p_value == pytest.approx(2 * t.sf(abs(d.mean()) / error, 4), rel=0.01)


@pytest.mark.slow
def test_the_interval_excludes_zero_just_where_the_test_does():
    for n_splits, overlap in [(5, "folds"), (10, "random"), (2, "folds"), (60, "folds")]:
        for seed in range(100):
            splits, models = many_samples(seed, n_splits, 60, overlap)
            models[0] = [right | (np.arange(len(right)) % 5 == 0) for right in models[0]]
            found = difference(*pair_of(splits, *models, 48))
            assert (found.low > 0 or found.high < 0) == (found.p_value < LEVEL)
            assert found.low <= found.mean <= found.high


def test_tables_drawn_anew_are_independent():
    splits = [np.arange(100)] * 3
    generator = np.random.default_rng(1)
    first, second = generator.random((2, 3, 100)) < 0.8
    same = difference(*pair_of(splits, first, second, 200))
    anew = difference(*pair_of(splits, first, second, 200, tables=[0, 1, 2]))
    assert anew.test.startswith("paired t test")
    assert (same.n_samples, anew.n_samples) == (100, 300)
    assert anew.mean == pytest.approx(same.mean)
    d = first.mean(axis=1) - second.mean(axis=1)
    squares = ((first * 1.0 - second) ** 2).sum() / 100**2
    moderated = (12 * squares / 3 + 2 * d.var(ddof=1)) / 14  # the usual t test has its S²
    error = np.sqrt(max(squares / 9, moderated / 3))
    assert anew.p_value == pytest.approx(2 * t.sf(abs(d.mean()) / error, 14))


def test_other_random_numbers_on_the_same_split():
    generator = np.random.default_rng(1)
    own = generator.random(100)
    first, second = (own + 0.1 * generator.normal(size=(2, 3, 100))) < [[[0.9]], [[0.7]]]
    found = difference(*pair_of([np.arange(100)] * 3, first, second, 200))
    assert 0.05 < found.low < found.mean < found.high < 0.4


def test_a_split_that_comes_twice_tells_no_more_than_once():
    splits = [np.arange(100)]
    generator = np.random.default_rng(2)
    first, second = generator.random((2, 1, 100)) < [[[0.9]], [[0.75]]]
    once = difference(*pair_of(splits, first, second, 200))
    thrice = difference(*pair_of(splits * 3, [*first] * 3, [*second] * 3, 200))
    assert thrice.high - thrice.low > 0.9 * (once.high - once.low)


def test_no_disagreement_is_no_certainty():
    splits, (first, _) = many_samples(0, 3, 100, "random")
    found = difference(*pair_of(splits, first, first, 70))
    assert (found.mean, found.p_value, found.test) == (0, 1, "no disagreement")
    assert found.high == -found.low == pytest.approx(1 - 0.05 ** (1 / found.n_samples))


def test_balanced_accuracy_counts_every_class_alike():
    labels = np.repeat([0, 1], [90, 10])
    first = predictions_of([0, 1, 2, 90], labels=labels)
    second = predictions_of([91, 92, 93, 94, 95], labels=labels)
    found = difference({0: first}, {0: second}, BALANCED_ACCURACY)
    assert found.mean == pytest.approx((-3 / 90 + 4 / 10) / 2)
    assert first.score(BALANCED_ACCURACY) - second.score(BALANCED_ACCURACY) == pytest.approx(
        found.mean
    )
    assert difference({0: first}, {0: second}, ACCURACY).mean == pytest.approx(0.01)


def test_guessing_is_a_permutation_test():
    """Two by two: the one-sided probability is Fisher's."""
    labels = np.repeat([0, 1], [50, 10])
    model = predictions_of([1, 2, 3, 50, 51, 52, 53, 54, 55, 56], labels=labels)
    table = [[47, 3], [7, 3]]
    expected = fisher_exact(table, alternative="greater").pvalue
    found = beyond_guessing({"a": {0: model}}, BALANCED_ACCURACY)["a"]
    assert found == pytest.approx(expected, abs=0.02)
    assert 0.02 < expected < 0.2


@pytest.mark.parametrize("shares", [(194, 6), (10_780, 220)])
def test_the_commonest_class_alone_is_guessing(shares):
    labels = np.repeat([0, 1], shares)
    always = predictions_of(np.flatnonzero(labels), labels=labels)
    assert always.score(ACCURACY) > 0.96
    for metric in (ACCURACY, BALANCED_ACCURACY):
        assert beyond_guessing({"a": {0: always}}, metric) == {"a": 1.0}
    half = predictions_of(np.flatnonzero(labels)[::2], labels=labels)
    assert beyond_guessing({"a": {0: half}}, BALANCED_ACCURACY)["a"] < 0.01


@pytest.mark.slow
def test_the_best_of_many_equal_models_has_been_lucky():
    """Seven models as good as the one: the best of them is called better in at most 5 %."""
    plain = corrected = 0
    for seed in range(150):
        right = np.random.default_rng(seed).random((8, 1000)) < 0.7
        runs = {
            str(i): {0: record(np.arange(1000), model, n_train=2000)}
            for i, model in enumerate(right)
        }
        quantum = {"0": runs.pop("0")}
        best = max(runs, key=lambda name: runs[name][0].score(ACCURACY))
        found = lead("0", quantum, best, runs, ACCURACY)
        plain += found.difference.p_value < LEVEL
        corrected += found.p_value < LEVEL
        assert (found.low <= 0 <= found.high) == (found.p_value >= LEVEL)
    assert plain > corrected
    assert corrected <= 0.08 * 150  # 5 % and two standard errors


def test_a_lead_has_to_be_over_every_model_of_the_other_group():
    n = np.arange(400)
    good, fair, bad = ({0: record(n, n >= wrong, n_train=800)} for wrong in (10, 12, 100))
    found = lead("good", {"good": good}, "fair", {"fair": fair, "bad": bad}, ACCURACY)
    assert found.p_value > LEVEL
    found = lead("good", {"good": good}, "bad", {"bad": bad}, ACCURACY)
    assert found.p_value < 1e-9


def test_intervals_of_folds_and_of_their_samples_are_as_wide():
    """However fine the folds, one more disagreement is one of all the samples."""
    generator = np.random.default_rng(0)
    right = generator.random((2, 60)) < 0.8
    widths = []
    for n_folds in (10, 60):
        splits = np.array_split(generator.permutation(60), n_folds)
        found = difference(*pair_of(splits, *[[m[rows] for rows in splits] for m in right], 54))
        widths.append(found.high - found.low)
    one = difference(*pair_of([np.arange(60)], right[:1], right[1:], 54))
    assert widths == pytest.approx([one.high - one.low] * 2, rel=0.3)


def test_the_same_split_twice_is_that_split():
    """Where repetitions agree, there is nothing of few degrees of freedom."""
    right = np.random.default_rng(0).random((2, 100)) < [[0.9], [0.7]]
    one, two = (
        difference(*pair_of([np.arange(100)] * n, *[[m] * n for m in right], 200)) for n in (1, 2)
    )
    assert (two.low, two.high) == pytest.approx((one.low, one.high), abs=0.02)
    assert max(one.p_value, two.p_value) < 0.01
