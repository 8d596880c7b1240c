"""Imitation of whatever led to a goal: one gradient step, two sources of what is imitated. No critic, no reward.

gcbc, goal-conditioned behaviour cloning (Ding et al. 2019): of a demonstrator that never changes, here a stream of fresh
episodes instead of a fixed file. It is the environment's scripted expert with `agent_options="expert=1"`, else random
actions. gcsl, goal-conditioned supervised learning (Ghosh et al. 2021): of its own episodes, relabelled in hindsight.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from crlkit import losses
from crlkit.agents import parts
from crlkit.errors import UserError
from crlkit.replay import Batch


class CloningState(NamedTuple):
    actor: dict
    critic: dict  # {}
    actor_optimiser: Any
    updates: jax.Array  # int32 scalar


class GCSL(parts.Deterministic):
    OPTIONS = {"noise": 0.5}  # standard deviation of what it tries

    def init(self, key: jax.Array) -> CloningState:
        actor = self.policy.init(key)
        return CloningState(actor, {}, self.optimiser.init(actor), jnp.zeros((), jnp.int32))

    def actor_loss(self, actor: dict, batch: Batch) -> tuple[jax.Array, jax.Array]:
        """The loss, and the mean |tanh|, for the log."""
        action = self.mode(actor, batch.state, batch.goal)
        return losses.cloning_loss(action, batch.action), jnp.mean(jnp.abs(action))

    def update(self, agent: CloningState, batch: Batch, key: jax.Array) -> tuple[CloningState, dict]:
        agent, loss, saturation, norm = self.descend(agent, "actor", self.actor_loss, batch)
        said = {"actor_loss": loss, "saturation": saturation, "actor_gradient_norm": norm}
        return agent._replace(updates=agent.updates + 1), said


class GCBC(GCSL):
    """The same step; what fills the buffer is the demonstrator."""

    OPTIONS = {"expert": 0, "noise": 0.0}  # whether the expert demonstrates; standard deviation added to what is shown

    def act(self, actor: dict, key: jax.Array, state: jax.Array, goal: jax.Array) -> jax.Array:
        """Raises UserError where an expert is asked for and the environment has none."""
        action_key, noise_key = jax.random.split(key)
        if not self.config.agent_option("expert"):
            keys = jax.random.split(action_key, state.shape[:-1]).reshape(-1)
            action = jax.vmap(self.env.random_action)(keys).reshape(*state.shape[:-1], -1)
        elif self.env.expert is None:
            options = self.config.agent_options
            raise UserError(f"agent_options {options!r}: {self.env.name} has no expert; nearest: point_u_maze")
        else:
            action = jnp.vectorize(self.env.expert, signature="(s),(g)->(a)")(state, goal)
        return losses.noisy(noise_key, action, self.config.agent_option("noise"))
