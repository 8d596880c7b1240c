"""What the notebooks say was found: each sentence is made from the rows in `data/`, and a rule says whether they support it.

In a notebook a finding reads `**Found.** sentence<!--name-->`. `python tests/findings.py` writes the sentences of today's rows
into the notebooks; `test_findings.py` fails where one differs from its rows, or where the rows no longer support it.
"""

import json
import re
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from lessons import lesson

from crlkit import evidence, suites
from crlkit.analysis import plateaus
from crlkit.analysis.q_maps import critic_map
from crlkit.analysis.statistics import (
    final_scores,
    interquartile_mean,
    interval,
    permutation_p,
    probability_of_improvement,
)
from crlkit.analysis.topology import topology
from crlkit.claims import CLAIMS, measured
from crlkit.envs.arm import HELD_GOALS
from crlkit.figures import recorded, scores

ROOT = Path(__file__).parents[1]
DATA = ROOT / "data"
PLACE = re.compile(r"\*\*Found\.\*\*(?P<text>[^<]*)<!--(?P<name>\w+)-->")
FINDINGS: dict[str, Callable[[], tuple[str, bool]]] = {}


def finding(function: Callable) -> Callable:
    """Keeps a function that returns a sentence and whether the rows support it."""
    FINDINGS[function.__name__] = cache(function)
    return function


def filled(text: str) -> str:
    """A notebook's text with the sentences of today's rows."""
    return PLACE.sub(lambda found: f"**Found.** {FINDINGS[found['name']]()[0]}<!--{found['name']}-->", text)


def outcome(claim: str) -> str:
    return CLAIMS[claim].judge(DATA).outcome


@cache
def rows(*suites: str, query: str = "", **which: bool) -> pd.DataFrame:
    table = evidence.rows(DATA, *suites, **which)
    return table.query(query) if query else table


def seeds(table: pd.DataFrame, measure: str, by: str = "depth") -> dict:
    """The final scores of the seeds, by depth or another option."""
    return {key: final_scores(part, measure).to_numpy() for key, part in table.groupby(by)}


def iqm(values) -> float:
    return float(interquartile_mean(np.asarray(values)))


def cured() -> dict:
    return seeds(rows("cured_depth", query="env == 'point_big_maze'"), "success")


def paper_network(measure: str = "success") -> dict:
    return seeds(rows("depth", query="env == 'point_big_maze'"), measure)


def listed(things) -> str:
    *most, last = [*map(str, things)] or [""]
    return f"{', '.join(most)} and {last}" if most else last


def said(values: dict, form: str = "{:.2f}") -> str:
    return listed(f"{form.format(value)} at {key}" for key, value in values.items())


# -- 03: a thousand layers ---------------------------------------------------------------------------------------------


@finding
def no_short_cut():
    plain = seeds(rows("ablations", query="not residual and depth == 64"), "heldout_loss")[64]
    whole = seeds(rows("ablations", query="residual and norm == 'layer' and activation == 'swish'"), "heldout_loss")[64]
    chance = np.log(rows("ablations").batch_size.iloc[0])
    text = (
        f"Without the shortcut 64 layers learn nothing: all {len(plain)} recorded seeds end at {iqm(plain):.2f} nats, "
        f"which is chance; with it they end at {iqm(whole):.2f}."
    )
    return text, bool(np.all(np.abs(plain - chance) < 0.01) and whole.max() < chance - 1)


@finding
def inner_norm():
    """Critics with the norm inside the block and without it: who is ahead at the end, and whether depth has to do with it."""
    table = rows("ablations", query="residual and activation == 'swish' and norm in ('layer', 'none')")
    ends = {depth: seeds(own, "heldout_loss", "norm") for depth, own in table.groupby("depth") if depth in (4, 64)}
    told = "; ".join(f"{d} layers {iqm(x['layer']):.2f} with it, {iqm(x['none']):.2f} without" for d, x in ends.items())
    text = (
        f"After {table.updates.max():,.0f} updates the norm inside the block is a little ahead, but 64 layers gain by it no "
        f"more than 4 do: {told} (nats, {len(ends[64]['layer'])} seeds each)."
    )
    gains = {depth: iqm(x["none"]) - iqm(x["layer"]) for depth, x in ends.items()}
    apart = all(interval(x["layer"])[1] < interval(x["none"])[0] for x in ends.values())
    return text, bool(apart and max(gains.values()) < 0.1 and abs(gains[64] - gains[4]) < 0.03)


