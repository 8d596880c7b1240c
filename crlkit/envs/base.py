"""What every environment of the kit is: a goal-conditioned Markov decision process without rewards.

An environment is one object with pure functions over one episode; callers vectorise with `jax.vmap`.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from crlkit.envs.mazes import Maze


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


class GoalEnv:
    """What every environment has; a subclass sets the first six and brings `reset` and `step`, the rest may stay.

    For critic maps one with a maze may have `states_at(positions)`: the states `[..., state_size]` of the body at rest at
    each of `positions` `[..., 2]`.
    """

    state_size: int
    goal_size: int
    action_size: int  # actions live in [-1, 1]^action_size
    goal_slice: slice  # the part of the state that is compared with the goal
    threshold: float  # success: distance between the two below this, in goal units
    name: str = ""
    easy_threshold: float | None = None  # the paper's looser measure, where it has one
    hard_threshold: float | None = None  # arms have a stricter one, too
    maze: Maze | None = None
    model: Any = None  # for films: a mujoco.MjModel of the whole scene, walls (geoms `wall_...`) included
    # For films of what is neither in a maze nor in metres: draw(axes, states, goal) adds to matplotlib axes what
    # `states` `[moments, state_size]`, the last of them now, and `goal` look like. Without it the way of the goal's two
    # first numbers is drawn.
    draw: Callable | None = None
    every_action: np.ndarray | None = None  # where actions can be counted: all of them `[actions, action_size]`
    compiler_options: dict = {}  # of XLA, for programs on a CPU that step this environment
    states_at: Callable | None = None
    expert: Callable | None = None  # a scripted policy: expert(state `[state_size]`, goal `[goal_size]`) -> action

    def reset(self, key: jax.Array) -> EnvState:
        """Draws a start and a goal."""
        raise NotImplementedError

    def step(self, env_state: EnvState, action: jax.Array) -> EnvState:
        """Moves one control step with `action` `[action_size]`."""
        raise NotImplementedError

    def qpos(self, env_state: EnvState) -> jax.Array | None:
        """The coordinates `[nq]` in the order of `model`, for films."""
        return None

    def random_action(self, key: jax.Array) -> jax.Array:
        """An action `[action_size]` of a random walk."""
        return jax.random.uniform(key, (self.action_size,), minval=-1.0)

    def random_start(self, key: jax.Array) -> EnvState:
        """Where a random walk begins: as an episode does, unless the environment knows how to begin anywhere."""
        return self.reset(key)


def problem(env: GoalEnv) -> str:
    """Which promise of `GoalEnv` an environment breaks, in one line; empty if none. Traces a reset and a step."""

    def kinds(tree):
        return jax.tree.map(lambda array: (array.shape, str(array.dtype)), tree)

    if len(range(env.state_size)[env.goal_slice]) != env.goal_size:
        return f"its goal_slice {env.goal_slice} does not take {env.goal_size} numbers (goal_size) of {env.state_size}"
    begun = jax.eval_shape(env.reset, jax.random.key(0))
    if not isinstance(begun, EnvState):
        return f"its reset gives a {type(begun).__name__}, not an EnvState"
    for name, shape in {"state": (env.state_size,), "goal": (env.goal_size,), "terminated": ()}.items():
        wanted = shape, "bool" if name == "terminated" else "float32"
        if (found := kinds(getattr(begun, name))) != wanted:
            return f"its reset gives as {name} {found}, not {wanted[1]} of shape {shape}"
    after = jax.eval_shape(env.step, begun, jax.ShapeDtypeStruct((env.action_size,), jnp.float32))
    return "" if kinds(after) == kinds(begun) else "its step gives an EnvState of other shapes than its reset"


def goal_distance(env: GoalEnv, state: jax.Array, goal: jax.Array) -> jax.Array:
    """Euclidean distance, goal units, between achieved and commanded goal; leading axes broadcast."""
    return jnp.linalg.norm(state[..., env.goal_slice] - goal, axis=-1)


def succeeded(env: GoalEnv, state: jax.Array, goal: jax.Array) -> jax.Array:
    """True where the distance to the goal is strictly below the threshold (paper, section 4 of its code)."""
    return goal_distance(env, state, goal) < env.threshold


# reward(env, state [..., S], goal [..., G], terminal [...]) -> [...] of having come to `state`, where the body fell if
# `terminal`. sparse: 0 at the goal, -1 elsewhere, as in hindsight experience replay (Andrychowicz et al. 2017); who
# fell missed it. dense: minus the distance, goal units.
REWARDS: dict[str, Callable] = {
    "sparse": lambda env, state, goal, terminal: jnp.where(succeeded(env, state, goal) & ~terminal, 0.0, -1.0),
    "dense": lambda env, state, goal, terminal: -goal_distance(env, state, goal),
}


def outside(height: jax.Array, limits: tuple[float, float]) -> jax.Array:
    """Whether a body has fallen: its height is below or above `limits`, or its physics broke down (nan)."""
    return ~((limits[0] <= height) & (height <= limits[1]))


def maze_starts(maze: Maze) -> Callable:
    """draw(key) -> a pair of start and goal cells of a maze: two positions `[2]`, metres."""
    starts, goals = (jnp.asarray(maze.position([pair[k] for pair in maze.pairs]), jnp.float32) for k in (0, 1))
    logits = jnp.log(jnp.asarray(maze.weights, jnp.float32))

    def draw(key: jax.Array) -> tuple[jax.Array, jax.Array]:
        pair = jax.random.categorical(key, logits)
        return starts[pair], goals[pair]

    return draw


def ring_starts(nearest: float, farthest: float) -> Callable:
    """draw(key) -> a start at the origin and a goal in any direction, the distance uniform from `nearest` to `farthest`
    metres (so that nearer goals are denser on the ground)."""

    def draw(key: jax.Array) -> tuple[jax.Array, jax.Array]:
        radius_key, angle_key = jax.random.split(key)
        radius = jax.random.uniform(radius_key, minval=nearest, maxval=farthest)
        angle = jax.random.uniform(angle_key, maxval=2 * jnp.pi)
        return jnp.zeros(2), radius * jnp.array([jnp.cos(angle), jnp.sin(angle)])

    return draw
