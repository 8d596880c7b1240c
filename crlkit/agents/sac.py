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
        action, log_density = losses.sample_tanh_gaussian(
            key, *self.networks.policy(agent.actor, batch.next_state, batch.goal)
        )
        values = self.values(agent.target, batch.next_state, action, batch.goal)  # [2, B]
        soft = losses.soft_value(values, jnp.exp(agent.log_alpha), log_density)
        return self.bellman_target(batch, soft)

    def actor_loss(
        self, actor: dict, critic: dict, alpha: jax.Array, batch: Batch, key: jax.Array
    ) -> tuple[jax.Array, tuple]:
        """The loss, and log-densities `[B]` of the actions drawn with the mean |tanh|, for the log."""
        mean, log_std = self.networks.policy(actor, batch.state, batch.goal)
        action, log_density = losses.sample_tanh_gaussian(key, mean, log_std)
        value = self.values(critic, batch.state, action, batch.goal).min(axis=0)  # [B]
        return losses.actor_loss(alpha, log_density, value), (log_density, jnp.mean(jnp.abs(jnp.tanh(mean))))

    def update(self, agent: SACState, batch: Batch, key: jax.Array) -> tuple[SACState, dict]:
        """One step of the critics, of the actor against them, of the temperature, and of the targets."""
        target_key, actor_key = jax.random.split(key)
        target = self.target_value(agent, batch, target_key)
        critic, critic_optimiser, critic_loss, values, critic_norm = parts.descend(
            self.optimiser, self.critic_loss, agent.critic, agent.critic_optimiser, batch, target
        )
        actor, actor_optimiser, actor_loss, (log_density, saturation), actor_norm = parts.descend(
            *(self.optimiser, self.actor_loss, agent.actor, agent.actor_optimiser),
            *(critic, jnp.exp(agent.log_alpha), batch, actor_key),
        )
        log_alpha, alpha_optimiser = self.step_temperature(agent, log_density)
        followed = optax.incremental_update(critic, agent.target, self.config.agent_option("tau"))
        optimisers = actor_optimiser, critic_optimiser, alpha_optimiser
        return SACState(actor, critic, followed, log_alpha, *optimisers, agent.updates + 1), {
            "critic_loss": critic_loss,
            "value": jnp.mean(values),
            "critic_gradient_norm": critic_norm,
            "actor_loss": actor_loss,
            "entropy": -jnp.mean(log_density),
            "alpha": jnp.exp(log_alpha),
            "saturation": saturation,
            "actor_gradient_norm": actor_norm,
        }