@finding
def head():
    before, after, price = paper_network()[256], cured()[256], paper_network("alpha")[256]
    text = (
        f"In this maze agents of 256 layers with the paper's head reach {iqm(before):.0%} of far goals ({len(before)} seeds); with "
        f"a norm before the actor's head, the one line, they reach {iqm(after):.0%} ({len(after)} seeds)."
    )
    return text, outcome("saturated_head") == "reproduced" and price.mean() > 100


@finding
def authors_256():
    table = evidence.paper(DATA, "fig12_final_scores").query(
        "environment == 'humanoid_u_maze' and measure == 'mean_last_5_epochs'"
    )
    deep, middle = (table[(table.actor_depth == d) & (table.critic_depth == d)].value.item() for d in (256, 64))
    text = (
        f"The authors' agents of 256 layers, actor and critic, did learn: in the Humanoid U-Maze they are at the goal for {deep:.0f} "
        f"of 1,000 steps, those of 64 layers for {middle:.0f}."
    )
    return text, deep > middle


@finding
def thousand():
    deepest = cured()[1024]
    text = (
        f"An agent of 1024 layers trains from beginning to end: {len(deepest)} recorded seeds reach {iqm(deepest):.0%} of far "
        f"goals on average, from {deepest.min():.0%} to {deepest.max():.0%}."
    )
    return text, len(deepest) > 1 and outcome("trains_at_1024") == "reproduced"


# -- 00 and 05: what depth reaches ----------------------------------------------------------------------------------------


@finding
def maze_64():
    x, y = cured()[64], cured()[4]
    p = probability_of_improvement([x], [y])
    text = (
        f"In the big maze 64 layers touch {iqm(x):.0%} of far goals and 4 layers {iqm(y):.0%}, after the same number of "
        f"updates and at the same width ({times_the_parameters():.0f} times the parameters): every one of {len(x)} deep seeds "
        f"is ahead of every one of {len(y)} shallow ones."
    )
    return text, p.value == 1 and 1.7 < iqm(x) / iqm(y) < 2.3


def times_the_parameters() -> float:
    """Those of actor and critic of 64 layers over those of 4, as the agents of the big maze have them."""
    table = rows("cured_depth", query="env == 'point_big_maze'").groupby("depth").first()
    return measured.size_of_run(table.loc[64]) / measured.size_of_run(table.loc[4])


@finding
def overtaken():
    """What the agents of 4 layers do that were given as many seconds as 64 layers had."""
    table = rows("equal_seconds", query="env == 'point_big_maze' and depth == 4")
    longer = table[table.run == table.groupby("run").updates.max().idxmin()]
    late, early, deep = final_scores(longer, "success"), cured()[4], cured()[64]
    few, many = rows("cured_depth", query="env == 'point_big_maze' and depth == 4").updates.max(), longer.updates.max()
    text = (
        f"With {many / few:.0f} times the updates and environment steps 4 layers touch {iqm(late):.0%} of far goals instead of "
        f"{iqm(early):.0%}, and pass the {iqm(deep):.0%} of 64 layers."
    )
    return text, iqm(late) > iqm(deep) > iqm(early)


@finding
def beyond_64():
    scored = {depth: iqm(x) for depth, x in cured().items() if depth > 64}
    counts = {len(x) for depth, x in cured().items() if depth > 256}
    few = ", too few to show one" if "too few seeds" in CLAIMS["beyond_64"].judge(DATA).here else ""
    caveat = f" ({min(counts)} seeds at each depth beyond 256{few})" if counts else ""
    text = (
        f"Beyond 64 layers, which have {iqm(cured()[64]):.2f}, no gain is shown after the same number of updates: "
        f"{said(scored)}{caveat}."
    )
    low, high = interval(cured()[64])
    return text, max(scored.values()) < high and outcome("beyond_64") != "reproduced"


def solved(presses: int, **which) -> dict:
    return seeds(rows("boards"), f"solved_{presses}")


