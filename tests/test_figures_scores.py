"""Figures of scores: what they draw is what the rows say, and without rows it is the paper alone."""

import re
from functools import cache
from pathlib import Path

import jax
import numpy as np
import pandas as pd
import pytest

from crlkit import figures
from crlkit.figures import catalogue, depth_vs_width, scores
from crlkit.figures.panels import Figure, Panel, Row, Scores, tell
from crlkit.networks import make_networks

DATA = Path(__file__).parents[1] / "data"
NAMES = [name for name in figures.NAMES if name != "architecture"]  # which measures nothing here
ELSEWHERE = "critic_maps embeddings residual_norms ants lights_out boards cures exploration stitching"
RECORDED = [name for name in NAMES if name not in ELSEWHERE.split()]  # the others have rows of their own in other tests
SEEDS = (-0.02, 0.0, 0.02)  # what the three seeds score beside their run; the interquartile mean of three is their mean
NOT_YET = "not yet measured here"


def run(score: float, measure: str = "share", updates: int = 600, **options) -> list[dict]:
    """The rows of one run whose last of six evaluations is `score`; an update of a seed takes `depth` ms."""
    config = {"env": "point_big_maze", "depth": 4, "width": 32, "batch_size": 256, "residual": True, "norm": "layer"}
    config |= {"activation": "swish", "learning_rate": 1e-3, "episode_length": 50, "status": "finished"} | options
    config = {"actor_depth": config["depth"], "critic_depth": config["depth"]} | config
    name = "-".join(f"{key}{value}" for key, value in sorted(config.items())) + f"-{updates}"
    rows = []
    for seed, beside in enumerate(SEEDS):
        for k, wobble in enumerate((-9.0, -0.01, 0.01, 0.005, -0.005, 0.0), start=1):
            done = updates * k // 6
            value = max(score + beside + wobble, 0.0)
            got = {"time_at_goal": 50 * value} if measure == "share" else {measure: value}
            clock = {"updates": done, "env_steps": 10 * done, "cpu_seconds": 3e-3 * done * config["depth"]}
            rows.append({"run": name, **config, "seed": 100 + seed, **clock, **got})
    return rows


def write(data: Path, suite: str, *runs: list[dict]) -> Path:
    (data / f"{suite}-laptop").mkdir(parents=True)
    pd.DataFrame([row for rows in runs for row in rows]).to_csv(data / f"{suite}-laptop/metrics.csv", index=False)
    return data


