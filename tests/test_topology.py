"""Topology of maps whose answer is known: the shortest path, the straight line, and counts by hand."""

import numpy as np
import pytest
from lessons import lesson
from scipy import stats
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra

from crlkit import envs
from crlkit.agents.trained import untrained
from crlkit.analysis.topology import topology, topology_score
from crlkit.envs.mazes import WALLS, Maze, make_maze

LAYOUTS = [f"{walls}_maze" for walls in WALLS]
U4 = make_maze("u4_maze")


def greedy_walks(values, maze, goal):
    return lesson("07").greedy_walks(values, maze, goal)


def wall_crossings(values, maze):
    """The share of greedy steps that would go through a wall; NaN where no place has a better neighbour."""
    wall, crosses, stays = lesson("07").greedy_steps(values, maze)
    steps = (~wall & ~stays).sum()
    return crosses.sum() / steps if steps else float("nan")


def path_distances(maze, goal):
    return maze.distances_from(goal)[tuple(np.array(maze.free_cells).T)]


def line_distances(maze, goal):
    return np.linalg.norm(np.array(maze.free_cells) - goal, axis=1)


def fine_places(maze, resolution):
    """Cell coordinates `[rows * r, columns * r, 2]` of every place."""
    rows, columns = maze.walls.shape
    fraction = (np.arange(resolution) + 0.5) / resolution - 0.5
    axes = [(np.arange(n)[:, None] + fraction).ravel() for n in (rows, columns)]
    return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)


def line_map(maze, goal, resolution):
    return -np.linalg.norm(fine_places(maze, resolution) - goal, axis=-1)


