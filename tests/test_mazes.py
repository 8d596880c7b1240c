"""Layouts against pictures drawn from the paper's code, distances against SciPy, pairs against a list by hand."""

import itertools

import numpy as np
import pytest
from scipy.sparse.csgraph import shortest_path

from crlkit.envs.mazes import Maze, corridor, layouts, make_maze

# 1 wall, R start, G goal, . free: `envs/ant_maze.py` of the paper's code.
PICTURES = {
    "u_maze": ["11111", "1RGG1", "111G1", "1GGG1", "11111"],
    "u_maze_eval": ["11111", "1R..1", "111.1", "1GGG1", "11111"],
    "u4_maze": ["11111", "1GGG1", "1R1G1", "111G1", "1G1G1", "1GGG1", "11111"],
    "u4_maze_eval": ["11111", "1...1", "1R1.1", "111.1", "1G1.1", "1GGG1", "11111"],
    "u5_maze": ["11111111", "1GGGGGG1", "1R1111G1", "111111G1", "1G1111G1", "1GGGGGG1", "11111111"],
    "u5_maze_eval": ["11111111", "1......1", "1R1111.1", "111111.1", "1G1111G1", "1GGGGGG1", "11111111"],
    "big_maze": [
        *["11111111", "1RG11GG1", "1GG1GGG1", "11GGG111"],
        *["1GG1GGG1", "1G1GG1G1", "1GGG1GG1", "11111111"],
    ],
    "big_maze_eval": [
        *["11111111", "1R.11GG1", "1..1..G1", "11...111"],
        *["1..1...1", "1.1G.1G1", "1.GG1GG1", "11111111"],
    ],
    "hardest_maze": [
        *["111111111111", "1RGGG1GGGGG1", "1G11G1G1G1G1"],
        *["1GGGGGG1GGG1", "1G1111G111G1", "1GG1G1GGGGG1"],
        *["11G1G1G1G111", "1GG1GGG1GGG1", "111111111111"],
    ],
    "open_maze": ["1111111", "1RGGGG1", *["1GGGGG1"] * 4, "1111111"],  # the kit's own
}
GOALS = {"u_maze": 6, "u4_maze": 10, "u5_maze": 16, "big_maze": 25, "hardest_maze": 45, "open_maze": 24}
FAR_GOALS = {"u_maze_eval": 3, "u4_maze_eval": 4, "u5_maze_eval": 8, "big_maze_eval": 9}


def where(picture: list[str], letters: str) -> list[tuple[int, int]]:
    return [(i, j) for i, row in enumerate(picture) for j, letter in enumerate(row) if letter in letters]


def test_every_layout_is_there():
    assert sorted(layouts()) == sorted(PICTURES)


@pytest.mark.parametrize("name", PICTURES)
def test_layout_is_the_picture(name):
    maze, picture = make_maze(name), PICTURES[name]
    goals = where(picture, "G")
    assert maze.name == name
    np.testing.assert_array_equal(maze.walls, [[letter == "1" for letter in row] for row in picture])
    assert maze.free_cells == where(picture, "RG.")
    assert [maze.start] == where(picture, "R")
    assert sorted(maze.goals) == goals and len(maze.pairs) == len(goals)
    assert {start for start, _ in maze.pairs} == {maze.start}
    assert maze.weights == pytest.approx([1 / len(goals)] * len(goals))
    assert len(goals) == {**GOALS, **FAR_GOALS}.get(name, 1)


def reference_distances(picture: list[str]) -> tuple[list[tuple[int, int]], np.ndarray]:
    free = where(picture, "RG.")
    steps = np.array([[abs(a - c) + abs(b - d) == 1 for c, d in free] for a, b in free])
    return free, shortest_path(steps.astype(float), unweighted=True)


@pytest.mark.parametrize("name", GOALS)
def test_distances_are_scipys(name):
    maze = make_maze(name)
    free, expected = reference_distances(PICTURES[name])
    assert maze.free_cells == free
    np.testing.assert_array_equal(maze.distances, expected)
    assert np.isfinite(expected).all()
    for k in range(0, len(free), 5):
        full = maze.distances_from(free[k])
        assert [full[cell] for cell in free] == list(expected[k])
        assert np.isinf(full[maze.walls]).all()
        assert maze.distance(free[k], free[-1]) == expected[k, -1]


@pytest.mark.parametrize("name", GOALS)
def test_distance_is_a_metric_of_whole_steps(name):
    d = make_maze(name).distances
    np.testing.assert_array_equal(d, d.T)
    np.testing.assert_array_equal(d == 0, np.eye(len(d), dtype=bool))
    assert (d[:, None] <= d[:, :, None] + d[None]).all()  # d[i, k] <= d[i, j] + d[j, k]


