"""A block of your own in one file: the residual branch passes a gate that begins almost shut, so that a fresh network
is nearly the identity (as in highway networks, Srivastava et al. 2015, and ReZero, Bachlechner et al. 2021).

python examples/own_block.py                                                   trains and scores it beside the paper's
CRLKIT_IMPORT=examples/own_block.py crlkit train --block gated --depth 64      the command line knows it, too
"""

import jax.numpy as jnp
from flax import nnx

import crlkit
from crlkit.networks import Layer


class Gated(nnx.Module):
    """x + gate * F(x), F four layers; one gate per unit. Parameters named `kernel` are drawn, `scale` are ones, others
    zeros."""

    def __init__(self, width, norm, activation, residual, rngs):
        self.layers = nnx.List([Layer(width, width, norm, activation, rngs) for _ in range(4)])
        self.gate = nnx.Param(jnp.zeros(width))

    def __call__(self, x):
        y = x
        for layer in self.layers:
            y = layer(y)
        return x + nnx.sigmoid(self.gate[...] - 2.0) * y


crlkit.register_block("gated", Gated)

if __name__ == "__main__":
    for block in ("residual", "gated"):
        run = crlkit.train(crlkit.preset("tutorial", env="point_big_maze", block=block, depth=64), progress=True)
        print(block, crlkit.evaluate(run), sep="\n")
