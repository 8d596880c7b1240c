"""What several agents are made of: policies with and without chance, twin critics, a gradient step."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import optax

from crlkit import losses
from crlkit.envs import REWARDS
from crlkit.networks import Networks, Stack, make_networks, residual_stack
from crlkit.replay import Batch

if TYPE_CHECKING:
    from crlkit.config import Config
    from crlkit.envs import GoalEnv


def descend(optimiser: optax.GradientTransformation, loss: Callable, params: Any, state: Any, *arguments) -> tuple:
    """One step down `loss(params, *arguments) -> value, extra`: parameters, the optimiser's state, value, extra, and the
    norm of the gradient."""
    (value, extra), gradient = jax.value_and_grad(loss, has_aux=True)(params, *arguments)
    step, state = optimiser.update(gradient, state, params)
    return optax.apply_updates(params, step), state, value, extra, optax.tree.norm(gradient)


@dataclass(frozen=True)
class Agent:
    """What every agent has is said in `crlkit.agents`; shapes are those of `env`."""

    config: "Config"
    env: "GoalEnv"

    OPTIONS = {}

    @property
    def optimiser(self) -> optax.GradientTransformation:
        return optax.adam(self.config.learning_rate)

    @property
    def switches(self) -> dict:
        """The options that all stacks share."""
        return {name: getattr(self.config, name) for name in ("block", "norm", "activation", "residual")}


class Stochastic(Agent):
    """One whose policy is a Gaussian under a tanh, its entropy held by a temperature (Haarnoja et al. 2018)."""

    @cached_property
    def networks(self) -> Networks:
        c, env = self.config, self.env
        return make_networks(
            *(env.state_size, env.goal_size, env.action_size),
            **dict(actor_depth=c.actor_depth, critic_depth=c.critic_depth, width=c.width),
            **dict(embedding_size=c.embedding_size, actor_head=c.actor_head, critic_head=c.critic_head),
            **self.switches,
        )

    @property
    def alpha_optimiser(self) -> optax.GradientTransformation:
        return optax.adam(self.config.alpha_learning_rate)

    def act(self, actor: dict, key: jax.Array, state: jax.Array, goal: jax.Array) -> jax.Array:
        return losses.sample_tanh_gaussian(key, *self.networks.policy(actor, state, goal))[0]

    def mode(self, actor: dict, state: jax.Array, goal: jax.Array) -> jax.Array:
        """tanh of the mean."""
        return jnp.tanh(self.networks.policy(actor, state, goal)[0])

    def step_temperature(self, agent: Any, log_density: jax.Array) -> tuple[jax.Array, Any]:
        """log_alpha and its optimiser's state after a step on the log-densities `[B]` of the actions drawn."""
        target_entropy = self.config.target_entropy_per_action * self.env.action_size
        gradient = jax.grad(losses.temperature_loss)(agent.log_alpha, log_density, target_entropy)
        step, optimiser = self.alpha_optimiser.update(gradient, agent.alpha_optimiser)
        return jnp.minimum(optax.apply_updates(agent.log_alpha, step), self.config.log_alpha_max), optimiser


class Deterministic(Agent):
    """One whose policy is without chance; while it explores, noise is added (its option `noise`)."""

    @cached_property
    def policy(self) -> Stack:
        """Over state and goal; the action is its tanh."""
        c, inputs = self.config, self.env.state_size + self.env.goal_size
        return residual_stack(inputs, self.env.action_size, c.actor_depth, c.width, head=c.actor_head, **self.switches)

    def mode(self, actor: dict, state: jax.Array, goal: jax.Array) -> jax.Array:
        return jnp.tanh(self.policy.apply(actor, jnp.concatenate([state, goal], axis=-1)))

    def act(self, actor: dict, key: jax.Array, state: jax.Array, goal: jax.Array) -> jax.Array:
        return losses.noisy(key, self.mode(actor, state, goal), self.config.agent_option("noise"))


class Valued(Agent):
    """One that learns from rewards, with two critics (Fujimoto et al. 2018), all of both under a leading axis of 2."""

    TERMINALS = True

    @cached_property
    def twin(self) -> Stack:
        """One of the two, over state, action and goal."""
        c, inputs = self.config, self.env.state_size + self.env.action_size + self.env.goal_size
        return residual_stack(inputs, 1, c.critic_depth, c.width, head=c.critic_head, **self.switches)

    def init_twins(self, key: jax.Array) -> dict:
        return jax.vmap(self.twin.init)(jax.random.split(key))

    def values(self, critic: dict, state: jax.Array, action: jax.Array, goal: jax.Array) -> jax.Array:
        """Q(s, a, g) `[2, ...]`."""
        x = jnp.concatenate([state, action, goal], axis=-1)
        return jax.vmap(self.twin.apply, (0, None))(critic, x)[..., 0]

    def energy(self, critic: dict, state: jax.Array, action: jax.Array, goal: jax.Array) -> jax.Array:
        """min Q(s, a, g) of all pairs `[n, m]`: `state` `[n, S]`, `action` `[n, A]`, `goal` `[m, G]`."""
        lead = len(state), len(goal)
        state, action = (jnp.broadcast_to(x[:, None], (*lead, x.shape[-1])) for x in (state, action))
        return self.values(critic, state, action, jnp.broadcast_to(goal, (*lead, goal.shape[-1]))).min(axis=0)

    def bellman_target(self, batch: Batch, value: jax.Array) -> jax.Array:
        """What Q(s, a, g) is to become `[B]`, of the `value` `[B]` of the next state, with the reward of the config."""
        reward = REWARDS[self.config.reward](self.env, batch.next_state, batch.goal, batch.terminal)
        return losses.bellman_target(reward, self.config.discount, batch.terminal, value)

    def critic_loss(self, critic: dict, batch: Batch, target: jax.Array) -> tuple[jax.Array, jax.Array]:
        """The loss, and Q `[2, B]`."""
        values = self.values(critic, batch.state, batch.action, batch.goal)
        return losses.twin_loss(values, target), values
