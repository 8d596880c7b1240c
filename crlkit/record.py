"""From finished runs to what the repository ships under `data/`: tables, small arrays, weights, provenance.

data/depth-laptop/metrics.csv      every evaluation of every seed
                 /configs.csv      the config of every run
                 /scores.csv       final scores of every run, with intervals over seeds
                 /provenance.csv   of every run device, versions, commit, when, how long, how it ended
                 /arrays.npz       critic map, paths and embeddings of one seed of every finished run whose agent embeds
                 /weights/         a few agents as safetensors

Arrays and weights are of contrastive agents alone; of critics trained alone and of the seeds that chose settings there
are only tables. What is held of runs that were not run again stays, and rows of runs that another suite recorded are
copied.
"""

import os
import shutil
from dataclasses import fields
from pathlib import Path

import numpy as np
import pandas as pd

from crlkit import evidence, platform
from crlkit.agents import AGENTS
from crlkit.agents.trained import TrainedAgent
from crlkit.analysis.q_maps import critic_map, farthest_cell, paths
from crlkit.analysis.statistics import final_scores, score_of
from crlkit.config import Config
from crlkit.errors import UserError, writing
from crlkit.runs import Run, open_run, write
from crlkit.suites import FIRST_SEED
from crlkit.sweep import Sweep
from crlkit.weights import export

LARGEST_MB = 46  # of all of data/
LARGEST_WEIGHTS_MB = 4  # a half cheetah of width 256 has 3.4
OF_CONFIG = {"status", "config_env_steps", "config_updates", *(field.name for field in fields(Config))}
OF_CONFIG -= {"seed", "env_steps", "updates"}
MEASURES = ("success", "time_at_goal", "heldout_loss", "optimal_action")  # those that a run has


def record(sweep: Sweep, data: str | Path = "data") -> Path:
    """Writes the folder `data/<suite>-<size>/` anew and returns it; runs that failed stay in the tables.

    Raises UserError if nothing has finished, or if `data` would grow beyond 46 MB.
    """
    here = {job.path.name: open_run(job.path) for job in sweep.jobs if sweep.status(job) not in ("missing", "recorded")}
    done = {name: run for name, run in here.items() if run.status == "finished"}
    if not done:
        none = f"suite {sweep.suite!r}: no finished run in {sweep.folder}"
        raise UserError(f"{none}; nearest: crlkit sweep {sweep.suite}")
    target = Path(data) / f"{sweep.suite}-{sweep.size}"
    order = [job.path.name for job in sweep.jobs]
    kept = set(order) - set(here)
    folder = target.with_name(target.name + ".part")
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "weights").mkdir(parents=True)
    tables = {
        "metrics.csv": sweep.results().query("status not in ('missing', 'recorded')"),
        "scores.csv": pd.DataFrame([row for name, run in done.items() for row in scores(name, run)]),
        "provenance.csv": pd.DataFrame([{"run": name, **_flat(run.provenance)} for name, run in here.items()]),
    }
    before = dict.fromkeys([target, *evidence.folders(data)]) if Path(data).is_dir() else ()  # its own rows come first
    for file, table in tables.items():
        for old in (place for place in before if (place / file).exists()):
            rows = evidence.read(old) if file == "metrics.csv" else pd.read_csv(old / file)
            table = pd.concat([table, rows[rows.run.isin(kept - set(table.run))]], ignore_index=True)
        table = table.sort_values("run", key=lambda run: run.map(order.index), kind="stable")
        if file == "metrics.csv":  # the config, which every row of a run repeats, goes into a table of its own
            shared = [name for name in table if name in OF_CONFIG]
            _write(table[["run", *shared]].drop_duplicates("run"), folder / "configs.csv")
            table = table.drop(columns=shared)
        _write(table, folder / file)
    studied = {name: run for name, run in done.items() if _is_studied(run.config)}
    arrays = {f"{name}/{key}": x for name, run in studied.items() for key, x in drawn_from(run.agents[0]).items()}
    if (target / "arrays.npz").exists():
        with np.load(target / "arrays.npz") as held:
            arrays |= {key: held[key] for key in held.files if key.partition("/")[0] in kept}
    np.savez_compressed(folder / "arrays.npz", **arrays)
    for name in kept:
        if (file := target / "weights" / f"{name}.safetensors").exists():
            shutil.copy2(file, folder / "weights")
    for name, run in studied.items():
        file = export(run, folder / "weights" / f"{name}.safetensors")
        if file.stat().st_size > LARGEST_WEIGHTS_MB * 2**20:
            file.unlink()
    files = [file for file in Path(data).rglob("*") if file.is_file() and target not in file.parents]
    if (size := sum(file.stat().st_size for file in files) / 2**20) > LARGEST_MB:
        shutil.rmtree(folder)
        why = f"data {str(data)!r}: would be {size:.0f} MB, the limit is {LARGEST_MB}"
        raise UserError(f"{why}; nearest: remove a suite")
    shutil.rmtree(target, ignore_errors=True)
    os.replace(folder, target)
    return target


