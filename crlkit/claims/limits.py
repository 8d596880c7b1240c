"""Claims about how depth acts: by what factor, with what jump, how far up, at what price."""

from pathlib import Path

import numpy as np
import pandas as pd

from crlkit import evidence
from crlkit.analysis.plateaus import skill
from crlkit.analysis.statistics import interquartile_mean
from crlkit.analysis.thresholds import TRENDS, before_the_fall, jump_test, least_score, threshold
from crlkit.claims.depth import DEEP, SHALLOW, policies, verdict
from crlkit.claims.ledger import BENCH, BENCHED, NOT_RUN, Claim, Verdict, by_parts, counted
from crlkit.claims.measured import CHANCE, compare, scores, short, size
from crlkit.claims.width import matched, ratios

CURVES = ("depth", "cured_depth")
GAINS = {64: (2, 10), 256: (5, 20), 1024: (10, 50)}
COST_GAINS = {64: (5, 10), 256: (10, 30), 1024: (20, 50)}
ABLE = 0.3  # success of an agent that learned
TIMES = {64: 4, 256: 12, 1024: 40}


def _bands(data: Path, bands: dict[int, tuple[float, float]]) -> Verdict:
    """Factors over depth 4 of the score's interquartile mean, mean over mazes, by depth: whether they, or the ends of their interval, lie
    in their band."""
    table = policies(scores(data, *CURVES))
    table = table[table.depth.isin([SHALLOW, *bands])] if len(table) else table
    tasks = [part for _, part in table.groupby("task") if SHALLOW in set(part.depth)] if len(table) else []
    words, held, used = [], [], []
    for depth, (low, high) in bands.items():
        having = [part for part in tasks if depth in set(part.depth)]
        if not having:
            continue
        arms = [[part.score[part.depth == d].to_numpy() for part in having] for d in (depth, SHALLOW)]
        factors = ratios(*arms)
        factor, (least, most) = factors[0], np.quantile(factors[1:], [0.025, 0.975])
        held.append(True if low <= factor <= high else False if most < low or least > high else None)
        never = not any(map(interquartile_mean, arms[0]))  # then the ratio is of the clipping alone
        factor = "zero" if never else f"{factor:.1f}x ({least:.1f} to {most:.1f})"
        words.append(f"{depth}: {factor} in {counted(len(having), 'maze')}")
        used += [part[part.depth.isin([SHALLOW, depth])] for part in having]
    if not used:
        return NOT_RUN
    used = pd.concat(used)
    missing = [str(depth) for depth in bands if depth not in set(used.depth)]
    words = ", ".join(words) + (f"; {', '.join(missing)} not run" if missing else "")
    return Verdict(by_parts(held, len(bands)), words, int(used.groupby(["task", "depth"]).size().min()), size(used))


def _time(data: Path) -> Verdict:
    """From `crlkit bench`, which times an update of every depth alone on one machine."""
    if not (Path(data) / f"{BENCH}.csv").exists():
        return NOT_RUN
    table = pd.read_csv(Path(data) / f"{BENCH}.csv").set_index("depth")
    factor = table["update (ms)"] / table["update (ms)"].get(SHALLOW, np.nan)
    found = {depth: factor[depth] for depth in TIMES if np.isfinite(factor.get(depth, np.nan))}
    if not found:
        return NOT_RUN
    held = [TIMES[depth] / 2 <= value <= TIMES[depth] * 2 for depth, value in found.items()]
    here = ", ".join(f"{depth}: {value:.3g}x" for depth, value in found.items())
    return Verdict(
        by_parts(held, len(TIMES)), f"{here} (width {table.width.iloc[0]}, {table.device.iloc[0]})", 0, BENCHED
    )


def _jumps(table: pd.DataFrame, places: tuple[int, int] = (0, 10**9), floor: float | None = None) -> Verdict:
    """One part a task of at least five depths: a step up beyond both trends, whose two ends lie within `places` (elsewhere:
    partly). `name` says what a task is called, by default its environment; the least score that counts is by default a single step of an
    episode at the goal."""
    several = [part for _, part in table.groupby("task") if part.depth.nunique() >= 5] if len(table) else []
    held, words, used, elsewhere = [], [], [], False
    for part in several:
        least = floor or least_score(part)
        try:
            part, falls = before_the_fall(part, least)
            fall = f" (but {falls} and deeper, where the score falls)" if falls else ""
            tests = [jump_test(part, trend, least) for trend in TRENDS]
        except ValueError:  # too few runs
            continue
        place, p = threshold(part, least), max(test.p_value for test in tests)
        jumps = p < CHANCE / len(several)
        room = max(test.step + 2 * abs(test.step / (test.statistic or np.inf)) for test in tests) >= 1
        inside = places[0] <= place.before and place.depth <= places[1]
        elsewhere |= jumps and not inside
        held.append(inside or None if jumps else None if room else False)
        name = part.get("name", part.env.map(short)).iloc[0]
        words.append(
            f"{name}{fall}: largest rise from {place.before} to {place.depth} (to {place.low}-{place.high}), p {p:.2g}"
        )
        used.append(part)
    if not used:
        most = table.groupby("task").depth.nunique().max() if len(table) else 0
        return Verdict("not run", f"needs five depths at equal settings, has {most}") if most else NOT_RUN
    used = pd.concat(used)
    outcome = "reproduced" if 2 * held.count(True) >= len(held) else "partly" if elsewhere else by_parts(held)
    return Verdict(outcome, "; ".join(words), int(used.groupby(["task", "depth"]).size().min()), size(used))


