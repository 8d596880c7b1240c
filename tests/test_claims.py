"""Every claim's rule finds what is planted, both ways, and says "not run" without rows; the pages are what the code
makes."""

import shutil
from functools import cache
from itertools import combinations, permutations
from pathlib import Path

import jax
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from crlkit import Config, evidence
from crlkit.agents import make_agent
from crlkit.agents.trained import TrainedAgent
from crlkit.analysis.statistics import final_scores, interquartile_mean, permutation_p
from crlkit.claims import CLAIMS, inside, read, recorded, report
from crlkit.claims import paper as counted
from crlkit.claims.paper import parameters
from crlkit.claims.verdicts import ARITHMETIC, BENCHED, OUTCOMES, PUBLISHED, RECOUNTS, WORDS, compare, compare_tasks
from crlkit.cli import main
from crlkit.config import BEFORE
from crlkit.envs.mazes import make_maze
from crlkit.evidence import scores
from crlkit.suites import SUITES
from crlkit.sweep import name_of
from crlkit.weights import save_agent

ROOT = Path(__file__).parents[1]
DATA = ROOT / "data"
SPREAD = np.linspace(-0.1, 0.1, 6)  # of six seeds, around their level, relative to it
MAZES = ("point_big_maze", "point_u_maze", "point_hardest_maze")
TESTED = [name for name, claim in CLAIMS.items() if claim.suites]


# ---------------------------------------------------------------- synthetic records


@pytest.fixture
def data(tmp_path):
    """A data folder with the paper's numbers and no rows."""
    shutil.copytree(DATA / "paper", tmp_path / "data" / "paper")
    return tmp_path / "data"


def run(level=0.3, *, status="finished", seconds=1.0, start=None, seeds=6, measure="time_at_goal", **options):
    """The rows of one run: six seeds around `level`, which rise from `start` (by default flat) to it after half of the
    run. `seconds`: processor seconds of a seed in all."""
    config = Config(seeds=seeds, seed=100, **BEFORE | options)
    fixed = {k: v for k, v in config.to_dict().items() if k not in ("seed", "env_steps", "out", "checkpoint_seconds")}
    fixed |= {"run": name_of(config), "status": status, "config_env_steps": config.env_steps}
    scale = config.episode_length if measure == "time_at_goal" else 1
    rows = []
    for k in range(10):
        now = level if k >= 5 or start is None else start
        for i in range(seeds):
            spread = SPREAD[i] if measure == "time_at_goal" else SPREAD[i] / 10
            row = {"seed": 100 + i, "updates": 500 * (k + 1), "cpu_seconds": seconds * seeds * (k + 1) / 10}
            rows.append({**fixed, **row, measure: scale * now * (1 + spread)})
    return pd.DataFrame(rows)


def write(data, suite, runs, size="laptop", platform="cpu"):
    folder = data / f"{suite}-{size}"
    folder.mkdir(parents=True, exist_ok=True)
    pd.concat(runs).to_csv(folder / "metrics.csv", index=False)
    made = pd.concat(runs).groupby("run", sort=False).first().reset_index()[["run", "status"]]
    fixed = {
        "device": "a laptop",
        "platform": platform,
        "cores": 2,
        "commit": "0123456789",
        "started": "2026-01-01T00:00:00",
    }
    made.assign(**fixed, jax="1", brax="1", mujoco="1").to_csv(folder / "provenance.csv", index=False)
    pd.DataFrame({"run": [], "measure": []}).to_csv(folder / "scores.csv", index=False)


def depths(levels, mazes=("point_big_maze",), **options):
    return [run(level, env=env, depth=depth, **options) for env in mazes for depth, level in levels.items()]


def lights(levels, measure="heldout_loss", **options):
    """Critics trained on walks; held-out loss above a floor of 1 nat."""
    found = [
        run(level, env="lights_out_3x3", data="walks", depth=depth, measure=measure, **options)
        for depth, level in levels.items()
    ]
    return [part.assign(bayes_loss=1.0) for part in found]


def noisy(part, measure="time_at_goal"):
    """The seeds of a run a factor of up to four apart, in an order of its own."""
    order = np.random.default_rng(int(part.depth.iloc[0] + part.width.iloc[0])).permutation(6)
    return part.assign(**{measure: part[measure] * 2.0 ** np.linspace(-1, 1, 6)[order[part.seed - 100]]})


def skilled(levels, change=lambda part, measure: part, **options):
    """Critics trained on walks, by the share of pairs with a best press: chance and so much of what is beyond it."""
    parts = [change(part, "optimal_action") for part in lights(levels, "optimal_action", **options)]
    return [part.assign(optimal_action=(256 + 255 * part.optimal_action) / 511) for part in parts]


def widths(deep, wide, price=1.0):
    """`price`: seconds of a deep run; a wide one takes 1 second."""
    cells = [run(level, depth=4, width=w) for w, level in wide.items()]
    return cells + [run(level, depth=d, width=32, seconds=price) for d, level in deep.items()]


def grid(both, actor, critic, neither=0.1):
    levels = {(16, 16): both, (16, 4): actor, (4, 16): critic, (4, 4): neither}
    return [run(level, depth=max(a, c), actor_depth=a, critic_depth=c) for (a, c), level in levels.items()]


def batches(shallow, deep):
    levels = {(4, 64): 0.3, (4, 1024): shallow, (64, 64): 0.3, (64, 1024): deep}
    return [run(level, depth=d, batch_size=b) for (d, b), level in levels.items()]


def ablated(option, value, at_16, at_64, measure="time_at_goal", **more):
    cells = []
    for depth, level in ((16, at_16), (64, at_64)):
        base = 0.4 if measure == "time_at_goal" else 2.0
        cells += [run(base, depth=depth, measure=measure, **more)]
        cells += [run(level, depth=depth, measure=measure, **{option: value}, **more)]
    return cells


def collected(deep_deep, deep_shallow, shallow_deep):
    """Levels of (collector, learner)."""
    levels = {(32, 32): deep_deep, (32, 4): deep_shallow, (4, 32): shallow_deep, (4, 4): 0.1}
    return [run(level, depth=learner, collector_depth=collector) for (collector, learner), level in levels.items()]


def relabelled(*ends):
    return [run(end, start=0.2, depth=16, hindsight=h) for h, end in zip(("geometric", "uniform", "final"), ends)]


def unlabelled(level):
    """An agent that learns from its commanded goals alone."""
    part = run(level, depth=16)
    return part.assign(hindsight="none", run=part.run + "-none")


def rates(levels):
    """Of each depth the level at 1e-3 and at 3e-3."""
    cells = [(d, rate, level) for d, own in levels.items() for rate, level in zip((1e-3, 3e-3), own)]
    return [run(level, depth=d, learning_rate=rate) for d, rate, level in cells]


def stitched(at_16, at_64):
    options = {"env": "point_u_maze_gen_1f2f3f", "eval_env": "point_u_maze_eval"}
    return [run(level, depth=d, **options) for d, level in ((4, 0.2), (16, at_16), (64, at_64))]


MATCHED = {4: 256, 8: 180, 16: 128, 32: 92, 64: 64, 128: 45}  # width by depth at equal parameters


def boards(levels, **options):
    """Critics of equal parameters, by the share of boards five presses away that they solve."""
    return [
        run(level, env="lights_out_3x3", data="walks", depth=d, width=MATCHED[d], measure="solved_5", **options)
        for d, level in levels.items()
    ]


def ended(part, head="norm", longer=1, **more):
    """The rows of a run whose actor ends otherwise, and that made so many times the updates."""
    part = part.assign(actor_head=head, critic_head="plain", updates=part.updates * longer, **more)
    return part.assign(run=part.run + f"-{head}{longer}")


