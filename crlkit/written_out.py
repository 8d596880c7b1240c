"""The paper's stack with its derivative written out: what `networks.Block` says, cheaper on a CPU.

The same equations, three ways cheaper than by automatic differentiation (docs/performance.md): activations lie as
columns `[width, batch]`, so that sums over the width run over whole vectors; other sums are products with ones; and the
backward pass gets what is dear to compute (n, s) and computes anew what is cheap. The tests hold it to `Block`.
"""

from functools import partial

import jax
import jax.numpy as jnp

EPSILON = 1e-6  # under the root of every norm


def _mean(x: jax.Array) -> jax.Array:
    """Over the width, [width, batch] -> [batch]."""
    return jnp.full(len(x), 1 / len(x), x.dtype) @ x


def _total(x: jax.Array) -> jax.Array:
    """Over the batch, [width, batch] -> [width]."""
    return x @ jnp.ones(x.shape[1], x.dtype)


def _affine(norm: dict, n: jax.Array) -> jax.Array:
    return norm["scale"][:, None] * n + norm["bias"][:, None]


def _layer(p: dict, x: jax.Array) -> tuple[jax.Array, tuple]:
    """`Layer` with layer norm and swish: x [inputs, batch] -> y [width, batch], and (n, s, r): the normalised n and the
    sigmoid s [width, batch], and r [batch], one over the standard deviation."""
    z = p["dense"]["kernel"].T @ x + p["dense"]["bias"][:, None]
    z = z - _mean(z)
    r = jax.lax.rsqrt(_mean(z**2) + EPSILON)
    n = z * r
    u = _affine(p["norm"], n)
    s = jax.nn.sigmoid(u)
    return u * s, (n, s, r)


def _layer_backward(p: dict, x: jax.Array, kept: tuple, dy: jax.Array) -> tuple[dict, jax.Array]:
    """From the gradient in y, those in the parameters and in x."""
    (n, s, r), scale = kept, p["norm"]["scale"]
    du = dy * s * (1 + _affine(p["norm"], n) * (1 - s))
    dun = du * n
    # Through mean and variance of the norm as well; scale @ du / width is the mean of the gradient in n.
    dz = r * (scale[:, None] * du - scale @ du / len(n) - n * (scale @ dun / len(n)))
    dense, norm = {"kernel": x @ dz.T, "bias": _total(dz)}, {"scale": _total(dun), "bias": _total(du)}
    return {"dense": dense, "norm": norm}, p["dense"]["kernel"] @ dz


def _block(p: dict, x: jax.Array) -> tuple[jax.Array, list]:
    y, kept = x, []
    for i in range(len(p["layers"])):
        y, of_layer = _layer(p["layers"][i], y)
        kept.append(of_layer)
    return x + y, kept


def _block_backward(p: dict, x: jax.Array, kept: list, dy: jax.Array) -> tuple[dict, jax.Array]:
    inputs = [x, *(_affine(p["layers"][i]["norm"], n) * s for i, (n, s, _) in enumerate(kept[:-1]))]
    gradients, dx = {}, dy
    for i in reversed(range(len(kept))):
        gradients[i], dx = _layer_backward(p["layers"][i], inputs[i], kept[i], dx)
    return {"layers": gradients}, dy + dx


@partial(jax.custom_vjp, nondiff_argnums=(2,))
def stream(params: dict, x: jax.Array, keep: bool) -> jax.Array:
    """First layer and all blocks of the paper's stack, x [batch, inputs] -> [batch, width]. Without `keep` the backward
    pass gets the input of every block and computes the rest anew."""
    return _forward(params, x, keep)[0]


def _forward(params: dict, x: jax.Array, keep: bool) -> tuple[jax.Array, tuple]:
    def one(x, p):
        y, kept = _block(p, x)
        return y, (x, kept if keep else None)

    first, of_first = _layer(params["first"], x.T)
    y, of_blocks = jax.lax.scan(one, first, params["blocks"])
    return y.T, (params, x, of_first, of_blocks)


def _backward(keep: bool, kept: tuple, dy: jax.Array) -> tuple[dict, jax.Array]:
    params, x, of_first, of_blocks = kept

    def one(dy, block):
        p, (x, kept) = block
        gradient, dx = _block_backward(p, x, kept if keep else _block(p, x)[1], dy)
        return dx, gradient

    dy, of_blocks = jax.lax.scan(one, dy.T, (params["blocks"], of_blocks), reverse=True)
    of_first, dx = _layer_backward(params["first"], x.T, of_first, dy)
    return {"first": of_first, "blocks": of_blocks}, dx.T


stream.defvjp(_forward, _backward)
