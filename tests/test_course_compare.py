"""What notebooks 08 and 09 compute beyond the kit: equal prices, grids of two depths, batches, fair rates, chains of
pairs."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from lessons import lesson
from matplotlib.figure import Figure

from crlkit import envs, evidence
from crlkit.analysis.statistics import Score
from crlkit.course import practice
from crlkit.figures import scores, style
from crlkit.figures.depth_vs_width import critic_parameters

DATA = Path(__file__).parents[1] / "data"
MAZE = envs.make("point_u_maze_eval").maze


def score(*seeds) -> Score:
    values = np.array(seeds, float)
    return Score(values, float(values.mean()), float(values.min()), float(values.max()))


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
    assert spending.margins(cells) == pytest.approx((0.5, -0.3))
    assert isinstance(spending.draw_grids(spending.made_up_worlds()), Figure)


def test_intervals_of_corners_need_all_four():
    cells = {(4, 4): score(0.1, 0.2), (4, 32): score(0.1, 0.3), (32, 4): score(0.2, 0.2), (32, 32): score(0.8, 0.9)}
    found = lesson("08").corner_intervals(cells, resamples=200)
    assert found["interaction"][0] == pytest.approx(0.85 - 0.2 - 0.2 + 0.15)
    assert all(low <= value <= high for value, low, high in found.values())
    assert lesson("08").corner_intervals({(4, 4): score(0.1, 0.2)}) == lesson("08").corner_intervals({}) == {}
    assert lesson("08").corner_intervals({key: cells[key] for key in list(cells)[:3]}) == {}


def test_a_batch_shows_less_than_there_is_and_less_than_its_logarithm():
    assert lesson("08").corridor(5, 0.4, 0.3, 2) == pytest.approx(lesson("01").corridor(5, 0.4, 0.3, 2))
    joint = lesson("08").corridor(16, 0.3, 0.3, steps=2)
    there, found = lesson("08").knowable(joint), [lesson("08").shown(joint, batch) for batch in (2, 8, 128)]
    assert 0 < found[0] < np.log(2) and found[0] < found[1] < found[2] < there + 0.02
    assert found[2] == pytest.approx(there, abs=0.1)
    assert lesson("08").knowable(np.full((4, 4), 1 / 16)) == pytest.approx(0)


def test_no_seed_chooses_its_own_rate():
    table = np.array([[0.9, 0.2, 0.3], [0.5, 0.6, 0.4]])  # the first seed alone likes the first rate
    assert lesson("08").fair_scores(table) == pytest.approx([0.5, 0.2, 0.3])
    lines = {
        4: {1e-3: score(0.9, 0.2, 0.3), 3e-4: score(0.5, 0.6, 0.4), 1e-4: score(1.0)},
        8: {1e-3: score(0.1), 3e-4: score(0.2)},
    }
    assert lesson("08").tuned(lines)[4] == pytest.approx([0.5, 0.2, 0.3]) and 8 not in lesson("08").tuned(lines)
    for table in (lines, {}):
        left, right = style.new_figure(6, 3).subplots(1, 2)
        lesson("08").draw_by_rate(left, table, "score")
        lesson("08").draw_by_depth(right, table, "score")


def test_a_depth_at_a_single_rate_counts_where_rates_are_not_compared():
    """Every recorded depth of the critic alone, however many rates it has."""
    found = lesson("08").scores_by_rate(DATA, "limits", measure="heldout_loss", least=1, sizes=True)
    recorded = evidence.rows(DATA, "limits", sizes=True)
    assert set(found) == set(recorded.depth) and max(found) == 1024
    assert all(set(rates) == set(recorded.learning_rate[recorded.depth == d]) for d, rates in found.items())
    assert set(lesson("08").scores_by_rate(DATA, "limits", measure="heldout_loss")) <= set(found)


def test_what_is_not_recorded_is_empty(tmp_path):
    assert (
        lesson("08").scores_by_rate(tmp_path, "learning_rate") == {}
        and lesson("08").pairs_of_equal_size(pd.DataFrame()).empty
    )


def test_pairs_are_of_about_equal_parameters():
    rows = scores.here(DATA, ("depth",), "depth", env="point_big_maze")
    wide = rows[rows.depth == 4].assign(width=64, run="wide")
    found = lesson("08").pairs_of_equal_size(pd.concat([rows, wide], ignore_index=True))
    assert list(found.wide) == ["4 x 64"] and found["parameters, deep/wide"].between(1 / 1.5, 1.5).all()
    assert lesson("08").pairs_of_equal_size(rows).empty


def test_seen_and_chained_pairs():
    visited = np.array([[0, 2], [1, 2], [1, 3]])  # two walks: 0 1 1, 2 2 3
    seen = lesson("09").seen_pairs(visited, 4)
    assert set(zip(*np.nonzero(seen & ~np.eye(4, dtype=bool)))) == {(0, 1), (2, 3)}
    seen[1, 2] = True
    assert lesson("09").by_chains(seen).tolist() == np.triu(np.ones((4, 4), bool)).tolist()


def test_walks_see_near_cells_and_chain_the_corridor():
    data = practice.walks("point_u_maze_eval", 64, 8)
    seen = lesson("09").seen_in("point_u_maze_eval", data)
    assert np.array_equal(seen, lesson("09").seen_by_walks("point_u_maze_eval", 64, 8))
    assert seen.mean() < lesson("09").by_chains(seen).mean() and MAZE.distances[seen].max() < MAZE.distances.max()
    assert list(MAZE.distances[MAZE.free_cells.index(MAZE.start)][lesson("09").order(MAZE)]) == sorted(
        MAZE.distances[MAZE.free_cells.index(MAZE.start)]
    )
    assert isinstance(lesson("09").draw_known("point_u_maze_eval", 4, 4), Figure)


def test_grades_tell_the_way_from_the_line():
    seen = lesson("09").seen_by_walks("point_u_maze_eval", 64, 8)
    cells = np.array(MAZE.free_cells)
    line = -np.linalg.norm(cells[:, None] - cells[None], axis=-1)
    table = lesson("09").graded({"way": -MAZE.distances, "line": line}, MAZE, seen).set_index(["critic", "pairs"])
    assert table.loc[("way", "never seen"), "way"] == pytest.approx(1)
    assert table.loc[("way", "never seen"), "line"] < 0.9
    assert table.loc[("line", "seen"), "line"] == pytest.approx(1)
    axes = style.new_figure(3, 3).subplots()
    lesson("09").draw_pairs(axes, line, MAZE, seen)
    assert [len(line.get_xdata()) for line in axes.lines] == [seen.sum(), (~seen).sum()]
