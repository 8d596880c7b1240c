"""An environment of your own: a bead on a wire, pushed by a force, that is to come to a place.
python examples/own_env.py                                  trains, scores and films it
CRLKIT_IMPORT=examples/own_env.py crlkit train --env bead   the command line knows it, too
"""

import jax
import jax.numpy as jnp

import crlkit
from crlkit.envs import EnvState, GoalEnv


class Bead(GoalEnv):
    """State: position and velocity. Goal: a position. Action: a force."""

    state_size, goal_size, action_size = 2, 1, 1
    goal_slice = slice(0, 1)  # the position is what is compared with the goal
    threshold = 0.1

    def reset(self, key):
        start, goal = jax.random.uniform(key, (2, 1), minval=-1.0, maxval=1.0)
        return EnvState((), jnp.append(start, 0.0), goal, jnp.array(False))

    def step(self, env_state, action):
        position, velocity = env_state.state
        velocity = 0.8 * velocity + 0.1 * jnp.clip(action[0], -1.0, 1.0)
        return env_state._replace(state=jnp.stack([jnp.clip(position + velocity, -1.0, 1.0), velocity]))


crlkit.register_env(
    "bead",
    Bead,
    defaults=dict(episode_length=32, unroll_length=32, buffer_size=640, prefill=64, discount=0.9),
    parts=[(1, "position", "1"), (1, "velocity", "1 per step")],
)

if __name__ == "__main__":
    run = crlkit.train(crlkit.preset("tutorial", env="bead", depth=4), progress=True)
    print(crlkit.evaluate(run))
    crlkit.render(run, episodes=4, out="bead.gif")
