"""How gradients and activations travel through a deep critic: norms by block.

A block is four layers with the identity around them (`config.residual`); block 0 is next to the input.
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


@lru_cache(maxsize=32)
def critic_gradient(config: Config) -> Callable:
    """gradient(critic, batch): of what `config` trains its critic with (`ContrastiveRL.critic_loss`), compiled."""
    loss = make_agent(config).critic_loss
    return jax.jit(jax.grad(lambda critic, batch: loss(critic, batch)[0]))


def gradient_norms(config: Config, critic: dict, batch: Batch, encoder: str = "state_action") -> np.ndarray:
    """L2 norm of the gradient of the critic's loss over all parameters of each block `[blocks]` of an encoder, nats per
    unit of parameter. In double precision: 0 is what single precision itself has rounded to 0. Adam divides the size of
    gradients out, so small is not slow by itself; 0 or not finite is."""
    leaves = jax.tree.leaves(critic_gradient(config)(critic, batch)[encoder]["blocks"])
    flat = [np.asarray(leaf, np.float64).reshape(len(leaf), -1) for leaf in leaves]
    return np.linalg.norm(np.concatenate(flat, axis=1), axis=1)


@lru_cache(maxsize=32)
def stream(config: Config, depth: int, inputs: int, outputs: int) -> Callable:
    """taps(params, x): what stands in the residual stream after the first layer and every block, compiled."""
    switches = dict(block=config.block, norm=config.norm, activation=config.activation, residual=config.residual)
    return jax.jit(residual_stack(inputs, outputs, depth, config.width, **switches).taps)


def residual_norms(config: Config, params: dict, x) -> pd.DataFrame:
    """What each block adds to its input (paper, figure 17), one row per block; means over the batch.

    params: those of one stack (an encoder or the actor); x: its input `[batch, inputs]`, states and actions side by
    side or, for the actor, states and goals. Columns, in the activation's unit: `block`; `residual`, ||F(x)||, F the
    four layers; `output`, ||x + F(x)|| (without `config.residual` ||F(x)|| too); `rms`, residual / sqrt(width), the
    paper's code's measure.
    """
    depth = 4 * len(jax.tree.leaves(params["blocks"])[0])
    places = stream(config, depth, x.shape[-1], params["head"]["bias"].size)(params, jnp.asarray(x))
    places = np.asarray(places, np.float64)  # [1 + blocks, batch, width]
    added = places[1:] - places[:-1] if config.residual else places[1:]
    residual, output = (np.linalg.norm(z, axis=-1).mean(axis=1) for z in (added, places[1:]))
    rms = residual / np.sqrt(places.shape[-1])
    return pd.DataFrame({"residual": residual, "output": output, "rms": rms}).rename_axis("block").reset_index()