class Boards(NamedTuple):
    """What the ledger says of boards five presses away, every depth at the better of its learning rates: solved by 4
    layers, by deeper ones, P of these over 4; within so many seconds, 0 where the updates are equal."""

    shallow: float
    deep: dict[int, float]
    p: dict[int, float]
    seconds: int = 0


def boards_of(claim: str) -> Boards:
    here = CLAIMS[claim].judge(DATA).here
    within = re.search(r"within (\d+) s", here)
    deep = {int(d): (float(x), float(p)) for x, d, p in re.findall(r"(\d\.\d+) at (\d+) \(P (\d\.\d+)", here)}
    shallow = float(re.search(r"(\d\.\d+) at depth 4", here)[1])
    solved, p = ({depth: pair[i] for depth, pair in deep.items()} for i in (0, 1))
    return Boards(shallow, solved, p, int(within[1]) if within else 0)


@finding
def boards():
    found = boards_of("new_goals")
    text = (
        f"Of the boards five presses away 4 layers solve {found.shallow:.0%}, 16 layers {found.deep[16]:.0%} and 64 layers "
        f"{found.deep[64]:.0%}, with the same number of parameters and updates, each at the one of two learning rates with "
        "the higher mean (nearly a draw at 16 layers). Every seed of 16 and of 64 layers is ahead of every seed of 4."
    )
    return text, found.p[16] == found.p[64] == 1 and outcome("new_goals") == "reproduced"


@finding
def boards_hump():
    five = {f"{depth} layers": iqm(x) for depth, x in solved(5).items()}
    text = (
        "At one learning rate for all, 0.001, the curve over depth is a hump. Of the boards five presses away are solved: "
        f"{said(five, '{:.0%}')}."
    )
    values = list(five.values())
    best = int(np.argmax(values))
    rises, falls = np.diff(values[: best + 1]) > 0, np.diff(values[best:]) < 0
    return text, bool(list(five)[best] == "16 layers" and rises.all() and falls.all())


@finding
def boards_rates():
    fast = solved(5)
    slow = seeds(rows("boards_rates", query=f"seed >= {suites.FIRST_SEED}"), "solved_5")
    both = {depth: (iqm(fast[depth]), iqm(slow[depth])) for depth in sorted(slow)}
    told = "; ".join(f"{depth} layers {before:.0%} to {after:.0%}" for depth, (before, after) in both.items())
    missing = listed(sorted(set(fast) - set(slow)))
    alone = f"; {missing} layers were not run at the second rate" if missing else ""
    text = f"At 32 and 64 layers the fall came from the learning rate. From 0.001 to 0.0003: {told} ({len(slow[64])} seeds each{alone})."
    p = probability_of_improvement([slow[64]], [fast[64]])
    return text, p.value == 1 and both[64][1] > 2 * both[64][0] and iqm(slow[64]) > 0.8 * max(
        max(pair) for pair in both.values()
    )


@finding
def boards_spread():
    deep = solved(5)[16]
    text = (
        f"Seeds differ as well: of the {len(deep)} critics of 16 layers at rate 0.001 one solves {deep.max():.0%} of these "
        f"boards and one {deep.min():.0%}."
    )
    return text, deep.max() > 5 * deep.min()


@finding
def boards_clock():
    found = boards_of("new_goals_per_second")
    text = (
        f"Within the same {found.seconds} processor seconds 16 layers solve {found.deep[16]:.0%}, 64 layers "
        f"{found.deep[64]:.0%} and 4 layers {found.shallow:.0%}."
    )
    ahead = min(found.deep[16], found.deep[64]) > 5 * found.shallow
    return text, outcome("new_goals_per_second") == "reproduced" and ahead


@finding
def pooled():
    verdict = CLAIMS["depth_helps"].judge(DATA)
    number = r"P (\S+) \((\S+) to ([\d.]+)\)"
    every = re.search(r"pooled over (\d): \S+ vs \S+, " + number, verdict.here)
    others = re.search(r"without the big maze[^:]*: " + number, verdict.here)
    open_ones = int((re.search(r"undecided in (\d)", verdict.here) or "00")[1])
    alone = "no maze decides it alone" if open_ones == int(every[1]) else f"alone, {open_ones} mazes leave it open"
    text = (
        f"With the paper's own network, over {every[1]} point mazes, the deepest agents are ahead in {float(every[2]):.0%} of "
        f"pairs of seeds ({float(every[3]):.0%} to {float(every[4]):.0%}), without the selected maze in {float(others[1]):.0%} "
        f"({float(others[2]):.0%} to {float(others[3]):.0%}); {alone}."
    )
    return text, verdict.outcome == "reproduced" and float(others[2]) > 0.5


