"""Rules of one claim each, which no kind of `rules` covers. The docstring of one is the rule in words, as the ledger
prints it."""

from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from crlkit import evidence
from crlkit.analysis.plateaus import skill
from crlkit.analysis.statistics import at_best_rates, interquartile_mean
from crlkit.claims import measured
from crlkit.claims.comparison import compare, in_full
from crlkit.claims.measured import BIG, DEEPEST, SHALLOW, Arms, agents, queried
from crlkit.claims.rules import beats, compared, in_last, ratios, verdict
from crlkit.claims.verdicts import NOT_RUN, Verdict, by_parts, size
from crlkit.config import BEFORE
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


def saturated(data: Path, *suites: str) -> Verdict:
    """Two parts: more than half of the seeds of the paper's network are saturated, and the cured network beats it.
    Reproduced: both; partly: one; not reproduced: neither, and one spoken against"""
    networks = {}  # agents of depth 256 in the big maze, cured and the paper's, each in its largest size
    for measure in ("success", *SATURATED):
        table = agents(scores(data, *suites, vary=("depth", *BEFORE), measure=measure, sizes=True))
        table = table[(table.depth == DEEPEST) & (table.env == BIG)]
        cured = evidence.cured(table)
        networks[measure] = tuple(evidence.largest(table[which]) for which in (cured, ~cured))
    success, shares = networks["success"], []
    if not (one := compare(*success)):
        return NOT_RUN
    for network in (0, 1):  # the share of its seeds that are saturated
        tables = {name: networks[name][network].set_index(["run", "seed"]).score for name in SATURATED}
        above = [score > SATURATED[name] for name, score in tables.items() if len(score)]
        shares.append(float(pd.concat(above, axis=1).eq(True).any(axis=1).mean()) if above else float("nan"))
    words = "saturated at the end: {1:.0%} of seeds of the paper's network, {0:.0%} of cured ones".format(*shares)
    here = f"depth {DEEPEST}: {words}; success {one}"
    return Verdict(by_parts([shares[1] > 0.5, one.held]), here, one.seeds, size(pd.concat(success)))


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
BOTH_DEEP = partial(
    queried,
    pairs={
        "both deep over actor alone": (BOTH, "actor_depth == @deep and critic_depth == 4"),
        "both deep over critic alone": (BOTH, "critic_depth == @deep and actor_depth == 4"),
    },
    vary=DEPTH_OPTIONS,
)
DEEP, DEEP_DATA = "depth == depth.max()", "collector_depth == collector_depth.max()"
SHALLOW_LEARNER, SHALLOW_DATA = DEEP.replace("max", "min"), DEEP_DATA.replace("max", "min")
DATA_AND_NETWORK = partial(
    queried,
    pairs={
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
    pairs = {}
    for depth in ends:
        batches = tuple(table[(table.depth == depth) & (table.batch_size == size)] for size in (max(both), min(both)))
        pairs[f"depth {depth:.0f}, {max(both):.0f} over {min(both):.0f}"] = batches
    arms = Arms(pairs)
    comparisons = compared(arms)
    if len(comparisons) < 2:
        return NOT_RUN
    shallow, deep = comparisons.values()
    if deep.better:
        outcome = "reproduced" if deep.low > shallow.value else "partly"
    else:
        outcome = "not reproduced" if deep.worse or shallow.better else "undecided"
    return verdict(outcome, in_full(comparisons), comparisons, arms)


GAINS_MORE = ". It must also gain more at the deepest than at depth 4, or the verdict is partly"


def ladder(data: Path, suite: str, option: str, good: str, bad: str, further: str = "") -> Verdict:
    """Depths above 4 are compared, on policies or, where critics alone were trained, on held-out loss; the deepest has
    5 % of chance to itself, the others share another 5 %. Critics alone of one seed share their walks and held-out
    batches and are compared seed by seed: by how many are ahead, and by a sign-flip test of the mean difference.
    Reproduced: it wins at the deepest; partly: only at another; not reproduced: at none, and it loses at one{further}"""
    judged = beats(data, suite, arms=partial(measured.ladder, option=option, good=good, bad=bad), tell=in_last)
    if not further or judged.outcome != "reproduced":
        return judged
    table = measured.of_option(data, suite, option)
    table = table[table.value.isin([good, bad])]
    both = table[table.groupby("task").value.transform("nunique") == 2]
    means = both.groupby(["depth", "value"]).score.mean().unstack()
    if means.index.min() > SHALLOW:
        return judged
    gain = means[good] - means[bad]
    here = f"{judged.here}; gained by it {gain.iloc[-1]:.2f}, at depth 4 {gain.iloc[0]:.2f}"
    return judged._replace(here=here, outcome="reproduced" if gain.iloc[-1] > gain.iloc[0] else "partly")
