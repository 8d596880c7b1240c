"""How gradients and activations travel through a deep critic: norms by block.

A block is four layers with the identity around them (`config.residual`); block 0 is next to the input. Parameters are
the plain dictionaries of `crlkit.networks`: everything under `"blocks"` has a leading axis of blocks.
"""

from collections.abc import Callable
from functools import lru_cache

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd

from crlkit.agents import make_agent
from crlkit.config import Config
from crlkit.networks import residual_stack
from crlkit.replay import Batch

ENCODERS = ("state_action", "goal")


@lru_cache(maxsize=32)
def critic_gradient(config: Config) -> Callable:
    """gradient(critic, batch): of what `config` trains its critic with (`ContrastiveRL.critic_loss`), compiled."""
    loss = make_agent(config).critic_loss
    return jax.jit(jax.grad(lambda critic, batch: loss(critic, batch)[0]))


def norm_by_block(blocks: dict) -> np.ndarray:
    """L2 norm over all entries of each block `[blocks]`, of parameters or gradients with a leading axis of blocks.

    In double precision, so that squaring does not round what almost vanishes to 0; what single precision itself has
    rounded to 0 on the way is 0.
    """
    leaves = [np.asarray(leaf, np.float64).reshape(len(leaf), -1) for leaf in jax.tree.leaves(blocks)]
    return np.linalg.norm(np.concatenate(leaves, axis=1), axis=1)


def gradient_norms(config: Config, critic: dict, batch: Batch) -> pd.DataFrame:
    """Norm of the gradient of the critic's loss, one row per block of each encoder, and its first layer and head.

    critic: `{"state_action": params, "goal": params}`. Columns: `encoder`; `part` (first, block, head); `block`, 0
    next to the input, -1 where `part` is no block; `gradient`, the L2 norm over all parameters of the part, loss (nats)
    per unit of parameter; `parameters`, their own norm; `relative`, the first over the second: what a step of
    gradient descent changes. Adam divides the size of gradients out, so small is not slow by itself; 0 or not
    finite is.
    """
    gradient = critic_gradient(config)(critic, batch)
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


@lru_cache(maxsize=32)
def stream(config: Config, depth: int, inputs: int, outputs: int) -> Callable:
    """taps(params, x): what stands in the residual stream after the first layer and every block, compiled; see
    `Stack`."""
    switches = dict(block=config.block, norm=config.norm, activation=config.activation, residual=config.residual)
    return jax.jit(residual_stack(inputs, outputs, depth, config.width, **switches).taps)


def residual_norms(config: Config, params: dict, x) -> pd.DataFrame:
    """What each block adds to its input (paper, figure 17), one row per block; means over the batch.

    params: those of one stack (an encoder or the actor); x: its input `[batch, inputs]`, for the state-action encoder
    states and actions side by side, for the actor states and goals. Columns: `block`; `input`, ||x||; `residual`,
    ||F(x)||, F the four layers (without `config.residual` this is the output itself); `output`, ||x + F(x)||;
    `rms`, residual / sqrt(width), the paper's code's measure; `relative`, the mean of ||F(x)|| / ||x||, NaN where
    nothing comes in any more. The norms have the activation's unit.
    """
    depth = 4 * len(jax.tree.leaves(params["blocks"])[0])
    places = stream(config, depth, x.shape[-1], params["head"]["bias"].size)(params, jnp.asarray(x))
    places = np.asarray(places, np.float64)  # [1 + blocks, batch, width]
    added = places[1:] - places[:-1] if config.residual else places[1:]
    entering, residual, leaving = (np.linalg.norm(z, axis=-1) for z in (places[:-1], added, places[1:]))
    width = params["head"]["kernel"].shape[0]
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = (residual / entering).mean(axis=1)
    norms = {"input": entering, "residual": residual, "output": leaving}
    table = pd.DataFrame({name: values.mean(axis=1) for name, values in norms.items()})
    table = table.assign(rms=table.residual / np.sqrt(width), relative=relative)
    return table.rename_axis("block").reset_index()
