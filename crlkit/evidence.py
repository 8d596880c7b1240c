"""What `data/` holds, as tables: the rows recorded here, and the numbers the paper published.

Figures and claims read through this file alone, so that "measured here" means the same everywhere.
"""

import difflib
from dataclasses import fields
from pathlib import Path

import numpy as np
import pandas as pd

from crlkit.config import Config
from crlkit.errors import UserError

SIZES = ("laptop", "gpu", "paper")


def folders(data: str | Path, *suites: str) -> list[Path]:
    """The recorded folders `<suite>-<size>` of the named suites, all suites by default; laptop before paper."""
    data = Path(data)
    found = [folder for size in SIZES for folder in sorted(data.glob(f"*-{size}")) if (folder / "metrics.csv").exists()]
    return [folder for folder in found if not suites or folder.name.rpartition("-")[0] in suites]


def rows(data: str | Path, *suites: str, query: str = "status == 'finished'") -> pd.DataFrame:
    """Every evaluation of every seed of the named suites, with the columns `suite` and `size`, `share` (of an episode
    spent at the goal) and `device` (the processor; seconds of two are not one clock). A run that two suites share is
    there once. Empty, without columns, if nothing fits.

    `query` chooses rows, by default those of finished runs.
    """
    parts = []
    for folder in folders(data, *suites):
        suite, _, size = folder.name.rpartition("-")
        parts.append(pd.read_csv(folder / "metrics.csv").assign(suite=suite, size=size))
        if (made := folder / "provenance.csv").exists():
            parts[-1] = parts[-1].merge(pd.read_csv(made)[["run", "device"]], on="run", how="left")
    if not parts:
        return pd.DataFrame()
    table = pd.concat(parts, ignore_index=True).drop_duplicates(["run", "seed", "updates"])
    table = table.query(query).reset_index(drop=True)
    if table.empty:
        return pd.DataFrame()
    if "time_at_goal" in table:
        table["share"] = table.time_at_goal / table.episode_length
    # The clock of a run counts all its seeds together.
    table["seed_seconds"] = table.cpu_seconds / table.groupby("run").seed.transform("nunique")
    return table


def recorded(data: str | Path) -> frozenset[str]:
    """The names of the runs that `data/` holds from beginning to end."""
    files = [folder / "provenance.csv" for folder in folders(data)]
    made = pd.concat(
        [pd.read_csv(file) for file in files if file.exists()] or [pd.DataFrame({"run": [], "status": []})]
    )
    return frozenset(made.run[made.status == "finished"])


def config(data: str | Path, run: str) -> Config:
    """The config of a recorded run: `crlkit.train` of it starts the same run. Raises UserError for an unknown name.

    Of critics alone whose run was interrupted before 2026-11-26 `updates` is what they had done, not what they were to do.
    """
    table = rows(data, query="status == status")
    own = table[table.run == run] if len(table) else table
    if own.empty:
        names = sorted(set(table.run)) if len(table) else []
        close = difflib.get_close_matches(run, names, n=1, cutoff=0.0) or ["one of data/*/provenance.csv"]
        raise UserError(f"run {run!r}: not recorded in {str(data)!r}; nearest: {close[0]}")
    last, options = own.iloc[-1], {}
    for field in fields(Config):
        # Under these two names the tables hold what had been done so far.
        name = f"config_{field.name}" if field.name in ("env_steps", "updates") else field.name
        if name in own and pd.notna(last[name]):
            kind = next(kind for kind in (bool, int, float, str) if kind.__name__ in str(field.type))
            options[field.name] = kind(last[name])
    if options.get("data") == "walks" and "updates" not in options:  # recorded before the tables had its column
        options["updates"] = int(last.updates)
    return Config(**options | {"seed": int(own.seed.min())})


def paper(data: str | Path, table: str) -> pd.DataFrame:
    """One of the paper's tables: `data/paper/<table>.csv`."""
    return pd.read_csv(Path(data) / "paper" / f"{table}.csv")


def arrays(data: str | Path, run: str) -> dict[str, np.ndarray]:
    """Critic map, paths and embeddings recorded of a run's first seed; empty if none were."""
    for folder in folders(data):
        file = folder / "arrays.npz"
        if file.exists():
            with np.load(file) as held:
                names = [name for name in held.files if name.partition("/")[0] == run]
                if names:
                    return {name.partition("/")[2]: held[name] for name in names}
    return {}
