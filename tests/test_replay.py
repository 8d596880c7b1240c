"""The ring and hindsight relabelling against Python lists and the exact distributions.

Every stored state names its row, (environment, episode, step number), so that whatever comes out can be traced back.
"""

from collections import Counter
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from crlkit import replay
from crlkit.config import Config
from crlkit.errors import UserError

SAMPLES = 60_000
UNLIKELY = 1e-3


def truncated_geometric(remaining: int, discount: float) -> np.ndarray:
    """Probabilities of the offsets 1..R, proportional to discount^k."""
    weights = np.array([discount**k for k in range(1, remaining + 1)])
    return weights / weights.sum()


def merged(counts: np.ndarray, probabilities: np.ndarray, total: int) -> tuple[np.ndarray, np.ndarray]:
    """Observed and expected, neighbouring bins joined until each expects 10."""
    observed, expected, o, e = [], [], 0.0, 0.0
    for count, probability in zip(counts, probabilities, strict=True):
        o, e = o + count, e + probability * total
        if e >= 10:
            observed.append(o)
            expected.append(e)
            o = e = 0.0
    observed[-1] += o
    expected[-1] += e
    return np.array(observed), np.array(expected)


def assert_offsets_follow(*samples: tuple[np.ndarray, np.ndarray]) -> None:
    """One chi-squared test of all (offsets, probabilities of the offsets 1..R) together."""
    statistic = freedom = 0.0
    for offsets, probabilities in samples:
        assert offsets.min() >= 1 and offsets.max() <= len(probabilities)
        counts = np.bincount(offsets, minlength=len(probabilities) + 1)[1:]
        observed, expected = merged(counts, probabilities, len(offsets))
        statistic += stats.chisquare(observed, expected).statistic if len(observed) > 1 else 0.0
        freedom += len(observed) - 1
    assert freedom == 0 or stats.chi2.sf(statistic, freedom) > UNLIKELY


draw_offsets = jax.jit(replay.hindsight_offset, static_argnames="strategy")


@pytest.mark.parametrize("discount", [0.5, 0.9, 0.98, 0.99, 0.9999])
@pytest.mark.parametrize("remaining", [1, 2, 7, 63, 999])
def test_geometric_offsets(remaining, discount):
    key = jax.random.key(remaining)
    offsets = np.asarray(draw_offsets("geometric", key, jnp.full(SAMPLES, remaining), discount))
    assert_offsets_follow((offsets, truncated_geometric(remaining, discount)))


@pytest.mark.parametrize("remaining", [1, 2, 7, 63, 999])
def test_uniform_and_final_offsets(remaining):
    every = jnp.full(SAMPLES, remaining)
    offsets = np.asarray(draw_offsets("uniform", jax.random.key(remaining), every, 0.9))
    assert_offsets_follow((offsets, np.full(remaining, 1 / remaining)))
    assert (draw_offsets("final", jax.random.key(0), every, 0.9) == remaining).all()


def test_offsets_of_a_batch_go_by_their_own_remaining():
    remaining = np.tile([1, 3, 40], SAMPLES)
    offsets = np.asarray(draw_offsets("geometric", jax.random.key(5), jnp.asarray(remaining), 0.9))
    assert_offsets_follow(*[(offsets[remaining == r], truncated_geometric(r, 0.9)) for r in (1, 3, 40)])


@pytest.mark.parametrize("discount", [1e-50, 1 - 1e-7, 1 - 1e-9, 1 - 1e-12])
def test_a_discount_at_the_edge_of_single_precision_is_refused_or_right(discount):
    try:
        Config(discount=discount)
    except UserError:
        return
    offsets = np.asarray(draw_offsets("geometric", jax.random.key(1), jnp.full(SAMPLES, 10), discount))
    assert offsets.min() >= 1 and offsets.max() <= 10
    mean = (np.arange(1, 11) * truncated_geometric(10, discount)).sum()
    assert offsets.mean() == pytest.approx(mean, rel=0.03)


@pytest.mark.parametrize("u, offset", [(0.0, 1), (0.5, 1), (0.68, 2), (0.9999999, 3)])
def test_geometric_offset_inverts_the_distribution_function(u, offset):
    """At discount 1/2 and 3 steps: probabilities 4/7, 2/7, 1/7; it rises past 1 at 0.571 and past 2 at 0.857."""
    assert int(replay.geometric_offset(jnp.float32(u), jnp.array(3), 0.5)) == offset


