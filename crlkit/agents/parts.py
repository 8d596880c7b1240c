"""What several agents are made of: networks of the config's kind, twin critics, a gradient step, and bases for agents."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

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


def networks(c: "Config", env: "GoalEnv") -> Networks:
    """The networks that the config describes, for the sizes of `env`."""
    return make_networks(
        *(env.state_size, env.goal_size, env.action_size),
        **dict(actor_depth=c.actor_depth, critic_depth=c.critic_depth, width=c.width),
        **dict(embedding_size=c.embedding_size, actor_head=c.actor_head, critic_head=c.critic_head),
        **dict(block=c.block, norm=c.norm, activation=c.activation, residual=c.residual),
    )


def _stack(config: "Config", *sizes: int, depth: int, head: str) -> Stack:
    switches = dict(block=config.block, norm=config.norm, activation=config.activation, residual=config.residual)
    return residual_stack(*sizes, depth, config.width, head=head, **switches)


class Policy(NamedTuple):
    """A policy without chance. init(key) -> params; action(params, state `[..., S]`, goal `[..., G]`) -> `[..., A]`."""

    init: Callable
    action: Callable


def policy(config: "Config", env: "GoalEnv") -> Policy:
    """tanh of a stack of `actor_depth` over state and goal."""
    inputs = env.state_size + env.goal_size
    stack = _stack(config, inputs, env.action_size, depth=config.actor_depth, head=config.actor_head)

    def action(params, state, goal):
        return jnp.tanh(stack.apply(params, jnp.concatenate([state, goal], axis=-1)))

    return Policy(stack.init, action)


class Twins(NamedTuple):
    """Two critics (Fujimoto et al. 2018), everything of both under a leading axis of 2. init(key) -> params;
    values(params, state `[..., S]`, action `[..., A]`, goal `[..., G]`) -> Q `[2, ...]`."""

    init: Callable
    values: Callable


def twins(config: "Config", env: "GoalEnv") -> Twins:
    """Stacks of `critic_depth` over state, action and goal."""
    inputs = env.state_size + env.action_size + env.goal_size
    stack = _stack(config, inputs, 1, depth=config.critic_depth, head=config.critic_head)

    def values(params, state, action, goal):
        x = jnp.concatenate([state, action, goal], axis=-1)
        return jax.vmap(stack.apply, (0, None))(params, x)[..., 0]

    return Twins(lambda key: jax.vmap(stack.init)(jax.random.split(key)), values)


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


class Stochastic(Agent):
    """One whose policy is a Gaussian under a tanh, its entropy held by a temperature (Haarnoja et al. 2018)."""

    @cached_property
    def networks(self) -> Networks:
        return networks(self.config, self.env)

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
    def policy(self) -> Policy:
        return policy(self.config, self.env)

    def mode(self, actor: dict, state: jax.Array, goal: jax.Array) -> jax.Array:
        return self.policy.action(actor, state, goal)

    def act(self, actor: dict, key: jax.Array, state: jax.Array, goal: jax.Array) -> jax.Array:
        return losses.noisy(key, self.mode(actor, state, goal), self.config.agent_option("noise"))


class Valued(Agent):
    """One that learns from rewards, with twin critics."""

    TERMINALS = True

    @cached_property
    def twins(self) -> Twins:
        return twins(self.config, self.env)

    def energy(self, critic: dict, state: jax.Array, action: jax.Array, goal: jax.Array) -> jax.Array:
        """min Q(s, a, g) of all pairs `[n, m]`: `state` `[n, S]`, `action` `[n, A]`, `goal` `[m, G]`."""
        lead = len(state), len(goal)
        state, action = (jnp.broadcast_to(x[:, None], (*lead, x.shape[-1])) for x in (state, action))
        return self.twins.values(critic, state, action, jnp.broadcast_to(goal, (*lead, goal.shape[-1]))).min(axis=0)

    def bellman_target(self, batch: Batch, value: jax.Array) -> jax.Array:
        """What Q(s, a, g) is to become `[B]`, of the `value` `[B]` of the next state, with the reward of the config."""
        reward = REWARDS[self.config.reward](self.env, batch.next_state, batch.goal, batch.terminal)
        return losses.bellman_target(reward, self.config.discount, batch.terminal, value)

    def critic_loss(self, critic: dict, batch: Batch, target: jax.Array) -> tuple[jax.Array, jax.Array]:
        """The loss, and Q `[2, B]`."""
        values = self.twins.values(critic, batch.state, batch.action, batch.goal)
        return losses.twin_loss(values, target), values
