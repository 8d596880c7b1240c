"""Norms by block against a critic whose blocks are a Python list, and against what theory says of deep plain stacks."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import crlkit
from crlkit.agents.trained import untrained
from crlkit.analysis import gradients
from crlkit.replay import Batch

BATCH = 24


def example(depth, seed=0, **options):
    """A config, a critic with norms and biases off their initial ones and zeros, and a batch."""
    config = crlkit.Config(preset="smoke", env="point_u4_maze", depth=depth, width=12, embedding_size=6, **options)
    critic = untrained(config, seed).critic
    random = np.random.default_rng(seed)
    critic = jax.tree.map(lambda leaf: np.asarray(leaf) + np.float32(0.05 * random.normal(size=leaf.shape)), critic)
    return config, critic, batch(seed)


def batch(seed):
    random = np.random.default_rng(seed + 1)
    return Batch(*(jnp.asarray(random.normal(size=(BATCH, 2)), jnp.float32) for _ in range(4)))


def looped(config, first, blocks, head, x):
    """An encoder whose blocks are a list, as one would write it; returns its output and each block's (x, F(x))."""
    act = {"swish": jax.nn.silu, "relu": jax.nn.relu, "gelu": jax.nn.gelu}[config.activation]

    def layer(p, x):
        x = x @ p["dense"]["kernel"] + p["dense"]["bias"]
        if config.norm == "layer":
            x = (x - x.mean(-1, keepdims=True)) / jnp.sqrt(x.var(-1, keepdims=True) + 1e-6)
            x = x * p["norm"]["scale"] + p["norm"]["bias"]
        elif config.norm == "rms":
            x = x / jnp.sqrt((x**2).mean(-1, keepdims=True) + 1e-6) * p["norm"]["scale"]
        return act(x)

    x, seen = layer(first, x), []
    for own in blocks:
        y = x
        for k in range(4):
            y = layer(own["layers"][k], y)
        seen.append((x, y))
        x = x + y if config.residual else y
    return x @ head["kernel"] + head["bias"], seen


def unstacked(params):
    count = len(jax.tree.leaves(params["blocks"])[0])
    blocks = [jax.tree.map(lambda leaf, i=i: leaf[i], params["blocks"]) for i in range(count)]
    return {"first": params["first"], "blocks": blocks, "head": params["head"]}


def inputs(batch):
    return {"state_action": jnp.concatenate([batch.state, batch.action], axis=-1), "goal": batch.goal}


def looped_loss(config, critic, batch):
    """Forward InfoNCE over l2 energies and the log-sum-exp penalty, written out."""
    phi, psi = (looped(config, **critic[name], x=x)[0] for name, x in inputs(batch).items())
    energies = -jnp.sqrt(((phi[:, None] - psi[None]) ** 2).sum(-1) + 1e-6)
    total = jax.nn.logsumexp(energies, axis=1)
    return jnp.mean(total - jnp.diag(energies)) + config.logsumexp_penalty * jnp.mean(total**2)


def norm(tree):
    return np.sqrt(sum(np.sum(np.square(np.float64(leaf))) for leaf in jax.tree.leaves(tree)))


SWITCHES = [
    {},
    {"norm": "rms", "activation": "relu", "residual": False},
]


@pytest.mark.parametrize("switches", SWITCHES, ids=str)
def test_norms_are_those_of_a_looped_critic(switches):
    config, critic, data = example(8, **switches)
    listed = {name: unstacked(critic[name]) for name in critic}
    expected = jax.grad(lambda critic: looped_loss(config, critic, data))(listed)
    for name in critic:
        found = gradients.gradient_norms(config, critic, data, name)
        np.testing.assert_allclose(found, [norm(block) for block in expected[name]["blocks"]], rtol=2e-3)

    for name, x in inputs(data).items():
        rows = gradients.residual_norms(config, critic[name], x)
        pairs = looped(config, **listed[name], x=inputs(data)[name])[1]
        sizes = [[np.linalg.norm(np.float64(z), axis=-1) for z in pair] for pair in pairs]
        np.testing.assert_allclose(rows.residual, [y.mean() for _, y in sizes], rtol=1e-4)
        out = [x + y if config.residual else y for x, y in pairs]
        np.testing.assert_allclose(rows.output, [norm_mean(z) for z in out], rtol=1e-4)
        np.testing.assert_allclose(rows.rms, rows.residual / np.sqrt(12), rtol=1e-6)


def norm_mean(x):
    return np.linalg.norm(np.float64(x), axis=-1).mean()


def initial(depth, **switches):
    """A critic as training would start it."""
    config = crlkit.Config(preset="smoke", env="point_u4_maze", depth=depth, width=32, **switches)
    critic = untrained(config, 0).critic
    return config, critic, batch(0)


def first_over_last(norms):
    return norms[0] / norms[-1]


def test_identity_paths_or_normalisation_keep_the_gradient_of_the_first_block_alive():
    """Plain layers of this initialisation shrink what passes them (kernels of variance 1/(3 inputs), and an activation
    that halves), so over 64 of them the gradient dies. The identity keeps it, and so, at the start, does the norm."""
    assert first_over_last(gradients.gradient_norms(*initial(64, norm="none", residual=False))) < 1e-6
    assert 0.1 < first_over_last(gradients.gradient_norms(*initial(64, norm="none"))) < 10
    assert 0.01 < first_over_last(gradients.gradient_norms(*initial(64, residual=False))) < 100


def test_what_an_actor_adds_block_by_block():
    config = crlkit.Config(preset="smoke", env="point_u4_maze", depth=8, actor_depth=12, width=12)
    actor = gradients.residual_norms(config, untrained(config, 3).actor, np.ones((5, 4), np.float32))
    assert list(actor.block) == [0, 1, 2] and actor.notna().all(axis=None)
