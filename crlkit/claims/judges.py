"""Rules of one claim each, which no kind of `rules` covers."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from crlkit import evidence
from crlkit.analysis.plateaus import skill
from crlkit.analysis.statistics import at_best_rates, interquartile_mean
from crlkit.claims.comparison import Comparison, compare, in_full
from crlkit.claims.measured import (
    BIG,
    DEEPEST,
    SHALLOW,
    Arms,
    Pair,
    Queries,
    agents,
    by_task,
    deepest,
    joined,
    lines,
    matched,
    sides,
)
from crlkit.claims.rules import compared, ratios, verdict
from crlkit.claims.verdicts import NOT_RUN, Verdict, by_parts, short, size
from crlkit.config import BEFORE
from crlkit.envs.mazes import make_maze
from crlkit.evidence import DEPTH_OPTIONS, scores
from crlkit.suites import FIRST_SEED

# ---------------------------------------------------------------- boards of Lights Out

FAR = "solved_5"  # share of all pairs of boards five presses apart that the greedy policy solves
LEAST_DEEP = 16  # the least depth that counts as deep
UNSOLVED, TIMES = 0.25, 2  # depth 4 stays below the first, a deep winner reaches it and has so many times as much


def new_goals(data: Path, *suites: str) -> Verdict:
    return _boards(_at_its_rate(_critics(data, *suites)), "")


def new_goals_in_time(data: Path, *suites: str) -> Verdict:
    """Within the seconds that the cheapest depth's slowest run had in all."""
    table = evidence.one_processor(_critics(data, *suites, clock=True))
    if table.empty:
        return NOT_RUN
    seconds = table.groupby("depth").seconds.max().min()
    return _boards(_at_its_rate(evidence.by_the_clock(data, suites, table, seconds, FAR)), f" within {seconds:.0f} s")


def _critics(data: Path, *suites: str, **which: bool) -> pd.DataFrame:
    table = scores(data, *suites, vary=("depth", "width", "learning_rate"), measure=FAR, **which)
    table = table[table.seed >= FIRST_SEED] if len(table) else table
    return matched(table) if SHALLOW in set(table.depth) else evidence.NO_SCORES


def _at_its_rate(table: pd.DataFrame) -> pd.DataFrame:
    """Every depth at its best learning rate, of depths that had all rates; as they are where only one was run."""
    return at_best_rates(table) if table.learning_rate.nunique() > 1 else table


def _boards(table: pd.DataFrame, where: str) -> Verdict:
    """Every depth from 16 on against depth 4; they share one 5 %."""
    shallow = table[table.depth == SHALLOW]
    deep = sorted({int(depth) for depth in table.depth if depth >= LEAST_DEEP})
    comparisons = compared(Arms({depth: (table[table.depth == depth], shallow) for depth in deep}))
    if not comparisons:
        return NOT_RUN
    solved = next(iter(comparisons.values())).middle[1]
    best = max((one.middle[0] for one in comparisons.values() if one.better), default=0.0)
    held = [one.held for one in comparisons.values()]
    if solved < UNSOLVED <= best and best >= TIMES * solved:
        outcome = "reproduced"
    else:
        outcome = "partly" if True in held else by_parts(held)
    words = ", ".join(f"{one.middle[0]:.2f} at {depth} ({one.p})" for depth, one in comparisons.items())
    here = f"boards 5 presses away solved{where}: {solved:.2f} at depth 4; {words}"
    return verdict(outcome, here, comparisons, table[table.depth.isin([SHALLOW, *comparisons])])


def skills(data: Path, suite: str) -> pd.DataFrame:
    """Of both lines of depths the share of best actions beyond chance."""
    both = [line.assign(score=skill(line.score)) for line in lines(data, suite, "optimal_action")]
    return pd.concat(both) if both else evidence.NO_SCORES


# ---------------------------------------------------------------- depth

SATURATED = {"alpha": 20.0, "saturation": 0.95}  # above one of them at the end: temperature, mean |tanh| of the policy
ABLE = 0.3  # success of an agent that learned


