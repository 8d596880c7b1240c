"""Soft actor-critic (Haarnoja et al. 2018), goal-conditioned: rewards instead of contrasts.

With the config's usual `hindsight="geometric"` it is SAC with hindsight experience replay (Andrychowicz et al. 2017; all
goals are relabelled); with `hindsight="none"`, plain SAC on commanded goals. The reward is the config's. The actor has
the network, the entropy and the temperature of the contrastive agent.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from crlkit import losses
from crlkit.agents import parts
from crlkit.networks import Networks
from crlkit.replay import Batch

if TYPE_CHECKING:
    from crlkit.config import Config
    from crlkit.envs import GoalEnv


class SACState(NamedTuple):
    actor: dict
    critic: dict
    target: dict  # follows the critic slowly
    log_alpha: jax.Array
    actor_optimiser: Any
    critic_optimiser: Any
    alpha_optimiser: Any
    updates: jax.Array  # int32 scalar


@dataclass(frozen=True)
class SAC:
    """What every agent has is said in `crlkit.agents`; shapes are those of `env`."""

    config: "Config"
    env: "GoalEnv"

    OPTIONS = {"tau": 0.005}  # how far targets follow in an update
    TERMINALS = True

    @cached_property
    def networks(self) -> Networks:
        return parts.networks(self.config, self.env)

    @cached_property
    def twins(self) -> parts.Twins:
        return parts.twins(self.config, self.env)

    @property
    def optimiser(self) -> optax.GradientTransformation:
        return optax.adam(self.config.learning_rate)

    @property
    def alpha_optimiser(self) -> optax.GradientTransformation:
        return optax.adam(self.config.alpha_learning_rate)

    def init(self, key: jax.Array) -> SACState:
        actor_key, critic_key = jax.random.split(key)
        actor, critic = self.networks.init_actor(actor_key), self.twins.init(critic_key)
        log_alpha = jnp.asarray(self.config.log_alpha_init, jnp.float32)
        optimisers = self.optimiser.init(actor), self.optimiser.init(critic), self.alpha_optimiser.init(log_alpha)
        return SACState(actor, critic, critic, log_alpha, *optimisers, jnp.zeros((), jnp.int32))

    def act(self, actor: dict, key: jax.Array, state: jax.Array, goal: jax.Array) -> jax.Array:
        return losses.sample_tanh_gaussian(key, *self.networks.policy(actor, state, goal))[0]

    def mode(self, actor: dict, state: jax.Array, goal: jax.Array) -> jax.Array:
        """tanh of the mean."""
        return jnp.tanh(self.networks.policy(actor, state, goal)[0])

    def energy(self, critic: dict, state: jax.Array, action: jax.Array, goal: jax.Array) -> jax.Array:
        """min Q(s, a, g) of all pairs `[n, m]`."""
        return parts.energies(self.twins, critic, state, action, goal)

    def target_value(self, agent: SACState, batch: Batch, key: jax.Array) -> jax.Array:
        """What Q is to become `[B]`: the reward, and the discounted soft value of the next state by the targets."""
        action, log_density = losses.sample_tanh_gaussian(
            key, *self.networks.policy(agent.actor, batch.next_state, batch.goal)
        )
        values = self.twins.values(agent.target, batch.next_state, action, batch.goal)  # [2, B]
        soft = losses.soft_value(values, jnp.exp(agent.log_alpha), log_density)
        return parts.bellman_target(self.config, self.env, batch, soft)

    def critic_loss(self, critic: dict, batch: Batch, target: jax.Array) -> tuple[jax.Array, jax.Array]:
        """The loss, and Q `[2, B]`."""
        values = self.twins.values(critic, batch.state, batch.action, batch.goal)
        return losses.twin_loss(values, target), values

    def actor_loss(
        self, actor: dict, critic: dict, alpha: jax.Array, batch: Batch, key: jax.Array
    ) -> tuple[jax.Array, tuple]:
        """The loss, and log-densities `[B]` of the actions drawn with the mean |tanh|, for the log."""
        mean, log_std = self.networks.policy(actor, batch.state, batch.goal)
        action, log_density = losses.sample_tanh_gaussian(key, mean, log_std)
        value = self.twins.values(critic, batch.state, action, batch.goal).min(axis=0)  # [B]
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
        target_entropy = self.config.target_entropy_per_action * self.env.action_size
        gradient = jax.grad(losses.temperature_loss)(agent.log_alpha, log_density, target_entropy)
        step, alpha_optimiser = self.alpha_optimiser.update(gradient, agent.alpha_optimiser)
        log_alpha = jnp.minimum(optax.apply_updates(agent.log_alpha, step), self.config.log_alpha_max)
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
