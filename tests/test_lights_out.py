"""Lights Out against a breadth-first search, the perfect critic against counted walks, and training a critic alone."""

from collections import deque
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

import crlkit
from crlkit import UserError, envs, replay
from crlkit.envs import lights_out
from crlkit.envs.lights_out import LightsOut
from crlkit.training import make_training, random_walks


def searched(env: LightsOut) -> np.ndarray:
    """Distances from the dark board, by breadth-first search with presses written out cell by cell."""
    found, queue = {(0,) * env.cells: 0}, deque([(0,) * env.cells])
    while queue:
        board = queue.popleft()
        for cell in range(env.cells):
            row, column = divmod(cell, env.columns)
            after = list(board)
            for r, c in ((row, column), (row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)):
                if 0 <= r < env.rows and 0 <= c < env.columns:
                    after[r * env.columns + c] ^= 1
            if tuple(after) not in found:
                found[tuple(after)] = found[board] + 1
                queue.append(tuple(after))
    distances = np.full(2**env.cells, -1)
    for board, steps in found.items():
        distances[int("".join(map(str, board)), 2)] = steps
    return distances


@pytest.mark.parametrize("size", ["3x3", "2x2", "2x3", "1x5", "2x4", "1x2"])  # 1x5 and 1x2: not every board is reached
def test_distances_over_gf2_are_those_of_a_search(size):
    env = LightsOut(f"lights_out_{size}")
    np.testing.assert_array_equal(env.distances, searched(env))


@pytest.mark.parametrize("size", ["3x3", "1x5"])
def test_the_presses_named_solve_the_board_and_are_as_many_as_the_distance(size):
    env = LightsOut(f"lights_out_{size}")
    made = env.number(env.presses.astype(int) @ env.toggles % 2)
    reached = env.distances >= 0
    np.testing.assert_array_equal(made[reached], np.arange(2**env.cells)[reached])
    np.testing.assert_array_equal(env.presses.sum(axis=1)[reached], env.distances[reached])


def test_a_press_toggles_the_cell_of_the_largest_entry_and_its_neighbours():
    env = envs.make("lights_out_3x3")
    state = env.reset(jax.random.key(0))
    after = env.step(state, jnp.zeros(9).at[4].set(0.3))
    np.testing.assert_array_equal(after.state * state.state, [1, -1, 1, -1, -1, -1, 1, -1, 1])
    after = env.step(state, jnp.full(9, -0.5).at[2].set(-0.4))
    np.testing.assert_array_equal(after.state * state.state, [1, -1, -1, 1, 1, -1, 1, 1, 1])
    np.testing.assert_array_equal(env.step(after, jnp.full(9, -0.5).at[2].set(-0.4)).state, state.state)


def test_goals_can_be_reached_and_only_the_goal_counts_as_success():
    env = LightsOut("lights_out_1x5")
    start = jax.vmap(env.reset)(jax.random.split(jax.random.key(1), 500))
    assert (env.distances[env.number(np.asarray(start.state != start.goal))] >= 0).all()
    assert len({tuple(row) for row in np.asarray(start.state)}) == 32
    one_off = start.state.at[:, 3].multiply(-1)
    assert envs.succeeded(env, start.goal, start.goal).all()
    assert not envs.succeeded(env, one_off, start.state).any()


@pytest.mark.parametrize("name", ["lights_out_4x4", "lights_out_1x1", "lights_out", "lights_out_3x", "lights_3x3"])
def test_other_boards_are_refused_in_one_line(name):
    with pytest.raises(UserError, match="no such environment; nearest: .*lights_out_3x3"):
        crlkit.Config(env=name)


@pytest.mark.parametrize("strategy,discount", [("geometric", 0.5), ("uniform", 0.5), ("final", 0.5)])
def test_the_exact_density_of_hindsight_goals_is_that_of_counted_walks(strategy, discount):
    env = LightsOut("lights_out_2x2")
    walks = random_walks(env, jax.random.key(2), 4000, 6)
    batch = replay.sample(walks, jax.random.key(3), 4000, discount, strategy)  # nearly independent rows
    difference = np.asarray(lights_out.after_press(env, batch.state, batch.action)) ^ env.number(batch.goal > 0)
    expected = lights_out.future_density(env, discount, 6, strategy)
    assert expected.sum() == pytest.approx(1)
    counts = np.bincount(difference, minlength=16)
    possible = expected > 1e-12
    assert counts[~possible].sum() == 0
    assert stats.chisquare(counts[possible], 4000 * expected[possible]).pvalue > 1e-3


