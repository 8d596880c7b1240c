"""Agents by name. An agent is a class of pure methods, made as `Agent(config, env)`:

init(key) -> state, a NamedTuple with at least `actor`, `critic` (parameters; {} for none) and `updates` (int32)
act(actor, key, state [..., S], goal [..., G]) -> action [..., A], as it explores
mode(actor, state, goal) -> action, as it is scored
update(state, batch, key) -> state, metrics: one gradient step; `..._loss` and `..._gradient_norm` must stay finite

Where it can be asked: energy(critic, state [n, S], action [n, A], goal [m, G]) -> [n, m], and
embed(critic, state, action) -> [n, E]. To learn from fixed walks: update_critic(state, batch) -> state, metrics, and
critic_loss(critic, batch) -> loss, metrics. One that learns from rewards says `TERMINALS = True`: its batches hold the
steps at which a body fell, too.

`OPTIONS` are numbers of its own, with their defaults: `Config(agent_options="tau=0.01")`. One file per algorithm
here, and a line in `AGENTS`; from outside, `crlkit.register_agent(name, class)`.
"""

from typing import Any

import jax

from crlkit import envs
from crlkit.agents.contrastive import ContrastiveRL
from crlkit.agents.sac import SAC
from crlkit.agents.supervised import GCBC, GCSL
from crlkit.agents.td3 import TD3
from crlkit.registration import Registry

AGENTS = Registry("agent", {"crl": ContrastiveRL, "sac": SAC, "td3": TD3, "gcbc": GCBC, "gcsl": GCSL})


def make_agent(config: Any, env: Any = None) -> Any:
    """The agent that `config` names, for states, goals and actions of the sizes of `env`, by default its own."""
    return AGENTS[config.agent](config, env or envs.make(config.env))


def agent_shapes(config: Any) -> Any:
    """The state of the agent that `config` names, as shapes."""
    return jax.eval_shape(make_agent(config).init, jax.random.key(0))
