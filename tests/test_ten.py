"""The paper's ten environments under its names: sizes, goals, thresholds, time steps, eval layouts and what a reset
does."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from crlkit import Config, envs
from crlkit.training import make_training

ANT, HUMANOID, ARM = (29, 2, 8), (268, 3, 17), (17, 3, 5)  # numbers of state, goal and action
XY, XYZ = slice(0, 2), slice(0, 3)
# Sizes, goal slice, success within m, seconds of a control step, where it is scored (paper and its code).
TEN = {
    "ant_u4_maze": (ANT, XY, 0.5, 0.05, "ant_u4_maze_eval"),
    "ant_u5_maze": (ANT, XY, 0.5, 0.05, "ant_u5_maze_eval"),
    "ant_big_maze": (ANT, XY, 0.5, 0.05, "ant_big_maze_eval"),
    "ant_hardest_maze": (ANT, XY, 0.5, 0.05, "ant_hardest_maze"),
    "humanoid": (HUMANOID, XYZ, 0.5, 0.03, "humanoid"),
    "humanoid_u_maze": (HUMANOID, XYZ, 0.5, 0.015, "humanoid_u_maze"),
    "humanoid_big_maze": (HUMANOID, XYZ, 0.5, 0.015, "humanoid_big_maze"),
    "arm_push_easy": (ARM, XYZ, 0.1, 0.05, "arm_push_easy"),
    "arm_push_hard": (ARM, XYZ, 0.1, 0.05, "arm_push_hard"),
    "arm_binpick_hard": (ARM, XYZ, 0.1, 0.05, "arm_binpick_hard"),
}


class Still:
    """An environment with the goals of another and no body, so that no physics need be compiled."""

    def __init__(self, env):
        self.env = env

    def __getattr__(self, name):
        return getattr(self.env, name)

    def reset(self, key):
        found = self.env.reset(key)
        return found._replace(physics=(), state=jnp.zeros_like(found.state))

    def step(self, env_state, action):
        return env_state


def goals(monkeypatch, name, fixed):
    """The goals `[8, goal]` before and after one episode of every environment."""
    make = envs.make
    monkeypatch.setattr(envs, "make", lambda name: Still(make(name)))
    config = Config(env=name, preset="smoke", depth=4, fixed_goals=fixed, seeds=1)
    training = make_training(config)
    state = jax.jit(training.init)(jnp.int32(0))
    first = np.asarray(state.worlds.env_state.goal)
    assert config.unroll_length == config.episode_length  # all begin anew after the last step
    state = jax.jit(training.collect)(state)
    assert np.array_equal(state.worlds.episode, np.ones(config.num_envs))
    return first, np.asarray(state.worlds.env_state.goal)


@pytest.mark.parametrize("name", TEN)
def test_numbers_are_the_papers(name):
    env, (sizes, goal_slice, threshold, seconds, scored_in) = envs.make(name), TEN[name]
    assert env.name == name and (env.state_size, env.goal_size, env.action_size) == sizes
    assert (env.goal_slice, env.threshold) == (goal_slice, threshold)
    frames = 25 if name.startswith("arm") else 10
    assert frames * env.model.opt.timestep == pytest.approx(seconds)
    assert Config(env=name, preset="paper").eval_env == scored_in
    assert envs.make(scored_in).goal_slice == goal_slice


@pytest.mark.parametrize("name", TEN)
def test_success_is_exact_at_the_threshold(name):
    env = envs.make(name)
    at = np.float32(env.threshold)
    states = np.zeros((4, env.state_size), np.float32)
    states[:, env.goal_slice.stop - 1] = [at, np.nextafter(at, np.float32(0)), -at, 0.0]
    assert envs.succeeded(env, states, np.zeros(env.goal_size, np.float32)).tolist() == [False, True, False, True]


@pytest.mark.parametrize("name", TEN)
def test_goals_are_drawn_anew(name):
    env = envs.make(name)
    drawn = np.asarray(jax.jit(jax.vmap(lambda key: env.reset(key).goal))(jax.random.split(jax.random.key(0), 4096)))
    if env.maze is None:
        assert len(np.unique(drawn, axis=0)) == 4096
    else:  # all cells that may be a goal, and no others
        cells = env.maze.position(env.maze.goals)
        np.testing.assert_allclose(np.unique(drawn, axis=0)[:, :2], np.unique(cells, axis=0), atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("fixed", [False, True])
@pytest.mark.parametrize("name", ["ant_u4_maze", "humanoid_u_maze", "humanoid", "arm_push_easy"])  # one a kind of reset
def test_a_new_episode_has_a_fresh_goal_unless_they_are_fixed(monkeypatch, name, fixed):
    first, later = goals(monkeypatch, name, fixed)
    assert len(np.unique(first, axis=0)) > 1 and np.isfinite(later).all()
    assert (first == later).all() if fixed else (first != later).any(axis=1).sum() >= 2