def path_map(maze, goal, resolution, diagonal):
    """Minus the shortest-path distance of every free place to the goal's middle, over 4 or 8 neighbours; NaN in
    walls."""
    wall = maze.walls.repeat(resolution, 0).repeat(resolution, 1)
    index = np.arange(wall.size).reshape(wall.shape)
    edges = []
    for i, j in [(1, 0), (0, 1), (1, 1), (1, -1)] if diagonal else [(1, 0), (0, 1)]:
        for a in np.argwhere(~wall):
            b = a + (i, j)
            if not wall[tuple(b)] and not wall[a[0], b[1]] and not wall[b[0], a[1]]:  # no cutting of corners
                edges.append((index[tuple(a)], index[tuple(b)], np.hypot(i, j)))
    a, b, length = map(np.array, zip(*edges))
    graph = coo_matrix((length, (a.astype(int), b.astype(int))), shape=(wall.size,) * 2)
    middle = index[tuple(k * resolution + resolution // 2 for k in goal)]
    distance = dijkstra(graph, directed=False, indices=middle).reshape(wall.shape)
    return np.where(wall, np.nan, -distance)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_energy_that_is_the_path_or_the_line(layout):
    maze = make_maze(layout)
    for goal in maze.goals:
        path, line = path_distances(maze, goal), line_distances(maze, goal)
        rho = np.corrcoef(stats.rankdata(path), stats.rankdata(line))[0, 1]
        assert topology_score(-3 * path + 7, maze, goal) == pytest.approx((1, rho, 1 - rho, 1 - rho))
        assert topology_score(-(line**3), maze, goal) == pytest.approx((rho, 1, rho - 1, 1 - rho))
        assert topology_score(path, maze, goal).rho_path == pytest.approx(-1)


def test_the_score_of_u4_by_hand():
    """Goal (4, 1). Free cells in order: (1,1) (1,2) (1,3) (2,1) (2,3) (3,3) (4,1) (4,3) (5,1) (5,2) (5,3), with start
    (2,1). Path: 9 8 7 10 6 5 0 4 1 2 3. Squared lines: 9 10 13 4 8 5 0 4 1 2 5. With tied ranks shared the ranks of the
    lines are 9 10 11 4.5 8 6.5 1 4.5 2 3 6.5, those of the paths 10 9 8 11 7 6 1 5 2 3 4."""
    path_ranks = np.array([10, 9, 8, 11, 7, 6, 1, 5, 2, 3, 4])
    line_ranks = np.array([9, 10, 11, 4.5, 8, 6.5, 1, 4.5, 2, 3, 6.5])
    rho = np.corrcoef(path_ranks, line_ranks)[0, 1]
    found = topology_score(-path_distances(U4, (4, 1)), U4, (4, 1))
    assert found == pytest.approx((1, rho, 1 - rho, 1 - rho))
    assert 0.2 < found.ceiling < 0.4


def test_a_mixture_lies_between_and_a_constant_says_nothing():
    path, line = path_distances(U4, (4, 1)), line_distances(U4, (4, 1))
    scores = [topology_score(-(w * path + (1 - w) * line), U4, (4, 1)).score for w in (0, 0.1, 0.5, 1)]
    assert scores == sorted(scores) and scores[0] < 0 < scores[-1]
    assert np.isnan(topology_score(np.zeros(11), U4, (4, 1)).score)


class Known:
    """Stands in for a trained agent: its energy is a known function of place, goal and action."""

    def __init__(self, name, distance):
        self.env, self.distance = envs.make(name), distance

    def act(self, state, goal):
        return np.tanh(goal[..., :2] - state[..., :2])

    def energy(self, state, action, goal):
        assert goal.shape == (1, 2)
        np.testing.assert_allclose(action, self.act(state, np.broadcast_to(goal, (len(state), 2))))
        cell = tuple(self.env.maze.cell(goal[0]).tolist())
        return -self.distance(self.env.maze, cell)[:, None]


@pytest.mark.parametrize("name", ["point_u4_maze", "point_big_maze", "ant_u_maze"])
def test_topology_of_an_agent_has_one_row_a_goal(name):
    table = topology(Known(name, path_distances))
    maze = envs.make(name).maze
    assert list(zip(table.row, table.column)) == maze.goals
    assert list(table.path_from_start) == [maze.distance(maze.start, goal) for goal in maze.goals]
    np.testing.assert_allclose(table.rho_path, 1)
    np.testing.assert_allclose(table.score, table.ceiling)
    np.testing.assert_allclose(topology(Known(name, line_distances)).rho_line, 1)


@pytest.mark.parametrize("layout", ["u_maze", "u4_maze", "u5_maze", "big_maze"])
@pytest.mark.parametrize("diagonal", [False, True])
def test_the_shortest_path_crosses_no_wall_and_arrives(layout, diagonal):
    maze = make_maze(layout)
    for goal in maze.goals[:: max(len(maze.goals) // 4, 1)]:
        values = path_map(maze, goal, 4, diagonal)
        assert wall_crossings(values, maze) == 0
        assert greedy_walks(values, maze, goal) == (1, 0, 0)


def test_the_straight_line_crosses_walls_in_u4_and_does_not_arrive():
    values = line_map(U4, (4, 1), 8)
    masked = np.where(U4.walls.repeat(8, 0).repeat(8, 1), np.nan, values)
    assert wall_crossings(values, U4) == wall_crossings(masked, U4) > 0.03  # only places beside a wall can cross it
    assert wall_crossings(3 * values - 5, U4) == wall_crossings(values, U4)
    walks = greedy_walks(values, U4, (4, 1))
    assert walks[1] > 0.5 and sum(walks) == pytest.approx(1)
    assert greedy_walks(line_map(U4, (4, 1), 16), U4, (4, 1))[1] == pytest.approx(walks[1], abs=0.05)


def walked(values, maze, goal, start):
    """One walk, told step by step."""
    resolution, place = len(values) // len(maze.walls), start
    while True:
        i, j = place
        if (i // resolution, j // resolution) == goal:
            return "reached"
        best, where = values[place], None
        for di, dj in [(1, 0), (-1, 0), (0, 1), (0, -1)]:
            ahead, behind = (i + di, j + dj), (i - di, j - dj)
            if not maze.walls[ahead[0] // resolution, ahead[1] // resolution]:
                worth, target = values[ahead], ahead
            elif not maze.walls[behind[0] // resolution, behind[1] // resolution]:
                worth, target = 2 * values[place] - values[behind], "wall"
            else:
                continue
            if worth > best:
                best, where = worth, target
        if where is None:
            return "stuck"
        if where == "wall":
            return "blocked"
        place = where


@pytest.mark.parametrize("noise", [0.05, 5.0])
@pytest.mark.parametrize("layout, goal", [("u4_maze", (4, 1)), ("big_maze", (6, 6)), ("u5_maze", (4, 6))])
def test_walks_end_where_one_ends_that_is_told_step_by_step(layout, goal, noise):
    maze, random = make_maze(layout), np.random.default_rng(0)
    values = line_map(maze, goal, 3)
    values += noise * random.normal(size=values.shape)
    ends = [walked(values, maze, goal, tuple(p)) for p in np.argwhere(~maze.walls.repeat(3, 0).repeat(3, 1))]
    expected = [ends.count(end) / len(ends) for end in ("reached", "blocked", "stuck")]
    assert min(expected[:2]) > 0 and (noise < 1 or expected[2] > 0)
    assert greedy_walks(values, maze, goal) == pytest.approx(expected)


def test_crossings_and_walks_counted_by_hand():
    """One free cell of 2 x 2 places, values rising downwards: two places step down, the two at the wall go into it."""
    box = Maze("", ("###", "#R#", "###"), (), ())
    values = np.zeros((6, 6))
    values[2:4, 2:4] = [[0, 0], [1, 1]]
    assert wall_crossings(values, box) == 0.5
    assert greedy_walks(values, box, (1, 1)) == (1, 0, 0)
    assert np.isnan(wall_crossings(np.zeros((6, 6)), box))
    corridor = Maze("", ("#####", "#R..#", "#####"), (), ())
    rising = np.tile(np.arange(10.0), (6, 1))  # 2 x 6 free places, the last column at the end wall
    assert wall_crossings(rising, corridor) == pytest.approx(2 / 12)
    assert greedy_walks(rising, corridor, (1, 3)) == (1, 0, 0)
    assert greedy_walks(rising, corridor, (1, 2)) == pytest.approx((4 / 6, 2 / 6, 0))
    assert greedy_walks(0 * rising, corridor, (1, 2)) == pytest.approx((2 / 6, 0, 4 / 6))


def test_an_agent_of_the_package_can_be_asked(smoke):
    config = smoke(env="point_u4_maze")
    agent = untrained(config)
    table = topology(agent, goals=[(4, 1), (5, 2)])
    assert len(table) == 2 and table[["rho_path", "rho_line"]].abs().le(1).all(axis=None)
    state = np.float32(agent.env.maze.position(agent.env.maze.free_cells))
    goal = np.float32(agent.env.maze.position([(5, 2)]))
    own = agent.energy(state, agent.act(state, goal.repeat(len(state), 0)), goal)[:, 0]
    assert table.rho_path[1] == pytest.approx(topology_score(own, agent.env.maze, (5, 2)).rho_path, abs=1e-6)