@finding
def cured_mazes():
    verdict = CLAIMS["depth_helps_cured"].judge(DATA)
    pairs = {pair[0].env.iloc[0]: pair for pair in measured.deepest(DATA, "cured_depth").pairs.values()}
    ahead = {
        env.removeprefix("point_").removesuffix("_maze"): probability_of_improvement([x.score], [y.score]).value
        for env, (x, y) in pairs.items()
    }
    shares = listed(f"{p:.0%} of pairs in `{name}`" for name, p in ahead.items())
    text = f"With the norm before the actor's head the deepest agents are ahead of 4 layers in {shares}"
    if others := re.search(r"without the big maze[^:]*: P (\S+) \((\S+) to ([\d.]+)\)", verdict.here):
        text += f", without `big` in {float(others[1]):.0%} ({float(others[2]):.0%} to {float(others[3]):.0%})"
    text += "." if len(ahead) > 1 else "; other mazes were not run."
    return text, verdict.outcome != "not reproduced"


def in_the_same_seconds(measure: str) -> tuple[int, np.ndarray, np.ndarray]:
    """The seconds that 64 and 4 layers have in the big maze, and the scores of both then."""
    which = "cured_depth", "equal_seconds"
    name, pair = next(item for item in measured.cured_in_time(DATA, *which).pairs.items() if item[0].startswith("64"))
    seconds = int(re.search(r"at (\d+) s", name)[1])
    deep, shallow = (evidence.by_the_clock(DATA, which, arm, seconds, measure).score.to_numpy() for arm in pair)
    return seconds, deep, shallow


@finding
def per_second():
    (seconds, deep, shallow), (_, *touched) = map(in_the_same_seconds, ("share", "success"))
    p, chance = probability_of_improvement([shallow], [deep]).value, permutation_p({0: deep}, {0: shallow})
    text = (
        f"With {seconds} processor seconds each, 4 layers are at the goal for {iqm(shallow):.0%} of the episode and touch "
        f"{iqm(touched[1]):.0%} of far goals, 64 layers {iqm(deep):.0%} and {iqm(touched[0]):.0%}. Per second the shallow agent "
        f"is ahead here (in {p:.0%} of pairs of seeds, p = {chance:.2g})."
    )
    return text, outcome("depth_at_equal_seconds") != "reproduced" and p > 0.5 and iqm(touched[1]) > iqm(touched[0])


# -- 02: hindsight ---------------------------------------------------------------------------------------------------------


@finding
def hindsight_needed():
    told = seeds(rows("hindsight", query="hindsight == 'none'", sizes=True), "share")
    count = sum(map(len, told.values()))
    text = (
        f"Without hindsight nothing is learned: the best of {count} agents of {' and '.join(map(str, told))} layers ends with "
        f"{max(x.max() for x in told.values()):.0%} of the episode at the goal."
    )
    return text, outcome("hindsight") == "reproduced" and max(x.max() for x in told.values()) < 0.005


@finding
def final_beats_geometric():
    by_rule = {
        depth: seeds(rows("hindsight", query=f"depth == {depth} and hindsight != 'none'"), "share", "hindsight")
        for depth in (4, 16)
    }
    deep, shallow = (probability_of_improvement([by_rule[d]["final"]], [by_rule[d]["geometric"]]) for d in (16, 4))
    rise = probability_of_improvement([by_rule[16]["final"]], [by_rule[4]["final"]])
    (few, many), (paper_few, paper_many) = ([iqm(by_rule[d][rule]) for d in (4, 16)] for rule in ("final", "geometric"))
    text = (
        f"With *final*, the last state as the goal, agents score {few:.2f} with 4 layers and {many:.2f} with 16; with "
        f"*geometric*, the paper's rule, {paper_few:.2f} and {paper_many:.2f} (share of the episode at the goal, "
        f"{len(by_rule[16]['final'])} seeds each). Whether *final* is the better rule at 16 layers is open: it wins "
        f"{deep.value:.0%} of pairs ({deep.low:.0%} to {deep.high:.0%})."
    )
    return text, rise.low > 0.5 and deep.low < 0.5 < deep.value and abs(shallow.value - 0.5) < 0.1


