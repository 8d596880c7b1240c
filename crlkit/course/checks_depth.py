"""Checks of notebooks 05 to 13: what depth does, how sure one can be of it, and what it costs."""

from collections import deque
from itertools import product

import numpy as np
import pandas as pd
from scipy import stats

from crlkit.analysis.representations import principal_components
from crlkit.analysis.statistics import interquartile_mean, interval, probability_of_improvement
from crlkit.analysis.thresholds import threshold
from crlkit.config import Config
from crlkit.course.checks import Check, Mistake
from crlkit.envs.lights_out import LightsOut
from crlkit.envs.mazes import Maze, make_maze
from crlkit.suites import FIRST_SEED

# Notebook 05


def _resampled(scores, middle, level: float = 0.95) -> np.ndarray:
    rng = np.random.default_rng(1)
    drawn = middle(rng.choice(scores, size=(5000, len(scores))), axis=1)
    return np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])


def _skewed(seed: int) -> np.ndarray:
    return np.round(20 + 25 * np.random.default_rng(seed).exponential(size=24), 1)


check_interval = Check(
    "my_interval",
    interval,
    [(_skewed(0),), (_skewed(3),)],
    [
        Mistake("low first expected, yours is the other way round", lambda x: interval(x)[::-1]),
        Mistake("interquartile means expected, yours are plain means", lambda x: _resampled(x, np.mean)),
        Mistake("interquartile means expected, yours are medians", lambda x: _resampled(x, np.median)),
        Mistake("the middle 95 % expected, yours is the middle 90 %", lambda x: _resampled(x, interquartile_mean, 0.9)),
        Mistake(
            "the middle 95 % expected, yours is the middle 99 %", lambda x: _resampled(x, interquartile_mean, 0.99)
        ),
        Mistake(
            "an interval of the middle expected, yours is where single scores lie",
            lambda x: np.quantile(x, [0.025, 0.975]),
        ),
        Mistake(
            "drawing with replacement expected, yours draws every score once", lambda x: [interquartile_mean(x)] * 2
        ),
    ],
    tolerance=0.012,
)


def score_after(seconds, shares, budget: float) -> float:
    """The score of a run after `budget` seconds: straight lines between evaluations, from 0 at the start."""
    return float(np.interp(budget, [0, *seconds], [0, *shares]))


_RUN = (np.array([3.0, 6.0, 9.5, 12.0]), np.array([0.10, 0.34, 0.28, 0.61]))
check_score_after = Check(
    "my_score_after",
    score_after,
    [(*_RUN, 7.0), (*_RUN, 1.5), (*_RUN, 12.0), (*_RUN, 4.0)],
    [
        Mistake(
            "a start at score 0, second 0 expected, yours begins at the first evaluation",
            lambda t, x, b: np.interp(b, t, x),
        ),
        Mistake(
            "straight lines expected, yours takes the last evaluation so far",
            lambda t, x, b: [0, *x][int((t <= b).sum())],
        ),
        Mistake(
            "straight lines expected, yours takes the nearest evaluation", lambda t, x, b: x[np.abs(t - b).argmin()]
        ),
        Mistake("the score at the budget expected, yours is the last score", lambda t, x, b: x[-1]),
    ],
)

_ARMS = (np.array([0.2, 0.4, 0.4, 0.7, 0.1, 0.4]), np.array([0.4, 0.1, 0.3, 0.4, 0.2, 0.0]))
check_improvement = Check(
    "my_improvement",
    lambda x, y: probability_of_improvement([x], [y]).value,
    [_ARMS, (_ARMS[0][:4], _ARMS[1]), (np.ones(5), np.ones(3))],
    [
        Mistake("ties count half, yours counts them as nothing", lambda x, y: np.mean(np.subtract.outer(x, y) > 0)),
        Mistake("ties count half, yours counts them as wins", lambda x, y: np.mean(np.subtract.outer(x, y) >= 0)),
        Mistake(
            "x ahead of y expected, yours is y ahead of x", lambda x, y: probability_of_improvement([y], [x]).value
        ),
        Mistake(
            "every x with every y expected, yours compares them in pairs",
            lambda x, y: np.mean((x > y) + 0.5 * (x == y)) if len(x) == len(y) else np.nan,
        ),
        Mistake("the share of pairs expected, yours is a difference of means", lambda x, y: x.mean() - y.mean()),
    ],
)

# Notebook 06


