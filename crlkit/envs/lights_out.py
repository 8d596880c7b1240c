"""Lights Out in pure JAX: a small task whose distances are parities, so that a straight line says nothing.

State: the board, one number a cell, +1 lit and -1 dark, row by row. Goal: another board. A press toggles a cell and its
neighbours above, below, left and right; the action presses the cell with the largest entry of `[-1, 1]^cells`.

Presses commute and undo themselves, so a way from board s to board g is a set of cells x with A x = s + g over GF(2),
A being the table of what each press toggles (Anderson and Feil 1998, "Turning lights out with linear algebra").
"""

import re

import jax
import jax.numpy as jnp
import numpy as np

from crlkit import losses
from crlkit.envs.base import EnvState, GoalEnv

LARGEST = 9  # cells: tables over all pairs of boards stay small
COLOURS = np.array([(51, 51, 51), (240, 228, 66)]) / 255  # dark and lit, red, green and blue


def board(name: str) -> tuple[int, int]:
    """Rows and columns of `lights_out_<rows>x<columns>`. Raises KeyError unless it has 2 to 9 cells."""
    match = re.fullmatch(r"lights_out_([1-9])x([1-9])", name)
    if not match or not 2 <= int(match[1]) * int(match[2]) <= LARGEST:
        raise KeyError(name)
    return int(match[1]), int(match[2])


# What a perfect critic would say, and what a given one knows: exact, over all boards. After a press, the future of a
# random walk depends only on the difference d between board and goal, so the density ratio of InfoNCE is a table of d.


def future_density(env, discount: float, walk_length: int, strategy: str = "geometric") -> np.ndarray:
    """q(d) `[2^cells]`: how likely a hindsight goal differs by d from the board just after the recorded press. Of a step
    with R >= 1 later ones the goal lies k in 1..R ahead, with probability proportional to discount^k (or uniform, or
    k = R), and the k - 1 presses between are random."""
    size, toggles = 2**env.cells, env.number(env.toggles)
    spread, q = np.eye(1, size)[0], np.zeros(size)  # spread: the difference after k - 1 random presses
    k = np.arange(1, walk_length)
    remaining = k[:, None]  # R
    shares = {"geometric": discount ** k.astype(float), "uniform": 1.0, "final": k == remaining}
    own = np.where(k <= remaining, shares[strategy], 0.0)  # [R, k]
    for w in (own / own.sum(axis=1, keepdims=True) / len(k)).sum(axis=0):
        q += w * spread
        spread = np.mean([spread[np.arange(size) ^ toggle] for toggle in toggles], axis=0)
    return q


def straight_line(density: np.ndarray) -> np.ndarray:
    """The density `[2^cells]` as far as the number of differing cells tells it: the best critic of that kind."""
    count = np.array([number.bit_count() for number in range(len(density))])
    return (np.bincount(count, density) / np.bincount(count))[count]


def parities(env) -> np.ndarray:
    """Of each press whether it belongs to the way, by the difference of two boards: +1 no, -1 yes, `[cells, 2^cells]`.
    A difference d is undone by the presses x = A^-1 d over GF(2), so x_i is a parity of some cells of d. The perfect
    critic is nearly a constant plus one term for each. Empty where A has no inverse."""
    one_way = (env.distances >= 0).all()
    return (1 - 2 * env.presses.T.astype(int))[: env.cells if one_way else 0]


def after_press(env, state: jax.Array, action: jax.Array) -> jax.Array:
    """Numbers of the boards `[n]` that `action` `[n, cells]` makes of `state` `[n, cells]`."""
    return env.number(state > 0) ^ jnp.asarray(env.number(env.toggles))[jnp.argmax(action, axis=-1)]


def bayes_logits(env, density: np.ndarray, state: jax.Array, action: jax.Array, goal: jax.Array) -> jax.Array:
    """log q of all pairs `[n, m]`: the critic that no other beats (van den Oord et al. 2018, section 2.3; goals are
    uniform here)."""
    difference = after_press(env, state, action)[:, None] ^ env.number(goal > 0)[None]
    return jnp.log(jnp.asarray(np.maximum(density, 1e-30), jnp.float32))[difference]


