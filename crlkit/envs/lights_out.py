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
from scipy.sparse import csr_array
from scipy.sparse.csgraph import shortest_path

from crlkit.envs import boards
from crlkit.envs.base import EnvState, GoalEnv

LARGEST = 9  # cells: tables over all pairs of boards stay small
COLOURS = np.array([(51, 51, 51), (240, 228, 66)]) / 255  # dark and lit, red, green and blue


def board(name: str) -> tuple[int, int]:
    """Rows and columns of `lights_out_<rows>x<columns>`. Raises KeyError unless it has 2 to 9 cells."""
    match = re.fullmatch(r"lights_out_([1-9])x([1-9])", name)
    if not match or not 2 <= int(match[1]) * int(match[2]) <= LARGEST:
        raise KeyError(name)
    return int(match[1]), int(match[2])


class LightsOut(GoalEnv):
    """toggles: A `[cells, cells]` of 0 and 1, row i what a press of cell i toggles; symmetric.

    By `number(difference)` of two boards: presses, bool `[2^cells, cells]`, a smallest set of presses between them;
    distances, int `[2^cells]`, how many these are, -1 for never. every_action: all presses as actions `[cells, cells]`;
    every_board: all boards `[2^cells, cells]`, board k in row k.
    """

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
        numbers, toggles = np.arange(2**self.cells), self.number(self.toggles)
        bits = numbers[:, None] >> np.arange(self.cells)[::-1] & 1
        self.every_board = 2.0 * bits.astype(np.float32) - 1.0
        edges = np.repeat(numbers, self.cells), (numbers[:, None] ^ toggles).ravel()
        graph = csr_array((np.ones(len(edges[0])), edges), shape=(len(numbers),) * 2)
        steps, before = shortest_path(graph, unweighted=True, indices=0, return_predecessors=True)
        self.distances, self.presses = np.where(np.isfinite(steps), steps, -1).astype(int), np.zeros(bits.shape, bool)
        for number in np.argsort(steps)[1 : np.isfinite(steps).sum()]:  # nearest first, 0 left out
            self.presses[number] = self.presses[before[number]]
            self.presses[number, np.argmax(toggles == number ^ before[number])] = True

    def number(self, differs):
        """Boards or differences as whole numbers: `differs` `[..., cells]` of truth values -> `[...]`, cell 0 the
        highest bit."""
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

    score_critic = boards.score_critic