def bare(folder: Path) -> Path:
    """A data folder with the sources alone."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("paper", "update_times.csv"):
        (folder / name).symlink_to(DATA / name)
    return folder


DEPTHS = {4: 0.1, 8: 0.12, 16: 0.5, 32: 0.55, 64: 0.6}


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    """A data folder with every suite that these figures read."""
    data = bare(tmp_path_factory.mktemp("full"))
    u4 = [run(score / 2, depth=depth, env="point_u4_maze") for depth, score in ((4, 0.1), (64, 0.8))]
    broken = run(0.3, depth=256, status="diverged")
    write(data, "depth", *(run(score, depth=depth) for depth, score in DEPTHS.items()), *u4, broken)
    write(data, "cured_depth", *(run(score, depth=depth) for depth, score in DEPTHS.items()))
    write(data, "environments", run(0.2, env="point_u5_maze"), run(0.3, depth=32, env="point_u5_maze"))
    wide = [run(score, width=width) for width, score in ((32, 0.1), (64, 0.2), (128, 0.25))]
    write(data, "depth_vs_width", *wide, run(0.5, depth=16))
    write(data, "batch_size", *(run(d / 200 + b / 5120, depth=d, batch_size=b) for d in (4, 16) for b in (64, 256)))
    choices = ({}, {"hindsight": "final"}, {"energy": "dot"}, {"loss": "binary"})
    usual = {"hindsight": "geometric", "energy": "l2", "loss": "forward"}
    told = [run(0.4 - 0.1 * k, depth=d, **usual | c) for d in (4, 16) for k, c in enumerate(choices)]
    write(data, "hindsight", *told)
    alone = [
        run(d / 500 + 100 * r, "heldout_loss", depth=d, learning_rate=r, data="walks")
        for d in (4, 1024)
        for r in (3e-4, 1e-3)
    ]
    write(data, "limits", *alone)
    pairs = ((a, c) for a in (4, 32) for c in (4, 32))
    write(
        data,
        "actor_vs_critic",
        *(run(0.1 + a / 100 + c / 200, depth=max(a, c), actor_depth=a, critic_depth=c) for a, c in pairs),
    )
    usual |= {"reward": "sparse", "agent_options": "", "logsumexp_penalty": 0.1}
    others = ({"agent": "crl"}, {"agent": "sac"}, {"agent": "td3", "agent_options": "noise=0.4"}, {"agent": "gcsl"})
    sparse = [run(0.3 + d / 300 - k / 20, depth=d, **usual | a) for d in (4, 64) for k, a in enumerate(others)]
    dense = {"env": "point_open_maze", "agent": "sac", "reward": "dense", "hindsight": "none"}
    write(data, "algorithms", *sparse, *(run(0.9, depth=d, **usual | dense) for d in (4, 64)))
    switches = ({}, {"residual": False}, {"norm": "none"}, {"activation": "relu"})
    write(
        data,
        "ablations",
        *(run(d / 100 - 0.05 * k + 0.2, depth=d, **s) for d in (4, 32) for k, s in enumerate(switches)),
        run(0.0, depth=64, norm="none", status="diverged"),
    )
    return data


@pytest.fixture(scope="module")
def drawn(full, tmp_path_factory):
    """The figures of `full`, drawn once each."""
    return cache(lambda name: figures.module(name).draw(full))


@pytest.fixture(scope="module")
def paper_alone(tmp_path_factory):
    data = bare(tmp_path_factory.mktemp("bare"))
    return data, cache(lambda name: figures.module(name).draw(data))


def texts(figure) -> list[str]:
    found = [text.get_text() for axes in figure.axes for text in (*axes.texts, axes.title)]
    found += [text.get_text() for axes in figure.axes if axes.get_legend() for text in axes.get_legend().get_texts()]
    found += [tick.get_text() for axes in figure.axes for tick in axes.get_yticklabels()]
    for part in (figure, *figure.subfigs):
        found += [held.get_text() for held in (*part.texts, part._suptitle, part._supxlabel) if held]
    return found


def points(axes, label: str) -> np.ndarray:
    """`[points, 2]` of the line or error bar with a label."""
    found = {line.get_label(): line for line in axes.lines}
    found |= {bars.get_label(): bars.lines[0] for bars in axes.containers if hasattr(bars, "has_yerr")}
    return found[label].get_xydata()


def dots(axes) -> np.ndarray:
    """Every seed's dot, `[dots, 2]`."""
    return np.concatenate([line.get_xydata() for line in axes.lines if line.get_marker() == "."])


@pytest.mark.parametrize("name", NAMES)
def test_without_rows_the_paper_stands_alone_and_the_picture_says_so(name, paper_alone):
    data, draw = paper_alone
    assert NOT_YET in texts(draw(name))
    takeaway, alt = figures.module(name).words(data)
    assert "ot yet measured here" in takeaway and alt.startswith("Not yet measured here: ")
    assert "\n" not in takeaway + alt and ".." not in takeaway + alt
    legends = [text for text in texts(draw(name)) if text.startswith("here: depth")]
    assert not legends


@pytest.mark.parametrize("name", RECORDED)
def test_with_rows_the_picture_names_its_seeds_and_what_is_equal(name, full, drawn):
    said = " ".join(texts(drawn(name))).replace("\n", " ")
    assert "3 seeds" in said and ("600 updates" in said or "equal updates (600)" in said)
    assert not figures.module(name).words(full).alt.startswith("Not yet measured here: any")


@pytest.mark.parametrize("name", RECORDED)
def test_every_axis_is_labelled(name, drawn):
    for axes in drawn(name).axes:
        if axes.get_label() == "<colorbar>":
            assert axes.get_ylabel()
            continue
        shared = axes.get_shared_y_axes().get_siblings(axes) if axes.get_shared_y_axes() else [axes]
        below = [part._supylabel for part in drawn(name).subfigs if part._supylabel and axes in part.axes]
        named = any(other.get_ylabel() for other in shared) or below
        named = named or all(
            re.search("[A-Za-z]", tick.get_text()) or not tick.get_text() for tick in axes.get_yticklabels()
        )
        assert axes.get_xlabel() and named, axes.get_title()


