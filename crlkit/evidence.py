"""What `data/` holds, as tables: the rows recorded here, and the numbers the paper published.

Figures and claims read through this file alone, so that "measured here" means the same everywhere.
"""

import difflib
import math
import os
from dataclasses import MISSING, fields
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from crlkit.analysis.statistics import final_scores, last_tenth
from crlkit.config import BEFORE, Config
from crlkit.errors import UserError, nearest_name

SIZES = ("laptop", "gpu", "paper")
# Options that name a run or say how long it was, and so never keep two runs apart.
NAMES = {"seed", "seeds", "out", "checkpoint_seconds", "preset", "env_steps", "updates", "evaluations"}
OPTIONS = {f.name: f.default for f in fields(Config) if f.name not in NAMES} | {"collector_depth": None} | BEFORE
DEPTH_OPTIONS = ("depth", "actor_depth", "critic_depth")
NO_SCORES = pd.DataFrame(columns=["run", "size", "device", *OPTIONS, "seed", "score", "updates", "seconds", "task"])
MACHINE = ("run", "device", "platform")  # what every row takes over from its run's provenance


def find_data() -> Path:
    """The kit's `data/`: here or above, else beside the package. Raises UserError if there is none."""
    here = Path.cwd()
    for folder in (here, *here.parents, Path(__file__).parents[1]):
        if (folder / "data/paper").is_dir():
            return Path(os.path.relpath(folder / "data")) if here.is_relative_to(folder) else folder / "data"
    raise UserError("data 'data': no such folder here or above; nearest: start in the folder that `git clone` made")


def existing(data: str | Path) -> Path:
    """`data` as a path. Raises UserError, with the nearest folder, if it is none."""
    data = Path(data)
    if data.is_dir():
        return data
    close = difflib.get_close_matches(data.name, [folder.name for folder in data.parent.glob("*/")], n=1)
    nearest = data.parent / close[0] if close else find_data()
    raise UserError(f"data {str(data)!r}: no such folder; nearest: {nearest}")


def folders(data: str | Path, *suites: str) -> list[Path]:
    """The recorded folders `<suite>-<size>` of the named suites, by default of all; smaller sizes first."""
    data = existing(data)
    every = [folder for size in SIZES for folder in sorted(data.glob(f"*-{size}")) if (folder / "metrics.csv").exists()]
    return [folder for folder in every if not suites or folder.name.rpartition("-")[0] in suites]


def rows(
    data: str | Path, *suites: str, query: str = "status == 'finished'", clock: bool = False, sizes: bool = False
) -> pd.DataFrame:
    """Every evaluation of every seed of the named suites that fits `query`, of every environment in the largest size
    (`sizes`: in all); a run that two suites share once. Empty, without columns, if nothing fits.

    Its own columns: `suite`, `size`, `device`, `share` (of an episode at the goal) and `seed_seconds` (of a processor;
    unknown of runs of a card, which many shared). `clock`: only runs whose seconds are known.
    """
    if not (every := [rows_of(folder) for folder in folders(data, *suites)]):
        return pd.DataFrame()
    found = pd.concat(every, ignore_index=True).drop_duplicates(["run", "seed", "updates"]).fillna(BEFORE)
    if "time_at_goal" in found:
        found["share"] = found.time_at_goal / found.episode_length
    # The clock of a run counts all its seeds together.
    found["seed_seconds"] = found.cpu_seconds / found.groupby("run").seed.transform("nunique")
    if "platform" in found:
        found.loc[found.platform.isin(["gpu", "tpu"]), "seed_seconds"] = np.nan
    found = found.query(f"({query}) and seed_seconds == seed_seconds" if clock else query)  # none equals itself
    if found.empty:
        return pd.DataFrame()
    return (found if sizes else largest(found)).reset_index(drop=True)


def largest(table: pd.DataFrame) -> pd.DataFrame:
    """Of every environment the rows of its largest size."""
    rank = table["size"].map(SIZES.index)
    return table[rank == rank.groupby(table.env).transform("max")]