def history(envs: int, steps: int, longest: int, seed: int) -> list[list[tuple[int, int]]]:
    """For each environment a list of (episode, step number), episodes of 1 to `longest` steps."""
    random = np.random.default_rng(seed)
    rows = []
    for _ in range(envs):
        lengths = random.integers(1, longest + 1, size=steps)
        episodes = np.repeat(np.arange(steps), lengths)[:steps]
        rows.append([(int(episode), step) for step, episode in enumerate(episodes)])
    return rows


insert = jax.jit(replay.insert)


def filled(past: list[list[tuple[int, int]]], capacity: int, unrolls: list[int]) -> replay.Buffer:
    """A buffer into which `past` went by unrolls of the given lengths; state (env, episode, step), action -(...),
    commanded goal (100 env + episode)."""
    buffer, begin = replay.create(capacity, len(past), 3, 3, 1), 0
    for length in unrolls:
        moments = range(begin, begin + length)
        state = jnp.array([[(e, *rows[i]) for e, rows in enumerate(past)] for i in moments], jnp.float32)
        episode = jnp.array([[rows[i][0] for rows in past] for i in moments], jnp.int32)
        goal = 100 * state[..., :1] + state[..., 1:2]
        buffer = insert(buffer, state, -state, goal, episode)
        begin += length
    return buffer


# capacity, unrolls: first fill not yet full; exact fill; wraps that do not divide the capacity; unrolls of its size
FILLS = {
    "part": (32, [12, 12]),
    "exactly full": (24, [12, 12]),
    "several wraps": (32, [12] * 9),
    "mixed unrolls": (32, [12, 5, 5, 12, 1, 5, 12, 12, 1, 12, 5]),
    "unroll of capacity size": (12, [12] * 4),
    "capacity after others": (12, [5, 12, 1, 12]),
}


@pytest.mark.parametrize("name", FILLS)
@pytest.mark.parametrize("longest", [1, 6, 50])
def test_the_ring_holds_the_last_steps_and_knows_their_future(name, longest):
    capacity, unrolls = FILLS[name]
    total = sum(unrolls)
    past = history(3, total, longest, seed=longest)
    buffer = jax.tree.map(np.asarray, filled(past, capacity, unrolls))
    assert buffer.size == total
    steps, columns, expected = [], [], []
    for env, rows in enumerate(past):
        kept = rows[-capacity:]
        for place, (episode, step) in enumerate(kept):
            np.testing.assert_array_equal(buffer.state[step % capacity, env], (env, episode, step))
            np.testing.assert_array_equal(buffer.action[step % capacity, env], (-env, -episode, -step))
            assert buffer.goal[step % capacity, env] == [100 * env + episode]
            assert buffer.episode[step % capacity, env] == episode
            steps.append(step)
            columns.append(env)
            expected.append(sum(later == episode for later, _ in kept[place + 1 :]))
    assert len(expected) == 3 * min(total, capacity)
    np.testing.assert_array_equal(replay.future(buffer, np.array(steps), np.array(columns)), expected)


sample = jax.jit(replay.sample, static_argnames=("batch_size", "strategy"))


@pytest.fixture(scope="module")
def world() -> SimpleNamespace:
    """A ring that wrapped 8 times; `rows`: of each stored (env, step) its episode and how many steps follow."""
    capacity, unrolls = 40, [16] * 20
    past = history(5, sum(unrolls), 25, seed=3)
    rows = {}
    for env, steps in enumerate(past):
        kept = steps[-capacity:]
        for place, (episode, step) in enumerate(kept):
            rows[env, step] = episode, sum(later == episode for later, _ in kept[place + 1 :])
    return SimpleNamespace(buffer=filled(past, capacity, unrolls), rows=rows)


def played(world, strategy: str, discount: float, key: int) -> list[tuple[int, int, int, int]]:
    """Samples as (env, step, remaining, offset), after checking that each is one step and one later of its episode."""
    batch = jax.tree.map(np.asarray, sample(world.buffer, jax.random.key(key), 100_000, discount, strategy))
    np.testing.assert_array_equal(batch.action, -batch.state)
    np.testing.assert_array_equal(batch.next_state - batch.state, np.broadcast_to([0, 0, 1], batch.state.shape))
    states, goals = batch.state.astype(int), batch.goal.astype(int)
    np.testing.assert_array_equal(goals[:, 0], states[:, 0])
    np.testing.assert_array_equal(goals[:, 1], states[:, 1])
    assert (goals[:, 2] > states[:, 2]).all()
    answer = []
    for (env, episode, step), (_, _, goal_step) in zip(states.tolist(), goals.tolist(), strict=True):
        stored_episode, remaining = world.rows[env, step]  # KeyError: a step that is no longer stored
        assert stored_episode == episode and 1 <= goal_step - step <= remaining
        answer.append((env, step, remaining, goal_step - step))
    return answer