def test_a_comparison_is_added_by_one_entry(tmp_path, monkeypatch):
    """The score by width, from what is recorded: drawn, told, written and watched like every other figure."""
    width = Scores(("depth_vs_width",), "width", env="point_big_maze")
    entry = Figure("Wider at depth 4", "Final score by width", "any width", tell(width), (Row((Panel((width,)),)),))
    monkeypatch.setitem(catalogue.FIGURES, "width", entry)
    rows = scores.here(DATA, ("depth_vs_width",), "width", env="point_big_maze")
    by_hand = {size: score.iqm for (size,), score in scores.by(rows, "width").items()}
    (axes,) = figures.module("width").draw(DATA).axes
    np.testing.assert_allclose(axes.containers[0].lines[0].get_xydata(), list(by_hand.items()))
    top = max(by_hand, key=by_hand.get)
    told = {min(by_hand), top, max(by_hand)}
    assert all(f"width {size} {by_hand[size]:.2f}" in entry.words(DATA).takeaway for size in told)
    assert entry.words(DATA).alt == f"Final score by width. {entry.words(DATA).takeaway}"
    figures.write(("width",), DATA, tmp_path)
    assert "width" in figures.NAMES and figures.check(("width",), DATA, tmp_path) == []
    assert "## Wider at depth 4" in (tmp_path / "README.md").read_text(encoding="utf-8")


def test_runs_with_another_setting_are_not_pooled(tmp_path):
    same = [run(score, depth=depth) for depth, score in ((4, 0.1), (8, 0.2), (16, 0.3))]
    odd = [run(0.9, depth=4, learning_rate=3e-4), run(0.8, depth=8, updates=1200)]
    rows = scores.here(write(tmp_path, "depth", *same, *odd), ("depth",), "depth")
    found = {depth: score.iqm for depth, score in scores.by_depth(rows).items()}
    assert found == pytest.approx({4: 0.1, 8: 0.2, 16: 0.3})


def test_a_setting_that_goes_with_the_depth_is_kept(tmp_path):
    data = write(tmp_path, "depth", run(0.1, depth=4), run(0.3, depth=8, learning_rate=3e-4))
    rows = scores.here(data, ("depth",), "depth")
    assert set(scores.by_depth(rows)) == {4, 8}
    assert "learning rate" not in scores.held_equal(rows) and "600 updates" in scores.held_equal(rows)


def test_an_actor_of_another_depth_is_no_row_of_a_depth_comparison(tmp_path):
    data = write(tmp_path, "depth", run(0.1, depth=8), run(0.9, depth=8, actor_depth=4), run(0.2, depth=4))
    assert scores.by_depth(scores.here(data, ("depth",), "depth"))[8].iqm == pytest.approx(0.1)


def test_depth_curves_put_our_maze_into_the_panel_of_its_layout(drawn):
    panels = {axes.get_title().split(",")[0]: axes for axes in drawn("depth_curves").axes[4:]}
    np.testing.assert_allclose(lines(panels["ant_u4_maze"])[1], [(4, 0.05), (64, 0.4)])
    np.testing.assert_allclose(lines(panels["ant_u5_maze"])[1], [(4, 0.2), (32, 0.3)])
    np.testing.assert_allclose(points(panels["humanoid"], "paper: humanoid")[:, 0], (4, 8, 16, 32, 64))
    assert NOT_YET in [text.get_text() for text in panels["ant_hardest_maze"].texts]
    assert NOT_YET not in [text.get_text() for text in panels["ant_u4_maze"].texts]


def lines(axes) -> list[np.ndarray]:
    """Of each line of scores its points, the paper's first."""
    return [bars.lines[0].get_xydata() for bars in axes.containers]


def test_table1_has_a_row_for_every_environment_with_depth_4_and_64(full, drawn):
    (axes,) = drawn("table1").axes
    rows = [tick.get_text() for tick in axes.get_yticklabels()]
    assert "paper: humanoid_big_maze" in rows
    at = next(place for place, row in enumerate(rows) if row.startswith("point_u4_maze, 3 seeds each"))
    assert sorted(x for x, y in dots(axes) if abs(y - at) < 0.3) == pytest.approx([0.03, 0.05, 0.07, 0.38, 0.4, 0.42])
    said = figures.module("table1").words(full).takeaway
    assert "point_u4_maze, 3 seeds each, at equal updates (600): depth 4 0.05 (0.03 to 0.07), depth 64 0.40" in said
    assert "of 10 the lowest at the end, humanoid_big_maze: depth 4 0.000, depth 64 0.059" in said


