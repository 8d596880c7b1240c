"""What notebooks 07 and 08 compute beyond the kit: chains of pairs; equal prices, grids of two depths, batches, fair
rates."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from lessons import lesson
from matplotlib.figure import Figure

from crlkit import envs
from crlkit.course import practice
from crlkit.course.checks import checks_of
from crlkit.figures import style
from crlkit.figures.depth_vs_width import critic_parameters

DATA = Path(__file__).parents[1] / "data"
MAZE = envs.make("point_u_maze_eval").maze


def test_shapes_are_the_widest_within_the_budget():
    table = lesson("08").shapes("point_big_maze", 50_000, (4, 16))
    for row in table.itertuples():
        assert row.parameters == critic_parameters("point_big_maze", row.depth, row.width) <= 50_000
        assert critic_parameters("point_big_maze", row.depth, row.width + 1) > 50_000
    assert list(table.kept) == list(table.depth * table.width) and table.kept.is_monotonic_increasing
    for budget in (20_000, 300_000):
        assert isinstance(lesson("08").draw_shapes("point_big_maze", budget), Figure)


def test_corners_tell_the_three_worlds_apart():
    spending = lesson("08")
    found = {name: spending.corners(cells) for name, cells in spending.made_up_worlds().items()}
    decides, alone, weaker = (pd.Series(found[name]) for name in found)
    assert decides["actor alone"] == 0 and decides["critic alone"] > 0
    assert alone.interaction == pytest.approx(0) and alone["actor alone"] > 0
    assert weaker["actor alone"] == weaker["critic alone"] == 0
    assert weaker.interaction == pytest.approx(weaker.both) and weaker.both > 0
    cells = pd.DataFrame([[0.4, 0.1], [0.9, 0.2]], index=[64, 4], columns=[64, 4])  # deep first
    assert list(spending.corners(cells).values()) == pytest.approx((0.7, -0.1, 0.2, -0.4))
    assert isinstance(spending.draw_grids(spending.made_up_worlds()), Figure)


def test_a_batch_shows_less_than_there_is_and_less_than_its_logarithm():
    assert lesson("08").corridor(5, 0.4, 0.3, 2) == pytest.approx(lesson("01").corridor(5, 0.4, 0.3, 2))
    joint = lesson("08").corridor(16, 0.3, 0.3, steps=2)
    there, found = lesson("08").knowable(joint), [lesson("08").shown(joint, batch) for batch in (2, 8, 128)]
    assert 0 < found[0] < np.log(2) and found[0] < found[1] < found[2] < there + 0.02
    assert found[2] == pytest.approx(there, abs=0.1)
    assert lesson("08").knowable(np.full((4, 4), 1 / 16)) == pytest.approx(0)


def test_no_seed_chooses_its_own_rate():
    table = np.array([[0.9, 0.2, 0.3], [0.5, 0.6, 0.4]])  # the first seed alone likes the first rate
    assert checks_of("08").right_fair_scores(table) == pytest.approx([0.5, 0.2, 0.3])


def test_seen_and_chained_pairs():
    visited = np.array([[0, 2], [1, 2], [1, 3]])  # two walks: 0 1 1, 2 2 3
    seen = lesson("07").seen_pairs(visited, 4)
    assert set(zip(*np.nonzero(seen & ~np.eye(4, dtype=bool)))) == {(0, 1), (2, 3)}
    seen[1, 2] = True
    assert checks_of("07").right_chained(seen).tolist() == np.triu(np.ones((4, 4), bool)).tolist()


def test_walks_see_near_cells_and_chain_the_corridor():
    data = practice.walks("point_u_maze_eval", 64, 8)
    seen = lesson("07").seen_in("point_u_maze_eval", data)
    assert (
        seen.mean() < checks_of("07").right_chained(seen).mean() and MAZE.distances[seen].max() < MAZE.distances.max()
    )


def test_grades_tell_the_path_from_the_line():
    seen = lesson("07").seen_in("point_u_maze_eval", practice.walks("point_u_maze_eval", 64, 8))
    cells = np.array(MAZE.free_cells)
    line = -np.linalg.norm(cells[:, None] - cells[None], axis=-1)
    table = lesson("07").graded({"path": -MAZE.distances, "line": line}, MAZE, seen).set_index(["critic", "pairs"])
    assert table.loc[("path", "never seen"), "path"] == pytest.approx(1)
    assert table.loc[("path", "never seen"), "line"] < 0.9
    assert table.loc[("line", "seen"), "line"] == pytest.approx(1)
    axes = style.new_figure(3, 3).subplots()
    lesson("07").draw_pairs(axes, line, MAZE, seen)
    assert [len(line.get_xdata()) for line in axes.lines] == [seen.sum(), (~seen).sum()]
