"""Imitation of whatever led to a goal: one gradient step, two sources of what is imitated. No critic, no reward.

gcbc, goal-conditioned behaviour cloning (Ding et al. 2019): of a demonstrator that never changes, here a stream of fresh
episodes instead of a fixed file. It is the environment's scripted expert with `agent_options="expert=1"`, else random
actions. gcsl, goal-conditioned supervised learning (Ghosh et al. 2021): of its own episodes, relabelled in hindsight.
"""

import jax
import jax.numpy as jnp

from crlkit import losses
from crlkit.agents import parts
from crlkit.agents.parts import AgentState
from crlkit.errors import UserError
from crlkit.replay import Batch


class GCSL(parts.Deterministic):
    OPTIONS = {"noise": 0.5}  # standard deviation of what it tries

    def init(self, key: jax.Array) -> AgentState:
        return self.begin(self.policy.init(key), {})

    def actor_loss(self, actor: dict, batch: Batch) -> tuple[jax.Array, jax.Array]:
        """mean |a - pi(s, g)|^2 / A, up to constants the log-likelihood of a Gaussian policy of fixed variance (Ghosh et
        al. 2021, equation 1); and the mean |tanh|, for the log."""
        action = self.mode(actor, batch.state, batch.goal)
        return jnp.mean((action - batch.action) ** 2), jnp.mean(jnp.abs(action))

    def update(self, agent: AgentState, batch: Batch, key: jax.Array) -> tuple[AgentState, dict]:
        agent, saturation, said = self.descend(agent, "actor", self.actor_loss, batch)
        return agent._replace(updates=agent.updates + 1), {**said, "saturation": saturation}


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
