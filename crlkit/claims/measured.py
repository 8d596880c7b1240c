"""The rows of `data/` as one score a seed, and two arms of an experiment against each other."""

import math
from collections.abc import Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from crlkit import evidence
from crlkit.analysis.statistics import final_scores, interquartile_mean, permutation_p, probability_of_improvement
from crlkit.claims.ledger import counted
from crlkit.config import BEFORE, Config

# Options that name a run or say how long it was (the updates it made say that), and so never keep two runs apart.
NAMES = {"seed", "seeds", "out", "checkpoint_seconds", "preset", "env_steps", "updates", "evaluations"}
OPTIONS = {f.name: f.default for f in fields(Config) if f.name not in NAMES} | {"collector_depth": None} | BEFORE
DEPTHS = ("depth", "actor_depth", "critic_depth")
CHANCE = 0.05  # that two arms which do not differ come out as different, over all parts of a claim together
BEATS = (
    "A beats B, or wins, if the bootstrap interval of P (seeds resampled within each task) lies above 0.5 and a permutation "
    "test of P (seeds dealt anew to the two arms within each task) has a two-sided p of at most 5 %, which all comparisons "
    "of a claim share. B beating A speaks against the claim; where neither beats the other it is undecided"
)


def scores(
    data: Path, *suites: str, vary: tuple[str, ...] = ("depth",), measure: str = "score", **which: bool
) -> pd.DataFrame:
    """One row a seed of the named suites, of every environment those of the newest network and of these the largest size
    recorded (`which`: `clock` and `sizes` of `evidence.rows`; with `sizes` all): its options, `score`, `updates`, `seconds`.

    `score` is the mean of the last tenth of the evaluations: the share of the episode at the goal or, of a critic trained alone
    on walks, the floor (0 where none is known) minus the held-out loss, nats; higher is better. A run that diverged
    scores what never being at the goal, or chance, would. `measure` names another column to average. `task` numbers the
    settings that runs share in all options but those in `vary`: only runs of one task are ever compared. `depth` in
    `vary` stands for that of actor and critic, which must agree unless `actor_depth` varies by itself.
    """
    rows = evidence.rows(data, *suites, query="status in ('finished', 'diverged')", **which | {"sizes": True})
    if rows.empty:
        return rows
    if not which.get("sizes"):
        rows = evidence.largest(newest(rows))
    defaults = {name: value for name, value in OPTIONS.items() if name in rows and value not in (None, MISSING)}
    rows = rows.fillna(defaults)
    rows["score"] = rows.share if "share" in rows else np.nan
    if "heldout_loss" in rows:
        floor = rows.bayes_loss.fillna(0) if "bayes_loss" in rows else 0
        rows["score"] = rows.score.fillna(floor - rows.heldout_loss)
    if measure not in rows:
        return pd.DataFrame()
    options = [name for name in OPTIONS if name in rows]
    parts = [_of_run(part, measure) for _, part in rows.groupby(["run", *options], dropna=False)]
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    if table.empty:
        return pd.DataFrame()
    usual = table.groupby("env").updates.transform(lambda made: made.mode().max())
    table["updates"] = table.updates.fillna(usual)
    if "depth" in vary and "actor_depth" not in vary:
        table = table[table.actor_depth == table.critic_depth]
    free = {*vary, *(DEPTHS if "depth" in vary else ())}
    fixed = [name for name in (*options, "updates") if name not in free]
    return table.assign(task=table.groupby(fixed, dropna=False).ngroup()).reset_index(drop=True)


def cured(table: pd.DataFrame) -> pd.Series:
    """Which rows are of networks that do not end as the paper's does, with nothing before the head."""
    ends = [table[name] != plain for name, plain in BEFORE.items() if name in table]
    return pd.concat(ends, axis=1).any(axis=1) if ends else pd.Series(False, index=table.index)


def newest(rows: pd.DataFrame) -> pd.DataFrame:
    """Of every environment that has rows of cured networks those alone: the two are never in one comparison."""
    new = cured(rows)
    return rows[new == new.groupby(rows.env).transform("max")]


def by_the_clock(
    data: Path, suites: tuple[str, ...], table: pd.DataFrame, seconds: float, measure: str = "share"
) -> pd.DataFrame:
    """`table` with what `measure` was at the last evaluation of each seed within so many processor seconds, 0 before the
    first."""
    rows = evidence.rows(data, *suites, clock=True, sizes=True).sort_values("updates")
    last = rows[rows.seed_seconds <= seconds].groupby(["run", "seed"])[measure].last()
    return table.assign(score=[last.get(key, 0.0) for key in zip(table.run, table.seed)])


def _of_run(rows: pd.DataFrame, measure: str) -> pd.DataFrame:
    first = rows.iloc[0]
    kept = {name: first[name] for name in ("run", "size", "device", *OPTIONS) if name in rows}
    values, updates, seconds = final_scores(rows, measure).dropna(), rows.updates.max(), rows.seed_seconds.max()
    if first.status == "diverged":
        chance = -math.log(first.batch_size) if first.get("data") == "walks" and measure == "score" else 0.0
        worst = np.inf if measure.endswith("loss") else chance
        values, updates, seconds = pd.Series(worst, index=range(int(first.seeds))), np.nan, np.nan
    evaluations = rows.updates.nunique()
    mine = {
        "seed": values.index,
        "score": values.to_numpy(),
        "updates": updates,
        "seconds": seconds,
        "evaluations": evaluations,
    }
    return pd.DataFrame({**mine, **kept})