def _critical(data: Path) -> Verdict:
    return _jumps(policies(scores(data, *CURVES)))


def lines(data: Path, measure: str) -> list[pd.DataFrame]:
    """Scores of the critics of Lights Out in two lines of depths with a `name` and a `task` each: those of equal width,
    and those with as many parameters as the widest of depth 4. Only lines in which some depth is compared with 4."""
    table = scores(data, "lights_out", vary=("depth", "width", "learning_rate"), measure=measure)
    if table.empty or SHALLOW not in set(table.depth):
        return []
    width = table.groupby("width").depth.nunique().idxmax()
    found = [table[table.width == width].assign(name=f"width {width:.0f}", task=0)]
    if table.width[table.depth == SHALLOW].max() > width:
        found.append(matched(table).assign(name="equal parameters", task=1))
    return [line for line in found if SHALLOW in set(line.depth) and line.depth.nunique() > 1]


def _emerges(data: Path) -> Verdict:
    found = [line.assign(score=skill(line.score)) for line in lines(data, "optimal_action")]
    return _jumps(pd.concat(found), (16, 64), floor=0.01) if found else NOT_RUN


def _beyond(data: Path) -> Verdict:
    table = policies(scores(data, *CURVES))
    table = table[table.depth >= DEEP] if len(table) else table
    depths = sorted(set(table.depth) - {DEEP}) if len(table) else []
    pairs = {int(d): compare(table[table.depth == d], table[table.depth == DEEP], len(depths)) for d in depths}
    found = {f"{d} over 64": one for d, one in pairs.items() if one}
    if not found:
        return NOT_RUN
    last = pairs.get(1024)
    outcome = "reproduced" if last and last.better else by_parts([*(c.held for c in found.values()), None])
    used = table[table.task.isin(table.task[table.depth > DEEP])]
    judged, missing = verdict(outcome, found, used), [str(d) for d in (128, 256, 512, 1024) if d not in pairs]
    return judged._replace(here=judged.here + f"; {', '.join(missing)} not run" * bool(missing))


def _trains(data: Path) -> Verdict:
    """Agents alone: that a critic of 1024 layers fits random walks is not yet that an agent learns."""
    table = scores(data, *CURVES, measure="success")
    table = policies(table) if len(table) else table
    table = table[table.depth == 1024] if len(table) else table
    if table.empty:
        return _stopped(data, 1024)
    first = evidence.rows(data, *CURVES, sizes=True).sort_values("updates").groupby(["run", "seed"]).success.first()
    before = table.assign(score=[first.get(key, 0.0) for key in zip(table.run, table.seed)])
    one, best = compare(table, before), table.groupby("run").score.apply(interquartile_mean).max()
    outcome = "reproduced" if best > ABLE else "partly" if one.better else "not reproduced"
    return Verdict(outcome, f"success {best:.2f}; end over first evaluation: {one}", one.seeds, size(table))


def _stopped(data: Path, depth: int) -> Verdict:
    """not run, with what runs of a depth had done that did not come to their end."""
    rows = policies(evidence.rows(data, *CURVES, query=f"depth == {depth}", sizes=True))
    if rows.empty:
        return NOT_RUN
    last = rows.sort_values("updates").groupby("seed").last()
    words = f"agents stopped after {last.updates.max():,} updates, success {last.success.mean():.2f}"
    return NOT_RUN._replace(here=words)


def _rises(data: Path) -> pd.Series:
    """The depth with the largest rise of the log score in Fig. 1, by environment."""
    table = evidence.paper(data, "fig1_final_scores").assign(seed=0)
    parts = table.rename(columns={"value": "score"}).groupby("environment")
    return pd.Series({name: threshold(part, resamples=1).depth for name, part in parts})


def _published_rises(data: Path) -> str:
    found = _rises(data).value_counts().sort_index()
    return "largest rise at " + ", ".join(f"{d} in {n}" for d, n in found.items()) + f" of {found.sum()} (Fig. 1)"


def _fig12(data: Path, environment: str = "humanoid_u_maze") -> pd.DataFrame:
    table = evidence.paper(data, "fig12_final_scores")
    return table[(table.environment == environment) & (table.measure == "mean_last_5_epochs")].set_index("depth")


def _published_gains(data: Path) -> str:
    table = _fig12(data)
    gains = ", ".join(f"{d}: {table.value[d] / table.value[SHALLOW]:.0f}x" for d in GAINS)
    return f"Humanoid U-Maze: {gains} after {table.epochs.iloc[0]} epochs (Fig. 12)"


