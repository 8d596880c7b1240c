"""The rules: each turns what a data folder holds into a verdict; first the kinds, then those of one claim each.

A rule is a function of the folder and of the names of the suites that test its claim; the ledger fixes what else it
takes. Its docstring, with these parameters filled in, is the rule in words, as the ledger prints it. `arms` names a
function of `measured`, which takes what the rule does not.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from crlkit import evidence
from crlkit.analysis.statistics import at_best_rates, interquartile_mean
from crlkit.analysis.thresholds import TRENDS, before_the_fall, jump_test, least_score, threshold
from crlkit.claims import measured
from crlkit.claims.measured import BIG, DEEPEST, SHALLOW, Arms, ends, joined, of_agents
from crlkit.claims.verdicts import CHANCE, NOT_RUN, Verdict, by_parts, compare, in_brief, in_full, short, size
from crlkit.config import BEFORE
from crlkit.evidence import DEPTH_OPTIONS, scores
from crlkit.suites import FIRST_SEED

FAR = "solved_5"  # share of all pairs of boards five presses apart that the greedy policy solves
SATURATED = {"alpha": 20.0, "saturation": 0.95}  # above one of them at the end: temperature, mean |tanh| of the policy


def compared(arms: Arms) -> dict:
    """Every pair that has a task in common."""
    several, alone = arms.share or len(arms.pairs) - arms.alone, arms.last if arms.alone else None
    shares = {name: 1 if name == alone else several for name in arms.pairs}
    every = {name: compare(*pair, shares[name], arms.paired) for name, pair in arms.pairs.items()}
    return {name: one for name, one in every.items() if one}


def verdict(outcome: str, here: str, used: list[pd.DataFrame], note: str = "") -> Verdict:
    """What the seeds of these arms say."""
    seeds = min(int(arm.groupby("task").size().min()) for arm in used)
    return Verdict(outcome, "; ".join(filter(None, (here, note))), seeds, size(pd.concat(used)))


def beats(
    data: Path,
    *suites: str,
    arms: str,  # where they name a `last` pair, that one decides
    brief: bool = False,
    lead: str = "",  # of what is told
    words: str = "Each comparison is a part. Reproduced: the first arm beats the second in all; partly: in some; not "
    "reproduced: in none, and the reverse in one",
    **how,
) -> Verdict:
    """{words}"""
    found = getattr(measured, arms)(data, *suites, **how)
    if not (comparisons := compared(found)):
        return Verdict("not run", "" if found.pairs else found.note)
    held = [one.held for one in comparisons.values()]
    if found.last:  # it decides; others alone make it partly
        won = found.last in comparisons and comparisons[found.last].better
        held = [True] if won else [*held, None]
    here = lead + (in_brief(comparisons) if brief else in_full(comparisons))
    return verdict(by_parts(held, found.needed), here, found.used, found.note)


def ladder(data: Path, suite: str, further: str = "", **option: str) -> Verdict:
    """Depths above 4 are compared, on policies or, where critics alone were trained, on held-out loss; the deepest has
    5 % of chance to itself, the others share another 5 %. Critics alone of one seed share their walks and held-out
    batches and are compared seed by seed: by how many are ahead, and by a sign-flip test of the mean difference.
    Reproduced: it wins at the deepest; partly: only at another; not reproduced: at none, and it loses at one{further}"""
    return beats(data, suite, arms="with_and_without", gain=bool(further), **option)


def pooled(data: Path, *suites: str, arms: str, least: int = 1, several: bool = False, **how) -> Verdict:
    """All pairs pooled over environments with 5 % to themselves, then those of each environment, which share another
    5 %. Reproduced: of {least} or more environments none is lost, and the pooled comparison wins; partly: it wins
    otherwise, or is open and one environment is won; not reproduced: it is lost"""
    found = getattr(measured, arms)(data, *suites, **how)
    if not found.pairs:
        return Verdict("not run", found.note)
    both = joined(found.pairs.values())
    one, each, tasks = compare(*both), compared(found), both[0].task.nunique()
    lost, won = (any(getattr(part, kind) for part in each.values()) for kind in ("worse", "better"))
    all_won = one.better and not lost and len(each) >= least
    some_won = one.better or won and not one.worse
    outcome = "reproduced" if all_won else "partly" if some_won else by_parts([one.held])
    if several:  # an environment has more than one pair
        here = f"pooled over {tasks} pairs {one.p}; {in_full(each)}"
    else:
        here = (f"pooled over {tasks}: {one}; " if tasks > 1 else "") + in_brief(each)
    return verdict(outcome, here, found.used, found.note)


def pays_more(data: Path, *suites: str, arms: str, first: list[str]) -> Verdict:
    """Reproduced: depth beats 4 in what is named first, with an interval of P above P of the others; partly: it beats 4
    there, and P alone is higher; not reproduced: 4 beats depth there, or depth beats 4 in the others with an interval
    above P of the first"""
    found, sides = getattr(measured, arms)(data, *suites), {True: [], False: []}
    for name, pair in found.pairs.items():  # of a kind; those whose names begin with `first` are named first
        sides[name.startswith(tuple(first))].append(pair)
    if not all(sides.values()):
        return NOT_RUN
    one, other = (compare(*joined(pairs), share=2) for pairs in sides.values())
    reverse = one.worse or other.better and other.low > one.value
    outcome = "not reproduced" if reverse else "undecided"
    if one.better and one.value > other.value:
        outcome = "reproduced" if one.low > other.value else "partly"
    each = ", ".join(f"{name} {compare(*pair).value:.2f}" for name, pair in found.pairs.items())
    return verdict(outcome, f"{one.p} against {other.p} (P of {each})", found.used, found.note)


def ratio(ours: Sequence[np.ndarray], theirs: Sequence[np.ndarray], doublings: float = 1.0) -> tuple[float, ...]:
    """Ratio of the interquartile means, mean over tasks (one array each), per doubling, and its 95 % bootstrap
    interval."""
    rng = np.random.default_rng(0)

    def means(x: np.ndarray) -> np.ndarray:
        drawn = x[rng.integers(len(x), size=(5000, len(x)))]
        return np.concatenate([[interquartile_mean(x)], interquartile_mean(drawn, axis=1)])

    above, below = (np.maximum(np.mean([means(x) for x in arm], axis=0), 1e-6) for arm in (ours, theirs))
    factors = (above / below) ** (1 / doublings)
    return factors[0], *np.quantile(factors[1:], [0.025, 0.975])


def in_bands(data: Path, *suites: str, bands: list[tuple[int, float, float]]) -> Verdict:
    """A depth is a part: its factor lies in its band; it speaks against the claim if its interval lies outside.
    Reproduced: all of them; partly: some; not reproduced: none"""
    table = of_agents(data, *suites)
    words, held, used = [], [], []
    for depth, low, high in bands:
        arms = ends(table, "depth", depth, SHALLOW)
        tasks = sorted(set(arms[0].task) & set(arms[1].task))
        if not tasks:
            words.append(f"{depth} not run")
            continue
        scored = [[arm.score[arm.task == task].to_numpy() for task in tasks] for arm in arms]
        factor, least, most = ratio(*scored)
        held.append(True if low <= factor <= high else False if most < low or least > high else None)
        never = not any(map(interquartile_mean, scored[0]))  # then the ratio is of the clipping alone
        said = "zero" if never else f"{factor:.1f}x ({least:.1f} to {most:.1f})"
        words.append(f"{depth}: {said} in {len(tasks)} maze{'s' * (len(tasks) > 1)}")
        used += [arm[arm.task.isin(tasks)] for arm in arms]
    return verdict(by_parts(held, len(bands)), ", ".join(words), used) if used else NOT_RUN


def jump(
    data: Path,
    *suites: str,
    table: str = "of_agents",  # of `measured`; its `name` says what a task is called, by default its environment
    places: tuple[int, int] = (1, 1024),
    where: str = "",  # a sentence on them
    floor: float | None = None,  # the least score that counts, by default a single step of an episode at the goal
) -> Verdict:
    """A line of five depths or more is a part: p below 0.05, shared by all parts, against both trends; not so, it
    speaks against the claim if the best step and two of its standard errors stay below a doubling. Where the strongest
    step is down, the depths from it on are left out if five remain. {where} Reproduced: in half of the parts or more;
    partly: in some; not reproduced: in none, and no room for a step in one of them"""
    every = getattr(measured, table)(data, *suites)
    several = [task for _, task in every.groupby("task") if task.depth.nunique() >= 5]
    held, words, used, elsewhere = [], [], [], False
    for task in several:
        least = floor or least_score(task)
        try:
            task, falls = before_the_fall(task, least)
            tests = [jump_test(task, trend, least) for trend in TRENDS]
        except ValueError:  # too few runs
            continue
        place, p = threshold(task, least), max(test.p_value for test in tests)
        jumps, inside = p < CHANCE / len(several), places[0] <= place.before and place.depth <= places[1]
        room = max(test.step + 2 * abs(test.step / (test.statistic or np.inf)) for test in tests) >= 1
        elsewhere |= jumps and not inside
        held.append(inside or None if jumps else None if room else False)
        name = task.get("name", task.env.map(short)).iloc[0]
        fall = f" (but {falls} and deeper, where the score falls)" if falls else ""
        where = f"from {place.before} to {place.depth} (95 % of resamples: at {place.low} to {place.high})"
        words.append(f"{name}{fall}: largest rise {where}, p {p:.2g}")
        used += [seeds for _, seeds in task.groupby("depth")]
    if not used:
        most = every.groupby("task").depth.nunique().max() if len(every) else 0
        return Verdict("not run", f"needs five depths at equal settings, has {most}") if most else NOT_RUN
    outcome = "reproduced" if 2 * held.count(True) >= len(held) else "partly" if elsewhere else by_parts(held)
    return verdict(outcome, "; ".join(words), used)


# ---------------------------------------------------------------- of one claim each


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
    arms = Arms({int(depth): ends(table, "depth", depth, SHALLOW) for depth in sorted(set(table.depth)) if depth >= 16})
    if not (comparisons := compared(arms)):
        return NOT_RUN
    solved = next(iter(comparisons.values())).middle[1]
    outcome = by_parts(one.held for one in comparisons.values())
    if outcome in ("reproduced", "partly"):
        best = max(one.middle[0] for one in comparisons.values() if one.better)
        outcome = "reproduced" if solved < 0.25 <= best and best >= 2 * solved else "partly"
    words = ", ".join(f"{one.middle[0]:.2f} at {depth} ({one.p})" for depth, one in comparisons.items())
    return verdict(outcome, f"boards 5 presses away solved{where}: {solved:.2f} at depth 4; {words}", arms.used)


def saturated(data: Path, *suites: str) -> Verdict:
    """Two parts: more than half of the seeds of the paper's network are saturated, and the cured network beats it.
    Reproduced: both; partly: one; not reproduced: neither, and one spoken against"""
    networks = {}  # agents of depth 256 in the big maze, cured and the paper's, each in its largest size
    for measure in ("success", *SATURATED):
        table = of_agents(data, *suites, vary=("depth", *BEFORE), measure=measure, sizes=True)
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
    return verdict(by_parts([shares[1] > 0.5, one.held]), f"depth {DEEPEST}: {words}; success {one}", success)


def trains_at_1024(data: Path, *suites: str) -> Verdict:
    """Runs of agents (that a critic of 1024 layers fits random walks is not yet that an agent learns) that came to
    their end. Reproduced: success above 0.3; partly: the end beats the first evaluation; not reproduced: neither"""
    table = of_agents(data, *suites, measure="success")
    table = table[table.depth == 1024]
    if table.empty:
        return NOT_RUN
    one = compare(table, evidence.from_the_start(data, suites, table, "success"))
    success = table.groupby("task").score.apply(interquartile_mean).max()
    outcome = "reproduced" if success > 0.3 else "partly" if one.better else "not reproduced"
    return verdict(outcome, f"success {success:.2f}; end over first evaluation: {one}", [table])


def doubling(data: Path, suite: str, **stated: float) -> Verdict:
    """Width and depth are parts: the interval contains the stated factor and not 1; without the factor it speaks against
    it, with both it is open. Reproduced: both; partly: one; not reproduced: neither, and one spoken against"""
    held, words, used = [], [], []
    for side in measured.sides(data, suite):
        for kind, levels in (("width", side.wide), ("depth", {SHALLOW: side.wide[min(side.wide)]} | side.deep)):
            most, least = max(levels), min(levels)
            arms = ([levels[level].score.to_numpy()] for level in (most, least))
            value, low, high = ratio(*arms, np.log2(most / least))
            within = low <= stated[kind] <= high
            held.append(within and (not low <= 1 <= high or None))
            words.append(f"{side.name} {kind} x2: score x{value:.2f} ({low:.2f} to {high:.2f})")
            used += levels.values()
    return verdict(by_parts(held), "; ".join(words), used) if used else NOT_RUN


def critic_first(data: Path, suite: str) -> Verdict:
    """Reproduced: the critic's gain beats the actor's; not reproduced: the reverse"""
    table, gains = scores(data, suite, vary=DEPTH_OPTIONS), []
    deep = table.critic_depth.max()
    if deep == SHALLOW or not {(deep, SHALLOW), (SHALLOW, deep)} <= set(zip(table.actor_depth, table.critic_depth)):
        return NOT_RUN
    for network in ("critic_depth", "actor_depth"):  # of each seed its gain, mean over the other network's depths
        means = table.groupby(["task", "env", "size", "seed", network]).score.mean().unstack()
        gains.append((means[deep] - means[SHALLOW]).rename("score").reset_index())
    one = compare(*gains)
    here = "gained by a deep critic {:+.2f}, by a deep actor {:+.2f}".format(*one.middle)
    return verdict(by_parts([one.held]), f"{here}, {one.p}", gains)


def larger_batches(data: Path, suite: str) -> Verdict:
    """Of the batches that both the shallowest and the deepest have. Reproduced: the largest wins at the deepest, with an
    interval above P at depth 4; partly: it wins there, but not by more than at depth 4; not reproduced: it loses there,
    or wins at depth 4 alone"""
    table = of_agents(data, suite, vary=("batch_size", "prefill"))
    table = table[table.depth.isin([table.depth.min(), table.depth.max()])]
    table = table[table.groupby("batch_size").depth.transform("nunique") == 2]
    least, most = table.batch_size.min(), table.batch_size.max()
    every = {depth: ends(rows, "batch_size", most, least) for depth, rows in table.groupby("depth")}
    arms = Arms({f"depth {depth:.0f}, {most:.0f} over {least:.0f}": pair for depth, pair in every.items()})
    comparisons = compared(arms)
    if least == most or len(comparisons) < 2:
        return NOT_RUN
    shallow, deep = comparisons.values()
    outcome = "not reproduced" if deep.worse or shallow.better else "undecided"
    if deep.better:
        outcome = "reproduced" if deep.low > shallow.value else "partly"
    return verdict(outcome, in_full(comparisons), arms.used)
