"""Planted jumps are found and straight trends are not called jumps: as rates over many synthetic tables."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from crlkit.analysis.thresholds import before_the_fall, jump_test, log_scores, threshold

DEPTHS = np.array([4, 8, 16, 32, 64])
TABLES = 200


def straight(x):
    return 0.8 * x


def jump(x):
    """Four times the score from depth 16 on, over a slow power law."""
    return 0.3 * x + 2 * (x >= 4)


def levelling(x):
    return 6 * (1 - 2.0 ** (1.5 - x))


def table(mean, noise=0.5, seeds=5, rng=None, depths=DEPTHS) -> pd.DataFrame:
    """Scores of log2 mean(log2 depth) and normal noise of so many doublings, one number or one a depth."""
    rng = rng or np.random.default_rng(0)
    depth = np.repeat(depths, seeds)
    spread = np.repeat(np.broadcast_to(noise, len(depths)), seeds)
    score = 2.0 ** (mean(np.log2(depth)) + spread * rng.normal(size=len(depth)))
    return pd.DataFrame({"depth": depth, "seed": np.tile(np.arange(seeds), len(depths)), "score": score})


def rejections(mean, trend="linear", **options) -> tuple[float, float]:
    """Share of tables with p <= 0.05, and share whose best step is at depth 16."""
    rng = np.random.default_rng(0)
    tests = [jump_test(table(mean, rng=rng, **options), trend, resamples=300, seed=i) for i in range(TABLES)]
    return np.mean([t.p_value <= 0.05 for t in tests]), np.mean([t.depth == 16 for t in tests])


@pytest.mark.parametrize("trend, in_place", [("linear", 0.95), ("quadratic", 0.8)])
def test_a_clear_jump_is_detected_at_its_depth(trend, in_place):
    detected, at_16 = rejections(jump, trend)
    assert detected >= 0.8 and at_16 >= in_place


@pytest.mark.parametrize("trend", ["linear", "quadratic"])
@pytest.mark.parametrize("noise", [0.5, (1.5, 1.0, 0.5, 0.3, 0.2)])
@pytest.mark.parametrize("seeds", [3, 5])
def test_a_straight_trend_is_not_called_a_jump(trend, noise, seeds):
    assert rejections(straight, trend, noise=noise, seeds=seeds)[0] <= 0.1


def test_a_straight_trend_over_nine_depths_is_not_called_a_jump():
    assert rejections(straight, depths=2 ** np.arange(2, 11))[0] <= 0.1


def test_a_fall_is_not_a_jump():
    assert rejections(lambda x: -jump(x))[0] <= 0.1


def test_a_curve_that_levels_off_is_what_the_quadratic_trend_is_for():
    """It bends, so the straight line is rejected, though nothing jumps; the quadratic forgives most of it."""
    linear, _ = rejections(levelling)
    quadratic, _ = rejections(levelling, "quadratic")
    assert linear > 0.8 and quadratic < 0.3


def test_the_step_is_that_of_least_squares():
    found = jump_test(table(jump, noise=0.01))
    assert found.depth == 16 and found.step == pytest.approx(2, abs=0.02) and found.p_value < 0.01
    by_hand = table(jump, noise=0.3)
    x, y = np.log2(by_hand.depth), np.log2(by_hand.score)
    left = np.linalg.lstsq(np.stack([np.ones_like(x), x, x >= 4], axis=1).astype(float), y, rcond=None)
    found = jump_test(by_hand)
    assert found.step == pytest.approx(left[0][2]) and found.statistic > 0


def test_data_without_noise():
    for mean in (straight, lambda x: 3 + 0 * x):
        assert jump_test(table(mean, noise=0)).p_value > 0.5
    assert jump_test(table(jump, noise=0)).depth == 16


def test_the_threshold_is_where_the_jump_was_planted():
    rng = np.random.default_rng(1)
    found = [threshold(table(jump, rng=rng), resamples=300, seed=i) for i in range(TABLES)]
    assert np.mean([t.depth == 16 and t.before == 8 for t in found]) >= 0.95
    assert np.mean([t.low <= 16 <= t.high for t in found]) >= 0.95
    assert np.mean([t.jump for t in found]) == pytest.approx(2.3, abs=0.1)
    assert all(sum(t.votes.values()) == pytest.approx(1) and list(t.votes) == [8, 16, 32, 64] for t in found)


def test_without_a_jump_its_place_is_uncertain():
    rng = np.random.default_rng(2)
    found = [threshold(table(straight, rng=rng), resamples=300, seed=i) for i in range(TABLES)]
    assert np.mean([t.low < t.high for t in found]) > 0.9


def test_votes_are_those_of_every_possible_resample():
    scores = {4: [0, 1.5], 8: [1, 2.2], 16: [2.1, 4]}
    rows = pd.DataFrame(
        [(d, s, 2.0**v) for d, vs in scores.items() for s, v in enumerate(vs)], columns=["depth", "seed", "score"]
    )
    places = [
        int(np.mean(c) - np.mean(b) > np.mean(b) - np.mean(a))
        for a, b, c in product(*(product(vs, repeat=2) for vs in scores.values()))
    ]
    found = threshold(rows, resamples=40_000)
    assert found.votes[16] == pytest.approx(np.mean(places), abs=0.01)
    assert (found.depth, found.before) == (16, 8) and found.jump == pytest.approx(3.05 - 1.6)


def test_a_rise_is_counted_for_each_doubling_of_depth():
    """From 4 to 64 four doublings, from 64 to 128 one: 2^2 there is more than 2^3 before."""
    rows = pd.DataFrame({"depth": [4, 64, 128], "seed": 0, "score": [1, 8, 32]})
    found = threshold(rows)
    assert (found.depth, found.jump, found.low, found.high) == (128, 2, 128, 128)


def test_zeros_count_as_the_floor():
    rows = pd.DataFrame({"depth": [4, 8, 16], "seed": 0, "score": [0, 1, 8]})
    assert 2 ** log_scores(rows)[1].min() == 0.5
    np.testing.assert_allclose(log_scores(rows)[1], [-1, 0, 3])
    np.testing.assert_allclose(log_scores(rows, floor=4)[1], [2, 2, 3])
    assert threshold(rows, floor=2**-5).depth == 8 and threshold(rows).depth == 16


@pytest.mark.parametrize(
    "scores, message",
    [([1, -2, 3], "score -2.0"), ([1, float("nan"), 3], "score nan"), ([0, 0, 0], "all scores are 0")],
)
def test_scores_without_a_logarithm_are_refused(scores, message):
    with pytest.raises(ValueError, match=message):
        threshold(pd.DataFrame({"depth": [4, 8, 16], "seed": 0, "score": scores}))


def test_too_little_data_is_refused():
    with pytest.raises(ValueError, match="1 depths"):
        threshold(table(jump, depths=[4]))
    with pytest.raises(ValueError, match="at least 4 depths"):
        jump_test(table(jump, depths=[4, 8, 16]))
    with pytest.raises(ValueError, match="two runs more"):
        jump_test(table(jump, seeds=1))


def test_the_depths_of_a_fall_are_left_out_if_five_remain():
    """What the ledger and the figure both do before they ask for a step up."""
    scores = {4: 0.1, 8: 0.1, 16: 0.1, 32: 0.5, 64: 0.5, 128: 0.01, 256: 0.01}
    rows = [(d, score * 1.01**seed) for d, score in scores.items() for seed in range(3)]
    table = pd.DataFrame(rows, columns=["depth", "score"])
    part, falls = before_the_fall(table)
    assert falls == 128 and sorted(part.depth.unique()) == [4, 8, 16, 32, 64]
    scores |= {128: 0.05, 256: 1e-6}  # the second fall is the stronger one: both go
    twice = pd.DataFrame(
        [(d, score * 1.01**seed) for d, score in scores.items() for seed in range(3)], columns=["depth", "score"]
    )
    part, falls = before_the_fall(twice)
    assert falls == 128 and sorted(part.depth.unique()) == [4, 8, 16, 32, 64]
    few = table[table.depth != 8]  # four would be left
    assert before_the_fall(few)[1] is None and len(before_the_fall(few)[0]) == len(few)
    up = table[table.depth <= 64]
    assert before_the_fall(up)[1] is None
