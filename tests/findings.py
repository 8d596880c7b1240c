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

import numpy as np
import pandas as pd
from lessons import lesson

from crlkit import evidence, suites
from crlkit.analysis import plateaus
from crlkit.analysis.q_maps import critic_map
from crlkit.analysis.statistics import final_scores, interquartile_mean, interval, probability_of_improvement
from crlkit.analysis.topology import topology
from crlkit.claims import CLAIMS
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


def said(values: dict, form: str = "{:.2f}") -> str:
    *most, last = [f"{form.format(value)} at {key}" for key, value in values.items()]
    return f"{', '.join(most)} and {last}" if most else last


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
        f"In the big maze 64 layers touch {iqm(x):.0%} of far goals and 4 layers {iqm(y):.0%}, after as many "
        "updates: in every one of "
        f"the {len(x)} x {len(y)} pairs of seeds the deep one is ahead."
    )
    return text, p.value == 1 and 1.7 < iqm(x) / iqm(y) < 2.3


@finding
def beyond_64():
    scored = {f"{depth} layers": iqm(x) for depth, x in cured().items() if depth > 64}
    counts = {len(x) for depth, x in cured().items() if depth > 256}
    caveat = f" ({min(counts)} seed{'s' * (min(counts) > 1)} beyond 256)" if counts else ""
    text = f"Beyond 64 layers nothing is gained here: {said(scored)}{caveat}, after as many updates."
    low, high = interval(cured()[64])
    return text, max(scored.values()) < high and outcome("beyond_64") != "reproduced"


def solved(presses: int, **which) -> dict:
    return seeds(rows("boards"), f"solved_{presses}")


@finding
def boards():
    five = solved(5)
    p = probability_of_improvement([five[16]], [five[4]])
    text = (
        f"Of the boards five presses away 16 layers solve {iqm(five[16]):.0%} and 4 layers {iqm(five[4]):.0%}, with "
        "as many parameters and "
        f"updates; every one of {len(five[16])} deep seeds is ahead of every one of {len(five[4])} shallow seeds "
        "(means of the last tenth of training)."
    )
    return text, p.value == 1 and outcome("new_goals") == "reproduced"


@finding
def boards_hump():
    five = {f"{depth} layers": iqm(x) for depth, x in solved(5).items()}
    text = f"At one learning rate for all, 0.001, it is a hump, not a slope. Five presses, by depth: {said(five, '{:.0%}')}."
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
    text = (
        f"At 64 layers the fall was the learning rate's. From 0.001 to 0.0003: {told} (6 seeds each; other depths were not "
        "run at the second rate)."
    )
    p = probability_of_improvement([slow[64]], [fast[64]])
    return text, p.value == 1 and both[64][1] > 2 * both[64][0] and iqm(slow[64]) > 0.8 * max(
        max(pair) for pair in both.values()
    )


@finding
def boards_spread():
    deep = solved(5)[16]
    text = f"And seeds differ: of the {len(deep)} critics of 16 layers one solves {deep.max():.0%} of these boards and one {deep.min():.0%}."
    return text, deep.max() > 5 * deep.min()


@finding
def boards_clock():
    seconds = rows("boards", clock=True).groupby("depth").seed_seconds.max().min()
    timed = rows("boards", clock=True).query("seed_seconds <= @seconds")
    five = timed.sort_values("updates").groupby(["depth", "seed"]).solved_5.last()
    scored = {depth: iqm(five[depth]) for depth in (4, 16)}
    text = f"Within the same {seconds:.0f} processor seconds, too: {scored[16]:.0%} with 16 layers, {scored[4]:.0%} with 4."
    return text, outcome("new_goals_per_second") == "reproduced" and scored[16] > 5 * scored[4]


@finding
def pooled():
    verdict = CLAIMS["depth_helps"].judge(DATA)
    p = re.search(r"pooled over (\d): (\S+) vs (\S+), P (\S+) \((\S+) to (\S+)\)", verdict.here)
    text = (
        f"Pooled over {p[1]} point mazes the deepest agents beat the shallowest in {float(p[4]):.0%} of pairs "
        f"({float(p[5]):.0%} to "
        f"{float(p[6]):.0%}); in the mazes other than the big one alone, the seeds leave it open."
    )
    open_ones = re.search(r"undecided in (\d)", verdict.here)
    return text, verdict.outcome == "reproduced" and bool(open_ones) and int(open_ones[1]) == int(p[1]) - 1


