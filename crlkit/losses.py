"""One equation, one function, one citation.

Shapes: `phi` `[batch, E]` embeds state-action pairs, `psi` `[batch, E]` embeds goals; row i of both belong together.
"""

import math
from collections.abc import Callable

import jax
import jax.numpy as jnp

from crlkit.registration import Registry

EPSILON = 1e-6


def l2_squared(phi: jax.Array, psi: jax.Array) -> jax.Array:
    """-||phi_i - psi_j||^2 for all pairs `[n, m]`, as 2 phi.psi - ||phi||^2 - ||psi||^2: 10 to 50 times faster on a CPU
    than a table of differences, at the price of rounding where both agree (hence the clip at 0, and full precision)."""
    product = jnp.matmul(phi, psi.T, precision=jax.lax.Precision.HIGHEST)
    squares = jnp.sum(phi**2, axis=-1)[:, None] + jnp.sum(psi**2, axis=-1)[None] - 2 * product
    return -jnp.maximum(squares, 0.0)


def l2(phi: jax.Array, psi: jax.Array) -> jax.Array:
    """-||phi_i - psi_j||_2 for all pairs `[n, m]`: the paper's critic (section 3; 1e-6 under the root keeps the
    gradient finite where both agree, as JaxGCRL does)."""
    return -jnp.sqrt(-l2_squared(phi, psi) + EPSILON)


def dot(phi: jax.Array, psi: jax.Array) -> jax.Array:
    """phi_i . psi_j for all pairs `[n, m]` (Eysenbach et al. 2022, the first contrastive RL)."""
    return phi @ psi.T


def cosine(phi: jax.Array, psi: jax.Array, temperature: float = 0.1) -> jax.Array:
    """cos(phi_i, psi_j) / temperature for all pairs `[n, m]` (SimCLR's form, Chen et al. 2020)."""

    def unit(x):
        return x / jnp.sqrt(jnp.sum(x**2, axis=-1, keepdims=True) + EPSILON)

    return unit(phi) @ unit(psi).T / temperature


# energy(phi [n, E], psi [m, E]) -> [n, m]
ENERGIES = Registry("energy", {"l2": l2, "l2_squared": l2_squared, "dot": dot, "cosine": cosine})


def energy_function(name: str, temperature: float) -> Callable:
    return (lambda phi, psi: cosine(phi, psi, temperature)) if name == "cosine" else ENERGIES[name]


def forward_infonce(logits: jax.Array) -> jax.Array:
    """-mean_i log softmax_j(f_ij)_ii: which goal belongs to this state-action? The paper's loss (its equation 1; a
    mean where the paper writes a sum). `logits` `[batch, batch]`."""
    return -jnp.mean(jnp.diag(logits) - jax.nn.logsumexp(logits, axis=1))


def backward_infonce(logits: jax.Array) -> jax.Array:
    """-mean_j log softmax_i(f_ij)_jj: which state-action belongs to this goal?"""
    return forward_infonce(logits.T)


def symmetric_infonce(logits: jax.Array) -> jax.Array:
    """The sum of forward and backward InfoNCE (Radford et al. 2021 use their mean)."""
    return forward_infonce(logits) + backward_infonce(logits)


def binary_nce(logits: jax.Array) -> jax.Array:
    """Noise-contrastive estimation with logistic loss (Eysenbach et al. 2022, equation 4): positives on the diagonal,
    the mean over all other pairs as negatives, each half of the loss."""
    n = logits.shape[0]
    positive = jnp.mean(jax.nn.softplus(-jnp.diag(logits)))
    negative = jnp.sum(jax.nn.softplus(logits) * (1 - jnp.eye(n))) / (n * max(n - 1, 1))
    return positive + negative


# loss(logits [batch, batch]) -> scalar; what belongs together stands on the diagonal.
LOSSES = Registry(
    "loss",
    {"forward": forward_infonce, "backward": backward_infonce, "symmetric": symmetric_infonce, "binary": binary_nce},
)