def heads(plain, mended, alpha):
    """Success of the two networks at depth 256, and the paper's temperature at the end."""
    levels = (
        (run(plain, depth=256, measure="success"), "plain", alpha),
        (run(mended, depth=256, measure="success"), "norm", 0.1),
    )
    return [ended(part, head, alpha=of) for part, head, of in levels]


def long(at_4, at_64, at_256):
    """Depth 4 has runs as long as those of depth 64 and 256; its score in the longer one is that of `at_4`."""
    deep = [ended(run(level, depth=d, seconds=s)) for d, s, level in ((64, 10.0, at_64), (256, 30.0, at_256))]
    return deep + [ended(run(at_4, depth=4, seconds=1.0 * n), longer=n) for n in (1, 10, 30)]


SIX = (4, 8, 16, 32, 64, 128)
STEP = {d: 0.05 if d < 32 else 0.6 for d in SIX}
POWER = {d: 0.05 * (d / 4) ** 0.6 for d in SIX}
STEP_AT_16 = {d: 0.05 if d < 16 else 0.6 for d in SIX}
STEP_AT_8 = {d: 0.05 if d < 8 else 0.6 for d in SIX}
BETTER, WORSE, SAME = {4: 0.2, 64: 0.4}, {4: 0.4, 64: 0.2}, {4: 0.3, 64: 0.3}
DEEP, WIDE = {8: 0.5, 16: 0.5, 64: 0.5}, {32: 0.2, 64: 0.25, 128: 0.3}

# claim -> outcome -> the suite's rows. Where a claim can only be met or not there is no "partly".
PLANTED = {
    "new_goals": {
        "reproduced": lambda: boards({4: 0.1, 16: 0.9, 32: 0.1, 128: 0.05}),  # one deep depth is enough
        "partly": lambda: boards({4: 0.0, 16: 0.1}),  # the winner solves too few to speak of
        "undecided": lambda: boards({4: 0.1, 8: 0.9, 16: 0.1}),  # depth 8 is not deep
        "not reproduced": lambda: boards({4: 0.9, 16: 0.1, 32: 0.9}),
    },
    "new_goals_per_second": {
        "reproduced": lambda: boards({4: 0.1}) + boards({16: 0.9}, seconds=1.6, start=0.0),  # there after 0.96 s
        "partly": lambda: boards({4: 0.2, 16: 0.39, 32: 0.1}),  # less than twice as much
        "undecided": lambda: boards({4: 0.1}) + boards({16: 0.9}, seconds=1.7, start=0.1),  # there after 1.02 s
        "not reproduced": lambda: boards({4: 0.1}) + boards({16: 0.9}, seconds=1.7, start=0.0),
    },
    "saturated_head": {
        "reproduced": lambda: heads(0.0, 0.5, alpha=400.0),
        "partly": lambda: heads(0.0, 0.5, alpha=0.1),  # what was cured is another disease
        "not reproduced": lambda: heads(0.5, 0.1, alpha=0.1),
    },
    "depth_at_equal_seconds": {
        "reproduced": lambda: long(0.2, 0.4, 0.4),
        "partly": lambda: long(0.2, 0.1, 0.4),
        "undecided": lambda: long(0.2, 0.2, 0.2),
        "not reproduced": lambda: long(0.4, 0.2, 0.2),
    },
    "depth_helps": {
        "reproduced": lambda: depths(BETTER, MAZES),
        "partly": lambda: depths(BETTER),  # one maze is not all
        "undecided": lambda: depths(SAME, MAZES),
        "not reproduced": lambda: depths(WORSE, MAZES),
    },
    "depth_helps_cured": {
        "reproduced": lambda: depths(BETTER, MAZES),
        "partly": lambda: depths(BETTER),
        "undecided": lambda: depths(SAME, MAZES),
        "not reproduced": lambda: depths(WORSE, MAZES),
    },
    "depth_helps_searched": {
        "reproduced": lambda: rates({4: (0.2, 0.3), 64: (0.1, 0.5)}),  # 4 is ahead at the first rate
        "undecided": lambda: rates({4: (0.2, 0.5), 64: (0.4, 0.5)}),  # 64 is ahead at the first rate alone
        "not reproduced": lambda: rates({4: (0.2, 0.5), 64: (0.4, 0.3)}),  # the same, and 4 is ahead at its own
    },
    "depth_per_second": {
        "reproduced": lambda: depths(BETTER, MAZES),
        "partly": lambda: depths(BETTER, MAZES[:1]) + depths(WORSE, MAZES[1:]),
        "undecided": lambda: depths(SAME, MAZES),
        "not reproduced": lambda: depths({4: 0.2}, MAZES) + depths({64: 0.4}, MAZES, seconds=16.0, start=0.0),
    },
    "when_to_use": {
        "reproduced": lambda: depths(BETTER, MAZES[::2]) + depths(WORSE, MAZES[1:2]),
        "partly": lambda: (
            depths({4: 0.3, 64: 0.327}, MAZES[1:2]) + depths({4: 0.3, 64: 0.339}, (MAZES[2], "point_u4_maze"))
        ),
        "undecided": lambda: depths(BETTER, MAZES),  # in the simplest as well
        "not reproduced": lambda: depths(BETTER, MAZES[:2]) + depths(SAME, MAZES[2:]),  # the reverse; big was selected
    },
    "improvement_table": {
        "reproduced": lambda: depths({4: 0.03, 64: 0.15, 256: 0.3, 1024: 0.6}),
        "partly": lambda: depths({4: 0.03, 64: 0.15}),
        "undecided": lambda: depths({4: 0.03, 64: 0.0597}),  # the interval reaches into the band
        "not reproduced": lambda: depths({4: 0.03, 64: 0.03, 256: 0.03, 1024: 0.03}),
    },
    "cost_table_gains": {
        "reproduced": lambda: depths({4: 0.02, 64: 0.16, 256: 0.3, 1024: 0.6}),
        "partly": lambda: depths({4: 0.02, 64: 0.06, 256: 0.3, 1024: 0.6}),
        "not reproduced": lambda: depths({4: 0.02, 64: 0.06, 256: 0.06, 1024: 0.06}),
    },
    "critical_depth": {
        "reproduced": lambda: depths(STEP),
        "partly": lambda: depths(STEP, MAZES[:1]) + depths(POWER, MAZES[1:]),
        "undecided": lambda: [noisy(part) for part in depths(POWER)],
        "not reproduced": lambda: depths(POWER),
    },
    "emergence": {
        "reproduced": lambda: skilled(STEP),
        "undecided": lambda: skilled(POWER, noisy),
        "partly": lambda: skilled(STEP_AT_16),  # a jump, but from 8, which lies outside
        "not reproduced": lambda: skilled(POWER),
    },
    "beyond_64": {
        "reproduced": lambda: depths({64: 0.3, 256: 0.3, 1024: 0.5}),
        "partly": lambda: depths({64: 0.3, 256: 0.5, 1024: 0.3}),
        "undecided": lambda: depths({64: 0.3, 128: 0.3}),
        "not reproduced": lambda: depths({64: 0.3, 128: 0.1}),
    },
    "trains_at_1024": {
        "reproduced": lambda: [run(0.4, start=0.1, depth=1024, measure="success")],
        "partly": lambda: [run(0.2, start=0.1, depth=1024, measure="success")],
        "not reproduced": lambda: [run(0.1, start=0.1, depth=1024, measure="success")],
    },
    "deep_over_wide": {
        "reproduced": lambda: widths(DEEP, WIDE),
        "undecided": lambda: widths({8: 0.2, 16: 0.25, 64: 0.3}, WIDE),
        "not reproduced": lambda: widths({8: 0.2, 16: 0.2, 64: 0.2}, WIDE),
    },
    "depth_8_over_widest": {
        "reproduced": lambda: widths(DEEP, WIDE),
        "undecided": lambda: widths(DEEP | {8: 0.3}, WIDE),
        "not reproduced": lambda: widths(DEEP | {8: 0.2}, WIDE),
    },
    "deep_over_wide_per_second": {
        "reproduced": lambda: widths(DEEP, WIDE),
        "undecided": lambda: widths(DEEP | {64: 0.3}, WIDE),
        "not reproduced": lambda: widths(DEEP, WIDE, price=30.0),
    },
    "width_helps": {
        "reproduced": lambda: widths(DEEP, WIDE),
        "partly": lambda: widths(DEEP, WIDE | {64: 0.1}),
        "undecided": lambda: widths(DEEP, {32: 0.3, 64: 0.3, 128: 0.3}),
        "not reproduced": lambda: widths(DEEP, {32: 0.3, 64: 0.25, 128: 0.2}),
    },
    "doubling_gains": {
        "reproduced": lambda: widths({8: 0.18, 16: 0.32}, {32: 0.1, 64: 0.13, 128: 0.17}),
        "partly": lambda: widths({8: 0.18, 16: 0.32}, {32: 0.1, 64: 0.1, 128: 0.1}),
        "undecided": lambda: [noisy(part) for part in widths({8: 0.14}, {32: 0.1, 64: 0.12})],
        "not reproduced": lambda: widths({8: 0.1, 16: 0.1}, {32: 0.1, 64: 0.1, 128: 0.1}),
    },
    "both_deep": {
        "reproduced": lambda: grid(0.5, 0.2, 0.3),
        "partly": lambda: grid(0.5, 0.2, 0.5),
        "undecided": lambda: grid(0.3, 0.3, 0.3),
        "not reproduced": lambda: grid(0.3, 0.3, 0.5),
    },
    "critic_before_actor": {
        "reproduced": lambda: grid(0.5, 0.2, 0.4),
        "undecided": lambda: grid(0.5, 0.3, 0.3),
        "not reproduced": lambda: grid(0.5, 0.4, 0.2),
    },
    "batch_size": {
        "reproduced": lambda: batches(shallow=0.3, deep=0.6),
        "partly": lambda: batches(shallow=0.6, deep=0.6),
        "undecided": lambda: batches(shallow=0.3, deep=0.3),
        "not reproduced": lambda: batches(shallow=0.6, deep=0.3),
    },
    "residual_needed": {
        "reproduced": lambda: ablated("residual", False, 0.4, 0.1),
        "partly": lambda: ablated("residual", False, 0.1, 0.4),
        "undecided": lambda: ablated("residual", False, 0.4, 0.4),
        "not reproduced": lambda: ablated("residual", False, 0.4, 0.6),
    },
    "layer_norm_needed": {
        "reproduced": lambda: ablated("norm", "none", 2.0, 5.0, "heldout_loss", data="walks"),
        "partly": lambda: ablated("norm", "none", 5.0, 2.0, "heldout_loss", data="walks"),
        "not reproduced": lambda: ablated("norm", "none", 2.0, 1.0, "heldout_loss", data="walks"),
    },
    "swish_over_relu": {
        "reproduced": lambda: ablated("activation", "relu", 0.4, 0.1),
        "partly": lambda: ablated("activation", "relu", 0.1, 0.4),
        "not reproduced": lambda: ablated("activation", "relu", 0.4, 0.6),
    },
    "exploration": {
        "reproduced": lambda: collected(0.5, 0.2, 0.2),
        "partly": lambda: collected(0.5, 0.5, 0.2),
        "undecided": lambda: collected(0.2, 0.2, 0.2),
        "not reproduced": lambda: collected(0.2, 0.2, 0.5),
    },
    "expressivity": {
        "reproduced": lambda: lights({4: 2.0, 16: 1.9, 64: 1.2}),
        "partly": lambda: (
            lights({4: 2.0, 64: 1.2}) + lights({4: 1.2}, width=256)
        ),  # 64 has as many parameters as 4 x 256
        "undecided": lambda: lights({4: 1.2, 16: 1.2, 64: 1.2}),
        "not reproduced": lambda: lights({4: 1.2, 16: 1.2, 64: 2.0}),
    },
    "stitching": {
        "reproduced": lambda: stitched(0.3, 0.5),
        "partly": lambda: stitched(0.5, 0.2),
        "undecided": lambda: stitched(0.2, 0.2),
        "not reproduced": lambda: stitched(0.2, 0.1),
    },
    "hindsight": {
        "reproduced": lambda: relabelled(0.5, 0.4, 0.4) + [unlabelled(0.2)],
        "partly": lambda: relabelled(0.5, 0.4, 0.4),  # a learning curve that rises, and nothing to hold it against
        "undecided": lambda: relabelled(0.2, 0.2, 0.2),
        "not reproduced": lambda: relabelled(0.1, 0.2, 0.1),
    },
}
PLANTED["stitching_boards"] = PLANTED["new_goals"]  # one rule for both
SUITE = {name: CLAIMS[name].suites[0] for name in PLANTED} | {"deep_over_wide": "depth_vs_width"}
CASES = [(name, outcome) for name, found in PLANTED.items() for outcome in found]


