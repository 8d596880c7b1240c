"""Soft actor-critic (Haarnoja et al. 2018), goal-conditioned: rewards instead of contrasts.

With the config's usual `hindsight="geometric"` it is SAC with hindsight experience replay (Andrychowicz et al. 2017; all
goals are relabelled); with `hindsight="none"`, plain SAC on commanded goals. The reward is the config's. The actor has
the network, the entropy and the temperature of the contrastive agent.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from crlkit import losses
from crlkit.agents import parts
from crlkit.replay import Batch


class SACState(NamedTuple):
    actor: dict
    critic: dict
    target: dict  # follows the critic slowly
    log_alpha: jax.Array
    actor_optimiser: Any
    critic_optimiser: Any
    alpha_optimiser: Any
    updates: jax.Array  # int32 scalar


class SAC(parts.Stochastic, parts.Valued):
    OPTIONS = {"tau": 0.005}  # how far targets follow in an update

    def init(self, key: jax.Array) -> SACState:
        actor_key, critic_key = jax.random.split(key)
        actor, critic = self.networks.init_actor(actor_key), self.init_twins(critic_key)
        log_alpha = jnp.asarray(self.config.log_alpha_init, jnp.float32)
        optimisers = self.optimiser.init(actor), self.optimiser.init(critic), self.alpha_optimiser.init(log_alpha)
        return SACState(actor, critic, critic, log_alpha, *optimisers, jnp.zeros((), jnp.int32))

    def target_value(self, agent: SACState, batch: Batch, key: jax.Array) -> jax.Array:
        """What Q is to become `[B]`: the reward, and the discounted soft value of the next state by the targets."""
        action, (log_density, _) = self.drawn(agent.actor, key, batch.next_state, batch.goal)
        values = self.values(agent.target, batch.next_state, action, batch.goal)  # [2, B]
        return self.bellman_target(batch, losses.soft_value(values, jnp.exp(agent.log_alpha), log_density))

    def actor_loss(
        self, actor: dict, critic: dict, alpha: jax.Array, batch: Batch, key: jax.Array
    ) -> tuple[jax.Array, tuple]:
        """The loss, and what was drawn for it."""
        action, drawn = self.drawn(actor, key, batch.state, batch.goal)
        value = self.values(critic, batch.state, action, batch.goal).min(axis=0)  # [B]
        return losses.actor_loss(alpha, drawn[0], value), drawn

    def update(self, agent: SACState, batch: Batch, key: jax.Array) -> tuple[SACState, dict]:
        """One step of the critics, of the actor against them, of the temperature, and of the targets."""
        target_key, actor_key = jax.random.split(key)
        target = self.target_value(agent, batch, target_key)
        agent, critic_loss, values, critic_norm = self.descend(agent, "critic", self.critic_loss, batch, target)
        held = agent.critic, jnp.exp(agent.log_alpha), batch, actor_key
        agent, actor_loss, drawn, actor_norm = self.descend(agent, "actor", self.actor_loss, *held)
        agent, said = self.step_temperature(agent, *drawn)
        target = optax.incremental_update(agent.critic, agent.target, self.config.agent_option("tau"))
        return agent._replace(target=target, updates=agent.updates + 1), said | {
            **{"critic_loss": critic_loss, "value": jnp.mean(values), "critic_gradient_norm": critic_norm},
            **{"actor_loss": actor_loss, "actor_gradient_norm": actor_norm},
        }
