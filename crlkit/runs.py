"""A run directory: config.json and provenance.json first, metrics.csv as it grows, checkpoints.

runs/first/config.json       every option, so that `crlkit train` can start the same run
          /provenance.json   device, versions, commit, when, and how it ended
          /metrics.csv       one row per seed and evaluation
          /checkpoints/N/    the whole state after N updates (Orbax)
"""

import fcntl
import json
import os
import sys
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import IO, Any

import jax
import numpy as np
import pandas as pd

from crlkit import checkpoints
from crlkit import config as configs
from crlkit.agents.trained import TrainedAgent
from crlkit.checkpoints import refusal
from crlkit.config import Config
from crlkit.errors import UserError, writing
from crlkit.platform import provenance


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def write(path: Path, content: str | bytes | dict) -> None:
    """Writes all or nothing; a dictionary as JSON."""
    content = json.dumps(content, indent=2) + "\n" if isinstance(content, dict) else content
    part = path.with_suffix(".part")
    part.write_bytes(content.encode() if isinstance(content, str) else content)
    os.replace(part, path)


class Run:
    """A training run, finished or not.

    config: its Config. path: its directory, None for a run in memory. provenance: where and how it was made.
    metrics: DataFrame, one row per seed and evaluation. agents: the trained agents, one per seed.
    """

    def __init__(self, config: Config, path: Path | None, provenance: dict, rows: list[dict]):
        self.config, self.path, self.provenance, self.rows = config, path, provenance, rows
        self._lock = None
        self.agent_states: Any = None  # AgentState, leading axis of seeds; None: read the checkpoint when asked

    @property
    def metrics(self) -> pd.DataFrame:
        return pd.DataFrame(self.rows)

    @property
    def agents(self) -> list[TrainedAgent]:
        states = self.agent_states if self.agent_states is not None else self._restored
        weights = [jax.tree.map(lambda x, i=i: x[i], (states.actor, states.critic)) for i in range(self.config.seeds)]
        return [TrainedAgent(self.config, self.config.seed + i, *both) for i, both in enumerate(weights)]

    @property
    def status(self) -> str:
        """running, finished, interrupted or failed (a run whose process was killed still says running)."""
        return self.provenance["status"]

    def __repr__(self) -> str:
        where = self.path or "in memory"
        return f"Run({where}: {self.config.env}, depth {self.config.depth}, {self.config.seeds} seeds, {self.status})"

    def release(self) -> None:
        """Lets other processes train in the directory."""
        if self._lock:
            self._lock.close()

    def add_rows(self, rows: list[dict]) -> None:
        self.rows.extend(rows)
        if self.path:
            with open(self.path / "metrics.csv", "a") as file:  # pandas would read ~ and :// in a name
                pd.DataFrame(rows).to_csv(file, header=not file.tell(), index=False)

    def set_status(self, status: str, **more) -> None:
        self.provenance = {**self.provenance, "status": status, **more}
        if self.path:
            write(self.path / "provenance.json", self.provenance)

    def truncate_metrics(self, rows: int) -> None:
        """Forgets all but the first `rows` rows, those that a checkpoint knows of."""
        if self.path and (file := self.path / "metrics.csv").exists():
            kept = file.read_bytes().splitlines(keepends=True)[: rows + 1]
            write(file, b"".join(kept if rows else []))
            self.rows = read_rows(self.path)

    @cached_property
    def _restored(self) -> Any:
        found = checkpoints.restore(self.path, state_shape(self.config).agent)
        if found is None:
            raise refusal(self.path, "has no checkpoint yet", f"crlkit resume {self.path}")
        updates, wanted = int(found.agent.updates[0]), self.provenance.get("updates")
        if wanted is not None and updates != wanted and self.status != "running":
            why = f"its checkpoint after {wanted} updates is damaged, the one before is after {updates}"
            raise refusal(self.path, why, "train it anew")
        return found.agent


