"""What several agents are made of: networks of the config's kind, twin critics, a gradient step."""

from collections.abc import Callable
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


def energies(critic: Twins, params: dict, state: jax.Array, action: jax.Array, goal: jax.Array) -> jax.Array:
    """min Q of all pairs `[n, m]`: `state` `[n, S]`, `action` `[n, A]`, `goal` `[m, G]`."""
    lead = len(state), len(goal)
    state, action = (jnp.broadcast_to(x[:, None], (*lead, x.shape[-1])) for x in (state, action))
    return critic.values(params, state, action, jnp.broadcast_to(goal, (*lead, goal.shape[-1]))).min(axis=0)


def bellman_target(config: "Config", env: "GoalEnv", batch: Batch, value: jax.Array) -> jax.Array:
    """What Q(s, a, g) is to become `[B]`, of the `value` `[B]` of the next state, with the reward of the config."""
    reward = REWARDS[config.reward](env, batch.next_state, batch.goal, batch.terminal)
    return losses.bellman_target(reward, config.discount, batch.terminal, value)


def descend(optimiser: optax.GradientTransformation, loss: Callable, params: Any, state: Any, *arguments) -> tuple:
    """One step down `loss(params, *arguments) -> value, extra`: parameters, the optimiser's state, value, extra, and the
    norm of the gradient."""
    (value, extra), gradient = jax.value_and_grad(loss, has_aux=True)(params, *arguments)
    step, state = optimiser.update(gradient, state, params)
    return optax.apply_updates(params, step), state, value, extra, optax.tree.norm(gradient)
