"""An agent of your own: learns what a step does, and takes of many actions the one whose step ends nearest the goal. No critic,
no policy; walls are beyond it. `python examples/own_agent.py`, or
CRLKIT_IMPORT=examples/own_agent.py crlkit train --agent planner --agent-options tries=64"""

from collections import namedtuple

import jax
import jax.numpy as jnp
import optax

import crlkit
from crlkit.losses import noisy
from crlkit.networks import residual_stack

State = namedtuple("State", "actor critic optimiser updates")


class Planner:
    OPTIONS = {"tries": 32, "noise": 0.3}  # how many actions it weighs; standard deviation of what it tries

    def __init__(self, config, env):
        self.env, self.noise, tries = env, config.agent_option("noise"), int(config.agent_option("tries"))
        self.adam, sizes = optax.adam(config.learning_rate), (env.state_size + env.action_size, env.state_size)
        self.tries = jax.random.uniform(jax.random.key(0), (tries, env.action_size), minval=-1)
        self.stack = residual_stack(*sizes, config.actor_depth, config.width, head=config.actor_head)

    def init(self, key):
        model = self.stack.init(key)
        return State(model, {}, self.adam.init(model), jnp.int32(0))

    def after(self, model, state, action):
        return state + self.stack.apply(model, jnp.concatenate([state, action], axis=-1))

    def mode(self, model, state, goal):
        lead = (*state.shape[:-1], len(self.tries))
        states, actions = (jnp.broadcast_to(x, (*lead, x.shape[-1])) for x in (state[..., None, :], self.tries))
        ends = self.after(model, states, actions)[..., self.env.goal_slice]  # [..., tries, G]
        return self.tries[jnp.argmin(jnp.linalg.norm(ends - goal[..., None, :], axis=-1), axis=-1)]

    def act(self, model, key, state, goal):
        return noisy(key, self.mode(model, state, goal), self.noise)

    def update(self, agent, batch, key):
        error, gradient = jax.value_and_grad(lambda model: self.error(model, batch))(agent.actor)
        step, optimiser = self.adam.update(gradient, agent.optimiser)
        return State(optax.apply_updates(agent.actor, step), {}, optimiser, agent.updates + 1), {"model_loss": error}

    def error(self, model, batch):
        return jnp.mean((self.after(model, batch.state, batch.action) - batch.next_state) ** 2)


crlkit.register_agent("planner", Planner)

if __name__ == "__main__":
    run = crlkit.train(crlkit.preset("tutorial", env="point_open_maze", agent="planner", depth=4), progress=True)
    print(crlkit.evaluate(run))
