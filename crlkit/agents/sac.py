"""Soft actor-critic (Haarnoja et al. 2018), goal-conditioned: rewards instead of contrasts.

With the config's usual `hindsight="geometric"` it is SAC with hindsight experience replay (Andrychowicz et al. 2017; all
goals are relabelled); with `hindsight="none"`, plain SAC on commanded goals. The reward is the config's. The actor has
the network, the entropy and the temperature of the contrastive agent.
"""

import jax
import jax.numpy as jnp
import optax

from crlkit import losses
from crlkit.agents import parts
from crlkit.agents.parts import AgentState
from crlkit.replay import Batch


class SAC(parts.Stochastic, parts.Valued):
    OPTIONS = {"tau": 0.005}  # how far targets follow in an update

    def init(self, key: jax.Array) -> AgentState:
        actor_key, critic_key = jax.random.split(key)
        critic = self.init_twins(critic_key)
        return self.begin(self.networks.init_actor(actor_key), critic, target_critic=critic)

    def target_value(self, agent: AgentState, batch: Batch, key: jax.Array) -> jax.Array:
        """What Q is to become `[B]`: the reward, and the discounted soft value of the next state by the targets, min_i
        Q_i(s, a, g) - alpha log pi(a|s,g) (Haarnoja et al. 2018, equation 3, with the twin critics of their section 6)."""
        action, (log_density, _) = self.drawn(agent.actor, key, batch.next_state, batch.goal)
        values = self.values(agent.target_critic, batch.next_state, action, batch.goal)  # [2, B]
        return self.bellman_target(batch, values.min(axis=0) - jnp.exp(agent.log_alpha) * log_density)

    def actor_loss(self, actor: dict, critic: dict, alpha: jax.Array, batch: Batch, key: jax.Array) -> tuple:
        """The loss, and what was drawn for it."""
        action, drawn = self.drawn(actor, key, batch.state, batch.goal)
        value = self.values(critic, batch.state, action, batch.goal).min(axis=0)  # [B]
        return losses.actor_loss(alpha, drawn[0], value), drawn

    def update(self, agent: AgentState, batch: Batch, key: jax.Array) -> tuple[AgentState, dict]:
        """One step of the critics, of the actor against them, of the temperature, and of the targets."""
        target_key, actor_key = jax.random.split(key)
        target = self.target_value(agent, batch, target_key)
        agent, values, of_critic = self.descend(agent, "critic", self.critic_loss, batch, target)
        held = agent.critic, jnp.exp(agent.log_alpha), batch, actor_key
        agent, drawn, of_actor = self.descend(agent, "actor", self.actor_loss, *held)
        agent, of_temperature = self.step_temperature(agent, *drawn)
        target = optax.incremental_update(agent.critic, agent.target_critic, self.config.agent_option("tau"))
        agent = agent._replace(target_critic=target, updates=agent.updates + 1)
        return agent, {"value": jnp.mean(values), **of_critic, **of_actor, **of_temperature}