def state_shape(config: Config) -> Any:
    """The TrainState of all seeds of a run, as shapes with a leading axis of seeds."""
    from crlkit.training import make_training

    return jax.eval_shape(jax.vmap(make_training(config).init), np.zeros(config.seeds, np.int32))


def read_rows(path: Path) -> list[dict]:
    """The rows of a run's metrics.csv, with every digit that was written."""
    file = path / "metrics.csv"
    if not file.exists() or not file.stat().st_size:
        return []
    with open(file) as text:
        return pd.read_csv(text).to_dict("records")


def create(config: Config) -> Run:
    """Begins a run: makes its directory, if it has one, with config and provenance.

    Raises UserError if the directory holds anything already.
    """
    path = None if config.out is None else Path(config.out)
    run = Run(config, path, {**provenance(), "status": "running", "started": now()}, [])
    if path is None:
        return run
    with writing(f"out {config.out!r}", "a directory you can write to"):
        path.mkdir(parents=True, exist_ok=True)
        if {file.name for file in path.iterdir()} - {"lock", "provenance.json"}:  # these alone: killed as it began
            is_run = (path / "config.json").exists()
            what, beside = ("holds another run", f", or crlkit resume {path}") if is_run else ("is not empty", "")
            raise UserError(f"out {config.out!r}: {what}, nothing was changed; nearest: {_free_name(path)}{beside}")
        run._lock = _lock(path)
        write(path / "provenance.json", run.provenance)
        write(path / "config.json", configs.to_file(config))  # last: a directory with a config is a run
    return run


def _free_name(path: Path) -> str:
    names = (f"{path}-{k}" for k in range(2, 10_000))
    return next(name for name in names if not os.path.exists(name))


def _lock(path: Path) -> IO:
    """Holds the directory for this process until it ends, however it ends."""
    try:
        file = open(path / "lock", "a")
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return file
    except PermissionError:
        why, nearest = "belongs to another user, you may read it only", f"cp -r {path} mine, then crlkit resume mine"
    except BlockingIOError:
        why, nearest = "another process is training it", f"wait for it, or {_free_name(path)}"
    except OSError as error:  # some network file systems have no locks
        why, nearest = f"cannot be locked ({error.strerror})", "a folder on another disk"
    raise refusal(path, why, nearest)


def open_run(path: str | Path) -> Run:
    """Opens a run directory for reading. Raises UserError if it is none."""
    path = Path(path)
    try:
        config = configs.from_dict(json.loads((path / "config.json").read_text()))
        made = json.loads((path / "provenance.json").read_text())
        rows = read_rows(path)
    except PermissionError:
        raise refusal(path, "belongs to another user, you may not read it", f"ask for chmod -R a+rX {path}") from None
    except (OSError, ValueError, TypeError) as error:
        inside = [str(folder) for folder in path.parents if (folder / "config.json").exists()]
        beside = sorted(str(file.parent) for file in path.parent.glob("*/config.json"))[:3]
        what = "a folder inside a run, not the run" if inside else f"not a run directory ({type(error).__name__})"
        raise refusal(path, what, ", ".join(inside or beside) or f"crlkit train --out {path}") from None
    return Run(config, path, made, rows)


def reopen(path: str | Path) -> Run:
    """Opens a run to train it further; no other process can until it is released.

    Raises UserError if it is none, if another process trains it, or if it came to its end.
    """
    lock = _lock(open_run(path).path)
    run = open_run(path)  # as the last holder left it
    run._lock = lock
    if run.status == "finished" or run.provenance.get("diverged"):
        run.release()
        raise refusal(path, f"{run.status}, nothing left to train", f"crlkit evaluate {path}")
    here, resumed = provenance(), run.provenance.get("resumed", [])
    made = [run.provenance, *resumed][-1]
    if changed := sorted(key for key in here if made.get(key) != here[key]):
        run.provenance["resumed"] = [*resumed, {**here, "changed": changed, "at": now()}]
        told = f"{', '.join(changed)}; see its provenance.json"
        print(f"crlkit: run {str(path)!r}: goes on under other conditions, numbers may differ: {told}", file=sys.stderr)
    return run