@pytest.mark.parametrize(("name", "outcome"), CASES)
def test_a_rule_finds_what_is_planted(name, outcome, data):
    assert CLAIMS[name].judge(data).outcome == "not run"
    write(data, SUITE[name], PLANTED[name][outcome]())
    verdict = CLAIMS[name].judge(data)
    assert verdict.outcome == outcome, verdict
    assert verdict.seeds == 6 and verdict.here and verdict.size.endswith(", laptop")


def test_everything_that_runs_test_is_planted_both_ways_and_not_run_without_rows(data):
    # Arrays and weights; several agents, several tasks: below.
    elsewhere = {"topology", "allocation", "clusters", "residual_norms", "only_self_supervised", "kinds_of_tasks"}
    assert set(PLANTED) | elsewhere == set(TESTED)
    assert all({"reproduced", "not reproduced"} <= set(found) for found in PLANTED.values())
    assert {name: CLAIMS[name].judge(data) for name in TESTED} == {name: ("not run", "", 0, "") for name in TESTED}


def test_a_new_claim_is_one_entry(data, monkeypatch):
    """It is judged both ways, says its rule and stands on the pages, without a line elsewhere."""
    claim = read("""
        [a_question]
        sentence = "Sixteen layers beat eight, and the deepest four"
        source = "a reader's question"
        published = "nothing"
        statistic = "share of the episode at the goal, P of each"
        evidence = ["depth"]
        rule = "rules:beats"
        arms = "queried"
        [a_question.pairs]
        "16 over 8" = ["depth == 16", "depth == 8"]
        "deepest over 4" = ["depth == @deep", "depth == 4"]
    """)["a_question"]
    monkeypatch.setitem(CLAIMS, "a_question", claim)
    assert claim.judge(data) == ("not run", "", 0, "")
    for levels, outcome in (
        ({4: 0.1, 8: 0.2, 16: 0.4, 64: 0.5}, "reproduced"),
        ({4: 0.1, 8: 0.4, 16: 0.2, 64: 0.5}, "partly"),
        ({4: 0.3, 8: 0.3, 16: 0.3, 64: 0.3}, "undecided"),
        ({4: 0.3, 8: 0.4, 16: 0.2, 64: 0.1}, "not reproduced"),
    ):
        write(data, "depth", depths(levels))
        verdict = claim.judge(data)
        assert verdict.outcome == outcome and verdict.seeds == 6 and verdict.size == "1 point maze, laptop", verdict
        assert f"16 over 8: {levels[16]:.2f} vs {levels[8]:.2f}, P" in verdict.here
    entry = " ".join(report.entry("a_question", data).split())
    assert "verdict not reproduced" in entry and f"rule {claim.rule}. A beats B, or wins" in entry
    monkeypatch.setattr(report, "CLAIMS", {"a_question": claim})
    assert f"## a_question: not reproduced\n\n{claim.sentence} (a reader's question)" in report.page(data)