def _is_studied(config: Config) -> bool:
    """Whether arrays and weights are kept: runs that add seeds to another one add tables alone."""
    reported = config.data == "online" and config.seed >= FIRST_SEED and config.seed % 100 < 3
    return reported and hasattr(AGENTS[config.agent], "embed")


def scores(name: str, run: Run) -> list[dict]:
    """The final scores of a run: interquartile mean and mean over seeds, a 95 % interval, one row a measure."""
    rows, config = [], {"env": run.config.env, "depth": run.config.depth, "width": run.config.width}
    for measure in [name for name in MEASURES if name in run.metrics]:
        score = score_of(final_scores(run.metrics, measure))
        middle = {"iqm": score.iqm, "mean": score.seeds.mean(), "low": score.low, "high": score.high}
        rows.append({"run": name, **config, "measure": measure, **middle, "seeds": len(score.seeds)})
    return rows


def _flat(provenance: dict) -> dict:
    return {name: value for name, value in provenance.items() if name != "versions"} | provenance["versions"]


def save_measured(table: pd.DataFrame, file: str | Path, key: str) -> None:
    """Writes a table of measurements with, in every row, device, versions and commit. Rows that the file has already
    stay, unless one of the table has the same `key`. Raises UserError where the file cannot be written."""
    table = table.assign(**_flat(platform.provenance()))
    with writing(f"save {str(file)!r}", "a file in a folder you can write to"):
        if Path(file).exists():
            old = pd.read_csv(file)
            table = pd.concat([old[~old[key].isin(table[key])], table], ignore_index=True)
        _write(table, Path(file))


def drawn_from(agent: TrainedAgent) -> dict[str, np.ndarray]:
    """What the notebooks draw of one agent, in half precision, if it walks a maze: critic map for the farthest goal,
    twelve paths, and the embeddings phi(s, a) along the first of them, nothing after the episode ended."""
    if not (agent.env.states_at and agent.env.maze):
        return {}
    walked, played = paths(agent, episodes=12), agent.rollout(episodes=12)
    embeddings = agent.embed(played["state"][:-1, 0], played["action"][:, 0])
    return {
        "critic_map": _small(critic_map(agent).values),
        "goal": np.array(farthest_cell(agent.env.maze)),
        "paths": walked.cells.astype(np.float16),
        "path_goals": walked.goals.astype(np.float16),
        "path_success": walked.success,
        "embeddings": _small(np.where(played["alive"][:, :1], embeddings, np.nan)),
    }


def _small(values: np.ndarray) -> np.ndarray:
    """In half precision where that can hold the values."""
    return values.astype(np.float16 if np.nanmax(np.abs(values)) < np.finfo(np.float16).max else np.float32)


def _write(table: pd.DataFrame, file: Path) -> None:
    counters = [name for name in ("seed", "env_steps", "updates") if name in table]
    table = table.astype({name: "Int64" for name in counters})  # a run without rows must not turn them into floats
    write(file, table.to_csv(index=False, float_format="%.6g"))
