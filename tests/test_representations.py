"""Measures of embeddings on layouts whose answer is known."""

import math

import numpy as np
import pytest

from crlkit.agents.trained import untrained
from crlkit.analysis import representations as r
from crlkit.envs.mazes import make_maze


def normal(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape)


def turned(x, seed=0):
    """The same layout, rotated, shifted and scaled: no ratio may notice."""
    rotation, _ = np.linalg.qr(normal(seed, x.shape[1], x.shape[1]))
    return 3 * x @ rotation + normal(seed + 1, x.shape[1])


def test_spread_is_the_mean_distance_of_pairs():
    places = [[0, 0], [3, 4], [0, 4], [9, 9], [9, 8], [9, 6]]
    assert r.allocation(places, range(6)) == pytest.approx(5 / 2)
    places = [*places[:3], *([k, -k] for k in range(3)), *([9, 9], [9, 8], [9, 6])]
    assert r.allocation(places, range(9)) == pytest.approx((5 + 4 + 3) / (1 + 2 + 3))


def test_near_and_far_are_matched_in_number_and_disjoint():
    near, far = r.near_and_far([5, 1, 4, 2, 3, 6])
    assert set(near) == {1, 3} and set(far) == {0, 5}
    near, far = r.near_and_far(np.zeros(30))
    assert len(near) == len(far) == 10 and not set(near) & set(far)
    assert near.max() > 15  # equal distances are not taken in the order of the rows
    assert list(map(len, r.near_and_far(range(5)))) == [2, 2]


@pytest.mark.parametrize("scale", [0.1, 1.0, 4.0])
def test_allocation_finds_a_planted_scale(scale):
    remaining = np.arange(600)
    embeddings = normal(1, 600, 16) * np.where(remaining < 200, scale, 1.0)[:, None]
    assert r.allocation(embeddings, remaining) == pytest.approx(scale, rel=0.05)
    assert r.allocation(turned(embeddings), remaining) == pytest.approx(r.allocation(embeddings, remaining))


@pytest.mark.parametrize("power, expected", [(1, 1.0), (2, (0.5 + 1.5 + 2.5) / (7.5 + 8.5 + 9.5))])
def test_stretch_along_a_corridor(power, expected):
    """U4 is one corridor of 11 cells, 10 steps. Cell k steps from the goal lies at k^power on a line: step k is (k +
    1)^2 - k^2 = 2 (k + 1/2) long, and with 3 of the 10 pairs on each side the ratio is (.5+1.5+2.5)/(7.5+8.5+9.5)."""
    maze = make_maze("u4_maze")
    remaining = maze.distances[maze.free_cells.index((4, 1))]
    embeddings = np.outer(remaining**power, [0.6, 0.8])
    assert r.stretch(embeddings, maze, (4, 1)) == pytest.approx(expected)
    assert r.stretch(turned(embeddings), maze, (4, 1)) == pytest.approx(expected)


def test_allocation_is_moved_by_where_the_states_are_and_stretch_is_not():
    """An embedding that is the place itself gives every cell the same room."""
    maze = make_maze("big_maze")
    places = np.array(maze.free_cells, float)
    ratios = [
        (r.allocation(places, maze.distances[maze.free_cells.index(goal)]), r.stretch(places, maze, goal))
        for goal in maze.goals
    ]
    assert min(ratios)[0] < 0.9 and all(s == pytest.approx(1) for _, s in ratios)


def test_principal_components_find_planted_axes():
    axes, _ = np.linalg.qr(normal(8, 20, 4))
    scales = np.array([8.0, 4.0, 2.0, 1.0])
    scores, _ = np.linalg.qr(normal(9, 300, 4) - normal(9, 300, 4).mean(axis=0))  # uncorrelated, mean 0
    x = scores * scales @ axes.T + 7
    found = r.principal_components(x, 3)
    assert found.coordinates.shape == (300, 3)
    np.testing.assert_allclose(found.explained, scales[:3] ** 2 / (scales**2).sum(), rtol=1e-9)
    np.testing.assert_allclose(np.abs(found.coordinates), np.abs(scores[:, :3] * scales[:3]), atol=1e-9)
    signs = np.sign(axes[np.abs(axes[:, :3]).argmax(axis=0), np.arange(3)])  # the largest entry of each is positive
    np.testing.assert_allclose(found.coordinates, scores[:, :3] * scales[:3] * signs, atol=1e-9)


def test_principal_components_of_a_line_are_one():
    x = np.outer(np.arange(10.0), [3, 0, 4])
    found = r.principal_components(x, 3)
    np.testing.assert_allclose(found.explained, [1, 0, 0], atol=1e-12)
    np.testing.assert_allclose(found.coordinates[:, 0], 5 * (np.arange(10) - 4.5))


def test_tightness_of_a_planted_cluster():
    remaining = np.arange(300)
    point = np.where((remaining < 100)[:, None], 0.0, normal(10, 300, 8))
    assert r.tightness(point, remaining) == pytest.approx(1)
    assert r.tightness(normal(11, 300, 8), remaining) == pytest.approx(0, abs=0.05)
    small = np.where((remaining < 100)[:, None], 0.1, 1.0) * normal(12, 300, 8)
    within, all_of_it = 0.01, (0.01 + 1 + 1) / 3  # variances
    assert r.tightness(small, remaining) == pytest.approx(1 - math.sqrt(within / all_of_it), abs=0.01)
    assert r.tightness(turned(small), remaining) == pytest.approx(r.tightness(small, remaining))


def test_embeddings_of_an_agent_by_cell(smoke):
    config = smoke(env="point_u4_maze")
    agent = untrained(config)
    maze = agent.env.maze
    phi, remaining = r.cell_embeddings(agent, (5, 3))
    assert phi.shape == (len(maze.free_cells), config.embedding_size)
    state, goal = np.float32(maze.position([maze.free_cells[2]])), np.float32(maze.position([(5, 3)]))
    np.testing.assert_allclose(phi[2], agent.embed(state, agent.act(state, goal))[0], rtol=1e-4, atol=1e-5)
    assert remaining[2] == maze.distance(maze.free_cells[2], (5, 3))
    for value in (r.allocation(phi, remaining), r.stretch(phi, maze, (5, 3))):
        assert 0 < value < 100