def scores(
    data: str | Path, *suites: str, vary: tuple[str, ...] = ("depth",), measure: str = "score", **which: bool
) -> pd.DataFrame:
    """One row per seed of the named suites: options, `score`, `updates`, `seconds`; of every environment those of the
    newest network and of these the largest size (`which`: `clock` and `sizes` of `rows`; with `sizes` all).

    `score` is the mean of the last tenth of the evaluations: of `measure` or else the share of the episode at the goal,
    of a critic alone on walks the floor (0 where unknown) minus the held-out loss, nats. A run that diverged scores
    what never being at the goal, or chance, would. Only runs of one `task` are compared: they share all options but
    those in `vary`, where `depth` is that of actor and critic, which must agree unless `actor_depth` varies by itself.
    """
    table = rows(data, *suites, query="status in ('finished', 'diverged')", **which | {"sizes": True})
    if table.empty or measure not in {*table, "score"}:
        return NO_SCORES
    if not which.get("sizes"):
        newest = cured(table)  # cured networks and others are never in one comparison
        table = largest(table[newest == newest.groupby(table.env).transform("max")])
    table = table.fillna({name: value for name, value in OPTIONS.items() if value not in (None, MISSING, "")})
    none = pd.Series(np.nan, table.index)
    learned = table.get("bayes_loss", none).fillna(0) - table.get("heldout_loss", none)
    table["score"] = table.get("share", none).fillna(learned)
    options = [name for name in OPTIONS if name in table]
    seeds = [_seeds(run, measure) for _, run in table.groupby(["run", *options], dropna=False)]
    table = pd.concat(seeds, ignore_index=True)
    if table.empty:
        return NO_SCORES
    usual = table.groupby("env").updates.transform(lambda made: made.mode().max())
    table["updates"] = table.updates.fillna(usual)
    if "depth" in vary and "actor_depth" not in vary:
        table = table[table.actor_depth == table.critic_depth]
    free = {*vary, *(DEPTH_OPTIONS if "depth" in vary else ())}
    fixed = [name for name in (*options, "updates") if name not in free]
    return table.assign(task=table.groupby(fixed, dropna=False).ngroup()).reset_index(drop=True)


def _seeds(run: pd.DataFrame, measure: str) -> pd.DataFrame:
    """One row per seed of one run."""
    first = run.iloc[0]
    scored, updates, seconds = final_scores(run, measure).dropna(), run.updates.max(), run.seed_seconds.max()
    if first.status == "diverged":
        chance = -math.log(first.batch_size) if first.get("data") == "walks" and measure == "score" else 0.0
        worst = np.inf if measure.endswith("loss") else chance
        scored, updates, seconds = pd.Series(worst, index=range(int(first.seeds))), np.nan, np.nan
    made = {"updates": updates, "seconds": seconds, "evaluations": run.updates.nunique()}
    options = {name: first[name] for name in ("run", "size", "device", *OPTIONS) if name in run}
    return pd.DataFrame({"seed": scored.index, "score": scored.to_numpy()} | made | options)


def cured(table: pd.DataFrame) -> pd.Series:
    """Which rows are of networks that do not end as the paper's does, with nothing before the head."""
    ends = [table[name] != plain for name, plain in BEFORE.items() if name in table]
    return pd.concat(ends, axis=1).any(axis=1) if ends else pd.Series(False, index=table.index)


def by_the_clock(
    data: str | Path, suites: tuple[str, ...], table: pd.DataFrame, seconds: float, measure: str = "share"
) -> pd.DataFrame:
    """`table` with what its seeds scored within so many processor seconds of a seed, compiling not counted: the mean of
    `measure` over the last tenth of those evaluations, 0 before the first."""
    timed = rows(data, *suites, clock=True, sizes=True).sort_values("updates")
    within = timed[timed.seed_seconds <= seconds].groupby(["run", "seed"])[measure]
    score = within.apply(lambda values: values.tail(last_tenth(len(values))).mean())
    return table.assign(score=[score.get(key, 0.0) for key in zip(table.run, table.seed)])


def from_the_start(data: str | Path, suites: tuple[str, ...], table: pd.DataFrame, measure: str) -> pd.DataFrame:
    """`table` with what `measure` was at the first evaluation of each seed, 0 where none is recorded."""
    first = rows(data, *suites, sizes=True).sort_values("updates").groupby(["run", "seed"])[measure].first()
    return table.assign(score=[first.get(key, 0.0) for key in zip(table.run, table.seed)])


def one_clock(*tables: pd.DataFrame) -> bool:
    """Whether all runs were made on one processor, so that their seconds can be compared."""
    table = pd.concat(tables)
    return "device" not in table or table.device.nunique() < 2