def _table(depths, scores) -> pd.DataFrame:
    return pd.DataFrame({"depth": np.repeat(depths, np.shape(scores)[1]), "score": np.ravel(scores)})


def _rise(depths, scores, after: int = 1, logged: bool = True, per_doubling: bool = True) -> float:
    values = np.log2(scores).mean(axis=1) if logged else np.mean(scores, axis=1)
    rises = np.diff(values) / (np.diff(np.log2(depths)) if per_doubling else 1)
    return depths[int(rises.argmax()) + after]


_DEPTHS = np.array([4, 8, 16, 64])
check_rise = Check(
    "my_rise",
    lambda depths, scores: threshold(_table(depths, scores), resamples=2).depth,
    [
        (_DEPTHS, np.array([[0.02, 0.03], [0.10, 0.12], [0.20, 0.22], [0.55, 0.6]])),
        (_DEPTHS, np.array([[0.10, 0.12], [0.13, 0.14], [0.30, 0.32], [0.90, 0.95]])),
        (_DEPTHS, np.array([[0.010, 0.012], [0.012, 0.015], [0.09, 0.1], [0.95, 1.0]])),
        (_DEPTHS, np.array([[0.05, 0.06], [0.5, 0.55], [0.8, 0.85], [0.6, 0.65]])),
        (_DEPTHS, np.array([[0.1, 0.1], [0.2, 0.2], [0.5, 0.5], [0.85, 0.85]])),
    ],
    [
        Mistake("the depth after the rise expected, yours is the one before", lambda d, s: _rise(d, s, after=0)),
        Mistake(
            "a rise per doubling of depth expected, yours is per recorded depth",
            lambda d, s: _rise(d, s, per_doubling=False),
        ),
        Mistake(
            "logarithms of the scores expected, yours takes the scores themselves",
            lambda d, s: _rise(d, s, logged=False),
        ),
        Mistake(
            "logarithms and doublings expected, yours takes the scores per recorded depth",
            lambda d, s: _rise(d, s, logged=False, per_doubling=False),
        ),
        Mistake("the largest rise expected, yours is the best depth", lambda d, s: d[np.mean(s, axis=1).argmax()]),
    ],
)


def press(board, cell: tuple[int, int], reach=((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1))) -> np.ndarray:
    """The board `[rows, columns]` of +1 and -1 after a press of `cell`."""
    board = np.array(board)
    for i, j in ((cell[0] + di, cell[1] + dj) for di, dj in reach):
        if 0 <= i < board.shape[0] and 0 <= j < board.shape[1]:
            board[i, j] *= -1
    return board


def _around(board, cell) -> np.ndarray:
    board = np.array(board)
    for di, dj in ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)):
        board[(cell[0] + di) % board.shape[0], (cell[1] + dj) % board.shape[1]] *= -1
    return board


_NEIGHBOURS = ((1, 0), (-1, 0), (0, 1), (0, -1))
_BOARDS = [np.random.default_rng(k).choice([-1, 1], size=(3, 3)) for k in range(3)]
check_press = Check(
    "my_press",
    press,
    [(_BOARDS[0], (1, 1)), (_BOARDS[1], (0, 0)), (_BOARDS[2], (2, 1))],
    [
        Mistake("a press changes the board, yours is as before", lambda board, cell: board),
        Mistake(
            "the pressed cell itself changes too, yours leaves it", lambda board, cell: press(board, cell, _NEIGHBOURS)
        ),
        Mistake(
            "neighbours change too, yours changes the pressed cell only",
            lambda board, cell: press(board, cell, ((0, 0),)),
        ),
        Mistake(
            "neighbours up, down, left and right, yours has the diagonals too",
            lambda board, cell: press(board, cell, tuple(product((-1, 0, 1), repeat=2))),
        ),
        Mistake("the board ends at its border, yours goes round (index -1 is the other side in Python)", _around),
    ],
)


def presses_needed(toggles, difference) -> int:
    """The fewest presses whose toggles sum to `difference` modulo 2, by trying every set of presses."""
    toggles, difference = np.asarray(toggles), np.asarray(difference)
    sets = np.array(list(product((0, 1), repeat=len(toggles))))
    makes = (sets @ toggles % 2 == difference).all(axis=1)
    return int(sets[makes].sum(axis=1).min())


def _without_parity(toggles, difference) -> float:
    sets = np.array(list(product((0, 1), repeat=len(toggles))))
    return sets[(sets @ toggles == difference).all(axis=1)].sum(axis=1).min(initial=99)


