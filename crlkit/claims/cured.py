"""Claims about the end of the network: policies of deep networks that saturate, the cure, and depth at equal seconds with it."""

from pathlib import Path

import pandas as pd

from crlkit import evidence
from crlkit.claims.depth import DEEP, SHALLOW, policies
from crlkit.claims.ledger import NOT_RUN, Claim, Verdict, by_parts, stated
from crlkit.claims.measured import by_the_clock, compare, cured, scores, size
from crlkit.config import BEFORE

CURED, LONG = "cured_depth", "equal_seconds"
ENV = "point_big_maze"
DEEPEST = 256  # the deepest that the paper's network was trained to the end at
SATURATED = {"alpha": 20.0, "saturation": 0.95}  # above one of them at the end: temperature, mean |tanh| of the policy
HEADS = ("depth", *BEFORE)


def _deepest(data: Path, measure: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Agents of depth 256 in the big maze: the paper's network and the cured one, each in its largest size."""
    table = scores(data, "depth", CURED, vary=HEADS, measure=measure, sizes=True)
    table = policies(table) if len(table) else table
    if table.empty:
        return table, table
    table = table[(table.depth == DEEPEST) & (table.env == ENV)]
    return tuple(evidence.largest(table[which]) for which in (~cured(table), cured(table)))


def _share_saturated(data: Path, network: int) -> float:
    """Of the seeds of one of `_deepest`."""
    found = []
    for measure, most in SATURATED.items():
        if len(table := _deepest(data, measure)[network]):
            found.append(table.set_index(["run", "seed"]).score > most)
    return float(pd.concat(found, axis=1).eq(True).any(axis=1).mean()) if found else float("nan")


def _saturated(data: Path) -> Verdict:
    plain, mended = _deepest(data, "success")
    if not (one := compare(mended, plain)):
        return NOT_RUN
    ill, left = (_share_saturated(data, network) for network in (0, 1))
    outcome = by_parts([ill > 0.5, one.held])
    here = (
        f"depth {DEEPEST}: saturated {ill:.0%} of seeds of the paper's network, {left:.0%} of cured ones; success {one}"
    )
    return Verdict(outcome, here, one.seeds, size(pd.concat([mended, plain])))


def _equal_seconds(data: Path) -> Verdict:
    """Each deep arm against the runs of depth 4 whose seconds in all are nearest, both when the shorter ends."""
    table = scores(data, CURED, LONG, vary=("depth", "updates"), clock=True)
    table = policies(table) if len(table) else table
    if table.empty:
        return NOT_RUN
    table = evidence.one_processor(table[table.env == ENV])
    found, used = {}, []
    for depth in (DEEP, DEEPEST):
        deep = table[table.depth == depth]
        # The claim is about runs of depth 4 that made more updates: those of equal updates are short, whatever they score.
        shallow = table[(table.depth == SHALLOW) & (table.updates > deep.updates.max())]
        if deep.empty or shallow.empty:
            continue
        total = deep.seconds.max()
        near = shallow[shallow.updates == shallow.updates[(shallow.seconds - total).abs().idxmin()]]
        seconds = min(total, near.seconds.max())
        arms = [by_the_clock(data, (CURED, LONG), arm, seconds) for arm in (deep, near)]
        if one := compare(*arms, parts=2):
            found[f"{depth} over 4 at {seconds:.0f} s"] = one
            used += [deep, near]
    if not found:
        return NOT_RUN
    outcome = by_parts((one.held for one in found.values()), needed=2)
    here = "; ".join(f"{name}: {one}" for name, one in found.items())
    return Verdict(outcome, here, min(one.seeds for one in found.values()), size(pd.concat(used)))


def _published_512(data: Path) -> str:
    row = evidence.paper(data, "fig12_final_scores").query("depth == 1024").iloc[0]
    return f"at critic depth 1024 the actor has {row.actor_depth}, because its loss exploded (no numbers)"


CLAIMS = [
    Claim(
        name="saturated_head",
        sentence="Policies of very deep networks saturate, and a normalisation before the head cures them",
        source="question to paper, appendix (the actor's loss explodes at depth 1024)",
        published=_published_512,
        suites=("depth", CURED),
        statistic="share of seeds of depth 256 that end saturated (temperature alpha above 20, or mean |tanh| of the policy above "
        "0.95); success of the last tenth, P of the cured network against the paper's",
        rule="Two parts: more than half of the seeds of the paper's network are saturated, and the cured network beats it. "
        "Reproduced: both; partly: one; not reproduced: neither, and one spoken against",
        judge=_saturated,
    ),
    Claim(
        name="depth_at_equal_seconds",
        sentence="Given as many processor seconds, 64 and 256 layers beat 4 that make more updates",
        source="question to paper, Fig. 1, which compares per step",
        published=stated("no such run"),
        suites=(CURED, LONG),
        statistic="share of the episode at the goal at the last evaluation within the seconds that both arms have, P of each deep "
        "network against the runs of depth 4 of nearest length; runs of one processor",
        rule="Each of 64 and 256 is a part. Reproduced: both beat 4; partly: one; not reproduced: neither, and 4 beats one",
        judge=_equal_seconds,
    ),
]