def scores(energy, size="3x3"):
    """What `score_critic` says of `energy(after [n], goal [m]) -> [n, m]`, boards given by their numbers."""
    env = LightsOut(f"lights_out_{size}")
    walks = random_walks(env, jax.random.key(4), 256, 64)
    batches = jax.vmap(lambda key: replay.sample(walks, key, 128, 0.5))(jax.random.split(jax.random.key(5), 4))

    def all_pairs(state, action, goal):
        return energy(env, lights_out.after_press(env, state, action), (goal > 0) @ (1 << jnp.arange(env.cells)[::-1]))

    config = SimpleNamespace(discount=0.5, episode_length=64, hindsight="geometric")
    return env, {name: float(value) for name, value in lights_out.score_critic(env, all_pairs, batches, config).items()}


def test_the_perfect_critic_knows_every_press_and_solves_every_board():
    def perfect(env, after, goal):
        return jnp.log(jnp.asarray(lights_out.future_density(env, 0.5, 64)))[after[:, None] ^ goal[None]]

    _, told = scores(perfect)
    assert told["optimal_action"] == 1
    assert all(told[f"solved_{d}"] == 1 for d in range(1, 10))
    np.testing.assert_allclose([told[f"press_{i}"] for i in range(9)], 1, rtol=1e-4)
    near = [told[f"near_{d}"] for d in range(1, 10)]
    assert near[0] < -2 and all(np.diff(near) < 0)


def test_a_critic_that_knows_nothing_scores_what_chance_does():
    _, told = scores(lambda env, after, goal: jnp.zeros((len(after), len(goal))))
    assert told["bayes_loss"] < told["line_loss"] < np.log(128)
    assert told["optimal_action"] == pytest.approx(256 / 511)  # it always presses cell 0
    assert told["solved_1"] == pytest.approx(1 / 9)
    np.testing.assert_allclose([told[f"press_{i}"] for i in range(9)], 0, atol=1e-6)


def test_a_critic_knows_the_parities_that_it_was_given_and_no_others():
    env = LightsOut("lights_out_3x3")
    walk = np.zeros((512, 512))  # one random press, by difference
    for toggle in env.number(env.toggles):
        walk[np.arange(512), np.arange(512) ^ toggle] += 1 / 9
    signs = lights_out.parities(env)
    np.testing.assert_allclose(walk @ signs.T, (1 - 2 / 9) * signs.T)  # one press in nine flips each of them
    assert sorted((signs[:, 1 << np.arange(9)] < 0).sum(axis=1)) == [4] * 4 + [5] * 5  # cells of each parity
    assert len(lights_out.parities(LightsOut("lights_out_2x3"))) == 0  # boards between which several ways lead

    def knows_three(env, after, goal):
        return jnp.asarray(0.6 * signs[:3].sum(axis=0))[after[:, None] ^ goal[None]]

    def perfect(env, after, goal):
        return jnp.log(jnp.asarray(lights_out.future_density(env, 0.5, 64)))[after[:, None] ^ goal[None]]

    for energy, known in ((knows_three, [1] * 3 + [0] * 6), (perfect, [1] * 9)):
        _, told = scores(energy)
        np.testing.assert_allclose([told[f"parity_{i}"] for i in range(9)], known, atol=0.1)


def test_a_critic_that_counts_cells_knows_no_press_and_one_that_knows_a_press_is_found_out():
    """The difference in cells is the straight line of this task: sure to be near, and no help at all."""

    def counts(env, after, goal):
        weight = jnp.asarray([int(k).bit_count() for k in range(512)], jnp.float32)
        return -weight[after[:, None] ^ goal[None]]

    def knows_the_middle(env, after, goal):
        pressed = int(env.number(env.toggles)[4])
        return counts(env, after, goal) + 2.0 * ((after[:, None] ^ goal[None]) == pressed)

    for energy, knows in ((counts, False), (knows_the_middle, True)):
        _, told = scores(energy)
        known = np.array([told[f"press_{i}"] for i in range(9)])
        assert (known[4] > 0.1) == knows
        np.testing.assert_allclose(np.delete(known, 4), 0, atol=1e-5)
        assert told["near_2"] < 0


def test_no_critic_beats_the_bayes_loss():
    """Against the perfect critic with a planted error in one difference, and against one that is too sharp."""
    env = LightsOut("lights_out_2x3")
    density = lights_out.future_density(env, 0.5, 64)
    walks = random_walks(env, jax.random.key(6), 2000, 64)
    batch = replay.sample(walks, jax.random.key(7), 2000, 0.5)

    def loss(table):
        losses = []
        for rows in np.split(np.arange(2000), 20):
            logits = lights_out.bayes_logits(env, table, batch.state[rows], batch.action[rows], batch.goal[rows])
            losses.append(float(crlkit.losses.forward_infonce(logits)))
        return np.mean(losses)

    wrong = density.copy()
    wrong[np.argmax(density)] /= 4
    counted = lights_out.straight_line(density)
    for cells in range(7):
        alike = [k for k in range(64) if k.bit_count() == cells]
        np.testing.assert_allclose(counted[alike], density[alike].mean())
    for line_like in (counted**1.5, counted**0.5):  # among critics that only count cells it is the best
        assert loss(density) < loss(counted) < loss(line_like)
    assert loss(density) < loss(wrong) and loss(density) < loss(density**2) and loss(density) < np.log(100) - 0.5


