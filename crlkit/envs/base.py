"""What every environment of the kit is: a goal-conditioned Markov decision process without rewards.

An environment is one object with pure functions over one episode; callers vectorise with `jax.vmap`.
"""

from typing import Any, NamedTuple, Protocol

import jax
import jax.numpy as jnp
import numpy as np


class EnvState(NamedTuple):
    """One environment at one moment.

    physics: whatever the simulator needs to go on (any pytree).
    state: `[state_size]`, what the networks see, without the goal.
    goal: `[goal_size]`, the commanded goal in the same units as `state[goal_slice]`.
    terminated: bool scalar, the episode ended early (the body fell); time limits are the caller's business.
    """

    physics: Any
    state: jax.Array
    goal: jax.Array
    terminated: jax.Array


class GoalEnv(Protocol):
    """What every environment has. One whose body MuJoCo can draw has two things more, for films: `model`, a mujoco.MjModel
    of the whole scene, walls (geoms `wall_...`) included, and `qpos(env_state)`, the body's coordinates `[model.nq]`.

    One with a maze has, for maps, `states_at(positions, goal=None)`: the states `[..., state_size]` of the body at rest
    at each of `positions` `[..., 2]`; `goal` `[goal_size]` matters only where a state holds the commanded goal. Where a
    goal has a third number besides a position, that is `goal_height`.
    """

    name: str
    state_size: int
    goal_size: int
    action_size: int  # actions live in [-1, 1]^action_size
    goal_slice: slice  # the part of the state that is compared with the goal
    threshold: float  # success: distance between the two below this, in goal units
    easy_threshold: float | None  # the paper's looser measure, where it has one; arms have `hard_threshold`, too
    maze: Any  # crlkit.envs.mazes.Maze, or None

    def reset(self, key: jax.Array) -> EnvState:
        """Draws a start and a goal."""

    def step(self, env_state: EnvState, action: jax.Array) -> EnvState:
        """Moves one control step with `action` `[action_size]`."""


def goal_distance(env: GoalEnv, state: jax.Array, goal: jax.Array) -> jax.Array:
    """Euclidean distance, goal units, between achieved and commanded goal; leading axes broadcast."""
    return jnp.linalg.norm(state[..., env.goal_slice] - goal, axis=-1)


def goal_at(env: GoalEnv, positions) -> np.ndarray:
    """The goals `[..., goal_size]` of being at `positions` `[..., 2]` of a maze."""
    positions = np.asarray(positions, np.float32)
    if not hasattr(env, "goal_height"):
        return positions
    return np.concatenate([positions, np.full((*positions.shape[:-1], 1), env.goal_height, np.float32)], axis=-1)


def succeeded(env: GoalEnv, state: jax.Array, goal: jax.Array) -> jax.Array:
    """True where the distance to the goal is strictly below the threshold (paper, section 4 of its code)."""
    return goal_distance(env, state, goal) < env.threshold


def outside(height: jax.Array, limits: tuple[float, float]) -> jax.Array:
    """Whether a body has fallen: its height is below or above `limits`, or its physics broke down (nan)."""
    low, high = limits
    return ~((low <= height) & (height <= high))


def random_action(env: GoalEnv, key: jax.Array) -> jax.Array:
    """An action `[action_size]` of a random walk: uniform in [-1, 1], unless the environment brings its own."""
    if hasattr(env, "random_action"):
        return env.random_action(key)
    return jax.random.uniform(key, (env.action_size,), minval=-1.0)


def random_start(env: GoalEnv, key: jax.Array) -> EnvState:
    """Where a random walk begins: as an episode does, unless the environment knows how to begin anywhere."""
    return env.random_start(key) if hasattr(env, "random_start") else env.reset(key)
