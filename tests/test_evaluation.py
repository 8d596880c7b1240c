"""Rollouts and scores on tiny worlds whose outcome can be counted on one's fingers."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from crlkit.envs import EnvState
from crlkit.evaluation import rollout, score


class Line:
    """A walk on a line: state (clock, position), each step adds the action to the position; goal drawn from `goals`.

    The episode ends with step `ends` (1 is the first), and only that step reports it. The world goes on regardless.
    """

    name, state_size, goal_size, action_size = "line", 2, 1, 1
    goal_slice, maze = slice(1, 2), None

    def __init__(self, goals=(4.0,), threshold=1.5, easy_threshold=None, ends=10**6):
        self.goals, self.threshold, self.easy_threshold, self.ends = jnp.array(goals), threshold, easy_threshold, ends

    def reset(self, key):
        goal = jax.random.choice(key, self.goals)
        return EnvState((), jnp.zeros(2), goal[None], jnp.array(False))

    def step(self, env_state, action):
        state = env_state.state + jnp.array([1.0, 0.0]).at[1].set(action[0])
        return env_state._replace(state=state, terminated=state[0] == self.ends)


def onwards(state, goal):
    return jnp.ones((len(state), 1))


def scored(env, policy=onwards, episodes=3, length=10) -> dict[str, float]:
    return {name: float(x) for name, x in score(env, policy, jax.random.key(0), episodes, length).items()}


def test_time_at_goal_counts_the_steps_within_the_threshold():
    """Positions 1..10, goal 4: 3, 4 and 5 are nearer than 1.5."""
    expected = {"time_at_goal": 3, "success": 1, "final_distance": 6, "steps_alive": 10}
    assert scored(Line()) == pytest.approx(expected)


@pytest.mark.parametrize("threshold, steps", [(1.0, 1), (1.001, 3), (3.0, 5), (3.001, 7), (100.0, 10)])
def test_threshold_is_strict(threshold, steps):
    assert scored(Line(threshold=threshold))["time_at_goal"] == steps


def test_the_start_is_not_a_step():
    assert scored(Line(goals=(0.0,), threshold=0.5))["time_at_goal"] == 0


@pytest.mark.parametrize(
    "ends, time_at_goal, success, final_distance",
    [(2, 0, 0, 2), (3, 1, 1, 1), (4, 2, 1, 0), (5, 3, 1, 1), (7, 3, 1, 3), (10, 3, 1, 6), (11, 3, 1, 6)],
)
def test_the_step_that_ends_an_episode_counts_and_none_after_it(ends, time_at_goal, success, final_distance):
    assert scored(Line(ends=ends)) == pytest.approx(
        {
            "time_at_goal": time_at_goal,
            "success": success,
            "final_distance": final_distance,
            "steps_alive": min(ends, 10),
        }
    )


def test_success_is_the_share_of_episodes_with_any_step_at_the_goal():
    env, episodes = Line(goals=(2.0, 4.0, 50.0), threshold=0.5), 60
    goals = np.asarray(rollout(env, onwards, jax.random.key(0), episodes, 10)["goal"])[:, 0]
    reachable = np.isin(goals, (2.0, 4.0)).mean()
    assert 0.3 < reachable < 0.95 and len(set(goals)) == 3
    result = scored(env, episodes=episodes)
    assert result["success"] == pytest.approx(reachable)
    assert result["time_at_goal"] == pytest.approx(reachable)  # one step each
    assert result["final_distance"] == pytest.approx(np.abs(10 - goals).mean())


def test_the_looser_measure_is_there_where_the_body_has_one():
    assert "time_at_goal_easy" not in scored(Line())
    assert scored(Line(easy_threshold=2.5))["time_at_goal_easy"] == 5
    assert scored(Line(easy_threshold=2.5, ends=4))["time_at_goal_easy"] == 3
    assert scored(Line(threshold=0.1, easy_threshold=0.2, goals=(4.5,)))["time_at_goal_easy"] == 0
    arm = Line(easy_threshold=2.5, ends=4)
    arm.hard_threshold = 0.5
    found = scored(arm)
    assert (found["time_at_goal_easy"], found["time_at_goal"], found["time_at_goal_hard"]) == (3, 2, 1)


def test_policy_sees_state_and_goal():
    """A policy that walks to its goal and stays spends length - |goal| + 1 steps there."""
    env = Line(goals=(-3.0, 5.0), threshold=0.5)

    def homing(state, goal):
        return jnp.clip(goal - state[:, 1:], -1, 1)

    played = rollout(env, homing, jax.random.key(1), 20, 10)
    goals = np.asarray(played["goal"])[:, 0]
    assert set(goals) == {-3.0, 5.0}
    np.testing.assert_array_equal(np.asarray(played["success"]).sum(axis=0), 10 - np.abs(goals) + 1)
    np.testing.assert_array_equal(played["state"][-1, :, 1], goals)


class Random(Line):
    """Falls with probability 1/8 a step, may fall again, and stands wherever chance puts it."""

    def reset(self, key):
        return EnvState(key, jnp.zeros(2), jnp.zeros(1), jnp.array(False))

    def step(self, env_state, action):
        key, a, b = jax.random.split(env_state.physics, 3)
        state = jnp.stack([env_state.state[0] + 1, jax.random.normal(a) + 0 * action[0]])
        return EnvState(key, state, env_state.goal, jax.random.bernoulli(b, 1 / 8))


def test_scores_equal_a_loop_over_single_episodes():
    env, episodes, length = Random(threshold=0.6, easy_threshold=1.2), 40, 12
    counts, easy, lengths, finals = [], [], [], []
    step = jax.jit(env.step)
    for key in jax.random.split(jax.random.key(2), episodes):
        env_state, at_goal, near, t = env.reset(key), 0, 0, 0
        while t < length and not env_state.terminated:
            env_state = step(env_state, jnp.ones(1))
            t += 1
            distance = abs(float(env_state.state[1]))
            at_goal, near = at_goal + (distance < 0.6), near + (distance < 1.2)
        counts.append(at_goal)
        easy.append(near)
        lengths.append(t)
        finals.append(distance)
    assert min(lengths) < length == max(lengths)
    result = score(env, onwards, jax.random.key(2), episodes, length)
    expected = {
        "time_at_goal": np.mean(counts),
        "success": np.mean(np.array(counts) > 0),
        "final_distance": np.mean(finals),
        "steps_alive": np.mean(lengths),
        "time_at_goal_easy": np.mean(easy),
    }
    assert {name: float(x) for name, x in result.items()} == pytest.approx(expected, rel=1e-5)


def test_rollout_records_every_step():
    played = jax.tree.map(np.asarray, rollout(Line(ends=3), lambda s, g: s[:, :1] + 1, jax.random.key(0), 2, 5))
    positions = np.cumsum([0, 1, 2, 3, 4, 5])
    assert played["state"].shape == (6, 2, 2) and played["action"].shape == (5, 2, 1)
    for episode in range(2):
        np.testing.assert_array_equal(played["state"][:, episode, 0], range(6))
        np.testing.assert_array_equal(played["state"][:, episode, 1], positions)
        np.testing.assert_array_equal(played["action"][:, episode, 0], [1, 2, 3, 4, 5])
        np.testing.assert_array_equal(played["distance"][:, episode], np.abs(positions[1:] - 4))
        np.testing.assert_array_equal(played["success"][:, episode], np.abs(positions[1:] - 4) < 1.5)
        np.testing.assert_array_equal(played["alive"][:, episode], [True, True, True, False, False])
    np.testing.assert_array_equal(played["goal"], [[4], [4]])


def test_the_key_decides_the_goals():
    env = Line(goals=tuple(range(20)))
    first, again, other = (rollout(env, onwards, jax.random.key(k), 30, 2)["goal"] for k in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert (np.asarray(first) != np.asarray(other)).any()