@pytest.mark.parametrize("env, sizes", depth_vs_width.SIZES.items())
def test_critic_parameters_are_those_of_the_networks(env, sizes):
    state, goal, action = sizes
    networks = make_networks(state, goal, action, actor_depth=4, critic_depth=8, width=16)
    leaves = jax.tree.leaves(jax.eval_shape(networks.init_critic, jax.random.key(0)))
    assert depth_vs_width.critic_parameters(env, 8, 16) == sum(leaf.size for leaf in leaves)


def test_critic_parameters_are_those_of_the_papers_critics():
    table = pd.read_csv(DATA / "paper/parameter_counts.csv").query("network == 'critic'")
    assert len(table) > 5
    for row in table.itertuples():
        counted = depth_vs_width.critic_parameters(row.environment_family, int(row.depth), int(row.width)) / 1e6
        assert counted == pytest.approx(row.value, rel=2e-3)


def test_depth_and_width_stand_at_their_parameters_and_their_seconds(drawn):
    per_parameter, per_second = drawn("depth_vs_width").axes[3:5]
    count = depth_vs_width.critic_parameters
    wide = [(count("point", 4, width), score) for width, score in ((32, 0.1), (64, 0.2), (128, 0.25))]
    np.testing.assert_allclose(points(per_parameter, "here: wider, depth 4"), wide)
    deep = [(count("point", depth, 32), score) for depth, score in DEPTHS.items()]
    np.testing.assert_allclose(points(per_parameter, "here: deeper, width 32"), deep)
    np.testing.assert_allclose(
        points(per_second, "here: deeper, width 32"), [(0.6 * depth, score) for depth, score in DEPTHS.items()]
    )
    assert len(dots(per_parameter)) == 3 * (3 + 5)


def test_actor_against_critic_is_a_line_by_the_critics_depth(drawn):
    *theirs, ours = drawn("actor_vs_critic").axes
    for critic in (4, 32):
        expected = [(a, 0.1 + a / 100 + critic / 200) for a in (4, 32)]
        found = points(ours, f"here: critic {critic}")
        np.testing.assert_allclose(found[:, 1], [score for _, score in expected])
        np.testing.assert_allclose(found[:, 0], [4, 32], rtol=0.05)  # lines stand beside each other
    table = pd.read_csv(DATA / "paper/fig6_actor_critic_depth.csv").set_index(
        ["environment", "actor_depth", "critic_depth"]
    )
    assert [axes.get_title().split(",")[0] for axes in theirs] == [
        "paper: humanoid",
        "paper: ant_big_maze",
        "paper: arm_push_easy",
    ]
    line = points(theirs[0], "paper: humanoid, critic 64")
    np.testing.assert_allclose(line[:, 1], [table.value["humanoid", actor, 64] / 1000 for actor in line[:, 0]])


def test_batch_sizes_are_lines_by_depth(drawn):
    left, right = drawn("batch_size").axes
    table = pd.read_csv(DATA / "paper/fig7_batch_size.csv")
    heights = np.concatenate([np.float64(bars.lines[0].get_ydata()) for bars in left.containers])
    np.testing.assert_allclose(np.sort(heights), np.sort(table.value / 1000))
    np.testing.assert_allclose(points(right, "here: depth 16")[:, 1], (0.08 + 64 / 5120, 0.08 + 256 / 5120))


def test_every_choice_of_goals_has_its_row(full, drawn):
    (axes,) = drawn("hindsight").axes
    rows = [tick.get_text() for tick in axes.get_yticklabels()]
    assert rows[0].startswith("the paper's") and rows[1:] == ["the last state", "dot product", "binary NCE"]
    np.testing.assert_allclose(points(axes, "depth 4"), [[0.4, -0.11]])
    assert "the last state: depth 4 0.30" in figures.module("hindsight").words(full).takeaway