# ---------------------------------------------------------------- arrays and weights


def maps(data, path_share: dict[int, float]):
    """A depth suite whose critic maps are minus a mixture of path and straight-line distance to the goal."""
    maze, goal, runs, arrays = make_maze("big_maze"), (5, 3), [], {}
    path, (i, j) = maze.distances_from(goal), np.indices(maze.walls.shape)
    line = np.hypot(i - goal[0], j - goal[1])
    for depth, share in path_share.items():
        runs.append(run(env="point_big_maze", depth=depth))
        values = np.where(maze.walls, np.nan, -(share * np.where(np.isfinite(path), path, 0) + (1 - share) * line))
        name = runs[-1].run.iloc[0]
        arrays[f"{name}/critic_map"] = values.repeat(4, 0).repeat(4, 1).astype(np.float16)
        arrays[f"{name}/goal"] = np.array(goal)
    write(data, "depth", runs)
    np.savez(data / "depth-laptop" / "arrays.npz", **arrays)


@pytest.mark.parametrize(
    ("shares", "outcome"),
    [
        ({4: 0.0, 8: 0.2, 16: 0.5, 32: 0.7, 64: 1.0}, "reproduced"),
        ({4: 1.0, 8: 0.7, 16: 0.5, 32: 0.2, 64: 0.0}, "not reproduced"),
        ({4: 0.5, 8: 1.0, 16: 0.0, 32: 1.0, 64: 0.5}, "undecided"),
        ({4: 0.0, 64: 1.0}, "not run"),
    ],
)
def test_critic_maps_that_come_to_follow_the_path(shares, outcome, data):
    maps(data, shares)
    verdict = CLAIMS["topology"].judge(data)
    assert verdict.outcome == outcome, verdict
    if outcome != "not run":
        table = inside.topology(data, "depth").set_index("depth").value
        assert (table[[d for d, s in shares.items() if s == 1.0]] > 0.95).all()
        assert (table[[d for d, s in shares.items() if s == 0.0]] < -0.95).all()


@pytest.mark.parametrize(("name", "measure"), [("allocation", "stretch"), ("clusters", "tightness")])
@pytest.mark.parametrize("rising", [True, False])
def test_embeddings_that_change_with_depth(name, measure, rising, data, monkeypatch):
    levels = dict(zip((4, 8, 16, 32, 64), np.linspace(0.1, 0.9, 5) if rising else np.linspace(0.9, 0.1, 5)))
    write(data, "depth", depths(dict.fromkeys(levels, 0.3)))
    rows = scores(data, "depth").drop_duplicates("run")
    monkeypatch.setattr(inside, "agents", lambda *_: [(row, row.depth) for _, row in rows.iterrows()])
    monkeypatch.setattr(inside, "layout", lambda depth, asked: levels[depth] if asked == measure else 1.0)
    expected = rising if name == "allocation" else not rising
    assert CLAIMS[name].judge(data).outcome == ("reproduced" if expected else "not reproduced")


@pytest.fixture(scope="module")
def agent():
    config = Config(env="point_u4_maze", depth=32, width=16, **BEFORE)
    state = jax.jit(make_agent(config, TrainedAgent(config, 0, {}, {}).env).init)(jax.random.key(3))
    return TrainedAgent(config, 100, state.actor, state.critic)


@pytest.mark.parametrize(("factor", "outcome"), [(0.5, "reproduced"), (2.0, "not reproduced"), (1.0, "undecided")])
def test_blocks_that_add_less_and_less(factor, outcome, agent, data):
    write(data, "depth", [run(env="point_u4_maze", depth=32, width=16)])
    critic_weights = jax.tree.map(np.array, agent.critic)
    for encoder in critic_weights.values():  # the last layer of block b puts out what factor ** b makes of it
        norm = encoder["blocks"]["layers"][3]["norm"]
        scale = factor ** np.arange(8.0) if factor != 1 else np.array([1, 2, 1, 2, 1, 2, 1, 2.0])
        norm["scale"] = np.float32(norm["scale"] * scale[:, None])
    (data / "depth-laptop/weights").mkdir()
    name = scores(data, "depth").run.iloc[0]
    planted = TrainedAgent(agent.config, 100, agent.actor, critic_weights)
    save_agent(planted, data / "depth-laptop/weights" / f"{name}.safetensors")
    verdict = CLAIMS["residual_norms"].judge(data)
    assert verdict.outcome == outcome and verdict.seeds == 1, verdict


def test_a_trend_is_spearman_with_its_exact_permutations():
    table = pd.DataFrame({"task": 0, "depth": [4, 8, 16, 32, 64], "value": [1.0, 3.0, 2.0, 4.0, 5.0]})
    rho, p = inside.trend(table)
    assert rho == pytest.approx(stats.spearmanr(table.depth, table.value).statistic)
    every = [stats.spearmanr(order, table.value).statistic for order in permutations(range(5))]
    assert p == pytest.approx(np.mean(np.abs(every) >= rho - 1e-9), abs=0.015)
    assert np.isnan(inside.trend(table[:2])).all()


# ---------------------------------------------------------------- what is compared with what


def test_p_is_mann_whitney_and_few_seeds_settle_nothing():
    rng = np.random.default_rng(0)
    ours, theirs = rng.normal(0.5, 1, 7), rng.normal(0, 1, 9)
    found = compare_tasks({0: ours}, {0: theirs})
    assert found.value == pytest.approx(stats.mannwhitneyu(ours, theirs).statistic / 63)
    assert found.low < found.value < found.high and found.seeds == 7
    assert compare_tasks({0: ours}, {0: theirs}, share=5).low < found.low  # five comparisons share the 5 %
    apart = compare_tasks({0: [2.0, 2.1]}, {0: [1.0, 1.1]})
    assert apart.value == 1 and not apart.better  # chance does this once in three
    assert compare_tasks({0: [2.0, 2.1, 2.2, 2.3]}, {0: [1.0, 1.1, 1.2, 1.3]}).better
    assert compare_tasks({0: [1.0, 1.1, 1.2, 1.3]}, {0: [2.0, 2.1, 2.2, 2.3]}).worse
    assert not compare_tasks({0: [1, 2, 3, 4]}, {0: [2, 3, 4, 1]}).better
    assert found.chance == pytest.approx(stats.mannwhitneyu(ours, theirs, method="exact").pvalue)
    # U of 32 in 36 is enough for one comparison, not for two.
    close = {0: [3.5, 5.5, 8, 9, 10, 11]}, {0: [1, 2, 3, 4, 5, 6.0]}
    assert compare_tasks(*close).value == pytest.approx(32 / 36) and compare_tasks(*close).better
    assert not compare_tasks(*close, share=2).better


def test_a_fall_at_the_deepest_does_not_hide_a_jump_before_it(data):
    write(data, "depth", depths(STEP_AT_8 | {128: 0.001}))
    verdict = CLAIMS["critical_depth"].judge(data)
    assert verdict.outcome == "reproduced" and "but 128 and deeper, where the score falls" in verdict.here
    assert "largest rise from 4 to 8" in verdict.here