def test_an_unreachable_cell_is_infinitely_far():
    maze = Maze("two rooms", ("#####", "#R#.#", "#####"), (), ())
    assert np.isinf(maze.distance((1, 1), (1, 3)))
    np.testing.assert_array_equal(maze.distances, [[0, np.inf], [np.inf, 0]])


@pytest.mark.parametrize("cell_size, centred", [(1.0, False), (4.0, False), (0.3, True), (2.0, True)])
@pytest.mark.parametrize("name", ["u4_maze", "hardest_maze"])
def test_cell_and_position_are_inverse(name, cell_size, centred):
    maze = make_maze(name, cell_size=cell_size, centred=centred)
    cells = np.array(list(np.ndindex(maze.walls.shape)))
    np.testing.assert_array_equal(maze.cell(maze.position(cells)), cells)
    inside = np.random.default_rng(0).uniform(-0.49, 0.49, cells.shape) * cell_size
    np.testing.assert_array_equal(maze.cell(maze.position(cells) + inside), cells)
    np.testing.assert_array_equal(maze.cell(maze.position(cells) + [0.51 * cell_size, 0]), cells + [1, 0])


def test_position_follows_the_papers_convention():
    """Row i is x, column j is y, cell (0, 0) at the origin unless centred."""
    np.testing.assert_array_equal(make_maze("u4_maze", cell_size=4.0).position([(2, 1), (4, 3)]), [(8, 4), (16, 12)])
    centred = make_maze("u4_maze", cell_size=4.0, centred=True)  # 7 rows, 5 columns
    np.testing.assert_array_equal(centred.position([(3, 2), (0, 0), (6, 4)]), [(0, 0), (-12, -8), (12, 8)])


U_PATH = [(1, 1), (1, 2), (1, 3), (2, 3), (3, 3), (3, 2), (3, 1)]


def test_corridor_is_the_path_of_the_u():
    assert corridor(make_maze("u_maze").rows) == U_PATH
    for name in ("big_maze", "hardest_maze"):
        with pytest.raises(ValueError):
            corridor(make_maze(name).rows)


def test_generalisation_pairs_by_hand():
    maze = make_maze("u_maze_gen_1f2f3f")
    expected = {}
    for apart, count in ((1, 6), (2, 5), (3, 4)):
        for i in range(count):
            expected[U_PATH[i], U_PATH[i + apart]] = 1 / 3 / count
    assert len(maze.pairs) == len(expected) == 15
    assert dict(zip(maze.pairs, maze.weights, strict=True)) == pytest.approx(expected)
    assert sum(maze.weights) == pytest.approx(1)


@pytest.mark.parametrize("walls", ["u", "u4", "u5"])
@pytest.mark.parametrize("apart", [(1,), (2, 4), (1, 2, 3), (5, 6)])
def test_generalisation_pairs_lie_at_their_distances(walls, apart):
    name = f"{walls}_maze_gen_" + "".join(f"{d}f" for d in apart)
    maze = make_maze(name)
    _, distances = reference_distances(PICTURES[f"{walls}_maze"])
    from_start = distances[maze.free_cells.index(maze.start)]

    def number(cell):
        return maze.free_cells.index(cell)

    expected = {  # forward: the goal is farther down the corridor than the start
        (a, b)
        for a, b in itertools.product(maze.free_cells, repeat=2)
        if distances[number(a), number(b)] in apart and from_start[number(b)] > from_start[number(a)]
    }
    assert set(maze.pairs) == expected and len(maze.pairs) == len(expected)
    mass = dict.fromkeys(apart, 0.0)
    for (a, b), weight in zip(maze.pairs, maze.weights, strict=True):
        mass[int(distances[number(a), number(b)])] += weight
    assert mass == pytest.approx(dict.fromkeys(apart, 1 / len(apart)))
    for d in apart:  # alike within a distance
        assert len({round(w, 12) for p, w in zip(maze.pairs, maze.weights, strict=True) if maze.distance(*p) == d}) == 1


UNKNOWN = ["", "u", "maze", "v_maze", "U_maze", "u_maze_", "u_maze_far", "u_maze_1f", "u_maze_gen", "u_maze_gen_"]
UNKNOWN += ["u_maze_gen_1", "u_maze_gen_0f", "u_maze_single_eval_1f", "u_maze_single_eval", "u4_maze_single_eval"]
UNKNOWN += ["hardest_maze_eval", "big_maze_gen_1f", "hardest_maze_gen_1f2f", "big_maze_eval_1f", "u_maze_eval_7f"]
UNKNOWN += ["u_maze_gen_7f", "u_maze_gen_1f9f", "u4_maze_gen_9fx", "u_maze\n", "u_maze_eval\n", " u_maze"]


@pytest.mark.parametrize("name", UNKNOWN, ids=repr)
def test_unknown_layout(name):
    with pytest.raises(KeyError):
        make_maze(name)
