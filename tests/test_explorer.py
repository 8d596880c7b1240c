"""The depth explorer shows what is recorded, and only that, at the depth that was chosen."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crlkit import UserError, evidence, widgets

DATA = Path(__file__).parents[1] / "data"
ENV = "point_big_maze"


@pytest.fixture(scope="module")
def recorded():
    return widgets.recorded_depths(DATA)


@pytest.fixture(scope="module")
def two_mazes(tmp_path_factory):
    """Data of two environments: the recorded one, and a copy of its shallow half under another maze's name."""
    data = tmp_path_factory.mktemp("data")
    target = data / "depth-laptop"
    shutil.copytree(DATA / "depth-laptop", target)
    rows = evidence.read(target)
    (target / "configs.csv").unlink()
    half = rows[(rows.env == ENV) & (rows.depth <= 16)].copy()
    half["env"], half["run"] = "point_u4_maze", "other-" + half.run
    with np.load(target / "arrays.npz") as held:
        arrays = dict(held)
    arrays |= {f"other-{name}": value for name, value in arrays.items()}
    pd.concat([rows[rows.env == ENV], half]).to_csv(target / "metrics.csv", index=False)
    np.savez(target / "arrays.npz", **arrays)
    return data


def test_curves_are_the_recorded_rows(recorded):
    rows = evidence.read(DATA / "depth-gpu").query("env == @ENV and depth == 8 and seed == 201")
    shown = recorded[ENV][8].curve[201]
    expected = rows.sort_values("updates").set_index("updates").time_at_goal / rows.episode_length.iloc[0]
    np.testing.assert_allclose(shown, expected)


def test_each_slider_changes_its_own_picture_to_that_of_its_depth(two_mazes):
    upper, picture, lower, beside = widgets.depth_explorer(two_mazes).children
    assert (upper.value, lower.value) == (f"{ENV}, 64", f"{ENV}, 4")
    before = picture.value, beside.value
    upper.value = f"{ENV}, 8"
    assert picture.value != before[0] and beside.value == before[1]
    lower.value = f"{ENV}, 8"
    assert picture.value == beside.value


def test_it_offers_what_every_maze_has(two_mazes):
    upper, picture, *_ = widgets.depth_explorer(two_mazes).children
    few = [label for label, _ in upper.options if label.startswith("point_u4_maze")]
    assert few == [f"point_u4_maze, {depth}" for depth in (4, 8, 16)]
    assert {ENV, "point_u4_maze"} == {label.split(",")[0] for label, _ in upper.options}
    upper.value = f"{ENV}, 16"
    before = picture.value
    upper.value = "point_u4_maze, 16"
    assert picture.value != before


def test_nothing_recorded_is_one_line(tmp_path):
    with pytest.raises(UserError, match="no recorded depth to explore; nearest: crlkit sweep depth"):
        widgets.depth_explorer(tmp_path)