def score_critic(env, energy, batches, config) -> dict[str, jax.Array]:
    """Scores over all pairs of different boards, and the InfoNCE loss in nats on the same held-out `batches` of the
    perfect critic (bayes_loss) and of the best that only counts in how many cells two boards differ (line_loss).

    optimal_action: share of pairs where the press that scores highest begins a shortest path.
    solved_<d>: share of pairs d presses apart that the greedy policy solves within as many presses as there are cells.
    parity_<i>: mean energy along a parity (`parities`) in parts of the perfect critic's: 1 known, 0 unknown.
    press_<i>: the same at the difference of one press, above the mean of all differences in as many cells.
    near_<d>: mean energy at distance d less that at distance 0, nats.
    """
    density = future_density(env, config.discount, config.episode_length, config.hindsight)

    def loss(density):
        pairs = batches.state, batches.action, batches.goal
        return jnp.mean(jax.lax.map(lambda pair: losses.forward_infonce(bayes_logits(env, density, *pair)), pairs))

    size, toggles = 2**env.cells, env.number(env.toggles)
    index = np.arange(size)
    distance = env.distances[index[:, None] ^ index[None]]  # [board, goal]
    after = index[:, None] ^ toggles[None]  # [board, press]
    boards = jnp.asarray(env.every_board)
    state, action = jnp.repeat(boards, env.cells, axis=0), jnp.tile(jnp.asarray(env.every_action), (size, 1))
    table = energy(state, action, boards).reshape(size, env.cells, size)  # [board, press, goal]
    choice = jnp.argmax(table, axis=1)  # [board, goal]
    shorter = env.distances[after[:, :, None] ^ index[None, None]] < distance[:, None]  # [board, press, goal]
    optimal = jnp.take_along_axis(jnp.asarray(shorter), choice[:, None], axis=1)[:, 0]
    scores = {"bayes_loss": loss(density), "line_loss": loss(straight_line(density))}
    scores["optimal_action"] = jnp.sum(optimal & (distance > 0)) / (distance > 0).sum()

    def press(_, carry):
        board, solved = carry
        board = jnp.asarray(after)[board, choice[board, index[None]]]
        return board, solved | (board == index[None])

    start = jnp.broadcast_to(jnp.asarray(index)[:, None], (size, size))
    _, solved = jax.lax.fori_loop(0, env.cells, press, (start, jnp.zeros((size, size), bool)))
    for d in range(1, int(distance.max()) + 1):
        scores[f"solved_{d}"] = jnp.sum(solved & (distance == d)) / (distance == d).sum()
    # The mean energy by difference after the press.
    rows = table.reshape(size * env.cells, size)
    mean = jnp.mean(jax.vmap(lambda row, board: row[index ^ board])(rows, jnp.asarray(after).reshape(-1)), axis=0)
    perfect = np.log(np.maximum(density, 1e-30))
    count = np.array([number.bit_count() for number in range(size)])
    for cell, toggle in enumerate(toggles):
        alike = (count == count[toggle]) / (count == count[toggle]).sum()
        scores[f"press_{cell}"] = (mean[toggle] - mean @ alike) / max(perfect[toggle] - perfect @ alike, 1e-6)
    for cell, signs in enumerate(parities(env)):
        scores[f"parity_{cell}"] = (mean @ signs) / (perfect @ signs)
    for d in range(1, int(distance.max()) + 1):
        scores[f"near_{d}"] = jnp.sum(mean * (env.distances == d)) / (env.distances == d).sum() - mean[0]
    return scores


class LightsOut(GoalEnv):
    """toggles: A `[cells, cells]`, row i what a press of cell i toggles. By `number(difference)` of two boards: presses,
    bool `[2^cells, cells]`, a smallest set between them; distances `[2^cells]`, how many these are, -1 for never.
    every_action: all presses as actions; every_board `[2^cells, cells]`: board k in row k."""

    goal_slice = slice(None)
    threshold = 1.0  # boards that differ in one cell are 2 apart

    def __init__(self, name: str):
        """Raises KeyError for an unknown name."""
        self.name, (self.rows, self.columns) = name, board(name)
        self.cells = self.state_size = self.goal_size = self.action_size = self.rows * self.columns
        place = np.stack(np.divmod(np.arange(self.cells), self.columns), axis=-1)
        self.toggles = (np.abs(place[:, None] - place[None]).sum(-1) <= 1).astype(np.int32)
        self._toggles = jnp.asarray(self.toggles)
        self.every_action = 2.0 * np.eye(self.cells, dtype=np.float32) - 1.0
        bits = np.arange(2**self.cells)[:, None] >> np.arange(self.cells)[::-1] & 1  # of all boards, or sets of presses
        self.every_board = 2.0 * bits.astype(np.float32) - 1.0
        self.distances, self.presses = np.full(len(bits), -1), np.zeros(bits.shape, bool)
        fewest_last = bits[np.argsort(-bits.sum(axis=1), kind="stable")]
        made = self.number(fewest_last @ self.toggles % 2)
        self.presses[made], self.distances[made] = fewest_last, fewest_last.sum(axis=1)  # the last of several stays

    def number(self, differs):
        """Boards or differences `[..., cells]` of truth values as whole numbers `[...]`, cell 0 the highest bit."""
        return differs @ (1 << np.arange(self.cells)[::-1])

    def reset(self, key: jax.Array) -> EnvState:
        """A board with every cell lit or dark alike, and a goal that some set of presses reaches from it."""
        start_key, goal_key = jax.random.split(key)
        start = jax.random.bernoulli(start_key, shape=(self.cells,))
        chosen = jax.random.bernoulli(goal_key, shape=(self.cells,)).astype(jnp.int32)
        goal = (start + chosen @ self._toggles) % 2
        return EnvState((), 2.0 * start - 1.0, 2.0 * goal - 1.0, jnp.array(False))

    def step(self, env_state: EnvState, action: jax.Array) -> EnvState:
        toggled = self._toggles[jnp.argmax(action)]
        return env_state._replace(state=env_state.state * (1.0 - 2.0 * toggled))

    def random_action(self, key: jax.Array) -> jax.Array:
        """A press of any cell alike: +1 there, -1 elsewhere."""
        return 2.0 * jax.nn.one_hot(jax.random.randint(key, (), 0, self.cells), self.cells) - 1.0

    def draw(self, axes, states: np.ndarray, goal: np.ndarray) -> None:
        """The board and, on its right, the one that is wanted."""
        for left, title, cells in ((0, "now", states[-1]), (self.columns + 1, "goal", goal)):
            edges = left + np.arange(self.columns + 1), np.arange(self.rows + 1)
            colours = COLOURS[(cells > 0).astype(int)].reshape(self.rows, self.columns, 3)
            axes.pcolormesh(*edges, colours[::-1], edgecolors="white", linewidth=2)  # row 0 on top
            axes.text(left + self.columns / 2, self.rows + 0.1, title, size=9, ha="center", va="bottom")
        axes.set(xlim=(0, 2 * self.columns + 1), ylim=(0, self.rows + 0.5))

    score_critic = score_critic
