"""A block of your own in one file: the residual branch passes a gate that begins shut, so that a fresh network is the
identity between its ends (ReZero, Bachlechner et al. 2021).

python examples/own_block.py                                                   trains and scores it beside the paper's
CRLKIT_IMPORT=examples/own_block.py crlkit train --block rezero --depth 64      the command line knows it, too
"""

import jax.numpy as jnp
from flax import nnx

import crlkit
from crlkit.networks import Layer


class ReZero(nnx.Module):
    """x + gate * F(x), F four layers. Parameters named `kernel` are drawn, `scale` are ones, others zeros."""

    def __init__(self, width, norm, activation, residual, rngs):
        self.layers = nnx.List([Layer(width, width, norm, activation, rngs) for _ in range(4)])
        self.gate = nnx.Param(jnp.zeros(()))

    def __call__(self, x):
        y = x
        for layer in self.layers:
            y = layer(y)
        return x + self.gate[...] * y


crlkit.register_block("rezero", ReZero)

if __name__ == "__main__":
    for block in ("residual", "rezero"):
        run = crlkit.train(crlkit.preset("tutorial", env="point_big_maze", block=block, depth=64), progress=True)
        print(block, crlkit.evaluate(run), sep="\n")