def _published_times(data: Path) -> str:
    hours = evidence.paper(data, "table4_wall_clock_deep").query("measure == 'wall_clock'").set_index("depth").value
    return ", ".join(f"{d}: {hours[d] / hours[SHALLOW]:.1f}x" for d in TIMES) + " (Table 4; the text 4x, 12x, 40x)"


def _published_beyond(data: Path) -> str:
    u, big = _fig12(data), _fig12(data, "humanoid_big_maze")
    words = [", ".join(f"{value:.3g} at {d}" for d, value in of.value.items() if d >= DEEP) for of in (u, big)]
    after = [of.epochs.iloc[0] for of in (u, big)]
    return f"after {after[0]} epochs Humanoid U-Maze {words[0]}; after {after[1]} Big Maze {words[1]}"


def _published_1024(data: Path) -> str:
    row = evidence.paper(data, "fig12_final_scores").query("depth == 1024 and measure == 'mean_last_5_epochs'").iloc[0]
    return f"Humanoid U-Maze {row.value} ± {row.error}, with an actor of {row.actor_depth}"


JUMP = (
    "p below 0.05, shared by all parts, against both trends; not so, it speaks against the claim if the best step and two of "
    "its standard errors stay below a doubling. Where the strongest step is down, the depths from it on are left out if "
    "five remain"
)
CLAIMS = [
    Claim(
        name="improvement_table",
        sentence="Against 4 layers 64 give 2 to 10 times the score, 256 give 5 to 20, 1024 give 10 to 50",
        source="tutorial text, table 'improvement'; paper, Fig. 12",
        published=_published_gains,
        suites=CURVES,
        statistic="interquartile mean over seeds, mean over the mazes that have both, over that of depth 4",
        rule="A depth is a part: its factor lies in its band. Reproduced: all three depths; partly: some; not "
        "reproduced: none of those run",
        judge=lambda data: _bands(data, GAINS),
    ),
    Claim(
        name="cost_table_gains",
        sentence="Against depth 4 64 layers score 5 to 10 times as much, 256 10 to 30, 1024 20 to 50",
        source="tutorial text, table 'computational cost' (it differs from its table 'improvement')",
        published=_published_gains,
        suites=CURVES,
        statistic="interquartile mean over seeds, mean over the mazes that have both, over that of depth 4",
        rule="A depth is a part: its factor lies in its band. Reproduced: all three depths; partly: some; not "
        "reproduced: none of those run",
        judge=lambda data: _bands(data, COST_GAINS),
    ),
    Claim(
        name="critical_depth",
        sentence="At some critical depth the score jumps instead of rising steadily",
        source="paper, section 4 and Fig. 1",
        published=_published_rises,
        suites=CURVES,
        statistic="test of one upward step in log score against log depth, beside a linear and a quadratic trend",
        rule=f"A maze with five depths or more is a part: {JUMP}. "
        "Reproduced: in half of the mazes or more; partly: in some; not reproduced: in none, and no room for one in some",
        judge=_critical,
    ),
    Claim(
        name="emergence",
        sentence="Past a threshold between depths 16 and 64 a new ability appears",
        source="tutorial text, 'emergence'",
        published=_published_rises,
        suites=("lights_out",),
        statistic="the same test, of the share of best actions in Lights Out beyond chance (at least 0.01), critics on fixed "
        "walks, at equal width and at equal parameters",
        rule=f"Each of the two is a part if it has five depths: {JUMP}; and the largest rise begins and ends within 16 to 64. "
        "Reproduced: in one or both; partly: a jump elsewhere; not reproduced: none, and no room for one in one of them",
        judge=_emerges,
    ),
    Claim(
        name="beyond_64",
        sentence="Depth goes on helping beyond 64, up to 1024, per update",
        source="paper, Fig. 12",
        published=_published_beyond,
        suites=CURVES,
        statistic="share of the episode at the goal, P against depth 64, one learning rate for all",
        rule="Reproduced: depth 1024 beats 64; partly: some depth beyond 64 does; not reproduced: none, and 64 beats one (whose "
        "policies may be saturated: see saturated_head)",
        judge=_beyond,
    ),
    Claim(
        name="trains_at_1024",
        sentence="Agents of 1024 layers can be trained",
        source="paper, Fig. 12; tutorial text",
        published=_published_1024,
        suites=CURVES,
        statistic="success of agents whose actor and critic have 1024 layers, interquartile mean of the best run; P of the last tenth "
        "against the first evaluation",
        rule=f"Runs that came to their end. Reproduced: success above {ABLE} in one; partly: the end beats the first evaluation; not "
        "reproduced: neither",
        judge=_trains,
    ),
    Claim(
        name="cost_time",
        sentence="Training takes 4 times as long at depth 64, 12 times at 256, 40 times at 1024",
        source="tutorial text, table 'computational cost'; paper, Table 4",
        published=_published_times,
        statistic="time of an update alone over that of depth 4, equal width and batch",
        rule="A depth is a part: its factor is within half and double of the stated one. Reproduced: all three depths; "
        "partly: some; not reproduced: none of those timed",
        judge=_time,
        basis=BENCHED,
    ),
]