EXACT = {
    "geometric": lambda remaining: truncated_geometric(remaining, 0.8),
    "uniform": lambda remaining: np.full(remaining, 1 / remaining),
}


@pytest.mark.parametrize("strategy", [*EXACT, "final"])
def test_sample_end_to_end(world, strategy):
    drawn = played(world, strategy, 0.8, key=7)

    useful = [row for row, (_, remaining) in world.rows.items() if remaining > 0]
    assert 0 < len(useful) < len(world.rows)
    counts = Counter((env, step) for env, step, _, _ in drawn)
    assert stats.chisquare([counts[row] for row in useful]).pvalue > UNLIKELY

    offsets = {r: [] for _, r in world.rows.values() if r > 0}
    for _, _, remaining, offset in drawn:
        offsets[remaining].append(offset)
    if strategy == "final":
        assert all(set(ahead) == {remaining} for remaining, ahead in offsets.items())
    else:
        assert_offsets_follow(*[(np.array(ahead), EXACT[strategy](r)) for r, ahead in offsets.items()])


def test_without_hindsight_the_goal_is_the_commanded_one(world):
    batch = jax.tree.map(np.asarray, sample(world.buffer, jax.random.key(7), 1000, 0.8, "none"))
    np.testing.assert_array_equal(batch.goal[:, 0], 100 * batch.state[:, 0] + batch.state[:, 1])
    relabelled = sample(world.buffer, jax.random.key(7), 1000, 0.8, "uniform")
    np.testing.assert_array_equal(relabelled.state, batch.state)  # the steps are the same


def test_the_goal_is_the_part_of_the_state_that_counts_as_one(world):
    whole = replay.sample(world.buffer, jax.random.key(7), 100, 0.8)
    part = replay.sample(world.buffer, jax.random.key(7), 100, 0.8, goal_slice=slice(1, 3))
    np.testing.assert_array_equal(part.goal, whole.goal[:, 1:3])


def test_row_and_offset_are_drawn_apart(world):
    """Given how many steps remain, which row was drawn says nothing about the offset."""
    drawn = played(world, "geometric", 0.8, key=8)
    table = np.zeros((len(world.rows), 2))
    index = {row: k for k, row in enumerate(world.rows)}
    for env, step, remaining, offset in drawn:
        if remaining >= 5:
            table[index[env, step], int(offset > 2)] += 1
    weights = {r: truncated_geometric(r, 0.8)[:2].sum() for r in range(5, 40)}
    near = np.array([weights.get(remaining, 0) for _, remaining in world.rows.values()])
    keep = table.sum(axis=1) > 0
    expected = table.sum(axis=1)[keep, None] * np.stack([near, 1 - near], axis=1)[keep]
    statistic = ((table[keep] - expected) ** 2 / expected).sum()
    assert stats.chi2.sf(statistic, keep.sum()) > UNLIKELY


def test_keys_decide_the_batch(world):
    def steps(key):
        return np.asarray(sample(world.buffer, jax.random.key(key), 256, 0.8, "geometric").state)

    np.testing.assert_array_equal(steps(1), steps(1))
    assert (steps(1) != steps(2)).any()


@pytest.mark.parametrize("stored", [4, 24])
def test_a_ring_that_is_not_full_gives_only_stored_steps(stored):
    past = [[(0, step) for step in range(stored)] for _ in range(3)]
    batch = sample(filled(past, 32, [4] * (stored // 4)), jax.random.key(0), 5_000, 0.9, "uniform")
    steps, goals = np.asarray(batch.state)[:, 2], np.asarray(batch.goal)[:, 2]
    assert set(steps) == set(range(stored - 1))
    assert set(goals) == set(range(1, stored))


@pytest.mark.parametrize("strategy", [*EXACT, "final"])
def test_episodes_of_one_step_keep_their_own_state_as_goal(strategy):
    past = history(3, 32, 1, seed=0)
    batch = sample(filled(past, 16, [16, 16]), jax.random.key(0), 500, 0.9, strategy)
    np.testing.assert_array_equal(batch.goal, batch.state)
    np.testing.assert_array_equal(batch.next_state, batch.state)
