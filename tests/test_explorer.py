"""The depth explorer shows what is recorded, and only that, at the depth that was chosen."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crlkit import UserError, evidence, widgets
from crlkit.figures import explorer

DATA = Path(__file__).parents[1] / "data"
ENV = "point_big_maze"


@pytest.fixture(scope="module")
def recorded():
    return explorer.recorded_depths(DATA)


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


def parts(box):
    env, left, left_image, right, right_image = box.children
    return env, left, right, [left_image, right_image]


def test_curves_are_the_recorded_rows(recorded):
    rows = evidence.read(DATA / "depth-gpu").query("env == @ENV and depth == 8 and seed == 201")
    shown = recorded[ENV][8].curve[201]
    expected = rows.sort_values("updates").set_index("updates").time_at_goal / rows.episode_length.iloc[0]
    np.testing.assert_allclose(shown, expected)


def test_each_slider_changes_its_own_pictures_to_those_of_its_depth(two_mazes):
    env, left, right, images = parts(widgets.depth_explorer(two_mazes))
    before = [image.value for image in images]
    left.value = 8
    after = [image.value for image in images]
    assert before[0] != after[0] and before[1] == after[1]
    right.value = 8
    assert images[0].value == images[1].value


def test_another_maze_offers_its_own_depths_and_keeps_the_choice_where_it_can(two_mazes):
    env, left, right, images = parts(widgets.depth_explorer(two_mazes))
    left.value, right.value = 64, 8
    before = [image.value for image in images]
    env.value = "point_u4_maze"
    assert [label for label, _ in left.options] == ["4", "8", "16"]
    assert (left.value, right.value) == (16, 8)
    assert all(image.value != old for image, old in zip(images, before))


def test_nothing_recorded_is_one_line(tmp_path):
    with pytest.raises(UserError, match="no recorded depth to explore; nearest: crlkit sweep depth"):
        widgets.depth_explorer(tmp_path)