def after_seconds(data: Path, suites: tuple[str, ...], table: pd.DataFrame, seconds: float) -> pd.DataFrame:
    """`table` with the share of the episode that its seeds spent at the goal after so many processor seconds of a seed,
    linear between evaluations and 0 at the start; compiling is not counted."""
    curves = {
        key: part.sort_values("updates")
        for key, part in evidence.rows(data, *suites, clock=True).groupby(["run", "seed"])
    }

    def reached(key):
        if key not in curves:  # the run diverged
            return 0.0
        return float(np.interp(seconds, [0, *curves[key].seed_seconds], [0, *curves[key].share]))

    return table.assign(score=[reached(key) for key in zip(table.run, table.seed)])


def one_clock(*arms: pd.DataFrame) -> bool:
    """Whether the runs of all arms were made on one processor, so that their seconds can be compared."""
    table = pd.concat(arms)
    return "device" not in table or table.device.nunique() < 2


class Comparison(NamedTuple):
    """P that a seed of one arm beats one of the other, ties half, mean over tasks, with its interval. better, worse: by
    BEATS. middle: mean over tasks of each arm's interquartile mean. seeds: of the smallest arm. chance: the two-sided p
    of the permutation test. paired: seed by seed."""

    value: float
    low: float
    high: float
    better: bool
    worse: bool
    middle: tuple[float, float]
    seeds: int
    chance: float
    paired: bool = False

    @property
    def held(self) -> bool | None:
        """Whether the first arm beats the other; None where the rows allow both."""
        return True if self.better else False if self.worse else None

    @property
    def p(self) -> str:
        if self.paired:
            return f"ahead in {self.value * self.seeds:g} of {self.seeds} seeds, p {self.chance:.2g}"
        return f"P {self.value:.2f}" + ("" if np.isnan(self.low) else f" ({self.low:.2f} to {self.high:.2f})")

    def __str__(self) -> str:
        a, b = self.middle
        unit = " nats" if min(a, b) < 0 else ""
        return f"{abs(a):.2f} vs {abs(b):.2f}{unit}, {self.p}"


def compare(ours: pd.DataFrame, theirs: pd.DataFrame, parts: int = 1, paired: bool = False) -> Comparison | None:
    """Two arms, matched by `task`; None where they have none in common. `parts`: how many comparisons the claim makes,
    which all share one CHANCE. `paired`: compared seed by seed."""
    tasks = sorted(set(ours.task) & set(theirs.task)) if len(ours) and len(theirs) else []
    if not tasks:
        return None
    if paired:
        return compare_seeds(*(arm.set_index(["task", "seed"]).score for arm in (ours, theirs)), parts)
    arms = [{task: arm.score[arm.task == task].to_numpy() for task in tasks} for arm in (ours, theirs)]
    return compare_tasks(*arms, parts)


def compare_seeds(ours: pd.Series, theirs: pd.Series, parts: int = 1) -> Comparison:
    """Scores of the same tasks and seeds (the index) under two conditions: P is the share of seeds that are ahead, ties
    half, and chance the two-sided sign-flip test of their mean difference, exact below 15 seeds."""
    apart = (ours - theirs).dropna()
    middle = tuple(float(interquartile_mean(arm[apart.index])) for arm in (ours, theirs))
    ahead = (0.5 + 0.5 * np.sign(apart)).to_numpy()
    drawn = ahead[np.random.default_rng(0).integers(len(ahead), size=(5000, len(ahead)))].mean(axis=1)
    share = CHANCE / parts
    low, high = np.quantile(drawn, [share / 2, 1 - share / 2])
    p = stats.permutation_test(
        (apart.to_numpy(),),
        np.mean,
        permutation_type="samples",
        n_resamples=np.inf if len(apart) < 15 else 20_000,
        rng=np.random.default_rng(0),  # the ledger must say the same each time
    ).pvalue
    value, sure = float(ahead.mean()), p <= share
    return Comparison(
        value, float(low), float(high), sure and value > 0.5, sure and value < 0.5, middle, len(apart), float(p), True
    )


def compare_tasks(ours: Mapping, theirs: Mapping, parts: int = 1) -> Comparison:
    """`compare` of the scores themselves, `{task: [seeds]}`."""
    found = probability_of_improvement(ours, theirs, confidence=1 - CHANCE / parts)
    p = permutation_p(ours, theirs)
    sure = p <= CHANCE / parts
    middle = tuple(float(np.mean([interquartile_mean(seeds) for seeds in arm.values()])) for arm in (ours, theirs))
    seeds = min(min(len(ours[task]), len(theirs[task])) for task in ours)
    return Comparison(*found, sure and found.low > 0.5, sure and found.high < 0.5, middle, seeds, p)


def short(env: str) -> str:
    """point_big_maze -> big; ant_big_maze -> ant big; lights_out_3x3 -> lights out 3x3."""
    return env.partition("_maze")[0].removeprefix("point_").replace("_", " ")


def size(table: pd.DataFrame) -> str:
    """What the rows are evidence of: "4 point mazes, laptop", "1 point maze, critic alone, laptop"."""
    words = []
    for body, part in table.groupby(table.env.str.partition("_")[0], sort=False):
        number = part.env.nunique()
        words.append("lights out" if body == "lights" else counted(number, f"{body} maze"))
    if "data" in table and (table.data == "walks").all():
        words.append("critic alone")
    for name, plain in BEFORE.items():
        if name in table and (table[name] != plain).any():
            words.append(f"{name.replace('_', ' ')} {' and '.join(sorted(table[name].unique()))}")
    return ", ".join([*words, *table["size"].unique()])