def _at_256(data: Path, suites: tuple[str, ...], measure: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Agents of depth 256 in the big maze: the cured network and the paper's, each in its largest size."""
    table = agents(scores(data, *suites, vary=("depth", *BEFORE), measure=measure, sizes=True))
    table = table[(table.depth == DEEPEST) & (table.env == BIG)]
    cured = evidence.cured(table)
    return tuple(evidence.largest(table[which]) for which in (cured, ~cured))


def saturated(data: Path, *suites: str) -> Verdict:
    success = _at_256(data, suites, "success")
    one = compare(*success)
    if not one:
        return NOT_RUN
    shares = []  # of saturated seeds, by network
    ends = {measure: _at_256(data, suites, measure) for measure in SATURATED}
    for network in (0, 1):
        seeds = {
            name: both[network].set_index(["run", "seed"]).score for name, both in ends.items() if len(both[network])
        }
        above = [score > SATURATED[name] for name, score in seeds.items()]
        shares.append(float(pd.concat(above, axis=1).eq(True).any(axis=1).mean()) if above else float("nan"))
    cured, plain = shares
    words = (
        f"saturated at the end: {plain:.0%} of seeds of the paper's network, {cured:.0%} of cured ones; success {one}"
    )
    return Verdict(by_parts([plain > 0.5, one.held]), f"depth {DEEPEST}: {words}", one.seeds, size(pd.concat(success)))


def _apart(one: Comparison, other: Comparison) -> str:
    """Whether depth pays in `one` kind and does so more than in the `other`."""
    if one.better and one.value > other.value:
        return "reproduced" if one.low > other.value else "partly"
    reverse = one.worse or other.better and other.low > one.value
    return "not reproduced" if reverse else "undecided"


def when_it_pays(data: Path, *suites: str) -> Verdict:
    """The maze with the shortest longest path against the others, without the one that was selected."""
    pairs, left, *_ = deepest(data, *suites)
    pairs = {name: pair for name, pair in pairs.items() if pair[0].env.iloc[0] != BIG}
    ways = {name: make_maze(deep.env.iloc[0].partition("_")[2]).distances.max() for name, (deep, _) in pairs.items()}
    if len(set(ways.values())) < 2:
        return NOT_RUN
    of_kind = [[name for name in pairs if (ways[name] == min(ways.values())) == simple] for simple in (True, False)]
    simple, complex_ = (compare(*joined({name: pairs[name] for name in names}), 2) for names in of_kind)
    mazes = [", ".join(short(pairs[name][0].env.iloc[0]) for name in names) for names in of_kind]
    here = f"simplest ({mazes[0]}) {simple.p}; the others ({mazes[1]}) {complex_.p}{left}"
    seeds = min(simple.seeds, complex_.seeds)
    return Verdict(_apart(complex_, simple), here, seeds, size(pd.concat(joined(pairs))))


def _two_kinds(table: pd.DataFrame, kind: Callable[[pd.Series], str], first: set[str]) -> Verdict:
    """The deepest up to 64 against depth 4 in every kind of task, and the kinds of `first` against the others."""
    kinds: dict[str, list[Pair]] = {}
    for _, task in table.groupby("task"):
        for pair in by_task(task).values():
            kinds.setdefault(kind(task.iloc[0]), []).append(pair)
    groups = [
        [pair for name, pairs in kinds.items() if (name in first) == ours for pair in pairs] for ours in (True, False)
    ]
    if not all(groups):
        return NOT_RUN
    one, other = (compare(*joined(dict(enumerate(group))), 2) for group in groups)
    each = ", ".join(f"{name} {compare(*joined(dict(enumerate(pairs)))).value:.2f}" for name, pairs in kinds.items())
    used = pd.concat(joined(dict(enumerate(groups[0] + groups[1]))))
    return Verdict(
        _apart(one, other), f"{one.p} against {other.p} (P of {each})", min(one.seeds, other.seeds), size(used)
    )


def only_contrastive(data: Path, *suites: str) -> Verdict:
    """With the sparse reward, in the environments that all of them have."""
    table = agents(scores(data, *suites))
    if table.empty:
        return NOT_RUN
    table = table[(table.reward == "sparse") & ((table.agent != "crl") | (table.energy == "l2"))]
    table = table[table.env.isin(table.env[table.agent != "crl"])]
    return _two_kinds(table, lambda row: evidence.algorithm(*row[list(evidence.ALGORITHM)]), {"contrastive RL"})


def four_kinds(data: Path, *suites: str) -> Verdict:
    def kind(row: pd.Series) -> str:
        return evidence.kind_of_task(row.env, row.reward)

    return _two_kinds(agents(scores(data, *suites)), kind, set(evidence.KINDS.values()))


def trains_at_1024(data: Path, *suites: str) -> Verdict:
    """Agents alone: that a critic of 1024 layers fits random walks is not yet that an agent learns."""
    table = agents(scores(data, *suites, measure="success"))
    table = table[table.depth == 1024]
    if table.empty:
        return _stopped(data, suites, 1024)
    one = compare(table, evidence.from_the_start(data, suites, table, "success"))
    success = table.groupby("task").score.apply(interquartile_mean).max()
    outcome = "reproduced" if success > ABLE else "partly" if one.better else "not reproduced"
    return Verdict(outcome, f"success {success:.2f}; end over first evaluation: {one}", one.seeds, size(table))


def _stopped(data: Path, suites: tuple[str, ...], depth: int) -> Verdict:
    """not run, with what runs of a depth had done that did not come to their end."""
    rows = agents(evidence.rows(data, *suites, query=f"depth == {depth}", sizes=True))
    if rows.empty:
        return NOT_RUN
    last = rows.sort_values("updates").groupby("seed").last()
    words = f"agents stopped after {last.updates.max():,} updates, success {last.success.mean():.2f}"
    return NOT_RUN._replace(here=words)


def same_goals(data: Path, *suites: str) -> str:
    """Said where the success of a seed is the same at every depth."""
    success = scores(data, *suites, measure="success")
    same = len(success) and (success.groupby(["task", "seed"]).score.nunique() == 1).all()
    return "; each seed reaches as many goals at every depth" * bool(same)


# ---------------------------------------------------------------- width, actor and critic, batches

STATED = {"width": 1.3, "depth": 1.8}  # the tutorial text's factors in score of a doubling


def wider_is_better(data: Path, suite: str) -> Verdict:
    """The widest against the narrowest of depth 4, and whether every doubling rises."""
    held, ends_held, words, used = [], [], [], []
    every = sides(data, suite)
    for side in every:
        middle = {width: float(interquartile_mean(seeds.score)) for width, seeds in sorted(side.wide.items())}
        ends = compare(side.wide[max(middle)], side.wide[min(middle)], len(every))
        held.append(ends.better and (np.diff(list(middle.values())) > 0).all())
        ends_held.append(ends.held)
        levels = ", ".join(f"{value:.2f} at {width}" for width, value in middle.items())
        words.append(f"{side.name} {levels}; widest over narrowest {ends.p}")
        used += side.wide.values()
    if not used:
        return NOT_RUN
    outcome = "reproduced" if all(held) else "partly" if any(ends_held) else by_parts(ends_held)
    return Verdict(outcome, "; ".join(words), min(map(len, used)), size(pd.concat(used)))


def doubling(data: Path, suite: str) -> Verdict:
    """Ratio of interquartile means between the ends of each series, per doubling."""
    held, words, used = [], [], []
    for side in sides(data, suite):
        for kind, levels in (("width", side.wide), ("depth", {SHALLOW: side.wide[side.narrow]} | side.deep)):
            ends = [[levels[level].score.to_numpy()] for level in (max(levels), min(levels))]
            factors = ratios(*ends) ** (1 / np.log2(max(levels) / min(levels)))
            value, low, high = factors[0], *np.quantile(factors[1:], [0.025, 0.975])
            within = low <= STATED[kind] <= high
            held.append(within and (not low <= 1 <= high or None))
            words.append(f"{side.name} {kind} x2: score x{value:.2f} ({low:.2f} to {high:.2f})")
        used += [*side.wide.values(), *side.deep.values()]
    if not used:
        return NOT_RUN
    return Verdict(by_parts(held), "; ".join(words), min(map(len, used)), size(pd.concat(used)))


BOTH_DEEP = Queries(
    {
        "both deep over actor alone": (
            "actor_depth == critic_depth == @deep",
            "actor_depth == @deep and critic_depth == 4",
        ),
        "both deep over critic alone": (
            "actor_depth == critic_depth == @deep",
            "critic_depth == @deep and actor_depth == 4",
        ),
    },
    vary=DEPTH_OPTIONS,
)


def critic_first(data: Path, suite: str) -> Verdict:
    """What a seed gains by the deepest critic over depth 4, mean over actors, against its gain by the actor."""
    if not BOTH_DEEP(data, suite).pairs:
        return NOT_RUN
    table = scores(data, suite, vary=DEPTH_OPTIONS)
    deep, gains = table.critic_depth.max(), []
    for network in ("critic_depth", "actor_depth"):
        means = table.groupby(["task", "env", "size", "seed", network]).score.mean().unstack()
        gains.append((means[deep] - means[SHALLOW]).rename("score").reset_index())
    one = compare(*gains)
    here = "gained by a deep critic {:+.2f}, by a deep actor {:+.2f}".format(*one.middle)
    return Verdict(by_parts([one.held]), f"{here}, {one.p}", one.seeds, size(gains[0]))


def larger_batches(data: Path, suite: str) -> Verdict:
    """The largest against the smallest batch that both the shallowest and the deepest have."""
    table = agents(scores(data, suite, vary=("batch_size", "prefill")))
    ends, pairs = (table.depth.min(), table.depth.max()), {}
    both = set.intersection(*(set(table.batch_size[table.depth == depth]) for depth in ends))
    if ends[0] == ends[1] or len(both) < 2:
        return NOT_RUN
    for depth in ends:
        arms = (table[(table.depth == depth) & (table.batch_size == batch)] for batch in (max(both), min(both)))
        pairs[f"depth {depth:.0f}, {max(both):.0f} over {min(both):.0f}"] = tuple(arms)
    comparisons = compared(Arms(pairs))
    if len(comparisons) < 2:
        return NOT_RUN
    shallow, deep = comparisons.values()
    if deep.better:
        outcome = "reproduced" if deep.low > shallow.value else "partly"
    else:
        outcome = "not reproduced" if deep.worse or shallow.better else "undecided"
    return verdict(outcome, in_full(comparisons), comparisons, table)
