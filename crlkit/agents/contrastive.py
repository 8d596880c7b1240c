"""Contrastive reinforcement learning, the paper's agent: pure methods over one state.

The critic f(s, a, g) is the energy of phi(s, a) and psi(g), trained by InfoNCE so that pairs of one trajectory score
higher than mixed ones; the actor maximises it, with entropy (Eysenbach et al. 2022; Wang et al. 2025, section 3).
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import optax

from crlkit import losses
from crlkit.agents import parts
from crlkit.agents.parts import AgentState
from crlkit.replay import Batch


class ContrastiveRL(parts.Stochastic):
    @property
    def pairs(self) -> Callable:
        """energy(phi [n, E], psi [m, E]) -> [n, m]."""
        return losses.energy_function(self.config.energy, self.config.cosine_temperature)

    def init(self, key: jax.Array) -> AgentState:
        actor_key, critic_key = jax.random.split(key)
        return self.begin(self.networks.init_actor(actor_key), self.networks.init_critic(critic_key))

    def embed(self, critic: dict, state: jax.Array, action: jax.Array) -> jax.Array:
        """phi(s, a) `[n, E]`."""
        return self.networks.encode_state_action(critic, state, action)

    def energy(self, critic: dict, state: jax.Array, action: jax.Array, goal: jax.Array) -> jax.Array:
        """f(s, a, g) of all pairs `[n, m]`."""
        return self.pairs(self.embed(critic, state, action), self.networks.encode_goal(critic, goal))

    def critic_loss(self, critic: dict, batch: Batch) -> tuple[jax.Array, dict]:
        """InfoNCE (paper, equation 1) and the log-sum-exp penalty, in nats."""
        return self._contrast(critic, self.networks.encode_goal(critic, batch.goal), batch)

    def _contrast(self, critic: dict, psi: jax.Array, batch: Batch) -> tuple[jax.Array, dict]:
        logits = self.pairs(self.embed(critic, batch.state, batch.action), psi)  # [B, B], row i's own goal in column i
        contrast = losses.LOSSES[self.config.loss](logits)
        loss = contrast + self.config.logsumexp_penalty * losses.logsumexp_penalty(logits)
        return loss, {"critic_loss": loss, "contrastive_loss": contrast, **losses.critic_diagnostics(logits)}

    def actor_loss(self, actor: dict, critic: dict, psi: jax.Array, alpha: jax.Array, batch: Batch, key) -> tuple:
        """The loss, and what was drawn for it."""
        action, drawn = self.drawn(actor, key, batch.state, batch.goal)
        phi = self.embed(critic, batch.state, action)
        energy = jax.vmap(lambda a, b: self.pairs(a[None], b[None])[0, 0])(phi, psi)  # [B], row by row
        return losses.actor_loss(alpha, drawn[0], energy), drawn

    def update(self, agent: AgentState, batch: Batch, key: jax.Array) -> tuple[AgentState, dict]:
        """One step of actor and temperature, and one of the critic.

        As in the reference, both on one batch; the actor's against the critic before its own step, so that psi(g) is
        computed once for both; the actor's goals are those relabelled in hindsight, not the commanded ones of the
        paper's formula.
        """

        def both(actor: dict, critic: dict) -> tuple[jax.Array, tuple]:
            psi = self.networks.encode_goal(critic, batch.goal)  # [B, E]
            critic_loss, metrics = self._contrast(critic, psi, batch)
            held = jax.lax.stop_gradient((critic, psi))  # the actor's loss teaches the actor alone
            actor_loss, drawn = self.actor_loss(actor, *held, jnp.exp(agent.log_alpha), batch, key)
            return actor_loss + critic_loss, (metrics | {"actor_loss": actor_loss}, drawn)

        gradient, (metrics, drawn) = jax.grad(both, argnums=(0, 1), has_aux=True)(agent.actor, agent.critic)
        agent, said = self.step_temperature(self.move(agent, "actor", gradient[0]), *drawn)
        said["actor_gradient_norm"] = optax.tree.norm(gradient[0])
        return self._step_critic(agent, gradient[1], metrics | said)

    def update_critic(self, agent: AgentState, batch: Batch) -> tuple[AgentState, dict]:
        """One step of the critic alone."""
        return self._step_critic(agent, *jax.grad(self.critic_loss, has_aux=True)(agent.critic, batch))

    def _step_critic(self, agent: AgentState, gradient: dict, metrics: dict) -> tuple[AgentState, dict]:
        agent = self.move(agent, "critic", gradient)._replace(updates=agent.updates + 1)
        return agent, metrics | {"critic_gradient_norm": optax.tree.norm(gradient)}
