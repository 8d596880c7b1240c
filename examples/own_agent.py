"""An agent of your own: goal-conditioned supervised learning (Ghosh et al. 2021) imitates whatever led to a goal. No
critic. `python examples/own_agent.py`, or CRLKIT_IMPORT=examples/own_agent.py crlkit train --agent gcsl --agent-options
noise=0.3"""

from collections import namedtuple

import jax
import jax.numpy as jnp
import optax

import crlkit
from crlkit.networks import residual_stack

State = namedtuple("State", "actor critic optimiser updates")


class GoalSupervised:
    OPTIONS = {"noise": 0.5}  # standard deviation of what it tries

    def __init__(self, config, env):
        self.adam, self.noise, inputs = (
            optax.adam(config.learning_rate),
            config.agent_option("noise"),
            env.state_size + env.goal_size,
        )
        self.stack = residual_stack(inputs, env.action_size, config.actor_depth, config.width, head=config.actor_head)

    def init(self, key):
        actor = self.stack.init(key)
        return State(actor, {}, self.adam.init(actor), jnp.int32(0))

    def mode(self, actor, state, goal):
        return jnp.tanh(self.stack.apply(actor, jnp.concatenate([state, goal], axis=-1)))

    def act(self, actor, key, state, goal):
        action = self.mode(actor, state, goal)
        return jnp.clip(action + self.noise * jax.random.normal(key, action.shape), -1, 1)

    def update(self, agent, batch, key):
        error, gradient = jax.value_and_grad(lambda actor: self.error(actor, batch))(agent.actor)
        step, optimiser = self.adam.update(gradient, agent.optimiser)
        return State(optax.apply_updates(agent.actor, step), {}, optimiser, agent.updates + 1), {"actor_loss": error}

    def error(self, actor, batch):
        return jnp.mean((self.mode(actor, batch.state, batch.goal) - batch.action) ** 2)


crlkit.register_agent("gcsl", GoalSupervised)

if __name__ == "__main__":
    run = crlkit.train(crlkit.preset("tutorial", env="point_u_maze", agent="gcsl", depth=4), progress=True)
    print(crlkit.evaluate(run))
    crlkit.render(run, episodes=4, out="gcsl.gif")
