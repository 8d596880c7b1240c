"""The point maze against a point that creeps in tiny steps, and against its own walls."""

import math
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from crlkit import UserError, envs
from crlkit.envs.point import PointMaze

CELL = 0.3
MAZES = ["u_maze", "u4_maze", "u5_maze", "big_maze", "hardest_maze"]


def cells(env: PointMaze, positions) -> np.ndarray:
    """Row and column, the middle of the map being at 0."""
    walls = env.maze.walls
    return np.rint(np.asarray(positions, np.float64) / CELL + (np.array(walls.shape) - 1) / 2).astype(int)


def centre(env: PointMaze, cell) -> np.ndarray:
    return ((np.array(cell) - (np.array(env.maze.walls.shape) - 1) / 2) * CELL).astype(np.float32)


def is_wall(env: PointMaze, positions) -> np.ndarray:
    return env.maze.walls[tuple(np.moveaxis(cells(env, positions), -1, 0))]


def at(position) -> envs.EnvState:
    return envs.EnvState((), jnp.asarray(position, jnp.float32), jnp.zeros(2), jnp.array(False))


def walk(env: PointMaze, position, actions) -> np.ndarray:
    """Positions `[steps + 1, ..., 2]` for actions `[steps, ..., 2]`, all points at once."""

    def step(env_state, action):
        env_state = jax.vmap(env.step)(env_state, action)
        return env_state, env_state.state

    points = np.atleast_2d(position)
    start = envs.EnvState((), jnp.asarray(points, jnp.float32), jnp.zeros_like(points), jnp.zeros(len(points), bool))
    actions = jnp.broadcast_to(jnp.asarray(actions, jnp.float32), (len(actions), len(points), 2))
    _, states = jax.jit(lambda start, actions: jax.lax.scan(step, start, actions))(start, actions)
    return np.concatenate([points[None], np.asarray(states)])


@pytest.mark.parametrize("name", MAZES)
def test_a_random_walk_stays_out_of_walls_and_goes_by_the_corridors(name):
    """5,000 steps of 24 points, some with actions beyond the bounds; a step crosses at most one border an axis."""
    env, random = PointMaze(name), np.random.default_rng(0)
    start = jax.vmap(env.reset)(jax.random.split(jax.random.key(0), 24)).state
    actions = random.uniform(-1.5, 1.5, (5_000, 24, 2))
    path = walk(env, start, actions)
    assert path.shape == (5_001, 24, 2) and np.isfinite(path).all()
    assert not is_wall(env, path).any()
    assert np.abs(np.diff(path, axis=0)).max() <= 2 * 0.3 * CELL + 1e-5

    number = np.full(env.maze.walls.shape, -1)
    number[tuple(np.array(env.maze.free_cells).T)] = np.arange(len(env.maze.free_cells))
    visited = number[tuple(np.moveaxis(cells(env, path), -1, 0))]
    assert env.maze.distances[visited[:-1], visited[1:]].max() <= 2
    assert set(visited.ravel()) == set(range(len(env.maze.free_cells)))


def creep(env: PointMaze, position, action) -> np.ndarray:
    """Two moves along x, then y, in 300 small steps each; one that would enter a wall is left out."""
    position = np.array(position, np.float64)
    for _ in range(2):
        for axis in (0, 1):
            for _ in range(300):
                there = position.copy()
                there[axis] += 0.3 * CELL * np.clip(action[axis], -1, 1) / 300
                if not is_wall(env, there):
                    position = there
    return position


@pytest.mark.parametrize("name", ["u4_maze", "big_maze"])
def test_step_equals_creeping(name):
    env, random = PointMaze(name), np.random.default_rng(1)
    free = np.array(env.maze.free_cells)[random.integers(len(env.maze.free_cells), size=60)]
    position = centre(env, free) + random.uniform(-0.49, 0.49, free.shape).astype(np.float32) * np.float32(CELL)
    action = random.uniform(-1.3, 1.3, free.shape)
    action[::3] = np.sign(action[::3])
    expected = np.array([creep(env, p, a) for p, a in zip(position, action, strict=True)])
    actual = walk(env, position, action[None])[1]
    np.testing.assert_allclose(actual, expected, atol=0.0025 * CELL)
    free_move = position + 0.6 * CELL * np.clip(action, -1, 1)
    blocked = (np.abs(expected - free_move) > 0.01 * CELL).any(axis=1)
    assert 10 < blocked.sum() < 50  # both kinds are there