def test_critics_alone_stand_at_their_loss_by_rate(full, drawn):
    panel = drawn("limits_of_depth").axes[3]
    np.testing.assert_allclose(points(panel, "here: learning rate 0.0003")[:, 1], [0.038, 2.078])
    np.testing.assert_allclose(points(panel, "here: learning rate 0.001")[:, 1], [0.108, 2.148])
    said = figures.module("limits_of_depth").words(full)
    assert (
        "learning rate 0.001: depth 4 0.11" in said.takeaway and "depth 1024 2.15" in said.alt
    )  # a loss: least is best


def test_a_body_stands_beside_the_point_in_every_figure_of_depth(tmp_path):
    data, of_ants = bare(tmp_path), {4: 0.1, 8: 0.2, 16: 0.15}
    ants = [run(score, depth=depth, env="ant_big_maze", updates=300) for depth, score in of_ants.items()]
    write(data, "depth", *(run(score, depth=depth) for depth, score in DEPTHS.items()), *ants)
    limits, curves, table = (figures.module(name).draw(data) for name in ("limits_of_depth", "depth_curves", "table1"))
    (label,) = (text for text in texts_of_legend(limits.axes[2]) if "ant_big_maze" in text)
    np.testing.assert_allclose(points(limits.axes[2], label)[:, 1], list(of_ants.values()))
    panel = next(axes for axes in curves.axes if axes.get_title().startswith("ant_big_maze"))
    np.testing.assert_allclose(lines(panel)[2][:, 1], list(of_ants.values()))
    assert any(text.startswith("ant_big_maze, 3 seeds each") for text in texts(table))
    assert (
        "ant_big_maze, 3 seeds each, at equal updates (300): depth 4 0.10" in figures.module("table1").words(data).alt
    )


def test_seconds_of_two_processors_do_not_share_a_panel(tmp_path):
    one = [run(score, depth=depth, device="processor A") for depth, score in ((4, 0.1), (16, 0.3))]
    other = run(0.2, depth=4, width=64, device="processor B")
    figure = figures.module("depth_vs_width").draw(write(bare(tmp_path), "depth_vs_width", *one, other))
    per_parameter, per_second = figure.axes[3:5]
    drawn = [{round(y, 2) for y in dots(axes)[:, 1]} for axes in (per_parameter, per_second)]
    of_a = {0.08, 0.1, 0.12, 0.28, 0.3, 0.32}
    assert drawn == [of_a | {0.18, 0.2, 0.22}, of_a]
    assert "processor A" in per_second.get_title() and "processor" not in per_parameter.get_title()


def texts_of_legend(axes) -> list[str]:
    return [text.get_text() for text in axes.get_legend().get_texts()]


def test_a_depth_that_diverged_is_not_drawn(drawn):
    assert dots(drawn("limits_of_depth").axes[2])[:, 0].max() == 64


def test_ablations_draw_every_switch(drawn):
    panel = drawn("ablations").axes[2]
    for label, lower in ((catalogue.FULL, 0), ("no residual connections", 0.05), ("no norm", 0.1), ("ReLU", 0.15)):
        np.testing.assert_allclose(points(panel, f"here: {label}")[:, 1], (0.24 - lower, 0.52 - lower))


def test_critics_on_walks_are_drawn_by_their_loss_beside_chance(tmp_path):
    data = bare(tmp_path / "data")
    walks = dict(measure="heldout_loss", env="lights_out_3x3", data="walks", batch_size=128)
    write(data, "ablations", *(run(4 - d / 32, depth=d, residual=r, **walks) for d in (4, 32) for r in (True, False)))
    figure = figures.module("ablations").draw(data)
    panel = figure.axes[2]
    assert "nats" in panel.get_ylabel() and "critic alone" in panel.get_title()
    np.testing.assert_allclose(points(panel, f"here: {catalogue.FULL}")[:, 1], (3.875, 3))
    assert any(np.allclose(line.get_ydata(), np.log(128)) for line in panel.lines if len(line.get_ydata()) == 2)
    assert panel.get_ylim()[0] < 3 < 3.875 < panel.get_ylim()[1]
    assert "chance: ln 128" in texts_of_legend(panel)