def logsumexp_penalty(logits: jax.Array) -> jax.Array:
    """mean_i logsumexp_j(f_ij)^2: pins the free constant c(s, a) of InfoNCE (Eysenbach et al. 2022; weight 0.1 in the
    paper's table of hyperparameters)."""
    return jnp.mean(jax.nn.logsumexp(logits + EPSILON, axis=1) ** 2)


def critic_diagnostics(logits: jax.Array) -> dict[str, jax.Array]:
    """The share of rows whose own goal scores highest, and the mean energy of positives and of negatives."""
    n = logits.shape[0]
    diagonal, number = jnp.diag(logits), jnp.arange(n)
    positive, later = diagonal[:, None], number[None] >= number[:, None]
    # Where argmax(logits, axis=1) == number (the first of equals wins), in a tenth of its time on a CPU.
    highest = jnp.all((logits < positive) | ((logits == positive) & later), axis=1)
    return {
        "categorical_accuracy": jnp.mean(highest),
        "logits_positive": jnp.mean(diagonal),
        "logits_negative": (jnp.sum(logits) - jnp.sum(diagonal)) / (n * max(n - 1, 1)),
    }


def sample_tanh_gaussian(key: jax.Array, mean: jax.Array, log_std: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Draws a = tanh(u), u ~ N(mean, std), and its log-density in nats (Haarnoja et al. 2018, appendix C). Shapes
    `[..., A]` -> `[..., A]`, `[...]`."""
    u = mean + jnp.exp(log_std) * jax.random.normal(key, mean.shape)
    return jnp.tanh(u), tanh_gaussian_log_density(u, mean, log_std)


def tanh_gaussian_log_density(u: jax.Array, mean: jax.Array, log_std: jax.Array) -> jax.Array:
    """log p(tanh(u)) with u before the tanh; log(1 - tanh(u)^2) is written as 2 (log 2 - u - softplus(-2u)), which
    stays exact for large u. Shapes `[..., A] -> [...]`."""
    gaussian = -0.5 * ((u - mean) / jnp.exp(log_std)) ** 2 - log_std - 0.5 * math.log(2 * math.pi)
    log_jacobian = 2 * (math.log(2) - u - jax.nn.softplus(-2 * u))
    return jnp.sum(gaussian - log_jacobian, axis=-1)


def noisy(key: jax.Array, action: jax.Array, noise: float, clip: float = math.inf) -> jax.Array:
    """clip(a + clip(epsilon, -c, c), -1, 1), epsilon normal of standard deviation `noise` (Fujimoto et al. 2018,
    equation 14). Shapes `[..., A]`."""
    epsilon = jnp.clip(noise * jax.random.normal(key, action.shape), -clip, clip)
    return jnp.clip(action + epsilon, -1.0, 1.0)


def bellman_target(reward: jax.Array, discount: float, terminal: jax.Array, value: jax.Array) -> jax.Array:
    """r + discount V(s', g), held fixed. Where the body fell it lies for ever, and V(s', g) is r / (1 - discount): an
    episode's early end must not pay, whatever the sign of rewards. All `[batch]`."""
    after = jnp.where(terminal, reward / (1 - discount), value)
    return jax.lax.stop_gradient(reward + discount * after)


def actor_loss(alpha: jax.Array, log_density: jax.Array, energy: jax.Array) -> jax.Array:
    """mean(alpha log pi(a|s,g) - f(s,a,g)), a drawn from the policy (Haarnoja et al. 2018, equation 7, with the
    contrastive energy in the place of Q). All `[batch]`."""
    return jnp.mean(alpha * log_density - energy)


def temperature_loss(log_alpha: jax.Array, log_density: jax.Array, target_entropy: float) -> jax.Array:
    """alpha mean(-log pi - target entropy), log pi held fixed (Haarnoja et al. 2018, equation 18)."""
    return jnp.exp(log_alpha) * jnp.mean(jax.lax.stop_gradient(-log_density - target_entropy))