# -- 06: emergence -----------------------------------------------------------------------------------------------------------


@finding
def no_jump():
    verdict = CLAIMS["critical_depth"].judge(DATA)
    p = re.search(r"largest rise from (\d+) to (\d+) .*?p ([\d.]+)", verdict.here)
    scored = {
        depth: iqm(x) for depth, x in seeds(rows("cured_depth", query="env == 'point_big_maze'"), "share").items()
    }
    text = (
        f"In the big maze the largest rise is the one from {p[1]} to {p[2]} layers, and a smooth trend explains it "
        f"(p = {p[3]}): the share of the episode at the goal rises from {scored[4]:.2f} with 4 layers to {scored[64]:.2f} "
        "with 64."
    )
    climb = [scored[depth] for depth in (4, 8, 16, 32, 64)]
    return text, verdict.outcome != "reproduced" and float(p[3]) > 0.05 and bool(np.all(np.diff(climb) > 0))


def left_the_plateau(suite: str = "lights_out") -> pd.DataFrame:
    """How many seeds get below every critic that counts lamps, of critics of equal parameters."""
    table = scores.measured(DATA, (suite,), "heldout_loss")
    steps = plateaus.first_steps(table[table.width == table.depth.map(suites.MATCHED)])
    return steps.groupby("depth").stepped.agg(["sum", "size"])


@finding
def plateau():
    shallow, deep, slow = (
        left_the_plateau().loc[4],
        left_the_plateau().loc[16],
        left_the_plateau("lights_out_rates").loc[4],
    )
    known = seeds(rows("boards").assign(known=lambda table: plateaus.known_parities(table)), "known")[4]
    updates = rows("lights_out").updates.max()
    text = (
        f"At rate 0.001 and with the l2 energy {shallow['sum']} of {shallow['size']} seeds of 4 layers get beyond counting "
        f"lamps within {updates:,} updates, of 16 layers {deep['sum']} of {deep['size']}. At rate 0.0003 {slow['sum']} of "
        f"{slow['size']} seeds of 4 layers do; with the dot energy of notebook 05 {(known >= 1).sum()} of {len(known)} end with a "
        "parity known."
    )
    return text, bool(shallow["sum"] == 0 and deep["sum"] == deep["size"] and slow["sum"] > 0)


# -- 07: what deep critics see -----------------------------------------------------------------------------------------------


@cache
def kept_agents() -> dict:
    runs = recorded.runs(DATA, "cured_depth", "point_big_maze")
    files = {depth: recorded.weights(DATA, run) for depth, run in runs.items()}
    return {depth: recorded.load(file) for depth, file in files.items() if file}


@finding
def no_topology():
    means = {f"{depth} layers": topology(agent).score.mean() for depth, agent in kept_agents().items()}
    text = f"At every depth this network's critic orders the cells more by the line. Mean score over all goals: {said(means)}."
    return text, max(means.values()) < 0


@finding
def ruler():
    agents, climb = kept_agents(), lesson("07").greedy_walks
    maze = agents[4].env.maze
    goals = maze.goals[::2]
    grid = ((np.arange(4 * n) + 0.5) / 4 - 0.5 for n in maze.walls.shape)
    places = np.stack(np.meshgrid(*grid, indexing="ij"), axis=-1)
    line = np.mean([climb(-np.linalg.norm(places - goal, axis=-1), maze, goal)[0] for goal in goals])
    reached = {
        f"{depth} layers": np.mean(
            [climb(critic_map(agent, goal, resolution=4).values, maze, goal)[0] for goal in goals]
        )
        for depth, agent in agents.items()
    }
    text = f"No map beats the ruler: it leads {line:.0%} of walks to the goal, the critics' maps {said(reached, '{:.0%}')}."
    return text, max(reached.values()) < line


