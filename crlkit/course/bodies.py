"""Notebook 10: what the numbers of a state are, and what a body does by accident."""

import time
from functools import lru_cache

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd

from crlkit import envs
from crlkit.envs import random_action
from crlkit.envs.arm_controller import rehearse
from crlkit.film import Film, replay

ANT = [
    (2, "torso x, y", "m"),
    (1, "torso height z", "m"),
    (4, "torso orientation (quaternion)", "1"),
    (8, "joint angles: a hip and an ankle of each leg", "rad"),
    (3, "torso velocity", "m/s"),
    (3, "torso angular velocity", "rad/s"),
    (8, "joint velocities", "rad/s"),
]
HAND = [
    (7, "joint angles of the arm", "rad"),
    (3, "position of the last link", "m"),
    (3, "its velocity", "m/s"),
]
TARGET, TARGET_VELOCITY = (2, "the target's x, y: the commanded goal", "m"), (2, "the target's velocity", "m/s")


def _humanoid(leak: bool) -> list[tuple[int, str, str]]:
    links = 12 if leak else 11  # the target is one
    return [
        (3, "torso x, y, z", "m"),
        (4, "torso orientation (quaternion)", "1"),
        (17, "joint angles", "rad"),
        *([TARGET] if leak else []),
        (6, "torso velocities", "m/s, rad/s"),
        (17, "joint velocities", "rad/s"),
        *([TARGET_VELOCITY] if leak else []),
        (10 * links, f"inertia and mass of {links} links", "kg m^2, kg"),
        (6 * links, f"velocities of {links} links", "m/s, rad/s"),
        (25 if leak else 23, "actuator forces", "N m"),
    ]


# By species (`envs.species`), what its state holds in order: how many numbers, what they are, their unit.
STATES = {
    "point": [(2, "x, y", "units: a cell is 0.3")],
    "ant": ANT,
    "ant_ball": [*ANT, (2, "ball x, y", "m")],
    "ant_push": [*ANT, (2, "block x, y", "m")],
    "humanoid": _humanoid(leak=True),
    "humanoid_noleak": _humanoid(leak=False),
    "half_cheetah": [
        (1, "torso x", "m"),
        (1, "torso height z, less 0.7", "m"),
        (1, "torso angle", "rad"),
        (6, "joint angles: hip, knee and ankle, behind and in front", "rad"),
        (2, "torso velocity", "m/s"),
        (7, "torso and joint velocities", "rad/s"),
    ],
    "reacher": [
        (2, "cosines of the two joint angles", "1"),
        (2, "sines of the two joint angles", "1"),
        (3, "tip x, y, z", "m"),
        (3, "its velocity", "m/s"),
    ],
    "pusher": [
        (7, "joint angles", "rad"),
        (3, "wrist x, y, z", "m"),
        (3, "puck x, y, z", "m"),
        (7, "joint velocities", "rad/s"),
    ],
    "arm": [(3, "cube x, y, z", "m"), *HAND, (1, "distance of the fingers", "m")],
    "arm_reach": HAND,
    "arm_grasp": [
        (3, "cube x, y, z", "m"),
        *HAND,
        (3, "left fingertip x, y, z", "m"),
        (3, "right fingertip x, y, z", "m"),
        (1, "distance of the fingertips", "m"),
    ],
}


def parts(name: str) -> pd.DataFrame:
    """What the state of an environment holds, one row a part: first and last entry, what it is, its unit, and which of
    its numbers are compared with the goal."""
    rows, first = [], 0
    compared = range(*envs.make(name).goal_slice.indices(envs.make(name).state_size))
    for count, what, unit in STATES[envs.species(name)]:
        own = range(first, first + count)
        goal = [entry for entry in own if entry in compared]
        text = "-" if not goal else "all" if len(goal) == count else ", ".join(map(str, goal))
        entries = f"{own[0]} to {own[-1]}" if count > 1 else str(own[0])
        rows.append({"entries": entries, "what": what, "unit": unit, "compared with the goal": text})
        first += count
    return pd.DataFrame(rows).set_index("entries")


@lru_cache(maxsize=8)
def by_accident(name: str, bodies: int, steps: int, seed: int = 0) -> dict[str, np.ndarray | float]:
    """`bodies` copies that act at random for `steps` control steps, each until its episode ends.

    alive: whether no earlier step ended the episode, `[steps, bodies]`. moved: distance of what is compared with the goal
    from where it began, m (for a point its units, of which a cell is 0.3), `[steps, bodies]`. at_goal: `[steps, bodies]`.
    steps_per_second: of all bodies together, compiling not counted.
    """
    env = envs.make(name)
    reset_key, act_key = jax.random.split(jax.random.key(seed))
    start = jax.jit(jax.vmap(env.reset))(jax.random.split(reset_key, bodies))
    began = start.state[:, env.goal_slice]

    @jax.jit
    def play(start):
        def step(carry, key):
            state, alive = carry
            action = jax.vmap(lambda k: random_action(env, k))(jax.random.split(key, bodies))
            state = jax.vmap(env.step)(state, action)
            moved = jnp.linalg.norm(state.state[:, env.goal_slice] - began, axis=-1)
            reached = envs.succeeded(env, state.state, state.goal) & alive
            return (state, alive & ~state.terminated), (alive, moved, reached)

        return jax.lax.scan(step, (start, jnp.ones(bodies, bool)), jax.random.split(act_key, steps))[1]

    jax.block_until_ready(play(start))
    began_at = time.perf_counter()
    alive, moved, at_goal = map(np.asarray, play(start))
    speed = bodies * steps / (time.perf_counter() - began_at)
    return {"alive": alive, "moved": np.where(alive, moved, np.nan), "at_goal": at_goal, "steps_per_second": speed}


def by_hand(name: str, seed: int = 0, steps: int = 120) -> Film:
    """A film of the hand-written controller of the arm (`crlkit.envs.arm_controller`) in MuJoCo, for `steps` control
    steps. Raises ValueError for an environment without one."""
    played = rehearse(envs.make(name), jax.random.key(seed), steps)
    return replay(name, played.states, played.qpos, played.goal, "by hand", size=(240, 200), fps=8, seconds=4)