@pytest.mark.parametrize("action", [(1, 1), (1, 0), (0, 1), (0.5, -0.3), (-0.8, 0.8), (0, 0), (7, 0.25)])
def test_free_move_is_two_strides_of_three_tenths_of_a_cell(action):
    env = PointMaze("big_maze")  # cells (1..2, 1..2) are free
    start = centre(env, (1, 1))
    end = np.asarray(env.step(at(start), jnp.array(action, jnp.float32)).state)
    np.testing.assert_allclose(end - start, 2 * 0.3 * CELL * np.clip(action, -1, 1), atol=1e-6)


@pytest.mark.parametrize("name", MAZES)
def test_a_point_stops_just_before_a_wall_and_does_not_drift(name):
    env, starts, pushes, borders = PointMaze(name), [], [], []
    for i, j in env.maze.free_cells:
        for push in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            if env.maze.walls[i + push[0], j + push[1]]:
                starts.append(centre(env, (i, j)))
                pushes.append(push)
                borders.append(centre(env, (i, j)) + 0.5 * CELL * np.array(push))
    path = walk(env, np.array(starts), np.broadcast_to(pushes, (6, len(pushes), 2)))
    gap = np.sum((np.array(borders) - path[-1]) * pushes, axis=1)
    assert gap.min() > 0 and gap.max() < 0.01 * CELL
    np.testing.assert_allclose(path[-1], path[2], atol=1e-6)  # it rests there
    sideways = np.array(pushes) == 0
    np.testing.assert_array_equal(path[-1][sideways], np.array(starts, np.float32)[sideways])


@pytest.mark.parametrize("cell, push", [((4, 2), (1, 1)), ((5, 3), (-1, -1)), ((5, 4), (1, 1)), ((6, 5), (-1, -1))])
def test_no_way_through_where_two_walls_touch_at_a_corner(cell, push):
    """In the big maze two free cells touch there at a corner only, between two walls."""
    env = PointMaze("big_maze")
    i, j = cell
    assert env.maze.walls[i + push[0], j] and env.maze.walls[i, j + push[1]]
    assert not env.maze.walls[i + push[0], j + push[1]]
    spots = centre(env, cell) + np.array(np.meshgrid(*2 * [np.linspace(-0.499, 0.499, 21)])).reshape(2, -1).T * CELL
    for strength in (1.0, 0.37):
        path = walk(env, spots, np.broadcast_to(strength * np.array(push), (20, len(spots), 2)))
        assert (cells(env, path) == cell).all()


PAIRED = ["hardest_maze", "u_maze_gen_6f", "u_maze_gen_1f2f3f"]


@pytest.mark.parametrize("name", PAIRED)
def test_reset_draws_pairs_by_their_weights_and_starts_near_the_cell(name):
    env, count = PointMaze(name), 20_000
    drawn = jax.jit(jax.vmap(env.reset))(jax.random.split(jax.random.key(4), count))
    starts, goals = cells(env, drawn.state), cells(env, drawn.goal)
    offset = np.asarray(drawn.state) - centre(env, starts)
    assert drawn.state.shape == drawn.goal.shape == (count, 2)
    assert np.abs(offset).max() <= 0.1 * CELL + 1e-6
    for axis in (0, 1):
        assert stats.kstest(offset[:, axis], stats.uniform(-0.1 * CELL, 0.2 * CELL).cdf).pvalue > 1e-3
    np.testing.assert_allclose(drawn.goal, centre(env, goals), atol=1e-6)
    assert not np.asarray(drawn.terminated).any()

    pairs = {pair: k for k, pair in enumerate(env.maze.pairs)}
    found = [pairs[tuple(s), tuple(g)] for s, g in zip(starts.tolist(), goals.tolist(), strict=True)]
    counts = np.bincount(found, minlength=len(pairs))
    if len(pairs) > 1:
        assert stats.chisquare(counts, count * np.array(env.maze.weights)).pvalue > 1e-3
        together = np.corrcoef(np.concatenate([offset, goals], axis=1).T)
        assert np.abs(together[:2, 2:]).max() < 0.04  # the noise does not tell the goal