_TOGGLES, _SMALL = LightsOut("lights_out_3x3").toggles, LightsOut("lights_out_2x2").toggles
check_presses_needed = Check(
    "my_presses_needed",
    presses_needed,
    [
        (_SMALL, np.array([1, 0, 0, 0])),
        (_SMALL, np.array([1, 1, 1, 0])),
        (_SMALL, np.zeros(4, int)),
        (_TOGGLES, np.ones(9, int)),
        (_TOGGLES, np.array([1, 1, 0, 1, 0, 0, 0, 0, 0])),
    ],
    [
        Mistake("presses expected, yours counts the cells that differ", lambda toggles, difference: np.sum(difference)),
        Mistake("sums modulo 2 expected, yours adds without", _without_parity),
        Mistake(
            "the fewest presses expected, yours is how many sets of presses do it",
            lambda toggles, difference: sum(
                (np.array(s) @ toggles % 2 == difference).all() for s in product((0, 1), repeat=len(toggles))
            ),
        ),
    ],
)

# Notebook 07


def topology_of(energy, path, line) -> float:
    """Rank correlation of minus the energy with the path distance, less that with the line distance."""
    nearness = -np.asarray(energy, float)
    return float(stats.spearmanr(nearness, path).statistic - stats.spearmanr(nearness, line).statistic)


