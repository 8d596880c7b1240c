"""docs/recorded.md: every run that `data/` holds, with its score, its price and where it was made."""

from dataclasses import fields
from pathlib import Path

import pandas as pd

from crlkit import evidence
from crlkit.analysis.statistics import final_scores, score_of
from crlkit.claims.verdicts import WORDS
from crlkit.config import Config
from crlkit.suites import SUITES

PAGE = "docs/recorded.md"
# Never what tells two runs of a suite apart: their names and lengths, and depths where `depth` says it.
SILENT = evidence.NAMES | {"env", "depth"}
VERSIONS = ("jax", "brax", "mujoco")
SHOWN = {"success": "success", "time_at_goal": "time at goal", "heldout_loss": "held-out loss"}
SHOWN |= {"optimal_action": "optimal"}


def page(data: Path) -> str:
    parts = [WORDS["recorded"].format(**WORDS), *map(_suite, evidence.folders(data))]
    return "\n\n".join(parts) + "\n"


def _suite(folder: Path) -> str:
    """One recorded folder: what it is for, where it was made, a row per run."""
    suite, _, size = folder.name.rpartition("-")
    made = pd.read_csv(folder / "provenance.csv", dtype={"commit": str}).set_index("run")
    first = (metrics := evidence.rows_of(folder)).groupby("run", sort=False).first()
    options = [field.name for field in fields(Config) if field.name in first and field.name not in SILENT]
    shown = [name for name in options if first[name].nunique(dropna=False) > 1]
    if not {"actor_depth", "critic_depth"} <= set(shown) or (first.actor_depth == first.critic_depth).all():
        shown = [name for name in shown if name not in ("actor_depth", "critic_depth")]
    kinds = [kind for kind in SHOWN if kind in metrics and metrics[kind].notna().any()]
    head = ["environment", "depth", *(name.replace("_", " ") for name in shown), "seeds", "updates"]
    head += [*(SHOWN[kind] for kind in kinds), "core hours", "ended"]
    lines = [_line(head), f"|{'---|' * len(head)}"]
    for run, row in first.iterrows():
        rows, status = metrics[metrics.run == run], made.status.get(run, "-")
        seeds = [final_scores(rows, kind).dropna() if status == "finished" else () for kind in kinds]
        alone = "platform" not in made or made.platform.get(run) == "cpu"  # a card's time was shared by many runs
        cells = [row.env, row.depth, *row[shown], rows.seed.nunique(), f"{rows.updates.max():,.0f}"]
        cells += [str(score_of(scores)) if len(scores) else "-" for scores in seeds]
        lines.append(_line([*cells, f"{rows.cpu_seconds.max() / 3600:.2f}" if alone else "-", status]))
    machines = made[["device", "cores"]].drop_duplicates().values
    words = {
        "where": ", ".join(f"{name} ({cores} cores)" for name, cores in machines),
        "versions": ", ".join(f"{name} {'/'.join(map(str, made[name].unique()))}" for name in VERSIONS),
        "commits": ", ".join(commit[:7] for commit in made.commit.dropna().unique()),
        "about": " ".join(SUITES[suite]["about"].split()),
    }
    days = {"first": min(made.started)[:10], "last": max(made.started)[:10]}
    return WORDS["suite"].format(suite=suite, size=size, **words, **days) + "\n".join(lines)


def _line(cells: list) -> str:
    return f"| {' | '.join(map(_value, cells))} |"


def _value(value) -> str:
    if isinstance(value, bool) or pd.isna(value):
        return {True: "yes", False: "no"}.get(value, "-")
    return f"{value:g}" if isinstance(value, int | float) else str(value)