@finding
def per_second():
    here = CLAIMS["depth_at_equal_seconds"].judge(DATA).here
    p = re.search(r"64 over 4 at (\d+) s: (\S+) vs (\S+), P (\S+)", here)
    text = (
        f"With {p[1]} processor seconds each, 4 layers are at the goal for {float(p[3]):.0%} of the episode and 64 layers for "
        f"{float(p[2]):.0%}: per second depth does not win in this maze."
    )
    return text, outcome("depth_at_equal_seconds") != "reproduced" and float(p[4]) < 0.5


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
    p = re.search(r"largest rise from (\d+) to (\d+) .*p ([\d.]+)", verdict.here)
    scored = {
        depth: iqm(x) for depth, x in seeds(rows("cured_depth", query="env == 'point_big_maze'"), "share").items()
    }
    text = (
        f"In the big maze the largest rise is the one from {p[1]} to {p[2]} layers, and a smooth trend explains it "
        f"(p = {p[3]}): the score "
        f"climbs from {scored[4]:.2f} with 4 layers to {scored[64]:.2f} with 64 and jumps nowhere."
    )
    climb = [scored[depth] for depth in (4, 8, 16, 32, 64)]
    return text, verdict.outcome == "not reproduced" and float(p[3]) > 0.05 and bool(np.all(np.diff(climb) > 0))


def left_the_plateau() -> pd.DataFrame:
    table = scores.measured(DATA, ("lights_out",), "heldout_loss")
    steps = plateaus.first_steps(table[table.width == table.depth.map(suites.MATCHED)])
    return steps.groupby("depth").stepped.agg(["sum", "size"])


@finding
def plateau():
    table = left_the_plateau()
    shallow, deep = table.loc[4], table.loc[16]
    text = (
        f"With 4 layers {shallow['sum']} of {shallow['size']} seeds ever get beyond counting lamps, with 16 layers "
        f"{deep['sum']} of "
        f"{deep['size']}; they have as many parameters."
    )
    return text, bool(shallow["sum"] == 0 and deep["sum"] == deep["size"])


# -- 07: what deep critics see -----------------------------------------------------------------------------------------------


@cache
def kept_agents() -> dict:
    runs = recorded.runs(DATA, "cured_depth", "point_big_maze")
    files = {depth: recorded.weights(DATA, run) for depth, run in runs.items()}
    return {depth: recorded.load(file) for depth, file in files.items() if file}


@finding
def no_topology():
    means = {f"{depth} layers": topology(agent).score.mean() for depth, agent in kept_agents().items()}
    text = f"At every depth the critic follows the ruler: the mean score over all goals is {said(means)}."
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
        "deep_over_wide",
        r"pooled over (\d) pairs P (\S+) \((\S+) to ([\d.]+)\), p [^;]*; big, [^:]*: (\S+) vs (\S+), P",
    )
    text = (
        f"With as many parameters and updates the deeper network is ahead in {float(p[2]):.0%} of pairs of seeds "
        f"({float(p[3]):.0%} to "
        f"{float(p[4]):.0%}), pooled over {p[1]} comparisons; in the big maze {p[5]} against {p[6]} of the episode at the goal."
    )
    return text, outcome("deep_over_wide") == "reproduced" and outcome("width_helps") != "reproduced"


@finding
def actor_or_critic():
    p = told("critic_before_actor", r"deep critic (\S+), by a deep actor (\S+), P (\S+) \((\S+) to ([\d.]+)\)")
    text = (
        f"Here it does not matter which: a deep critic gains {p[1]} and a deep actor {p[2]}, and the seeds leave open which "
        f"is more (P {p[3]}, {p[4]} to {p[5]})."
    )
    return text, outcome("critic_before_actor") == outcome("both_deep") == "undecided"


@finding
def batch():
    p = told(
        "batch_size",
        r"depth 4, 256 over 64: (\S+) vs (\S+), P [^;]*; depth 16, 256 over 64: (\S+) vs (\S+), P",
    )
    text = (
        f"Four times the batch takes 16 layers from {p[4]} to {p[3]} and 4 layers from {p[2]} to {p[1]}: the deep "
        "network gains clearly, "
        f"but not clearly more than the shallow one."
    )
    return text, outcome("batch_size") == "partly" and float(p[3]) > float(p[4])


@finding
def tuned():
    p = told("depth_helps_searched", r"rate: (\S+) vs (\S+), P (\S+) \((\S+) to ([\d.]+)\)")
    text = (
        f"With a rate for each depth the paper's network of 64 layers has {p[1]} against {p[2]} of 4 layers: P "
        f"{p[3]} ({p[4]} to {p[5]}), "
        f"which {2 * 20} seeds leave open."
    )
    return text, outcome("depth_helps_searched") == "undecided"


@finding
def cost():
    p = told("cost_time", r"64: (\S+)x, 256: (\S+)x, 1024: (\S+)x \(width (\d+)")
    text = (
        f"An update takes {float(p[1]):.0f} times as long at 64 layers as at 4, {float(p[2]):.0f} times at 256 and "
        f"{float(p[3]):.0f} times at "
        f"1024 (width {p[4]}, two cores, nothing but the update)."
    )
    return text, float(p[1]) > 4 and outcome("cost_time") == "not reproduced"


@finding
def others():
    p = told("other_algorithms", r"(\d) of (\d) gain nothing")
    text = (
        f"Of {p[2]} series that the authors published of other algorithms {p[1]} gain nothing from 4 to 32 layers; "
        "the two of QRL, "
        f"the other algorithm with a metric critic, do gain."
    )
    here = CLAIMS["other_algorithms"].judge(DATA).here
    return text, "qrl online, qrl offline do" in here and int(p[2]) - int(p[1]) == 2


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
