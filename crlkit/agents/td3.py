"""Twin delayed deep deterministic policy gradients (Fujimoto et al. 2018), goal-conditioned, with hindsight experience
replay (Andrychowicz et al. 2017) unless the config says `hindsight="none"`. The reward is the config's."""

import jax
import jax.numpy as jnp
import optax

from crlkit import losses
from crlkit.agents import parts
from crlkit.agents.parts import AgentState
from crlkit.replay import Batch


class TD3(parts.Deterministic, parts.Valued):
    # Standard deviations of what it tries and of the target's action, the bound of the latter; critic steps per actor step.
    OPTIONS = {"tau": 0.005, "noise": 0.1, "target_noise": 0.2, "noise_clip": 0.5, "delay": 2}

    def init(self, key: jax.Array) -> AgentState:
        actor_key, critic_key = jax.random.split(key)
        actor, critic = self.policy.init(actor_key), self.init_twins(critic_key)
        return self.begin(actor, critic, target_actor=actor, target_critic=critic)

    def target_value(self, agent: AgentState, batch: Batch, key: jax.Array) -> jax.Array:
        """What Q is to become `[B]`: the reward, and the discounted smaller value of a smoothed action of the targets."""
        noise, clip = (self.config.agent_option(name) for name in ("target_noise", "noise_clip"))
        action = losses.noisy(key, self.mode(agent.target_actor, batch.next_state, batch.goal), noise, clip)
        values = self.values(agent.target_critic, batch.next_state, action, batch.goal)  # [2, B]
        return self.bellman_target(batch, values.min(axis=0))

    def actor_loss(self, actor: dict, critic: dict, batch: Batch) -> tuple[jax.Array, jax.Array]:
        """Minus the first critic's value of the actor's actions; and the mean |tanh|, for the log."""
        action = self.mode(actor, batch.state, batch.goal)
        value = self.values(critic, batch.state, action, batch.goal)[0]
        return -jnp.mean(value), jnp.mean(jnp.abs(action))

    def update(self, agent: AgentState, batch: Batch, key: jax.Array) -> tuple[AgentState, dict]:
        """One step of the critics; every `delay`-th time one of the actor against the first of them, and of all targets."""
        target, tau = self.target_value(agent, batch, key), self.config.agent_option("tau")
        agent, values, said = self.descend(agent, "critic", self.critic_loss, batch, target)

        def move(agent: AgentState) -> tuple:
            agent, saturation, of_actor = self.descend(agent, "actor", self.actor_loss, agent.critic, batch)
            targets = agent.target_actor, agent.target_critic
            actor, critic = optax.incremental_update((agent.actor, agent.critic), targets, tau)
            return agent._replace(target_actor=actor, target_critic=critic), (of_actor["actor_loss"], saturation)

        def wait(agent: AgentState) -> tuple:
            return agent, self.actor_loss(agent.actor, agent.critic, batch)

        delay = int(self.config.agent_option("delay"))
        agent, (loss, saturation) = jax.lax.cond(agent.updates % delay == 0, move, wait, agent)
        said |= {"value": jnp.mean(values), "actor_loss": loss, "saturation": saturation}
        return agent._replace(updates=agent.updates + 1), said
