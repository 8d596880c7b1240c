"""Rules of one claim each, which no kind of `rules` covers. The docstring of one is the rule in words, as the ledger
prints it."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from crlkit import evidence
from crlkit.analysis.plateaus import skill
from crlkit.analysis.statistics import at_best_rates, interquartile_mean
from crlkit.claims import measured
from crlkit.claims.comparison import Comparison, compare, in_full
from crlkit.claims.measured import BIG, DEEPEST, SHALLOW, Arms, Pair, Queries, agents, by_task, joined
from crlkit.claims.rules import Beats, compared, in_last, ratios, verdict
from crlkit.claims.verdicts import NOT_RUN, Verdict, by_parts, short, size
from crlkit.config import BEFORE
from crlkit.envs.mazes import make_maze
from crlkit.evidence import DEPTH_OPTIONS, scores
from crlkit.suites import FIRST_SEED

# ---------------------------------------------------------------- boards of Lights Out

FAR = "solved_5"  # share of all pairs of boards five presses apart that the greedy policy solves
LEAST_DEEP = 16  # the least depth that counts as deep
UNSOLVED, TIMES = 0.25, 2  # depth 4 stays below the first, a deep winner reaches it and has so many times as much


def new_goals(data: Path, *suites: str, in_time: bool = False) -> Verdict:
    """Each depth at its best learning rate (mean over these very seeds, so it flatters all alike), of depths that had
    all rates. Each depth from 16 on is compared with 4, and these comparisons share the 5 %. Reproduced: one beats it,
    depth 4 solves less than a quarter, and the winner at least a quarter and twice as much (interquartile means);
    partly: one beats it, but not so; not reproduced: none does, and 4 beats one"""
    table = scores(data, *suites, vary=("depth", "width", "learning_rate"), measure=FAR, clock=in_time)
    table = table[table.seed >= FIRST_SEED] if len(table) else table
    table, where = measured.matched(table) if SHALLOW in set(table.depth) else evidence.NO_SCORES, ""
    if in_time and len(table := evidence.one_processor(table)):
        seconds = table.groupby("depth").seconds.max().min()  # that the cheapest depth's slowest run had in all
        table, where = evidence.by_the_clock(data, suites, table, seconds, FAR), f" within {seconds:.0f} s"
    table = at_best_rates(table) if table.learning_rate.nunique() > 1 else table
    shallow = table[table.depth == SHALLOW]
    deep = sorted({int(depth) for depth in table.depth if depth >= LEAST_DEEP})
    arms = Arms({depth: (table[table.depth == depth], shallow) for depth in deep})
    if not (comparisons := compared(arms)):
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
    return verdict(outcome, here, comparisons, arms)


def skills(data: Path, suite: str) -> pd.DataFrame:
    """Of both lines of depths the share of best actions beyond chance."""
    both = [line.assign(score=skill(line.score)) for line in measured.lines(data, suite, "optimal_action")]
    return pd.concat(both) if both else evidence.NO_SCORES


# ---------------------------------------------------------------- depth

SATURATED = {"alpha": 20.0, "saturation": 0.95}  # above one of them at the end: temperature, mean |tanh| of the policy
ABLE = 0.3  # success of an agent that learned


def _at_256(data: Path, suites: tuple[str, ...], measure: str) -> Pair:
    """Agents of depth 256 in the big maze: the cured network and the paper's, each in its largest size."""
    table = agents(scores(data, *suites, vary=("depth", *BEFORE), measure=measure, sizes=True))
    table = table[(table.depth == DEEPEST) & (table.env == BIG)]
    cured = evidence.cured(table)
    return tuple(evidence.largest(table[which]) for which in (cured, ~cured))


def saturated(data: Path, *suites: str) -> Verdict:
    """Two parts: more than half of the seeds of the paper's network are saturated, and the cured network beats it.
    Reproduced: both; partly: one; not reproduced: neither, and one spoken against"""
    success = _at_256(data, suites, "success")
    if not (one := compare(*success)):
        return NOT_RUN
    ends, shares = {name: _at_256(data, suites, name) for name in SATURATED}, []
    for network in (0, 1):  # the share of its seeds that are saturated
        tables = {name: both[network].set_index(["run", "seed"]).score for name, both in ends.items()}
        above = [score > SATURATED[name] for name, score in tables.items() if len(score)]
        shares.append(float(pd.concat(above, axis=1).eq(True).any(axis=1).mean()) if above else float("nan"))
    words = "saturated at the end: {1:.0%} of seeds of the paper's network, {0:.0%} of cured ones".format(*shares)
    here = f"depth {DEEPEST}: {words}; success {one}"
    return Verdict(by_parts([shares[1] > 0.5, one.held]), here, one.seeds, size(pd.concat(success)))


def _apart(one: Comparison, other: Comparison) -> str:
    """Whether depth pays in `one` kind and does so more than in the `other`."""
    if one.better and one.value > other.value:
        return "reproduced" if one.low > other.value else "partly"
    reverse = one.worse or other.better and other.low > one.value
    return "not reproduced" if reverse else "undecided"