def test_runs_whose_kept_agent_is_never_at_a_goal_are_left_out(data):
    """The first seed of a run is kept: what the others do does not count."""
    first, other = (lambda part: part.seed == 100), (lambda part: part.seed > 100)
    absent = {4: lambda part: part.seed > 0, 8: first, 16: other}
    parts = [run(depth=d) for d in absent]
    write(data, "depth", [p.assign(time_at_goal=p.time_at_goal.mask(absent[p.depth.iloc[0]](p), 0.0)) for p in parts])
    assert [row.depth for row in inside.kept(data, "depth")] == [16]


def test_two_tasks_are_dealt_anew_within_each():
    """Against all 20 x 20 ways to deal two tasks of three against three."""
    ours, theirs = {0: [1.0, 4, 6], 1: [12.0, 15, 16]}, {0: [2.0, 3, 5], 1: [11.0, 13, 14]}
    tables = []
    for task in ours:
        pool = np.array(ours[task] + theirs[task])
        deals = [list(chosen) for chosen in combinations(range(6), 3)]
        tables.append([(pool[d][:, None] > np.delete(pool, d)).mean() - 0.5 for d in deals])
    every = np.abs(np.add.outer(*map(np.array, tables)))
    right = (every >= every[0, 0] - 1e-12).mean()
    assert permutation_p(ours, theirs) == pytest.approx(right, abs=4 * np.sqrt(right * (1 - right) / 20_000))


def test_seeds_that_share_their_data_are_compared_one_by_one():
    """Seeds far apart, one arm a little ahead in each: nothing to the unpaired test, one sign in 32 to the paired."""
    rows = pd.DataFrame({"task": 0, "seed": range(6), "score": np.arange(6.0)})
    ahead = rows.assign(score=rows.score + [0.1, 0.2, 0.1, 0.3, 0.1, 0.2])
    assert not compare(ahead, rows).better
    found = compare(ahead.sample(frac=1, random_state=0), rows, paired=True)
    assert found.better and found.chance == pytest.approx(2 / 64) and found.value == 1 and found.seeds == 6
    assert compare(rows, ahead, paired=True).worse
    mixed = rows.assign(score=rows.score + [0.1, -0.2, 0.1, -0.3, 0.1, 0.2])
    assert compare(mixed, rows, paired=True).held is None


def test_boards_are_judged_at_equal_width_and_at_equal_parameters(data):
    rows = [part for d, w in MATCHED.items() for part in skilled({d: STEP[d]}, width=w)]
    write(data, "lights_out", rows + skilled({d: POWER[d] for d in SIX[:4]}, width=64))
    here = CLAIMS["emergence"].judge(data)
    assert (
        here.outcome == "reproduced"
        and "equal parameters: largest rise from 16 to 32 (95 % of resamples: at 32 to 32)" in here.here
    )
    losses = [part for d, w in MATCHED.items() for part in lights({d: 3.0 - 0.01 * d}, width=w)]
    rates = [part.assign(learning_rate=1e-3 / part.depth) for part in losses]  # each depth its own
    write(data, "lights_out", rates + lights({4: 3.0, 8: 2.0, 16: 2.0}, width=64))
    here = CLAIMS["deep_over_wide"].judge(data)
    assert here.outcome == "reproduced" and "depth 64 over width 256" in here.here
    assert here.size == "lights out, critic alone, laptop"


def test_seconds_of_two_processors_are_not_compared(data):
    arms = {
        "deep_over_wide_per_second": ("depth_vs_width", widths(DEEP, WIDE)),
        "depth_per_second": ("depth", depths({4: 0.2, 64: 0.4}, MAZES)),
    }
    for name, (suite, runs) in arms.items():
        write(data, suite, runs)
        table = pd.concat(runs).groupby("run").agg(depth=("depth", "max"))
        for other, outcome in (("one", "reproduced"), ("another", "not run")):
            made = table.assign(device=["one" if depth == 4 else other for depth in table.depth], status="finished")
            made.to_csv(data / f"{suite}-laptop" / "provenance.csv")
            assert CLAIMS[name].judge(data).outcome == outcome


def test_a_maze_of_two_clocks_does_not_silence_the_others(data):
    runs = depths({4: 0.2, 64: 0.4}, MAZES)
    write(data, "depth", runs)
    table = pd.concat(runs).groupby("run").agg(depth=("depth", "max"), env=("env", "first"))
    foreign = (table.depth == 64) & (table.env == MAZES[0])
    made = table.assign(device=np.where(foreign, "another", "one"), status="finished")
    made.to_csv(data / "depth-laptop" / "provenance.csv")
    verdict = CLAIMS["depth_per_second"].judge(data)
    assert verdict.outcome == "partly" and f"higher in {len(MAZES) - 1} (" in verdict.here  # "reproduced" needs three
    assert "big" not in verdict.here and MAZES[0] == "point_big_maze"


def test_too_few_depths_for_a_jump_are_said_to_be(data):
    write(data, "lights_out", skilled({d: STEP[d] for d in SIX[:4]}))
    assert CLAIMS["emergence"].judge(data) == ("not run", "needs five depths at equal settings, has 4", 0, "")


@pytest.mark.parametrize("at_4, outcome", [(2.5, "reproduced"), (6.0, "partly")])
def test_what_helps_at_every_depth_does_not_help_depth(at_4, outcome, data):
    walks = {"measure": "heldout_loss", "data": "walks"}
    shallow = [run(2.0, depth=4, **walks), run(at_4, depth=4, norm="none", **walks)]
    write(data, "ablations", shallow + ablated("norm", "none", 2.0, 5.0, "heldout_loss", data="walks"))
    verdict = CLAIMS["layer_norm_needed"].judge(data)
    assert verdict.outcome == outcome and f"at depth 4 {at_4 - 2:.2f}" in verdict.here


def test_runs_with_other_settings_are_never_compared(data):
    write(data, "depth", depths({4: 0.2}) + depths({64: 0.4}, learning_rate=3e-4))
    assert CLAIMS["depth_helps"].judge(data).outcome == "not run"
    table = scores(data, "depth")
    assert compare(table[table.depth == 64], table[table.depth == 4]) is None


def test_the_newest_network_of_a_maze_decides_and_is_never_compared_with_the_papers(data):
    """Also where the paper's has more seeds, and in rows from before the column existed."""
    write(data, "depth", depths({64: 0.2, 128: 0.6}), size="gpu", platform="gpu")
    assert CLAIMS["beyond_64"].judge(data).outcome == "partly"
    write(data, "cured_depth", [ended(part) for part in depths({64: 0.4, 128: 0.1})])
    verdict = CLAIMS["beyond_64"].judge(data)
    assert verdict.outcome == "not reproduced" and verdict.size == "1 point maze, actor head norm, laptop"
    write(data, "cured_depth", [ended(part) for part in depths({64: 0.9}, MAZES)])
    assert CLAIMS["beyond_64"].judge(data).outcome == "not run"  # its depth 128 has another end
    assert CLAIMS["depth_helps"].judge(data).outcome == "not run"  # of the paper's network alone
    table = scores(data, "depth", "cured_depth", sizes=True)
    assert compare(table[table.actor_head == "norm"], table[table.actor_head != "norm"]) is None


def test_boards_are_read_when_the_cheapest_depth_ends(data):
    rows = boards({4: 0.1}, seconds=3.0, start=0.0) + boards({16: 0.9}, seconds=4.9, start=0.0)
    write(data, "boards", rows)
    verdict = CLAIMS["new_goals_per_second"].judge(data)
    assert verdict.outcome == "reproduced" and "within 3 s: 0.10 at depth 4; 0.90 at 16" in verdict.here
    made = pd.concat(rows).groupby("run").agg(depth=("depth", "max"))
    made = made.assign(device=np.where(made.depth == 4, "one", "another"), status="finished")
    made.to_csv(data / "boards-laptop" / "provenance.csv")
    assert CLAIMS["new_goals_per_second"].judge(data).outcome == "not run"
    assert CLAIMS["new_goals"].judge(data).outcome == "reproduced"


