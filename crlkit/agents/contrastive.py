"""Contrastive reinforcement learning, the paper's agent: pure methods over one state.

The critic f(s, a, g) is the energy of phi(s, a) and psi(g), trained by InfoNCE so that pairs of one trajectory score
higher than mixed ones; the actor maximises it, with entropy (Eysenbach et al. 2022; Wang et al. 2025, section 3).
"""

from collections.abc import Callable
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


class AgentState(NamedTuple):
    actor: dict
    critic: dict
    log_alpha: jax.Array
    actor_optimiser: Any
    critic_optimiser: Any
    alpha_optimiser: Any
    updates: jax.Array  # int32 scalar


@dataclass(frozen=True)
class ContrastiveRL:
    """What every agent has is said in `crlkit.agents`; shapes are those of `env`."""

    config: "Config"
    env: "GoalEnv"

    OPTIONS = {}

    @cached_property
    def networks(self) -> Networks:
        return parts.networks(self.config, self.env)

    @property
    def pairs(self) -> Callable:
        """energy(phi [n, E], psi [m, E]) -> [n, m]."""
        return losses.energy_function(self.config.energy, self.config.cosine_temperature)

    @property
    def optimiser(self) -> optax.GradientTransformation:
        return optax.adam(self.config.learning_rate)

    @property
    def alpha_optimiser(self) -> optax.GradientTransformation:
        return optax.adam(self.config.alpha_learning_rate)

    def init(self, key: jax.Array) -> AgentState:
        actor_key, critic_key = jax.random.split(key)
        actor, critic = self.networks.init_actor(actor_key), self.networks.init_critic(critic_key)
        log_alpha = jnp.asarray(self.config.log_alpha_init, jnp.float32)
        optimisers = self.optimiser.init(actor), self.optimiser.init(critic), self.alpha_optimiser.init(log_alpha)
        return AgentState(actor, critic, log_alpha, *optimisers, jnp.zeros((), jnp.int32))

    def act(self, actor: dict, key: jax.Array, state: jax.Array, goal: jax.Array) -> jax.Array:
        return losses.sample_tanh_gaussian(key, *self.networks.policy(actor, state, goal))[0]

    def mode(self, actor: dict, state: jax.Array, goal: jax.Array) -> jax.Array:
        """tanh of the mean."""
        return jnp.tanh(self.networks.policy(actor, state, goal)[0])

    def embed(self, critic: dict, state: jax.Array, action: jax.Array) -> jax.Array:
        """phi(s, a) `[n, E]`."""
        return self.networks.encode_state_action(critic, state, action)

    def energy(self, critic: dict, state: jax.Array, action: jax.Array, goal: jax.Array) -> jax.Array:
        """f(s, a, g) of all pairs `[n, m]`."""
        return self.pairs(self.embed(critic, state, action), self.networks.encode_goal(critic, goal))

    def critic_loss(self, critic: dict, batch: Batch) -> tuple[jax.Array, dict]:
        """InfoNCE (paper, equation 1) and the log-sum-exp penalty, in nats."""
        logits = self.energy(critic, batch.state, batch.action, batch.goal)  # [B, B], row i's own goal in column i
        contrast = losses.LOSSES[self.config.loss](logits)
        loss = contrast + self.config.logsumexp_penalty * losses.logsumexp_penalty(logits)
        return loss, {"critic_loss": loss, "contrastive_loss": contrast, **losses.critic_diagnostics(logits)}

    def actor_loss(
        self, actor: dict, critic: dict, alpha: jax.Array, batch: Batch, key: jax.Array
    ) -> tuple[jax.Array, tuple]:
        """The loss, and for the temperature and the log: log-densities `[B]` of the actions drawn, mean |tanh|."""
        mean, log_std = self.networks.policy(actor, batch.state, batch.goal)
        action, log_density = losses.sample_tanh_gaussian(key, mean, log_std)
        phi, psi = self.embed(critic, batch.state, action), self.networks.encode_goal(critic, batch.goal)
        energy = jax.vmap(lambda a, b: self.pairs(a[None], b[None])[0, 0])(phi, psi)  # [B], row by row
        return losses.actor_loss(alpha, log_density, energy), (log_density, jnp.mean(jnp.abs(jnp.tanh(mean))))

    def update(self, agent: AgentState, batch: Batch, key: jax.Array) -> tuple[AgentState, dict]:
        """One step of actor and temperature, then of the critic.

        The reference's order: actor and temperature first, against the critic before its own step, on one batch; and
        its goals: those relabelled in hindsight, not the commanded ones of the paper's formula.
        """
        (loss, (log_density, saturation)), gradient = jax.value_and_grad(self.actor_loss, has_aux=True)(
            agent.actor, agent.critic, jnp.exp(agent.log_alpha), batch, key
        )
        step, actor_optimiser = self.optimiser.update(gradient, agent.actor_optimiser)
        actor = optax.apply_updates(agent.actor, step)

        target_entropy = self.config.target_entropy_per_action * self.env.action_size
        alpha_gradient = jax.grad(losses.temperature_loss)(agent.log_alpha, log_density, target_entropy)
        step, alpha_optimiser = self.alpha_optimiser.update(alpha_gradient, agent.alpha_optimiser)
        log_alpha = jnp.minimum(optax.apply_updates(agent.log_alpha, step), self.config.log_alpha_max)

        agent = agent._replace(
            actor=actor, actor_optimiser=actor_optimiser, log_alpha=log_alpha, alpha_optimiser=alpha_optimiser
        )
        agent, critic_metrics = self.update_critic(agent, batch)
        return agent, critic_metrics | {
            "actor_loss": loss,
            "entropy": -jnp.mean(log_density),
            "alpha": jnp.exp(log_alpha),
            "saturation": saturation,
            "actor_gradient_norm": optax.tree.norm(gradient),
        }

    def update_critic(self, agent: AgentState, batch: Batch) -> tuple[AgentState, dict]:
        """One step of the critic alone."""
        (_, metrics), gradient = jax.value_and_grad(self.critic_loss, has_aux=True)(agent.critic, batch)
        step, critic_optimiser = self.optimiser.update(gradient, agent.critic_optimiser)
        critic = optax.apply_updates(agent.critic, step)
        agent = agent._replace(critic=critic, critic_optimiser=critic_optimiser, updates=agent.updates + 1)
        return agent, metrics | {"critic_gradient_norm": optax.tree.norm(gradient)}
