"""A block of your own in one file: the norm stands before the layers instead of in each, so that nothing but sums is on
the stream (He et al. 2016; the order of recent deep-RL networks, Lee et al. 2025). Head norm ends both networks.

python examples/prenorm_block.py                                                   trains and scores it beside the paper's
CRLKIT_IMPORT=examples/prenorm_block.py crlkit train --block prenorm --depth 64     the command line knows it, too
"""

from flax import nnx

import crlkit
from crlkit.networks import ACTIVATIONS, LAYERS_PER_BLOCK, NORMS


class PreNorm(nnx.Module):
    """x + F(norm(x)), F four Dense with activations between them."""

    def __init__(self, width, norm, activation, residual, rngs):
        self.norm = NORMS[norm](width, rngs)
        self.dense = nnx.List([nnx.Linear(width, width, rngs=rngs) for _ in range(LAYERS_PER_BLOCK)])
        self.activation, self.residual = ACTIVATIONS[activation], residual

    def __call__(self, x):
        y = self.dense[0](self.norm(x))
        for dense in self.dense[1:]:
            y = dense(self.activation(y))
        return x + y if self.residual else y


crlkit.register_block("prenorm", PreNorm)

if __name__ == "__main__":
    head = dict(actor_head="norm", critic_head="norm")
    for block in ("residual", "prenorm"):
        config = crlkit.preset("tutorial", env="point_big_maze", block=block, depth=64, **head)
        run = crlkit.train(config, progress=True)
        print(block, crlkit.evaluate(run), sep="\n")