def _together(pairs: list[Pair], share: int = 1) -> Comparison:
    return compare(*joined(dict(enumerate(pairs))), share)


def when_it_pays(data: Path, *suites: str) -> Verdict:
    """Reproduced: depth beats 4 in the other mazes, and the interval lies above the simplest maze's P; partly: it beats
    4 there, and P alone is higher; not reproduced: 4 beats depth there, or depth beats 4 in the simplest maze with an
    interval above the others' P"""
    pairs, left, *_ = measured.deepest(data, *suites)
    by_env = {pair[0].env.iloc[0]: pair for pair in pairs.values()}
    by_env.pop(BIG, None)  # the one that was selected
    ways = {env: make_maze(env.partition("_")[2]).distances.max() for env in by_env}  # the longest shortest path
    if len(set(ways.values())) < 2:
        return NOT_RUN
    easy, hard = ([env for env in ways if (ways[env] == min(ways.values())) == which] for which in (True, False))
    simple, complex_ = (_together([by_env[env] for env in envs], 2) for envs in (easy, hard))
    names = [", ".join(map(short, envs)) for envs in (easy, hard)]
    here = f"simplest ({names[0]}) {simple.p}; the others ({names[1]}) {complex_.p}{left}"
    seeds = min(simple.seeds, complex_.seeds)
    return Verdict(_apart(complex_, simple), here, seeds, size(pd.concat(joined(by_env))))


def _two_kinds(table: pd.DataFrame, kind: Callable[[pd.Series], str], first: set[str]) -> Verdict:
    """The deepest up to 64 against depth 4 in every kind of task, and the kinds of `first` against the others."""
    kinds: dict[str, list[Pair]] = {}
    for _, task in table.groupby("task"):
        for pair in by_task(task).values():
            kinds.setdefault(kind(task.iloc[0]), []).append(pair)
    ours, theirs = (
        [pair for name in kinds if (name in first) == which for pair in kinds[name]] for which in (True, False)
    )
    if not ours or not theirs:
        return NOT_RUN
    one, other = _together(ours, 2), _together(theirs, 2)
    each = ", ".join(f"{name} {_together(pairs).value:.2f}" for name, pairs in kinds.items())
    used = pd.concat(joined(dict(enumerate(ours + theirs))))
    here = f"{one.p} against {other.p} (P of {each})"
    return Verdict(_apart(one, other), here, min(one.seeds, other.seeds), size(used))


def only_contrastive(data: Path, *suites: str) -> Verdict:
    """Reproduced: depth beats 4 in contrastive RL, with an interval of P above that of the others; partly: it beats 4
    there, and P alone is higher; not reproduced: 4 beats depth there, or depth beats 4 in the others with an interval
    above the P of contrastive RL"""
    table = agents(scores(data, *suites))
    if table.empty:
        return NOT_RUN
    table = table[(table.reward == "sparse") & ((table.agent != "crl") | (table.energy == "l2"))]
    table = table[table.env.isin(table.env[table.agent != "crl"])]  # the environments that all of them have
    return _two_kinds(table, lambda row: evidence.algorithm(*row[list(evidence.ALGORITHM)]), {"contrastive RL"})


def four_kinds(data: Path, *suites: str) -> Verdict:
    """Reproduced: depth beats 4 in the first two kinds, with an interval of P above that of the others; partly: it
    beats 4 there, and P alone is higher; not reproduced: 4 beats depth there, or depth beats 4 in the others with an
    interval above the P of the first two"""
    kinds = set(evidence.KINDS.values())
    return _two_kinds(agents(scores(data, *suites)), lambda row: evidence.kind_of_task(row.env, row.reward), kinds)


def trains_at_1024(data: Path, *suites: str) -> Verdict:
    """Runs of agents (that a critic of 1024 layers fits random walks is not yet that an agent learns) that came to
    their end. Reproduced: success above 0.3; partly: the end beats the first evaluation; not reproduced: neither"""
    table = agents(scores(data, *suites, measure="success"))
    table = table[table.depth == 1024]
    if table.empty:
        return NOT_RUN
    one = compare(table, evidence.from_the_start(data, suites, table, "success"))
    success = table.groupby("task").score.apply(interquartile_mean).max()
    outcome = "reproduced" if success > ABLE else "partly" if one.better else "not reproduced"
    return Verdict(outcome, f"success {success:.2f}; end over first evaluation: {one}", one.seeds, size(table))


# ---------------------------------------------------------------- width, actor and critic, batches, norm

STATED = {"width": 1.3, "depth": 1.8}  # the tutorial text's factors in score of a doubling


def wider_is_better(data: Path, suite: str) -> Verdict:
    """Reproduced: in every maze the widest beats the narrowest and every doubling rises; partly: the widest beats the
    narrowest in some; not reproduced: in none, and the reverse in one"""
    held, ends_held, words, used = [], [], [], []
    every = measured.sides(data, suite)
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
    """Width and depth are parts: the interval contains the stated factor and not 1; without the factor it speaks against
    it, with both it is open. Reproduced: both; partly: one; not reproduced: neither, and one spoken against"""
    held, words, used = [], [], []
    for side in measured.sides(data, suite):
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