def test_boards_are_judged_at_the_best_rate_of_each_depth_and_without_selection_seeds(data):
    fast, slow = {"learning_rate": 1e-3}, {"learning_rate": 3e-4}
    write(data, "boards", boards({4: 0.1, 16: 0.1, 32: 0.9}, **fast))
    assert CLAIMS["new_goals"].judge(data).outcome == "reproduced"
    write(data, "boards_rates", boards({4: 0.05, 16: 0.1}, **slow))
    assert CLAIMS["new_goals"].judge(data).outcome == "undecided"  # 32 had one rate alone, 4 keeps its better one
    write(data, "boards_rates", boards({4: 0.05, 16: 0.6}, **slow))
    verdict = CLAIMS["new_goals"].judge(data)
    assert verdict.outcome == "reproduced" and "0.10 at depth 4; 0.60 at 16" in verdict.here
    chose = [part.assign(seed=part.seed - 100, run=part.run + "-0") for part in boards({4: 0.9}, **slow)]
    write(data, "boards_rates", boards({4: 0.05, 16: 0.6}, **slow) + chose)
    assert CLAIMS["new_goals"].judge(data) == verdict


def test_too_few_seeds_are_said_to_be_too_few(data):
    """Three seeds against six cannot be told apart where three comparisons share 5 %: the least p is 2/84."""
    whole = [ended(part) for part in depths({64: 0.1, 128: 0.1, 256: 0.1})]
    write(data, "cured_depth", whole + [ended(part[part.seed < 103]) for part in depths({512: 0.9})])
    verdict = CLAIMS["beyond_64"].judge(data)
    assert verdict.outcome == "undecided" and "too few seeds in 1 (512 over 64 P 1.00)" in verdict.here


def test_the_pooled_effect_is_given_without_the_maze_that_was_selected(data):
    write(data, "depth", depths(BETTER, MAZES[:1]) + depths(SAME, MAZES[1:]))
    assert (
        "without the big maze, selected because depths differed in it: P 0." in CLAIMS["depth_helps"].judge(data).here
    )


def test_wider_boards_are_no_part_of_the_comparison_at_equal_parameters(data):
    wide = [run(0.9, env="lights_out_3x3", data="walks", depth=16, width=256, measure="solved_5")]
    write(data, "boards", boards({4: 0.1, 32: 0.1}) + wide)
    assert CLAIMS["new_goals"].judge(data).outcome == "undecided"


def test_saturation_is_told_by_either_column(data):
    plain, mended = heads(0.0, 0.5, alpha=0.1)
    write(data, "depth", [plain.assign(saturation=0.99)])
    write(data, "cured_depth", [mended.assign(saturation=0.5)])
    verdict = CLAIMS["saturated_head"].judge(data)
    assert verdict.outcome == "reproduced" and "100% of seeds of the paper's network, 0% of cured" in verdict.here


def test_a_run_that_diverged_counts_as_never_at_the_goal(data):
    write(data, "depth", depths({4: 0.2, 64: 0.4}, MAZES))
    assert CLAIMS["depth_helps"].judge(data).outcome == "reproduced"
    write(data, "depth", depths({4: 0.2}, MAZES) + depths({64: 0.4}, MAZES, status="diverged"))
    assert CLAIMS["depth_helps"].judge(data).outcome == "not reproduced"
    write(data, "depth", depths({4: 0.2}, MAZES) + depths({64: 0.4}, MAZES, status="failed"))
    assert CLAIMS["depth_helps"].judge(data).outcome == "not run"


def test_the_largest_size_that_was_recorded_of_a_maze_decides_and_is_named(data):
    write(data, "depth", depths(BETTER, MAZES))
    assert CLAIMS["depth_helps"].judge(data).size == "3 point mazes, laptop"
    write(data, "depth", depths(WORSE, MAZES[:1], preset="paper"), size="paper")
    verdict = CLAIMS["depth_helps"].judge(data)
    assert verdict.outcome == "partly" and verdict.size in (
        "3 point mazes, laptop, paper",
        "3 point mazes, paper, laptop",
    )
    assert "higher in 2" in verdict.here and "lower in 1 (big" in verdict.here
    write(data, "depth", depths(WORSE, MAZES, preset="paper"), size="paper")
    verdict = CLAIMS["depth_helps"].judge(data)
    assert verdict.outcome == "not reproduced" and verdict.size == "3 point mazes, paper"


def test_seconds_are_those_of_processors_alone(data):
    """A card is shared by many runs, so its seconds are no clock: claims about seconds stay with the smaller size."""
    write(data, "depth", depths({4: 0.2, 64: 0.4}, MAZES))
    write(data, "depth", depths({4: 0.4, 64: 0.2}, MAZES, learning_rate=3e-4), size="gpu", platform="gpu")
    assert CLAIMS["depth_helps"].judge(data).outcome == "not reproduced"
    verdict = CLAIMS["depth_per_second"].judge(data)
    assert verdict.outcome == "reproduced" and verdict.size == "3 point mazes, laptop"
    timed, largest, every = (evidence.rows(data, "depth", **which) for which in ({"clock": True}, {}, {"sizes": True}))
    assert set(timed["size"]) == {"laptop"} and timed.seed_seconds.notna().all()
    assert set(largest["size"]) == {"gpu"} and largest.seed_seconds.isna().all()
    assert len(every) == len(timed) + len(largest)


def test_tables_from_before_an_option_existed_go_with_later_ones(data):
    old = [part.drop(columns=["data", "collector_depth"]) for part in depths({4: 0.2}, MAZES)]
    write(data, "depth", old)
    write(data, "environments", depths({32: 0.4}, MAZES))
    assert CLAIMS["depth_helps"].judge(data).outcome == "reproduced"


def test_parameters_are_those_that_were_counted_for_the_paper():
    counted = pd.read_csv(DATA / "paper/parameter_counts.csv").query("environment_family == 'humanoid'")
    counted = counted.set_index(["network", "width", "depth"]).value
    for width, depth in ((256, 4), (256, 64), (1024, 4)):
        found = parameters(268, 3, 17, depth, depth, width)
        for network in ("actor", "critic"):
            assert found[network] / 1e6 == pytest.approx(counted[network, width, depth], rel=2e-3)


# ---------------------------------------------------------------- published numbers and counting


def edited(table, change):
    """Changes one table of data/paper in place."""

    def apply(data):
        file = data / "paper" / f"{table}.csv"
        found = pd.read_csv(file)
        change(found)
        found.to_csv(file, index=False)

    return apply


def at(column, value, **where):
    """Sets a column in the rows that match."""

    def change(table):
        chosen = np.logical_and.reduce([table[name].isin(np.atleast_1d(wanted)) for name, wanted in where.items()])
        assert chosen.any()
        table.loc[chosen, column] = value(table.loc[chosen, column]) if callable(value) else value

    return change


