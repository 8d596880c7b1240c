"""Whether every environment still works here: resets and steps it with random actions and looks at the numbers."""

import time
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from crlkit import envs


def check_env(name: str, steps: int = 20, copies: int = 4) -> dict[str, Any]:
    """Steps `copies` of an environment with random actions; an error becomes its `problem`, else empty.
    `steps_per_second`: of all copies, after compiling, nan where it never got there."""
    speed = float("nan")
    try:
        env = envs.make(name)

        def step(env_state, key):
            actions = jax.vmap(env.random_action)(jax.random.split(key, copies))
            after = jax.vmap(env.step)(env_state, actions)
            return after, jnp.isfinite(after.state).all() & jnp.isfinite(after.goal).all()

        env_state = jax.jit(jax.vmap(env.reset))(jax.random.split(jax.random.key(0), copies))
        keys = jax.random.split(jax.random.key(1), steps)
        walk = jax.jit(lambda env_state: jax.lax.scan(step, env_state, keys)[1]).lower(env_state).compile()
        began = time.perf_counter()
        fine = np.asarray(walk(env_state))
        speed = round(steps * copies / (time.perf_counter() - began), 1)
        finite = [np.isfinite(env_state.state).all(), *fine]
        problem = envs.problem(env) or ("" if all(finite) else f"not finite after {finite.index(False)} steps")
    except Exception as error:  # the next environment is to be checked all the same
        problem = f"{type(error).__name__}: {error}".splitlines()[0]
    sizes = dict(zip(("state", "goal", "action"), envs.entry(name).sizes))
    return {"env": name, **sizes, "copies": copies, "steps_per_second": speed, "problem": problem}