BOTH = "actor_depth == critic_depth == @deep"
BOTH_DEEP = Queries(
    {
        "both deep over actor alone": (BOTH, "actor_depth == @deep and critic_depth == 4"),
        "both deep over critic alone": (BOTH, "critic_depth == @deep and actor_depth == 4"),
    },
    vary=DEPTH_OPTIONS,
)


WIDEST_GAP = "{0} == {0}.max()", "{0} == {0}.min()"
DEEP, SHALLOW_LEARNER = (query.format("depth") for query in WIDEST_GAP)
DEEP_DATA, SHALLOW_DATA = (query.format("collector_depth") for query in WIDEST_GAP)
DATA_AND_NETWORK = Queries(
    {
        "deep over shallow learner, deep collector": (f"{DEEP_DATA} and {DEEP}", f"{DEEP_DATA} and {SHALLOW_LEARNER}"),
        "deep over shallow collector, deep learner": (f"{DEEP_DATA} and {DEEP}", f"{SHALLOW_DATA} and {DEEP}"),
    },
    vary=("depth", "collector_depth"),
)


def critic_first(data: Path, suite: str) -> Verdict:
    """Reproduced: the critic's gain beats the actor's; not reproduced: the reverse"""
    if not BOTH_DEEP(data, suite).pairs:
        return NOT_RUN
    table = scores(data, suite, vary=DEPTH_OPTIONS)
    deep, gains = table.critic_depth.max(), []
    for network in ("critic_depth", "actor_depth"):  # of each seed its gain, mean over the other network's depths
        means = table.groupby(["task", "env", "size", "seed", network]).score.mean().unstack()
        gains.append((means[deep] - means[SHALLOW]).rename("score").reset_index())
    one = compare(*gains)
    here = "gained by a deep critic {:+.2f}, by a deep actor {:+.2f}".format(*one.middle)
    return Verdict(by_parts([one.held]), f"{here}, {one.p}", one.seeds, size(gains[0]))


def larger_batches(data: Path, suite: str) -> Verdict:
    """Of the batches that both the shallowest and the deepest have. Reproduced: the largest wins at the deepest, with an
    interval above P at depth 4; partly: it wins there, but not by more than at depth 4; not reproduced: it loses there,
    or wins at depth 4 alone"""
    table = agents(scores(data, suite, vary=("batch_size", "prefill")))
    ends = table.depth.min(), table.depth.max()
    both = set.intersection(*(set(table.batch_size[table.depth == depth]) for depth in ends))
    if ends[0] == ends[1] or len(both) < 2:
        return NOT_RUN
    arm = {
        depth: [table[(table.depth == depth) & (table.batch_size == b)] for b in (max(both), min(both))]
        for depth in ends
    }
    arms = Arms({f"depth {depth:.0f}, {max(both):.0f} over {min(both):.0f}": tuple(arm[depth]) for depth in ends})
    comparisons = compared(arms)
    if len(comparisons) < 2:
        return NOT_RUN
    shallow, deep = comparisons.values()
    if deep.better:
        outcome = "reproduced" if deep.low > shallow.value else "partly"
    else:
        outcome = "not reproduced" if deep.worse or shallow.better else "undecided"
    return verdict(outcome, in_full(comparisons), comparisons, arms)


LADDER = (
    "Depths above 4 are compared, on policies or, where critics alone were trained, on held-out loss; the deepest has 5 % of "
    "chance to itself, the others share another 5 %. Critics alone of one seed share their walks and held-out batches and are "
    "compared seed by seed: by how many are ahead, and by a sign-flip test of the mean difference"
)


def ladder(option: str, good: str, bad: str) -> Beats:
    """One value of an option against another at every depth above 4."""
    return Beats(partial(measured.ladder, option=option, good=good, bad=bad), in_last, parts=LADDER, last=True)


NORM = ladder("norm", "layer", "none")


def norm_pays(data: Path, suite: str) -> Verdict:
    judged, table = NORM(data, suite), measured.of_option(data, suite, "norm")
    table = table[table.value.isin(["layer", "none"])]
    means = (
        table[table.groupby("task").value.transform("nunique") == 2].groupby(["depth", "value"]).score.mean().unstack()
    )
    if judged.outcome != "reproduced" or means.index.min() > SHALLOW:
        return judged
    gain = means.layer - means.none
    here = f"{judged.here}; gained by it {gain.iloc[-1]:.2f}, at depth 4 {gain.iloc[0]:.2f}"
    return judged._replace(here=here, outcome="reproduced" if gain.iloc[-1] > gain.iloc[0] else "partly")


norm_pays.__doc__ = f"{NORM.words}. It must also gain more at the deepest than at depth 4, or the verdict is partly"
