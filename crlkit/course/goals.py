"""Notebook 01: how seldom chance meets a goal, a toy corridor with known answers, and what energies look like."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from matplotlib.figure import Figure

from crlkit import losses
from crlkit.envs import GoalEnv
from crlkit.figures import style

OWN = np.array([1.0, 0.6])  # phi in the pictures of energies
SPOTS = np.array([[1.2, 0.7], [0.5, 0.3], [2.0, 1.2], [0.6, 1.3], [1.6, -0.4], [-0.9, 0.8], [-1.0, -0.6], [0.4, -1.2]])
SIDE = 2.2


@partial(jax.jit, static_argnums=(0, 1, 2))
def share_of_walks_that_touch(env: GoalEnv, count: int, length: int, seed: int = 0) -> jax.Array:
    """For every free cell of a maze the share of random walks from the start that come within the threshold of its
    middle, `[free]`; `count` walks of `length` steps, actions uniform in [-1, 1]."""
    reset_key, step_key = jax.random.split(jax.random.key(seed))
    world = jax.vmap(env.reset)(jax.random.split(reset_key, count))
    cells = jnp.asarray(env.maze.position(env.maze.free_cells), jnp.float32)

    def near(world):
        return jnp.linalg.norm(world.state[:, None, env.goal_slice] - cells, axis=-1) < env.threshold

    def step(carry, key):
        world, touched = carry
        world = jax.vmap(env.step)(world, jax.random.uniform(key, (count, env.action_size), minval=-1.0))
        return (world, touched | near(world)), None

    (_, touched), _ = jax.lax.scan(step, (world, near(world)), jax.random.split(step_key, length))
    return touched.mean(axis=0)


def corridor(places: int = 8, right: float = 0.4, left: float = 0.3, steps: int = 3) -> np.ndarray:
    """The joint table p(s, g) `[places, places]`: s where a walker is in the long run, g where it is `steps` later.

    In each step it goes right or left with these probabilities, else it stays; so it does at the ends of the corridor.
    """
    walk = np.zeros((places, places))
    for here in range(places):
        walk[here, min(here + 1, places - 1)] += right
        walk[here, max(here - 1, 0)] += left
        walk[here, here] += 1 - right - left
    in_the_long_run = np.linalg.matrix_power(walk, 10_000)[0]
    return in_the_long_run[:, None] * np.linalg.matrix_power(walk, steps)


@style.styled
def draw_tables(tables: dict[str, np.ndarray], labels: tuple[str, str] = ("goal g", "place s")) -> Figure:
    """Tables `[n, m]` side by side, each on its own scale, with the numbers in the cells."""
    figure = style.new_figure(3.7 * len(tables), 3.4)
    for axes, (title, table) in zip(figure.subplots(1, len(tables), squeeze=False)[0], tables.items()):
        finite = table[np.isfinite(table)]
        low, high = finite.min(), finite.max()
        axes.imshow(np.where(np.isfinite(table), table, np.nan), cmap="cividis", vmin=low, vmax=high)
        for (i, j), value in np.ndenumerate(table):
            bright = np.isfinite(value) and value > (low + high) / 2
            said = f"{value:.2f}" if np.isfinite(value) else "never"
            axes.text(
                j, i, said, ha="center", va="center", size=6.5, color="black" if bright or said == "never" else "white"
            )
        axes.set(
            title=title, xlabel=labels[0], ylabel=labels[1], xticks=range(table.shape[1]), yticks=range(len(table))
        )
    return figure


def shares(energy: str, temperature: float) -> dict[str, float]:
    """The softmax over the eight goals A to H of the picture, for its one phi; sums to 1."""
    share = np.asarray(jax.nn.softmax(_scores(energy, temperature, SPOTS)), float)
    return dict(zip("ABCDEFGH", share.tolist(), strict=True))


@style.styled
def draw_energy(energy: str, temperature: float) -> Figure:
    """Left: the energy of every place of the plane for one phi, divided by the temperature, and eight goals. Right:
    the softmax over those goals. `energy` is a name of `losses.ENERGIES`."""
    line = np.linspace(-SIDE, SIDE, 60)
    plane = np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)
    values = _scores(energy, temperature, plane).reshape(60, 60)
    share = shares(energy, temperature)
    figure = style.new_figure(8, 3.3)
    left, right = figure.subplots(1, 2, width_ratios=(1, 1.15))
    image = left.imshow(values, origin="lower", extent=(-SIDE, SIDE) * 2, cmap="cividis")
    figure.colorbar(image, ax=left, label="energy / temperature", shrink=0.9)
    left.plot(*OWN, "P", ms=10, mfc="white", mec="black", label="φ(s, a)")
    for name, (x, y) in zip(share, SPOTS):
        style.mark(left, (y, x), name)
    left.set(title=f"{energy}: energy of every ψ", xlabel="first number of ψ", ylabel="second number of ψ")
    left.legend(loc="lower right", labelcolor="white")
    right.bar(share.keys(), share.values(), color=style.REACHED)
    right.axhline(1 / len(SPOTS), color="black", lw=1, ls="--", label="chance")
    right.set(ylim=(0, 1.02), ylabel="softmax of the row", title=f"temperature {temperature:g}: which goal is mine?")
    right.legend(loc="upper right")
    return figure


@partial(jax.jit, static_argnums=0)
def _row(energy: str, points: jax.Array) -> jax.Array:
    own = jnp.asarray(OWN, jnp.float32)[None]
    return losses.energy_function(energy, 1.0)(own, points)[0]


def _scores(energy: str, temperature: float, points: np.ndarray) -> np.ndarray:
    return np.asarray(_row(energy, jnp.asarray(points, jnp.float32))) / temperature