def test_cost_is_processor_seconds_of_a_run_and_what_the_bench_measured(full, drawn):
    theirs, ours, update, memory = drawn("cost").axes
    np.testing.assert_allclose(lines(ours)[0], [(depth, 0.6 * depth) for depth in DEPTHS])
    measured = pd.read_csv(DATA / "update_times.csv")
    for axes, column in ((update, "update (ms)"), (memory, "peak memory (MB)")):
        found = points(axes, "here: crlkit bench, width 32,\nAMD EPYC")
        np.testing.assert_allclose(np.float64(found), measured[["depth", column]])
    hours = pd.read_csv(DATA / "paper/table4_wall_clock_deep.csv").query("unit == 'hours'").set_index("depth").value
    np.testing.assert_allclose(np.float64(lines(theirs)[0]), list(hours.items()))
    assert f"depth 1024 {hours[1024]:.3f}" in figures.module("cost").words(full).takeaway
    assert "depth 64 38.40" in figures.module("cost").words(full).takeaway


def test_the_study_texts_numbers_are_those_of_its_words():
    table = pd.read_csv(DATA / "tutorial_claims.csv")
    assert set(table.source) == {"the study text on which the kit is based"}
    assert set(table.table) == {"improvement", "depth_against_width", "when_to_use", "cost"}
    for row in table.itertuples():
        numbers = [float(number) for number in re.findall(r"\d+", row.text)]
        if numbers:
            assert (row.low, row.high) == (numbers[0], numbers[-1])
        else:
            assert row.text == "baseline" or np.isnan(row.low)


def test_ants_stand_at_the_papers_epochs_as_far_as_they_came(tmp_path):
    """A finished run of two epochs and an interrupted one of a single epoch; the paper's filling is 17 rounds of 31,744
    steps."""
    runs = []
    for depth, status, means in ((4, "finished", (0.1, 0.3)), (16, "interrupted", (0.2,))):
        config = {
            "env": "ant_hardest_maze",
            "run": f"ant{depth}",
            "depth": depth,
            "status": status,
            "episode_length": 1000,
        }
        for epoch, mean in enumerate(means, start=1):
            for seed, beside in enumerate(SEEDS):
                done = {"updates": 24_800 * epoch, "env_steps": 17 * 31_744 + 984_064 * epoch, "cpu_seconds": 1.0}
                got = {"time_at_goal": 1000 * (mean + beside), "contrastive_loss": 5.0 - mean, "entropy": 1.0}
                runs.append([{**config, "seed": seed, **done, **got}])
    data = write(bare(tmp_path), "depth", *runs)
    score, loss, _ = figures.module("ants").draw(data).axes
    np.testing.assert_allclose(points_named(score, "here: depth 4"), [(1, 0.1), (2, 0.3)])
    np.testing.assert_allclose(points_named(score, "here: depth 16"), [(1, 0.2)])
    np.testing.assert_allclose(points_named(loss, "here: depth 4"), [(1, 4.9), (2, 4.7)])
    said = figures.module("ants").words(data).takeaway
    assert "depth 4: epoch 1 0.10 (0.08 to 0.12), epoch 2 0.30" in said and "depth 16: epoch 1 0.20" in said
    drawn = [bars.lines[0].get_xydata() for bars in score.containers if bars.get_label().startswith("paper: ")]
    hollow = {tuple(point) for line in drawn for point in np.round(np.float64(line), 4)}
    paper = pd.read_csv(DATA / "paper/fig1_learning_curves.csv").query(
        "environment == 'ant_hardest_maze' and epoch <= 10"
    )
    theirs = paper[paper.depth.isin([4, 8, 16])]
    assert hollow == {(epoch, round(value / 1000, 4)) for epoch, value in zip(theirs.epoch, theirs.value)}


def points_named(axes, label: str) -> np.ndarray:
    return next(line.get_xydata() for line in axes.lines if line.get_label() == label)


def test_a_line_is_an_algorithm_read_from_the_rows(full, tmp_path):
    """And rows of before there were others are of contrastive RL."""
    lines = catalogue.SPARSE.read(full).lines
    assert list(lines) == ["contrastive RL", "SAC with hindsight", "TD3 with hindsight", "GCSL"]
    assert [round(score.iqm, 3) for score in lines["TD3 with hindsight"].values()] == [0.213, 0.413]
    assert list(catalogue.OPEN.read(full).lines) == ["SAC, dense reward"]
    old = write(tmp_path, "depth", run(0.2), run(0.4, depth=64))
    assert set(catalogue.evidence.rows(old, "depth").agent) == {"crl"}