@finding
def stitching():
    goals = {depth: 3 * x for depth, x in seeds(rows("stitching"), "success").items()}
    farther = sum(int((x > 1.5).sum()) for x in goals.values())
    everyone = np.concatenate(list(goals.values()))
    text = (
        f"Of three far goals {len(everyone) - farther} of {len(everyone)} seeds reach exactly the nearest, whatever the depth; "
        f"{farther} seeds of 16 or 64 layers reach a second one."
    )
    nearest = everyone[everyone <= 1.5]
    return text, outcome("stitching") == "undecided" and bool(nearest.min() > 0.7 and (goals[4] < 1.5).all())


@finding
def deep_learner():
    gains = {}
    for collector, own in rows("collector_learner").groupby("collector_depth"):
        pairs = pd.DataFrame({depth: final_scores(part, "share") for depth, part in own.groupby("depth")}).dropna()
        gains[collector] = (pairs.iloc[:, -1] - pairs.iloc[:, 0]).to_numpy()
    parts = [
        f"{iqm(x):+.2f} ({interval(x)[0]:+.2f} to {interval(x)[1]:+.2f}) over a collector of {key} layers"
        for key, x in gains.items()
    ]
    pairs = len(next(iter(gains.values())))
    text = f"On the same data the deep learner gains {' and '.join(parts)}, share of the episode at the goal, in {pairs} pairs each."
    return text, all(interval(x)[0] > 0 for x in gains.values())


# -- 08: where to spend --------------------------------------------------------------------------------------------------------


def told(claim: str, pattern: str) -> re.Match:
    """The numbers of a ledger entry."""
    return re.search(pattern, CLAIMS[claim].judge(DATA).here)


@finding
def deep_or_wide():
    p = told(
        "deep_over_wide", r"pooled over (\d) pairs P (\S+) \((\S+) to ([\d.]+)\).*?; big, [^:]*: (\S+) vs (\S+), P"
    )
    text = (
        "With the same number of parameters and updates the deeper network is ahead in "
        f"{float(p[2]):.0%} of pairs of seeds ({float(p[3]):.0%} to {float(p[4]):.0%}), pooled over {p[1]} comparisons of up to 64 "
        f"layers, two in the big maze ({p[5]} against {p[6]} of the episode at the goal) and one in Lights Out."
    )
    return text, outcome("deep_over_wide") == "reproduced" and outcome("width_helps") != "reproduced"


@finding
def actor_or_critic():
    p = told("critic_before_actor", r"deep critic (\S+), by a deep actor (\S+), P (\S+) \((\S+) to ([\d.]+)\)")
    text = (
        f"Averaged over the depths of the other, a deep critic gains {p[1]} and a deep actor {p[2]}. Which is more cannot be "
        f"told from these seeds (P {p[3]}, {p[4]} to {p[5]})."
    )
    return text, outcome("critic_before_actor") == outcome("both_deep") == "undecided"


@finding
def batch():
    arms = [told("batch_size", rf"depth {depth}, 256 over 64: (\S+) vs (\S+), P") for depth in (4, 16)]
    (shallow, before), (deep, least) = ((arm[1], arm[2]) for arm in arms)
    text = (
        f"Four times the batch takes 16 layers from {least} to {deep} and 4 layers from {before} to {shallow}: the deep "
        "network gains clearly, "
        f"but not clearly more than the shallow one."
    )
    return text, outcome("batch_size") == "partly" and float(deep) > float(least)


@finding
def tuned():
    p = told("depth_helps_searched", r"rate: (\S+) vs (\S+), P (\S+) \((\S+) to ([\d.]+)\)")
    text = (
        f"With each depth at its best rate the paper's network of 64 layers has {p[1]} against {p[2]} of 4 layers: P "
        f"{p[3]} ({p[4]} to {p[5]}), "
        "so 20 seeds of each leave it open."
    )
    return text, outcome("depth_helps_searched") == "undecided"


@finding
def cost():
    p = told("cost_time", r"64: (\S+)x, 256: (\S+)x, 1024: (\S+)x \(width (\d+)")
    text = (
        f"A whole update, actor and critic, takes {float(p[1]):.0f} times as long at 64 layers as at 4, {float(p[2]):.0f} times "
        f"at 256 and {float(p[3]):.0f} times at 1024 (width {p[4]}, two cores, without collecting)."
    )
    return text, float(p[3]) > 80 and outcome("cost_time") in ("partly", "not reproduced")


