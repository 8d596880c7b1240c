"""How gradients and activations travel through a deep critic: norms by block.

A block is four layers with the identity around them (`config.residual`); block 0 is next to the input. Parameters are
the plain dictionaries of `crlkit.networks`: everything under `"blocks"` has a leading axis of blocks.
"""

from functools import lru_cache

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd

from crlkit import envs, losses
from crlkit.agents.contrastive import make_agent
from crlkit.agents.trained import TrainedAgent
from crlkit.config import Config
from crlkit.networks import ACTIVATIONS
from crlkit.replay import Batch, hindsight_offset

ENCODERS = ("state_action", "goal")


def played_batch(agent: TrainedAgent, size: int = 256, episodes: int = 32, seed: int = 0) -> Batch:
    """A batch relabelled in hindsight, of `size` steps of the agent's own episodes, played by its deterministic policy.

    The rule of the replay buffer, on fresh data; a training batch also holds older and noisier steps. To compare
    agents, give all of them one agent's batch. Raises ValueError where no episode lasted two steps.
    """
    config, played = agent.config, agent.rollout(agent.config.env, episodes, seed)
    lengths = played["alive"].sum(axis=0)
    steps, episode = np.nonzero(np.arange(len(played["action"]))[:, None] + 1 < lengths)
    if not len(steps):
        raise ValueError(f"no episode of {episodes} lasted two steps: needs one that does; play more episodes")
    row_key, offset_key = jax.random.split(jax.random.key(seed))
    rows = np.asarray(jax.random.randint(row_key, (size,), 0, len(steps)))
    step, episode = steps[rows], episode[rows]
    remaining = jnp.asarray(lengths[episode] - 1 - step)
    offset = np.asarray(hindsight_offset(config.hindsight, offset_key, remaining, config.discount))
    state = played["state"]
    return Batch(
        *map(jnp.asarray, (state[step, episode], played["action"][step, episode], state[step + offset, episode]))
    )


@lru_cache(maxsize=32)
def critic_loss(config: Config):
    """loss(critic, batch): what `config` trains its critic with (paper, equation 1, and the log-sum-exp penalty), compiled
    together with its gradient: returns (loss, gradient)."""
    env = envs.make(config.env)
    energy, contrast = make_agent(config, env).energy, losses.LOSSES[config.loss]

    def loss(critic, batch):
        logits = energy(critic, batch.state, batch.action, batch.goal_state[:, env.goal_slice])
        return contrast(logits) + config.logsumexp_penalty * losses.logsumexp_penalty(logits)

    return jax.jit(jax.value_and_grad(loss))


def norm_by_block(blocks: dict) -> np.ndarray:
    """L2 norm over all entries of each block `[blocks]`, of parameters or gradients with a leading axis of blocks.

    In double precision, so that squaring does not round what almost vanishes to 0; what single precision itself has
    rounded to 0 on the way is 0.
    """
    leaves = [np.asarray(leaf, np.float64).reshape(len(leaf), -1) for leaf in jax.tree.leaves(blocks)]
    return np.linalg.norm(np.concatenate(leaves, axis=1), axis=1)


def gradient_norms(config: Config, critic: dict, batch: Batch) -> pd.DataFrame:
    """Norm of the gradient of the critic's loss, one row a block of each encoder, and its first layer and head.

    critic: `{"state_action": params, "goal": params}`. Columns: `encoder`; `part` (first, block, head); `block`, 0
    next to the input, -1 where `part` is no block; `gradient`, the L2 norm over all parameters of the part, loss (nats)
    per unit of parameter; `parameters`, their own norm; `relative`, the first over the second: what a step of
    gradient descent changes. Adam divides the size of gradients out, so small is not slow by itself; 0 or not
    finite is.
    """
    _, gradient = critic_loss(config)(critic, batch)
    rows = []
    for encoder in ENCODERS:
        for part in ("first", "blocks", "head"):
            both = gradient[encoder][part], critic[encoder][part]
            if part != "blocks":
                both = jax.tree.map(lambda leaf: leaf[None], both)
            sizes = zip(*map(norm_by_block, both))
            for index, (of_gradient, of_parameters) in enumerate(sizes):
                where = ("block", index) if part == "blocks" else (part, -1)
                rows.append((encoder, *where, of_gradient, of_parameters, of_gradient / of_parameters))
    return pd.DataFrame(rows, columns=["encoder", "part", "block", "gradient", "parameters", "relative"])


def _layer(params: dict, x: jax.Array, config: Config) -> jax.Array:
    """Dense, norm, activation, in plain arrays (`networks.Layer` says the same in flax; a test holds both together)."""
    x = x @ params["dense"]["kernel"] + params["dense"]["bias"]
    if config.norm == "layer":
        x = x - x.mean(axis=-1, keepdims=True)
    if config.norm in ("layer", "rms"):
        x = x / jnp.sqrt((x**2).mean(axis=-1, keepdims=True) + 1e-6) * params["norm"]["scale"]
        x = x + params["norm"].get("bias", 0.0)
    return ACTIVATIONS[config.activation](x)


@lru_cache(maxsize=32)
def _travel(config: Config):
    """run(params, x [batch, inputs]) -> output [batch, outputs], then of every block [blocks, batch]: the norm of what
    comes in, of what its four layers make of it, and of what goes out."""

    def run(params, x):
        def block(x, own):
            y = x
            for layer in jax.tree.leaves(own["layers"], is_leaf=lambda node: "dense" in node):
                y = _layer(layer, y, config)
            out = x + y if config.residual else y
            return out, tuple(jnp.linalg.norm(z, axis=-1) for z in (x, y, out))

        x, norms = jax.lax.scan(block, _layer(params["first"], x, config), params["blocks"])
        return x @ params["head"]["kernel"] + params["head"]["bias"], norms

    return jax.jit(run)


def residual_norms(config: Config, params: dict, x) -> pd.DataFrame:
    """What each block adds to its input (paper, figure 17), one row a block; means over the batch.

    params: those of one stack (an encoder or the actor); x: its input `[batch, inputs]`, for the state-action encoder
    states and actions side by side, for the actor states and goals. Columns: `block`; `input`, ||x||; `residual`,
    ||F(x)||, F the four layers (without `config.residual` this is the output itself); `output`, ||x + F(x)||;
    `rms`, residual / sqrt(width), the paper's code's measure; `relative`, the mean of ||F(x)|| / ||x||, NaN where
    nothing comes in any more. The norms have the activation's unit.
    """
    _, (entering, residual, leaving) = _travel(config)(params, jnp.asarray(x))
    entering, residual, leaving = (np.asarray(z, np.float64) for z in (entering, residual, leaving))
    width = params["head"]["kernel"].shape[0]
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = (residual / entering).mean(axis=1)
    return pd.DataFrame(
        {
            "block": np.arange(len(residual)),
            "input": entering.mean(axis=1),
            "residual": residual.mean(axis=1),
            "output": leaving.mean(axis=1),
            "rms": residual.mean(axis=1) / np.sqrt(width),
            "relative": relative,
        }
    )


def critic_residual_norms(config: Config, critic: dict, batch: Batch) -> pd.DataFrame:
    """`residual_norms` of both encoders on the inputs of a batch, with a column `encoder`."""
    goal = batch.goal_state[:, envs.make(config.env).goal_slice]
    inputs = {"state_action": jnp.concatenate([batch.state, batch.action], axis=-1), "goal": goal}
    tables = [residual_norms(config, critic[name], inputs[name]).assign(encoder=name) for name in ENCODERS]
    return pd.concat(tables, ignore_index=True)