def _cells(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    maze = make_maze("u4_maze")
    cells, goal = np.array(maze.free_cells), maze.free_cells[-1]
    path, line = maze.distances[-1], np.linalg.norm(cells - goal, axis=1)
    noise = np.random.default_rng(seed).normal(size=len(cells))
    return -(0.5 * path**1.5 + line + 3 * noise), path, line


check_topology = Check(
    "my_topology",
    topology_of,
    [_cells(0), _cells(1)],
    [
        Mistake(
            "minus the energy, and path minus line, expected; yours has one of the signs the other way round",
            lambda e, p, q: -topology_of(e, p, q),
        ),
        Mistake(
            "ranks expected, yours is the correlation of the values",
            lambda e, p, q: np.corrcoef(-e, p)[0, 1] - np.corrcoef(-e, q)[0, 1],
        ),
        Mistake(
            "minus that with the line expected, yours is the path's alone",
            lambda e, p, q: stats.spearmanr(-e, p).statistic,
        ),
        Mistake(
            "two correlations expected, yours is one of path and line",
            lambda e, p, q: 1 - stats.spearmanr(p, q).statistic,
        ),
    ],
)


def _singular(x, centred: bool = True) -> np.ndarray:
    return np.linalg.svd(x - centred * x.mean(axis=0), compute_uv=False)


def _points(seed: int) -> tuple[np.ndarray]:
    rng = np.random.default_rng(seed)
    return (rng.normal(size=(30, 6)) * [4, 2, 1, 1, 0.5, 0.2] + 2,)


check_explained = Check(
    "my_explained",
    lambda x: principal_components(x, 2).explained.sum(),
    [_points(0), _points(1)],
    [
        Mistake(
            "the mean taken off first expected, yours is not centred",
            lambda x: (_singular(x, False)[:2] ** 2).sum() / (_singular(x, False) ** 2).sum(),
        ),
        Mistake(
            "squares of the singular values expected (variance), yours takes them as they are",
            lambda x: _singular(x)[:2].sum() / _singular(x).sum(),
        ),
        Mistake("two axes expected, yours is the first alone", lambda x: principal_components(x, 1).explained.sum()),
        Mistake("a share expected, yours is in percent", lambda x: 100 * principal_components(x, 2).explained.sum()),
        Mistake(
            "the largest axes expected, yours are two columns of x",
            lambda x: x.var(axis=0)[:2].sum() / x.var(axis=0).sum(),
        ),
    ],
)

# Notebook 08


def matched_width(depth: int, budget: int, count) -> int:
    """The widest network of a depth with at most `budget` parameters; count(width, depth) counts them."""
    width = 1
    while count(width + 1, depth) <= budget:
        width += 1
    return width


def _layers_only(width: int, depth: int) -> int:
    return depth * width * width


check_matched_width = Check(
    "my_matched_width",
    matched_width,
    [(depth, 4 * 256**2, _layers_only) for depth in (8, 16, 64)],
    [
        Mistake("at most the budget expected, yours is one too wide", lambda d, b, c: matched_width(d, b, c) + 1),
        Mistake(
            "parameters go with the square of the width, yours divides it by the depth", lambda d, b, c: 4 * 256 // d
        ),
        Mistake("equal parameters expected, yours is the width of depth 4", lambda d, b, c: 256),
    ],
    tolerance=1e-6,
)

# Notebook 09


def distances(walls, start: tuple[int, int]) -> np.ndarray:
    """Shortest ways `[rows, columns]` from `start`, -1 in walls and where no way leads."""
    walls = np.asarray(walls)
    rows = tuple("".join("#" if wall else " " for wall in row) for row in walls)
    found = Maze("", rows, (), ()).distances_from(start)
    return np.where(np.isinf(found), -1, found)


def _flooded(walls, start, steps) -> np.ndarray:
    found, queue = np.full(np.shape(walls), np.inf), deque([start])
    found[start] = 0
    while queue:
        i, j = queue.popleft()
        for place in ((i + di, j + dj) for di, dj in steps):
            if not walls[place] and np.isinf(found[place]):
                found[place] = found[i, j] + 1
                queue.append(place)
    return np.where(np.isinf(found), -1, found)


def _as_the_crow_flies(walls, start, order: int) -> np.ndarray:
    away = np.stack(np.indices(np.shape(walls)), axis=-1) - np.array(start)
    return np.where(walls, -1, np.linalg.norm(away, axis=-1, ord=order))


_STEPS = ((1, 0), (-1, 0), (0, 1), (0, -1))
_MAZES = [(maze.walls, maze.start) for maze in map(make_maze, ("u_maze", "big_maze", "u5_maze"))]
check_distances = Check(
    "my_distances",
    distances,
    _MAZES,
    [
        Mistake(
            "steps up, down, left and right expected, yours goes over the diagonals too",
            lambda walls, start: _flooded(walls, start, [s for s in product((-1, 0, 1), repeat=2) if s != (0, 0)]),
        ),
        Mistake(
            "ways round the walls expected, yours goes straight through them",
            lambda walls, start: _as_the_crow_flies(walls, start, 1),
        ),
        Mistake(
            "ways round the walls expected, yours is the straight line",
            lambda walls, start: _as_the_crow_flies(walls, start, 2),
        ),
        Mistake(
            "the start is 0 steps away, yours begins to count at 1",
            lambda walls, start: distances(walls, start) + (distances(walls, start) >= 0),
        ),
        Mistake("-1 in the walls expected, yours has 0", lambda walls, start: np.maximum(distances(walls, start), 0)),
        Mistake(
            "every step to be counted, yours stops after the first",
            lambda walls, start: np.where(distances(walls, start) > 1, -1, distances(walls, start)),
        ),
    ],
)

# Notebook 11


def seconds_to_reach(seconds, shares, target: float) -> float:
    """When a run first has a score of `target`: straight lines between evaluations, from 0 at the start; -1 for never."""
    seconds, shares = np.array([0, *seconds], float), np.array([0, *shares], float)
    above = np.flatnonzero(shares >= target)
    if not len(above):
        return -1.0
    k = int(above[0])
    if k == 0:
        return 0.0
    part = (target - shares[k - 1]) / (shares[k] - shares[k - 1])
    return float(seconds[k - 1] + part * (seconds[k] - seconds[k - 1]))


def _last_crossing(seconds, shares, target: float) -> float:
    k = int(np.flatnonzero(np.array([0, *shares]) < target)[-1])
    return (
        seconds_to_reach(
            np.array(seconds)[k:] - seconds[k - 1], np.array(shares)[k:] - shares[k - 1], target - shares[k - 1]
        )
        + seconds[k - 1]
    )


check_seconds_to_reach = Check(
    "my_seconds_to_reach",
    seconds_to_reach,
    [(*_RUN, 0.3), (*_RUN, 0.05), (*_RUN, 0.9), (*_RUN, 0.5)],
    [
        Mistake("the first time expected, yours is the last", _last_crossing),
        Mistake(
            "straight lines expected, yours is the first evaluation above",
            lambda t, x, b: t[np.argmax(x >= b)] if (x >= b).any() else -1,
        ),
        Mistake(
            "-1 expected where a run never gets there, yours is its last second",
            lambda t, x, b: seconds_to_reach(t, x, b) if (x >= b).any() else t[-1],
        ),
        Mistake(
            "-1 expected where a run never gets there, yours is 0",
            lambda t, x, b: seconds_to_reach(t, x, b) if (x >= b).any() else 0,
        ),
    ],
)


def price(depths, milliseconds) -> np.ndarray:
    """The straight line through milliseconds by depth, by least squares: (fixed, per layer)."""
    slope, fixed = np.polyfit(depths, milliseconds, 1)
    return np.array([fixed, slope])


_PRICES = [
    (np.array([4.0, 8.0, 16.0, 64.0]), np.array([3.1, 4.2, 5.9, 17.0])),
    (np.array([4.0, 32.0, 128.0]), np.array([9.0, 12.5, 31.0])),
]
check_price = Check(
    "my_price",
    price,
    _PRICES,
    [
        Mistake("fixed first, then per layer; yours is the other way round", lambda d, m: price(d, m)[::-1]),
        Mistake("per layer expected, yours is per block of four layers", lambda d, m: price(d / 4, m)),
        Mistake("a fixed part expected, yours is a line through 0", lambda d, m: [0, (d @ m) / (d @ d)]),
        Mistake(
            "all depths in the fit expected, yours takes the first and the last",
            lambda d, m: price(d[[0, -1]], m[[0, -1]]),
        ),
    ],
)

# Notebook 13


def check_plan(answer) -> bool:
    """A plan of an experiment: a function that returns Configs which differ in one option alone, on fresh seeds."""
    name = getattr(answer, "__name__", "my_plan")
    reason = _flaw(answer)
    print(f"{name}: correct" if reason is None else f"{name}: not yet: {reason}")
    return reason is None


def _flaw(answer) -> str | None:
    try:
        configs = answer()
    except Exception as error:  # an error is an answer to explain
        return f"your code stopped with {type(error).__name__}: {str(error)[:120]}"
    if configs is None or configs is Ellipsis:
        return "there is no answer yet: replace the dots, and end with return"
    if not isinstance(configs, list) or not all(isinstance(config, Config) for config in configs):
        return f"a list of crlkit.Config expected, yours is a {type(configs).__name__}"
    if len(configs) < 2:
        return f"two arms at least expected, to have something to compare; yours has {len(configs)}"
    if len(set(configs)) < len(configs):
        return "every arm once expected, yours has two that are the same"
    values = pd.DataFrame([config.to_dict() for config in configs]).astype(str)
    differ = [column for column in values if values[column].nunique() > 1]
    together = {"depth", "actor_depth", "critic_depth"}
    groups = {"depth" if name in together else name for name in differ if name != "out"}
    if "depth" in differ and not together & {*differ} - {"depth"}:
        return (
            "networks of different depth expected, yours are the same: `replace` keeps actor_depth and critic_depth; "
            "make each arm a crlkit.Config of its own"
        )
    if len(groups) != 1:
        return f"one option to differ and all else equal expected, yours differ in {', '.join(sorted(groups))}"
    if groups & {"seed", "seeds"}:
        return f"all arms on the same seeds expected, yours differ in {groups.pop()}"
    if configs[0].seeds < 3:
        return f"three seeds or more an arm expected, yours has {configs[0].seeds}"
    if configs[0].seed < FIRST_SEED:
        return (
            f"fresh seeds expected, from {FIRST_SEED} up; yours begin at {configs[0].seed}, where settings were chosen"
        )
    return None


def decision(ours, theirs) -> float:
    """1 where the 95 % interval of P(ours > theirs) lies above 0.5, -1 where below, 0 where it holds 0.5."""
    found = probability_of_improvement([np.asarray(ours)], [np.asarray(theirs)])
    return float((found.low > 0.5) - (found.high < 0.5))


def _by_value(ours, theirs) -> float:
    value = probability_of_improvement([ours], [theirs]).value
    return float(np.sign(value - 0.5))


_CLEAR = (np.array([0.5, 0.6, 0.55, 0.62, 0.58]), np.array([0.2, 0.3, 0.25, 0.28, 0.22]))
_UNCLEAR = (np.array([0.2, 0.5, 0.3, 0.6]), np.array([0.4, 0.25, 0.35, 0.1]))
check_decision = Check(
    "my_decision",
    decision,
    [_UNCLEAR, _CLEAR, _CLEAR[::-1]],
    [
        Mistake("0 where the interval holds 0.5 expected, yours decides by the value of P alone", _by_value),
        Mistake("1 where ours wins expected, yours has the sign the other way", lambda x, y: -decision(x, y)),
        Mistake("three outcomes expected, yours does not know a loss", lambda x, y: max(0, decision(x, y))),
        Mistake("a decision expected, yours is P itself", lambda x, y: probability_of_improvement([x], [y]).value),
    ],
)
