"""What a film shows: episodes of an agent, with the coordinates of the body where there is a model of it."""

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import jax
import numpy as np

from crlkit import envs
from crlkit.agents.trained import TrainedAgent


class Episode(NamedTuple):
    """One episode, moment by moment; moment 0 is before the first step.

    state: `[length + 1, S]`. qpos: coordinates `[length + 1, nq]` of `env.model`, None without one. goal: `[length + 1,
    G]`. at_goal: int `[length + 1]`, steps at the goal so far. last: the last moment to be seen; fell: the episode
    ended there, before its time.
    """

    state: np.ndarray
    qpos: np.ndarray | None
    goal: np.ndarray
    at_goal: np.ndarray
    last: int
    fell: bool

    @property
    def length(self) -> int:
        return len(self.state) - 1

    def until(self, moment: int) -> int:
        """The moment that is seen at `moment`: an episode that is over stays as it ended."""
        return min(moment, self.last)


@cache  # so that the compiled rollout, which depends on it, is found again
def _watcher(env: envs.GoalEnv) -> Callable:
    return lambda env_state: (env.qpos(env_state), env_state.goal)


def play(agent: TrainedAgent, env_name: str, episodes: int, seed: int, length: int) -> list[Episode]:
    """Plays `episodes` episodes of `length` steps; equal `seed`, equal starts and goals, whatever the agent."""
    env, found = envs.make(env_name), []
    played = agent.rollout(env_name, episodes, seed, length, watch=_watcher(env))
    for k in range(episodes):
        state, alive, success = (played[name][:, k] for name in ("state", "alive", "success"))
        qpos, goal = jax.tree.map(lambda x, k=k: x[:, k], played["watched"])
        reached = np.concatenate([[False], success & alive])
        solved = env.every_action is not None and reached.any()  # a puzzle is over when it is solved
        last = int(reached.argmax()) if solved else int(alive.sum())
        found.append(Episode(state, qpos, goal, np.cumsum(reached), last, fell=not alive.all()))
    return found