def one_processor(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of the processor that made most runs: seconds of two do not compare."""
    if "device" not in rows or rows.device.isna().all():
        return rows
    return rows[rows.device == rows.groupby("device").run.nunique().idxmax()]


def read(folder: Path) -> pd.DataFrame:
    """The rows of one folder, each with the config of its run, which stands in a table of its own."""
    table, configs = pd.read_csv(folder / "metrics.csv", low_memory=False), folder / "configs.csv"
    return pd.read_csv(configs).merge(table, on="run") if configs.exists() else table


def rows_of(folder: Path) -> pd.DataFrame:
    """What `read` gives, with suite, size and what of a run's provenance every row takes over; not to be changed in
    place. Read once for as long as the files stay as they are."""
    return _rows_of(folder, *(file.stat().st_mtime_ns for file in sorted(folder.glob("*.csv"))))


@lru_cache(maxsize=64)
def _rows_of(folder: Path, *changed: int) -> pd.DataFrame:
    suite, _, size = folder.name.rpartition("-")
    found = read(folder)
    for name, usual in (("agent", Config.agent), ("reward", Config.reward)):  # the first rows had neither
        found[name] = found[name].fillna(usual) if name in found else usual
    if (made := folder / "provenance.csv").exists():
        found = found.merge(pd.read_csv(made, usecols=lambda name: name in MACHINE), on="run", how="left")
    return found.assign(suite=suite, size=size)


def recorded(data: str | Path) -> frozenset[str]:
    """The names of the runs that `data/` holds from beginning to end."""
    tables = [pd.read_csv(folder / "provenance.csv") for folder in folders(data)]
    return frozenset(name for made in tables for name in made.run[made.status == "finished"])


def config(data: str | Path, run: str) -> Config:
    """The config of a recorded run: `crlkit.train` of it starts the same run (of critics interrupted before 2026-11-26
    with the updates that they had done). Raises UserError for an unknown name."""
    every = [rows_of(folder) for folder in folders(data)]
    found = next((rows for held in every if len(rows := held[held.run == run])), None)
    if found is None:
        names = sorted({name for held in every for name in held.run}) or ["one of data/*/provenance.csv"]
        raise UserError(f"run {run!r}: not recorded in {str(data)!r}; nearest: {nearest_name(run, names)}")
    # Under these two names the tables hold what had been done so far.
    last = found.iloc[-1].drop(["env_steps", "updates"]).rename(lambda name: name.removeprefix("config_")).dropna()
    kinds = {f.name: next(k for k in (bool, int, float, str) if k.__name__ in str(f.type)) for f in fields(Config)}
    options = {name: kind(last[name]) for name, kind in kinds.items() if name in last}
    if options.get("data") == "walks":  # its column is missing from the first tables
        options.setdefault("updates", int(found.updates.iloc[-1]))
    return Config(**BEFORE | options | {"seed": int(found.seed.min())})


ALGORITHM = ("agent", "hindsight", "reward", "energy")  # the options that tell an algorithm


def algorithm(agent: str, hindsight: str, reward: str, energy: str) -> str:
    """The algorithm of a row, in words."""
    if agent not in ("sac", "td3"):
        crl = "contrastive RL of 2022" if energy == "dot" else "contrastive RL"
        return {"crl": crl, "gcbc": "GCBC, of random actions", "gcsl": "GCSL"}.get(agent, agent)
    return agent.upper() + " with hindsight" * (hindsight != "none") + ", dense reward" * (reward == "dense")


KINDS = {"u4": "sparse reward", "u5": "sparse reward", "big": "complex navigation", "hardest": "complex navigation"}


def kind_of_task(env: str, reward: str) -> str:
    """Which of the four kinds of the text on which the kit is based: by its reward, then by its maze."""
    maze = env.removeprefix("point_").removesuffix("_maze")
    return "dense reward" if reward == "dense" else KINDS.get(maze, "simple control")


def paper(data: str | Path, table: str) -> pd.DataFrame:
    """One of the paper's tables: `data/paper/<table>.csv`."""
    return pd.read_csv(existing(data) / "paper" / f"{table}.csv")


def benched(data: str | Path) -> pd.DataFrame | None:
    """The table of `crlkit bench`, times of one update by depth; None where there is none."""
    file = Path(data) / "update_times.csv"
    return pd.read_csv(file).set_index("depth") if file.exists() else None


def arrays(data: str | Path, run: str) -> dict[str, np.ndarray]:
    """Critic map, paths and embeddings recorded of a run's first seed; empty if none were."""
    for file in (folder / "arrays.npz" for folder in folders(data) if (folder / "arrays.npz").exists()):
        with np.load(file) as held:
            if names := [name for name in held.files if name.startswith(f"{run}/")]:
                return {name.removeprefix(f"{run}/"): held[name] for name in names}
    return {}
