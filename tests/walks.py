"""Random policies for the tests of bodies."""

import jax
import jax.numpy as jnp
import numpy as np


def random_walk(start, step, action_size, steps, seed=1):
    """Steps the EnvStates `start` `[n, ...]` with uniform actions; one that ended begins anew as it began.

    Returns the actions `[steps, n, action_size]`, what every step gave (EnvStates without physics `[steps, n, ...]`)
    and the EnvStates after the last one.
    """
    copies = len(start.state)
    actions = jax.random.uniform(jax.random.key(seed), (steps, copies, action_size), minval=-1.0)

    @jax.jit
    def anew(env_state):
        ended = env_state.terminated
        return jax.tree.map(
            lambda new, old: jnp.where(ended.reshape(-1, *[1] * (new.ndim - 1)), old, new), env_state, start
        )

    env_state, seen = start, []
    for action in actions:
        env_state = step(env_state, action)
        seen.append(env_state._replace(physics=()))
        env_state = anew(env_state)
    return np.asarray(actions), jax.tree.map(lambda *x: np.stack(x), *seen), env_state