@finding
def others():
    table = evidence.paper(DATA, "rebuttal_other_algorithms").fillna({"architecture": ""})
    series = (
        table[table.depth.isin([4, 32])].groupby(["algorithm", "setting", "architecture"]).value.agg(["first", "last"])
    )
    each = listed(
        f"{row['first']:.2f} to {row['last']:.2f} ({', '.join(filter(None, (algorithm.upper(), *how))).replace('_', ' ')})"
        for (algorithm, *how), row in series.iterrows()
    )
    p = told("other_algorithms", r"(\d) of (\d) gain nothing")
    text = (
        f"The authors' other algorithms from 4 to 32 layers: {each}. By their errors {p[1]} of {p[2]} gain nothing; QRL, "
        "printed without errors, does."
    )
    here = CLAIMS["other_algorithms"].judge(DATA).here
    return text, "qrl online, qrl offline do" in here and int(p[2]) - int(p[1]) == 2 and len(series) == int(p[2])


@finding
def own_algorithms():
    verdict = CLAIMS["only_self_supervised"].judge(DATA)
    if verdict.outcome == "not run":
        return "SAC, TD3, GCSL and GCBC at several depths are not recorded here yet.", True
    each = re.findall(r"([^,]+?) (\d\.\d\d)(?=[,)])", verdict.here.split("(P of ")[-1].replace(", of", " of"))
    text = (
        "Here, in one maze with the sparse reward, 64 layers are ahead of 4 in "
        + listed(f"{float(p):.0%} of pairs of {name.strip()}" for name, p in each)
        + ". "
    )
    maze = rows("algorithms", query="env == 'point_big_maze' and energy == 'l2'")
    crl, sac = (seeds(maze[(maze.agent == name) & (maze.hindsight != "none")], "share") for name in ("crl", "sac"))
    text += (
        f"But SAC with hindsight begins higher: with 4 layers it is at the goal for {iqm(sac[4]):.0%} of the episode, "
        f"contrastive RL for {iqm(crl[4]):.0%}, and for {iqm(crl[64]):.0%} only with 64."
    )
    return text, verdict.outcome == "reproduced" and iqm(crl[4]) < iqm(sac[4]) < iqm(crl[64])


# -- 10: bodies --------------------------------------------------------------------------------------------------------


@finding
def bodies():
    """A body has learned where the middle seed touches its goal in most episodes, or holds as many goals as can be held."""
    table = rows("bodies").assign(share=lambda table: table.time_at_goal / table.episode_length)
    ends = {}
    for which, runs in table.groupby(["env", "width", "buffer_size"], sort=False):
        ends[which] = sorted(final_scores(runs, "success")), sorted(final_scores(runs, "share"))
    each = "; ".join(
        f"{env} of width {width}, {buffer:,} steps kept, {', '.join(f'{x:.2f}' for x in success)} "
        f"({', '.join(f'{x:.2f}' for x in share)})"
        for (env, width, buffer), (success, share) in ends.items()
    )
    text = (
        "Episodes that touch the goal, over the last tenth of training, and in brackets the share of time there, the three "
        f"seeds of each in order: {each}."
    )
    arm = abs(ends["arm_reach", 64, 10_000][1][1] - HELD_GOALS) < 0.1
    return text, arm and ends["reacher", 64, 10_000][0][0] > 0.9 and ends["half_cheetah", 256, 31_250][0][1] > 0.5


@finding
def bodies_memory():
    late = rows("bodies", query="env == 'half_cheetah' and width == 256 and env_steps > 1e6")
    lost = {kept: (int((runs.success < 0.5).sum()), len(runs)) for kept, runs in late.groupby("buffer_size")}
    (few, all_few), (every, all_every) = lost[10_000], lost[31_250]
    text = (
        f"With 10,000 steps per environment, a third of the run, the wide half cheetah scores below one half in {few} of "
        f"the {all_few} evaluations after a million steps; with every step kept, in {every} of {all_every}."
    )
    return text, every / all_every < few / all_few


# -- write -------------------------------------------------------------------------------------------------------------


def main() -> None:
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        notebook = json.loads(path.read_text())
        for cell in notebook["cells"]:
            if cell["cell_type"] == "markdown":
                cell["source"] = filled("".join(cell["source"])).splitlines(keepends=True)
        path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    sys.exit(main())