def test_success_is_strictly_below_the_threshold():
    fake = SimpleNamespace(goal_slice=slice(1, 3), threshold=5.0)
    states, goal = jnp.array([[9.0, 4, 6], [9, 4, 5.999], [9, 4, 6.001], [9, 1, 2]]), jnp.array([1.0, 2])
    np.testing.assert_allclose(envs.goal_distance(fake, states, goal), [5, np.hypot(3, 3.999), np.hypot(3, 4.001), 0])
    assert envs.succeeded(fake, states, goal).tolist() == [False, True, False, True]


def test_success_of_the_point_is_half_a_cell():
    env = PointMaze("u_maze")
    states = jnp.array([[math.nextafter(0.15, 1), 0], [0.1499, 0], [0, 0.1501], [0.11, 0.11]])
    assert envs.succeeded(env, states, jnp.zeros(2)).tolist() == [False, True, False, False]


def test_same_key_same_episode_and_step_forgets_nothing():
    env = PointMaze("big_maze")
    first, again, other = (env.reset(jax.random.key(k)) for k in (3, 3, 4))
    jax.tree.map(np.testing.assert_array_equal, first, again)
    assert (first.state != other.state).all()
    action = jnp.array([0.3, -0.9])
    one, two = env.step(first, action), env.step(again, action)
    jax.tree.map(np.testing.assert_array_equal, one, two)
    np.testing.assert_array_equal(one.goal, first.goal)
    assert not one.terminated


def test_env_describes_itself():
    env = envs.make("point_u_maze")
    state = env.reset(jax.random.key(0))
    assert env is envs.make("point_u_maze") and env.name == "point_u_maze"
    assert state.state.shape == (env.state_size,) and state.goal.shape == (env.goal_size,)
    assert state.state[env.goal_slice].shape == state.goal.shape
    assert env.step(state, jnp.ones(env.action_size)).state.shape == (env.state_size,)
    positions = np.random.default_rng(0).normal(size=(3, 4, 2))
    np.testing.assert_allclose(env.states_at(positions), positions, rtol=1e-6)


def test_every_registered_point_maze_can_be_made():
    registered = [name for name in envs.names() if name.startswith("point_")]
    assert len(registered) == 10
    for name in registered:
        assert f"point_{envs.make(name).maze.name}" == envs.make(name).name == name


@pytest.mark.parametrize("name", ["point_v_maze", "point_", "maze", "", "car_u_maze", "point-u-maze"])
def test_an_unknown_env_names_close_ones(name):
    for ask in (envs.entry, envs.make):
        with pytest.raises(UserError) as error:
            ask(name)
        assert repr(name) in str(error.value)
        close = str(error.value).split("nearest: ")[1].split(" (")[0].split(", ")
        assert set(close) <= set(envs.names()) and "\n" not in str(error.value)


@pytest.mark.parametrize(
    "name, scored_in",
    [
        ("point_u_maze", "point_u_maze_eval"),
        ("ant_big_maze", "ant_big_maze_eval"),
        ("ant_u_maze_gen_1f2f3f", "ant_u_maze_eval"),
        ("ant_hardest_maze", "ant_hardest_maze"),
        ("point_u4_maze_eval", "point_u4_maze_eval"),
    ],
)
def test_where_an_agent_is_scored(name, scored_in):
    assert envs.entry(name).eval_env == scored_in