# claim -> (edits that make it hold, edits that make it fail); None: it does so as published
RISING = [edited("fig1_final_scores", at("value", 10.0 * d, depth=d)) for d in (4, 8, 16, 32, 64)]
FALLING = [edited("fig1_final_scores", at("value", 1000 / d, depth=d)) for d in (4, 8, 16, 32, 64)]
SAC = "table6_hours_to_pass_sac"
EDITS = {
    "ratios": (
        [
            edited("table1_time_at_goal", at("value", 20.0, depth=4)),
            edited("table1_time_at_goal", at("value", 90.0, depth=64)),
        ],
        [edited("table1_time_at_goal", at("value", 20.0, depth=[4, 64]))],
    ),
    "stable_to_32": (RISING, FALLING),
    "levels_off": (None, [*RISING, edited("fig1_final_scores", at("error", 1.0, depth=[32, 64]))]),
    "added_layers": (None, [edited("fig5_depth_and_residual", at("value", 1.0, depth=[4, 6], panel="shallow_depths"))]),
    "faster_than_sac": (None, [edited(SAC, at("value", 99.0, algorithm="crl"))]),
    "other_algorithms": (
        [edited("rebuttal_other_algorithms", at("value", 0.1, depth=32))],
        [edited("rebuttal_other_algorithms", at("value", 0.95, depth=32))],
    ),
    "hyperspherical": (
        None,
        [
            edited(
                "table2_hyperspherical_normalisation",
                at("value", 99.0, hyperspherical_normalisation=True, depth=[16, 32]),
            )
        ],
    ),
    "physics_versions": (None, [edited("fig20_physics_versions", at("value", 1.0, depth=64))]),
    "seed_counts": (
        [
            edited("fig1_final_scores", at("runs", 5, depth=[4, 8, 16, 32, 64])),
            edited("fig12_final_scores", at("runs", 3, depth=[4, 64, 256, 512, 1024])),
        ],
        None,
    ),
    "parameter_counts": (
        [
            edited("parameter_counts", at("value", v, width=w, depth=d))
            for w, d, v in ((4096, 4, 70.0), (256, 32, 2.0), (2048, 4, 35.0))
        ],
        [edited("parameter_counts", at("value", 0.1, network="not_stated"))],
    ),
}


@pytest.mark.parametrize("name", EDITS)
def test_published_numbers_are_judged_and_not_believed(name, data, tmp_path):
    recount = CLAIMS[name].basis == PUBLISHED  # its own tables agree with a claim; nothing was reproduced
    for number, (edits, outcome) in enumerate(
        zip(EDITS[name], RECOUNTS[::2] if recount else ("reproduced", "not reproduced"))
    ):
        copy = tmp_path / str(number)
        shutil.copytree(data, copy)
        for edit in edits or ():
            edit(copy)
        verdict = CLAIMS[name].judge(copy)
        assert (verdict.outcome, verdict.size, verdict.seeds) == (outcome, CLAIMS[name].basis, 0), verdict


def test_eight_of_ten_against_one_of_six_baselines_is_partly_at_best(data):
    assert CLAIMS["beats_baselines"].judge(data).outcome == RECOUNTS[1]
    edited(SAC, at("value", np.nan, algorithm="crl", environment="humanoid"))(data)
    assert CLAIMS["beats_baselines"].judge(data).outcome == RECOUNTS[2]


@pytest.mark.parametrize(("name", "table", "sign"), [("cmd1", "fig15_cmd1", 1), ("offline", "fig18_offline", -1)])
def test_curves_without_numbers_are_not_run_until_there_are_numbers(name, table, sign, data):
    assert CLAIMS[name].judge(data).outcome == "not run"
    for values, outcome in (((1, 2), RECOUNTS[0]), ((2, 1), RECOUNTS[2])):
        rows = {"environment": "a", "depth": [4, 64], "value": np.array(values) * sign}
        pd.DataFrame(rows).to_csv(data / "paper" / f"{table}.csv", index=False)
        assert CLAIMS[name].judge(data).outcome == outcome


@pytest.mark.parametrize(
    ("count", "paper", "text"),
    [
        (lambda depth, width: depth * width**2, "not reproduced", "partly"),
        (lambda depth, width: depth**2 * width, "reproduced", "partly"),
        (lambda depth, width: depth * width, "partly", "reproduced"),
        (lambda depth, width: depth**2 * width**2, "partly", "not reproduced"),
    ],
)
def test_growth_is_counted(count, paper, text, data, monkeypatch):
    monkeypatch.setattr(counted, "parameters", lambda s, g, a, actor, critic, width: {"all": count(critic, width)})
    assert CLAIMS["growth_paper"].judge(data).outcome == paper
    assert CLAIMS["growth_text"].judge(data).outcome == text


@pytest.mark.parametrize(("power", "outcome"), [(0.67, "reproduced"), (0.77, "partly"), (2.0, "not reproduced")])
def test_times_are_those_of_the_bench(power, outcome, data):
    """Stated: 4, 12 and 40 times, each within half and double."""
    assert CLAIMS["cost_time"].judge(data).outcome == "not run"
    times = pd.DataFrame({"depth": [4, 64, 256, 1024], "width": 32, "device": "a laptop"})
    times.assign(**{"update (ms)": 3.0 * (times.depth / 4) ** power}).to_csv(data / "update_times.csv", index=False)
    verdict = CLAIMS["cost_time"].judge(data)
    assert (verdict.outcome, verdict.seeds, verdict.size) == (outcome, 0, BENCHED)
    assert f"64: {16**power:.3g}x" in verdict.here and "a laptop" in verdict.here


@pytest.mark.parametrize(("power", "outcome"), [(0.75, "reproduced"), (1.0, "partly"), (2.0, "not reproduced")])
def test_memory_is_counted(power, outcome, data, monkeypatch):
    monkeypatch.setattr(counted, "parameters", lambda s, g, a, actor, critic, width: {"all": critic**power})
    assert CLAIMS["cost_memory"].judge(data).outcome == outcome


# ---------------------------------------------------------------- other algorithms, kinds of tasks

HER, DENSE = {"agent": "sac"}, {"agent": "sac", "hindsight": "none", "reward": "dense"}


def arms(deep: float, **options) -> list[pd.DataFrame]:
    """Depth 4 at 0.3, depth 64 at `deep`."""
    return [run(level, depth=depth, **options) for depth, level in ((4, 0.3), (64, deep))]


@pytest.mark.parametrize(
    ("ours", "theirs", "outcome"),
    [
        (0.6, 0.3, "reproduced"),
        (0.6, 0.2, "reproduced"),
        (0.6, 0.6, "undecided"),
        (0.3, 0.6, "not reproduced"),
        (0.2, 0.3, "not reproduced"),
        (0.3, 0.3, "undecided"),
    ],
)
def test_depth_pays_only_in_contrastive_rl(ours, theirs, outcome, data):
    claim = CLAIMS["only_self_supervised"]
    write(data, "algorithms", arms(ours))
    assert claim.judge(data).outcome == "not run"  # nothing to compare with
    others = [*arms(theirs, **HER), *arms(theirs, agent="gcsl"), *arms(0.9, env="point_u_maze", **DENSE)]
    old = arms(0.05, energy="dot")  # of 2022, not the paper's
    write(data, "algorithms", [*arms(ours), *others, *old])
    verdict = claim.judge(data)
    assert verdict.outcome == outcome and verdict.seeds == 6 and "1 point maze" in verdict.size
    assert "contrastive RL" in verdict.here and "SAC with hindsight" in verdict.here and "dense" not in verdict.here


@pytest.mark.parametrize(("hard", "easy", "outcome"), [(0.6, 0.3, "reproduced"), (0.3, 0.6, "not reproduced")])
def test_four_kinds_of_tasks_are_two_against_two(hard, easy, outcome, data):
    mazes = [part for maze in ("u4", "big") for part in arms(hard, env=f"point_{maze}_maze")]
    ground = [*arms(easy, env="point_open_maze"), *arms(easy, env="point_open_maze", **DENSE)]
    write(data, "when_to_use", [*mazes, *ground])
    verdict = CLAIMS["kinds_of_tasks"].judge(data)
    assert verdict.outcome == outcome
    assert all(kind in verdict.here for kind in ("sparse reward", "navigation", "dense reward", "simple control"))


# ---------------------------------------------------------------- the ledger and its pages