@pytest.fixture(scope="module")
def run():
    config = crlkit.Config(
        **dict(env="lights_out_2x2", depth=4, width=32, batch_size=64, num_envs=256, episode_length=16, seeds=1),
        **dict(updates=1500, evaluations=3, learning_rate=1e-3, data="walks"),
    )
    return crlkit.train(config)


def test_a_critic_alone_learns_the_small_board(run):
    last = run.metrics.groupby("seed").last()
    assert (run.metrics.groupby("seed").first().heldout_loss > last.heldout_loss).all()
    assert (last.heldout_loss - last.bayes_loss).between(-0.01, 0.4).all()
    assert (last.optimal_action > 0.9).all()
    assert (last.updates == 1500).all() and (run.metrics.env_steps == 256 * 16).all()


def test_walks_stay_and_the_actor_is_left_alone(run):
    training = make_training(run.config)
    state = jax.jit(training.collect)(jax.jit(training.init)(np.int32(0)))
    before = jax.tree.map(np.asarray, (state.buffer, state.agent.actor, state.agent.log_alpha))
    state = jax.jit(training.update)(state, np.int32(3))
    after = jax.tree.map(np.asarray, (state.buffer, state.agent.actor, state.agent.log_alpha))
    jax.tree.map(np.testing.assert_array_equal, before, after)
    trained = run.agents[0].actor
    jax.tree.map(np.testing.assert_array_equal, before[1], trained)


def test_the_walks_of_a_buffer_are_walks(run):
    env = envs.make("lights_out_2x2")
    walks = random_walks(env, jax.random.key(8), 50, 16)
    inserted = replay.insert(
        replay.create(16, 50, 4, 4, 4), walks.state, walks.action, walks.goal, jnp.zeros((16, 50), jnp.int32)
    )  # what the buffer would be if it had been filled step by step
    jax.tree.map(np.testing.assert_array_equal, inserted, walks)
    moved = jax.vmap(jax.vmap(lambda s, a: env.step(envs.EnvState((), s, s, False), a).state))(
        walks.state, walks.action
    )
    np.testing.assert_array_equal(moved[:-1], walks.state[1:])


def test_walks_in_a_maze_begin_everywhere_and_teach_the_critic():
    env = envs.make("point_u_maze")
    walks = random_walks(env, jax.random.key(9), 400, 4)
    cells = np.rint((np.asarray(walks.state[0]) - env.maze.origin) / env.maze.cell_size).astype(int)
    assert {tuple(cell) for cell in cells} == set(env.maze.free_cells)
    config = crlkit.Config(env="point_u_maze", preset="smoke", data="walks", depth=4, num_envs=64, updates=160)
    losses = crlkit.train_critic(config).metrics.heldout_loss
    assert losses.iloc[-1] < np.log(32) - 0.5


def test_a_critic_alone_plays_the_press_it_scores_highest(run):
    """What `agent.act` and `crlkit.evaluate` use, against the scores that are computed on all pairs of boards."""
    agent, env = run.agents[0], run.agents[0].env
    boards = env.every_board
    states, goals = (x.reshape(-1, env.cells) for x in np.broadcast_arrays(boards[:, None], boards[None]))
    energies = agent.energy(np.repeat(boards, env.cells, axis=0), np.tile(env.every_action, (len(boards), 1)), boards)
    best = energies.reshape(len(boards), env.cells, len(boards)).argmax(axis=1)  # [board, goal]
    np.testing.assert_array_equal(agent.act(states, goals).argmax(axis=-1), best.ravel())
    scores = crlkit.evaluate(run, episodes=400)
    assert set(scores.env) == {"lights_out_2x2"} and scores.success.between(0.05, 1).all()


@pytest.mark.parametrize(
    "options,message",
    [
        (dict(updates=500), "only with data walks.*nearest: --env-steps 208896"),
        (dict(data="walks", updates=550), "must be a multiple of updates_per_unroll .100.; nearest: 600"),
        (dict(data="walks", updates=0), "updates 0: must be from 1"),
        (dict(data="offline"), "data 'offline': must be one of online, walks; nearest: online"),
        (dict(data="walks", num_envs=2), "batch_size 256: larger than the buffer"),
    ],
)
def test_bad_options_are_one_line(options, message):
    with pytest.raises(UserError, match=message):
        crlkit.Config(**options)
