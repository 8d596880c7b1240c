"""Claims about data and what is learned from them: exploration, expressivity, stitching, relabelled goals."""

from pathlib import Path

import pandas as pd

from crlkit import evidence
from crlkit.claims.depth import policies
from crlkit.claims.ledger import NOT_RUN, TWO, Claim, Verdict, by_parts, stated
from crlkit.claims.limits import lines
from crlkit.claims.measured import Comparison, compare, scores, size
from crlkit.claims.parts import deepest_first


def _over_4(table: pd.DataFrame) -> dict[str, Comparison]:
    """Every other depth against depth 4, the deepest last."""
    depths = sorted(set(table.depth) - {4})
    arms = {f"{d:.0f} over 4": (table[table.depth == d], table[table.depth == 4]) for d in depths}
    return {name: one for name, pair in arms.items() if (one := compare(*pair, parts=len(arms)))}


def _stitching(data: Path) -> Verdict:
    table = scores(data, "stitching")
    table = policies(table) if len(table) else table
    if table.empty or not (found := _over_4(table)):
        return NOT_RUN
    here = "; ".join(f"{name}: {one}" for name, one in found.items())
    success = scores(data, "stitching", measure="success")
    if len(success) and (success.groupby(["task", "seed"]).score.nunique() == 1).all():
        here += "; each seed reaches as many goals at every depth"
    return Verdict(deepest_first(found), here, min(one.seeds for one in found.values()), size(table))


def _collector(data: Path) -> Verdict:
    table = scores(data, "collector_learner", vary=("depth", "collector_depth"))
    if table.empty or "collector_depth" not in table:
        return NOT_RUN
    collector, learner = table.collector_depth, table.depth
    deep_data, shallow_data = collector == collector.max(), collector == collector.min()
    deep, shallow = learner == learner.max(), learner == learner.min()
    found = {
        "deep over shallow learner, deep collector": compare(table[deep_data & deep], table[deep_data & shallow], 2),
        "deep over shallow collector, deep learner": compare(table[deep_data & deep], table[shallow_data & deep], 2),
    }
    if not all(found.values()) or collector.nunique() < 2 or learner.nunique() < 2:
        return NOT_RUN
    here = "; ".join(f"{name}: {one}" for name, one in found.items())
    outcome = by_parts(one.held for one in found.values())
    return Verdict(outcome, here, min(one.seeds for one in found.values()), size(table))


def _expressivity(data: Path) -> Verdict:
    """The deepest against depth 4, once at equal width and once at equal parameters."""
    found = {}
    both = lines(data, "score")
    for line in both:
        deep = line.depth.max()
        name = f"{deep:.0f} over 4 at {line['name'].iloc[0]}"
        found[name] = compare(line[line.depth == deep], line[line.depth == 4], parts=len(both))
    if not found:
        return NOT_RUN
    here = "loss above the floor, " + "; ".join(f"{name}: {one}" for name, one in found.items())
    outcome = by_parts(one.held for one in found.values())
    return Verdict(outcome, here, min(one.seeds for one in found.values()), size(pd.concat(both)))


def _hindsight(data: Path) -> Verdict:
    """The last tenth against the first evaluation, by strategy; and each strategy against no relabelling."""
    table = scores(data, "hindsight", vary=())
    table = policies(table) if len(table) else table
    if table.empty or "hindsight" not in table:
        return NOT_RUN
    table = table[(table.energy == "l2") & (table.loss == "forward")]
    rows = evidence.rows(data, "hindsight").sort_values("updates")
    first = rows.groupby(["run", "seed"]).share.first()
    start = table.assign(score=[first.get(key, 0.0) for key in zip(table.run, table.seed)])
    without = table[table.hindsight == "none"].assign(task=0)
    strategies = sorted(set(table.hindsight) - {"none"})
    found = {}
    for name in strategies:
        chosen = table.hindsight == name
        found[f"{name}, end over start"] = compare(table[chosen], start[chosen], parts=len(strategies))
        if len(without):
            ours = table[chosen & table.depth.isin(without.depth)].assign(task=0)
            found[f"{name} over no relabelling"] = compare(ours, without, parts=len(strategies))
    found = {name: one for name, one in found.items() if one}
    if not found:
        return NOT_RUN
    here = "; ".join(f"{name}: {one}" for name, one in found.items())
    held = [one.held for one in found.values()] + [None] * without.empty
    here += "; an arm without relabelling: not run" * without.empty
    return Verdict(by_parts(held), here, min(one.seeds for one in found.values()), size(table))


def _published_stitching(data: Path) -> str:
    table = evidence.paper(data, "fig11_stitching").sort_values("depth")
    return ", ".join(f"{v:g} at {d}" for d, v in zip(table.depth, table.value)) + " (Fig. 11, digitised)"


CLAIMS = [
    Claim(
        name="exploration",
        sentence="Depth pays through both: better data and more to learn from them with",
        source="paper, Fig. 8",
        published=stated("curves (Fig. 8), no numbers"),
        suites=("collector_learner",),
        statistic="P of deep against shallow learner on a deep collector's data; of deep against shallow collector, deep "
        "learner",
        rule=f"Each of the two is a part. {TWO}",
        judge=_collector,
    ),
    Claim(
        name="expressivity",
        sentence="On the same data a deep critic fits what a shallow one does not, in as many updates",
        source="paper, Fig. 8; tutorial text",
        published=stated("curves (Fig. 8), no numbers"),
        suites=("lights_out",),
        statistic="held-out loss above the perfect critic's, nats, P of the deepest against depth 4, at equal width and at "
        "equal parameters",
        rule="Each of the two is a part if it was run. Reproduced: the deepest beats depth 4 in all; partly: in one of two; "
        "not reproduced: in none, and the reverse in one",
        judge=_expressivity,
    ),
    Claim(
        name="stitching",
        sentence="Deeper agents reach farther goals than any that they were sent to in training, per update",
        source="paper, Fig. 11; tutorial text",
        published=_published_stitching,
        suites=("stitching",),
        statistic="share of the episode at goals 4 to 6 cells away after training on 1 to 3, P of each depth against 4",
        rule="Reproduced: the deepest beats depth 4; partly: only a shallower one does; not reproduced: none, and 4 beats one",
        judge=_stitching,
    ),
    Claim(
        name="hindsight",
        sentence="Without any reward, failures relabelled in hindsight are enough to learn from",
        source="paper; tutorial text",
        published=stated("every score in the paper is reached this way"),
        suites=("hindsight",),
        statistic="share of the episode at the goal by relabelling strategy, P of the last tenth against the first evaluation, and "
        "against the same agent without relabelling",
        rule="Both are parts of every strategy; without runs that do not relabel the second is open. Reproduced: all; partly: some; not "
        "reproduced: none, and one is lost",
        judge=_hindsight,
    ),
]
