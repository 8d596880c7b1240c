"""docs/recorded.md: every run that `data/` holds, with its score, its price and where it was made."""

from dataclasses import fields
from pathlib import Path

import pandas as pd

from crlkit import evidence
from crlkit.analysis.statistics import final_scores, score_of
from crlkit.config import Config
from crlkit.suites import SUITES

PAGE = "docs/recorded.md"
# Never what tells two runs of a suite apart: their names and lengths, and depths where `depth` says it.
SILENT = evidence.NAMES | {"env", "depth"}
SHOWN = {
    "success": "success",
    "time_at_goal": "time at goal",
    "heldout_loss": "held-out loss",
    "optimal_action": "optimal",
}
HEAD = (
    "# What has been run\n\nMade by `crlkit claims --write` from what `data/` holds; nothing in it is typed in. Scores: mean "
    "of the last tenth of a seed's evaluations, interquartile mean over seeds and 95 % bootstrap interval. Hours: of one core, "
    "for all seeds together, without compiling (not known of runs that shared a card). `crlkit train` with the config of a row "
    "in `configs.csv` and its seed starts the same run."
)


def page(data: Path) -> str:
    return "\n\n".join([HEAD, *(_suite(folder) for folder in evidence.folders(data))]) + "\n"


def _suite(folder: Path) -> str:
    """One recorded folder: what it is for, where it was made, a row per run."""
    suite, _, size = folder.name.rpartition("-")
    made = pd.read_csv(folder / "provenance.csv", dtype={"commit": str}).set_index("run")
    first = (metrics := evidence.rows_of(folder)).groupby("run", sort=False).first()
    options = [field.name for field in fields(Config) if field.name in first and field.name not in SILENT]
    told = [name for name in options if first[name].nunique(dropna=False) > 1]
    if not {"actor_depth", "critic_depth"} <= set(told) or (first.actor_depth == first.critic_depth).all():
        told = [name for name in told if name not in ("actor_depth", "critic_depth")]
    kinds = [kind for kind in SHOWN if kind in metrics and metrics[kind].notna().any()]
    head = ["environment", "depth", *(name.replace("_", " ") for name in told), "seeds", "updates"]
    head += [*(SHOWN[kind] for kind in kinds), "core hours", "ended"]
    lines = [_line(head), f"|{'---|' * len(head)}"]
    for run, row in first.iterrows():
        rows, status = metrics[metrics.run == run], made.status.get(run, "-")
        seeds = [final_scores(rows, kind).dropna() if status == "finished" else () for kind in kinds]
        alone = "platform" not in made or made.platform.get(run) == "cpu"  # a card's time was shared by many runs
        cells = [row.env, row.depth, *row[told], rows.seed.nunique(), f"{rows.updates.max():,.0f}"]
        cells += [str(score_of(scores)) if len(scores) else "-" for scores in seeds]
        lines.append(_line([*cells, f"{rows.cpu_seconds.max() / 3600:.2f}" if alone else "-", status]))
    where = ", ".join(f"{name} ({cores} cores)" for name, cores in made[["device", "cores"]].drop_duplicates().values)
    versions = ", ".join(f"{name} {'/'.join(map(str, made[name].unique()))}" for name in ("jax", "brax", "mujoco"))
    commits = ", ".join(f"{commit[:7]}" for commit in made.commit.dropna().unique())
    started = sorted(made.started.str[:10])
    about = " ".join(SUITES[suite]["about"].split())
    return (
        f"## {suite}, {size}\n\n{about}\n\nMade on {where}, {started[0]} to {started[-1]}, with {versions}, at commits "
        f"{commits}.\n\n" + "\n".join(lines)
    )


def _line(cells: list) -> str:
    return f"| {' | '.join(map(_value, cells))} |"


def _value(value) -> str:
    if isinstance(value, bool) or pd.isna(value):
        return {True: "yes", False: "no"}.get(value, "-")
    return f"{value:g}" if isinstance(value, int | float) else str(value)