def test_every_claim_is_complete_and_its_suites_exist():
    published = set(EDITS) | {
        "beats_baselines",
        "cmd1",
        "offline",
        "growth_paper",
        "growth_text",
        "cost_memory",
        "cost_time",
    }
    assert published == set(CLAIMS) - set(TESTED)
    for claim in CLAIMS.values():
        assert set(claim.suites) <= set(SUITES)
        known = (PUBLISHED, ARITHMETIC, BENCHED)
        assert claim.suites if claim.basis == "runs" else claim.basis in known and not claim.suites
        assert all((claim.sentence, claim.source, claim.published, claim.statistic, claim.rule))
        assert len(claim.sentence) < 95 and "{" not in claim.rule
    for name, least in (("depth_helps", 3), ("depth_helps_searched", 1)):  # what judges is what is said
        assert f"of {least} or more environments" in CLAIMS[name].rule


def test_the_pages_are_what_the_data_say(monkeypatch):
    monkeypatch.setattr(report, "verdicts", cache(report.verdicts))  # both pages show the same
    stale = "is not what data/ says; renew it: crlkit claims --write"
    assert (ROOT / report.PAGE).read_text(encoding="utf-8") == report.page(DATA), f"docs/claims.md {stale}"
    readme = (ROOT / report.README).read_text(encoding="utf-8")
    assert report.section(DATA) in readme, f"README.md {stale}"
    runs = (ROOT / recorded.PAGE).read_text(encoding="utf-8")
    assert runs == recorded.page(DATA), f"{recorded.PAGE} {stale}"


def test_every_recorded_run_has_a_line_with_its_score_and_where_it_was_made():
    said = recorded.page(DATA)
    for folder in evidence.folders(DATA):
        suite, _, size = folder.name.rpartition("-")
        text = said.partition(f"## {suite}, {size}\n")[2].partition("\n## ")[0]
        made, rows = pd.read_csv(folder / "provenance.csv"), evidence.read(folder)
        assert text.count("\n| ") == 1 + len(made)
        for run in made.run[made.status == "finished"]:
            part = rows[rows.run == run]
            measure = "heldout_loss" if part.data.iloc[0] == "walks" else "success"
            score = f"| {interquartile_mean(final_scores(part, measure)):.2f} "
            assert score + ("|" if part.seed.nunique() == 1 else "(") in text
        assert all(commit[:7] in text for commit in made.commit) and all(device in text for device in made.device)


def test_writing_renews_the_pages(data, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("README.md").write_text("before\n<!-- claims -->\nmade before\n<!-- /claims -->\nafter\n")
    Path("docs").mkdir()
    main(["claims", "--write"])
    first = Path("README.md").read_text()
    assert first.startswith("before\n<!-- claims -->\nMade by") and first.endswith("<!-- /claims -->\nafter\n")
    assert "made before" not in first and f"Of {len(TESTED)} claims that runs can test: {len(TESTED)} not run." in first
    assert first.count("| not run |") == len(WORDS["headlines"]) <= 6
    write(data, "depth", depths(BETTER, MAZES))
    write(data, "cured_depth", depths(BETTER, MAZES))
    main(["claims", "--write"])
    assert capsys.readouterr().out.split() == ["README.md", "docs/claims.md", "docs/recorded.md"] * 2
    after = Path("README.md").read_text()
    missing = [name for name in WORDS["headlines"] if CLAIMS[name].judge(data).outcome == "not run"]
    assert after != first and 0 < after.count("| not run |") == len(missing) < len(WORDS["headlines"])
    assert "| holds here | 3 point mazes, laptop |" in after
    assert "## depth_helps: reproduced" in Path("docs/claims.md").read_text()


def test_the_command_prints_a_table_of_120_columns_and_one_entry(data, capsys):
    write(data, "depth", depths(BETTER, MAZES))
    main(["claims", "--data", str(data)])
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) <= 120
    flat = " ".join(shown.split())
    assert all(name in flat for name in CLAIMS) and all(outcome in flat for outcome in ("partly", "not run"))
    main(["claims", "depth_helps", "--data", str(data)])
    entry = capsys.readouterr().out
    assert "verdict    reproduced" in entry and "evidence   3 point mazes, laptop" in entry and "A beats B" in entry
    with pytest.raises(SystemExit) as stop:
        main(["claims", "depth_help", "--data", str(data)])
    said = capsys.readouterr().err
    assert stop.value.code == 2 and said.count("\n") == 1 and said.rstrip().endswith("nearest: depth_helps")
    assert {CLAIMS[name].judge(data).outcome for name in CLAIMS} <= {*OUTCOMES, *RECOUNTS}


def test_mazes_of_one_layout_are_told_apart_by_body(data):
    """A point and an ant in the big maze, with the same two depths: two parts, not one that hides the other."""
    write(data, "depth", depths({4: 0.1, 64: 0.6}) + depths({4: 0.0, 64: 0.0}, mazes=("ant_big_maze",)))
    verdict = CLAIMS["depth_helps"].judge(data)
    assert verdict.outcome == "partly" and verdict.size == "1 point maze, laptop"
    assert verdict.here.startswith("big 64 over 4") and verdict.here.endswith("zero against zero: ant big 64 over 4")


def test_many_small_effects_are_one_effect(data):
    """Each maze leaves it open; pooled within mazes, not over them, depth helps. Zero against zero has no say."""
    levels = {env: {4: at, 64: 1.06 * at} for env, at in zip((*MAZES, "point_u4_maze"), (0.1, 0.2, 0.4, 0.6))}
    runs = [part for env, own in levels.items() for part in depths(own, (env,))]
    for more in ([], depths({4: 0.0, 64: 0.0}, ("ant_big_maze", "ant_u4_maze", "ant_hardest_maze"))):
        write(data, "depth", runs + more)
        verdict = CLAIMS["depth_helps"].judge(data)
        assert (
            verdict.outcome == "reproduced" and "pooled over 4: " in verdict.here and "undecided in 4 (" in verdict.here
        )
    write(data, "depth", runs + depths(WORSE, ("point_u5_maze",)))
    assert CLAIMS["depth_helps"].judge(data).outcome != "reproduced"  # one maze is lost


def test_a_score_of_zero_is_no_factor(data):
    write(data, "depth", depths({4: 0.3, 64: 0.9, 256: 0.0}))
    assert "64: 3.0x (2.7 to 3.3) in 1 maze, 256: zero in 1 maze" in CLAIMS["improvement_table"].judge(data).here


def test_what_a_network_gains_is_a_mean_over_its_partners(data):
    """One odd cell, the deep critic beside the shallow actor, would decide a comparison of corners alone."""
    levels = {(a, c): 0.2 + 0.2 * (c > 4) + 0.05 * (a > 4) for a in (4, 8, 16) for c in (4, 8, 16)} | {(4, 16): 0.2}
    write(
        data, "actor_vs_critic", [run(v, depth=max(k), actor_depth=k[0], critic_depth=k[1]) for k, v in levels.items()]
    )
    verdict = CLAIMS["critic_before_actor"].judge(data)
    assert verdict.outcome == "reproduced" and "critic +0.13, by a deep actor +0.12" in verdict.here, verdict


def test_the_ends_of_a_trend_are_of_mazes_that_reach_the_greatest_depth(data, monkeypatch):
    table = pd.DataFrame(
        {"task": [0, 0, 0, 1, 1, 1], "depth": [4, 8, 16, 4, 8, 64], "value": [9.0, 9, 9, 0.1, 0.2, 0.3]}
    )
    table = table.assign(env="point_big_maze", size="laptop")
    monkeypatch.setattr(inside, "topology", lambda *_: table)
    assert "+0.10 at depth 4, +0.30 at 64" in inside.follows_depth(data).here
