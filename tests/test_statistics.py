"""Statistics over several tasks: known answers, every resample of tiny cases, and coverage."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from crlkit.analysis.statistics import (
    at_best_rates,
    probability_of_improvement,
)


def exact_interval(values) -> tuple[float, float, float]:
    """A confidence and the ends of its interval for equally likely `values`, away from the steps of their
    distribution."""
    ordered = np.round(np.sort(values), 9)

    def at(level):
        return ordered[(np.array([level - 0.015, level, level + 0.015]) * len(ordered)).astype(int)]

    for confidence in np.arange(0.5, 0.95, 0.01):
        low, high = at((1 - confidence) / 2), at((1 + confidence) / 2)
        if np.ptp(low) == np.ptp(high) == 0 and low[0] < high[0]:
            return confidence, low[0], high[0]
    raise AssertionError("no level lies between the steps: choose another example")


def resamples_of(values):
    return list(product(values, repeat=len(values)))


def test_one_seed_has_no_interval():
    assert np.isnan(probability_of_improvement([[1.0]], [[2.0, 3.0]])[1:]).all()


@pytest.mark.parametrize(
    "x, y, expected",
    [
        ([[2, 3]], [[0, 1]], 1),
        ([[0, 1]], [[2, 3]], 0),
        ([[1, 1]], [[1, 1]], 0.5),
        ([[1, 3]], [[0, 2, 2, 4]], (1 + 3) / 8),
        ([[2, 3], [0, 1]], [[0, 1], [2, 3]], 0.5),
        ([[2, 3], [1, 1, 1]], [[0, 1], [1]], 0.75),
    ],
)
def test_probability_of_improvement_counts_pairs(x, y, expected):
    assert probability_of_improvement(x, y).value == expected
    assert probability_of_improvement(y, x).value == 1 - expected


def test_probability_of_improvement_is_mann_whitney():
    rng = np.random.default_rng(2)
    x, y = rng.integers(0, 9, 7), rng.integers(2, 9, 11)
    expected = stats.mannwhitneyu(x, y).statistic / (7 * 11)
    assert probability_of_improvement([x], [y]).value == pytest.approx(expected)


def test_its_interval_is_that_of_every_possible_resample():
    x, y = [[1.0, 4.0], [2.0, 2.5]], [[0.0, 2.0, 3.0], [2.2, 1.0]]
    won = [
        np.mean([np.mean(np.greater.outer(a, b)) for a, b in zip(xs, ys)])
        for xs in product(*map(resamples_of, x))
        for ys in product(*map(resamples_of, y))
    ]
    assert len(won) == 4 * 4 * 27 * 4
    confidence, *ends = exact_interval(won)
    found = probability_of_improvement(x, y, confidence, resamples=20_000)
    assert (found.low, found.high) == pytest.approx(ends)


def test_its_interval_covers_the_truth_about_as_often_as_it_says():
    rng = np.random.default_rng(3)
    truth = stats.norm.cdf(0.5 / np.sqrt(2))
    found = [
        probability_of_improvement(rng.normal(0.5, 1, (3, 12)), rng.normal(0, 1, (3, 12)), resamples=500)
        for _ in range(300)
    ]
    assert 0.88 <= np.mean([low <= truth <= high for _, low, high in found]) <= 0.98


def test_tasks_are_matched_by_name():
    x, y = {"a": [1, 2], "b": [10, 20]}, {"b": [11, 12], "a": [0, 0]}
    assert probability_of_improvement(x, y).value == 0.75
    with pytest.raises(ValueError, match="'b'"):
        probability_of_improvement(x, {"a": [1]})
    with pytest.raises(ValueError, match="both need the same tasks"):
        probability_of_improvement([[1], [2]], [[1]])
    with pytest.raises(ValueError, match="task 1 has no scores"):
        probability_of_improvement([[1], []], [[1], [1]])


def test_seeds_may_come_in_a_column():
    column = np.array([[1.0], [3.0]])
    assert probability_of_improvement([column], [column - 1]) == probability_of_improvement([[1, 3]], [[0, 2]])


def test_a_depth_takes_the_rate_of_its_best_mean_and_every_depth_has_the_same_search():
    table = pd.DataFrame(
        [
            {"task": 0, "depth": depth, "learning_rate": rate, "seed": seed, "score": score}
            for depth, levels in {4: {1e-3: (0, 5, 5), 3e-3: (9, 4, 4)}, 16: {1e-3: (99, 99, 99)}}.items()
            for rate, own in levels.items()
            for seed, score in enumerate(own)
        ]
    )
    chosen = at_best_rates(table)
    # Two of three seeds prefer 1e-3, the mean prefers 3e-3; depth 16 never had that rate.
    assert chosen.set_index("seed").score.to_dict() == {0: 9, 1: 4, 2: 4} and set(chosen.depth) == {4}
    assert at_best_rates(table[table.learning_rate == 1e-3]).empty
