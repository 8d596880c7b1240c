"""Checkpoints of a whole training state, by Orbax: written to one side and renamed, so that none is ever half there;
and read back before one is called kept."""

import hashlib
import logging
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np

from crlkit.errors import UserError

KEPT = 2
ODD = re.compile(r"[^\w /.,+=@-]")


def refusal(run: Any, why: str, nearest: str) -> UserError:
    """The error about the run at the path `run`."""
    return UserError(f"run {str(run)!r}: {why}; nearest: {nearest}")


class Checkpoint(NamedTuple):
    """agent: AgentState. rest: the TrainState without it. Both NumPy with a leading axis of seeds, whatever devices
    they were trained on. position: where the run's other files stood."""

    agent: Any
    rest: Any
    position: dict


@contextmanager
def plain_name(path: Path) -> Iterator[Path]:
    """The folder `path` under a name that Orbax can use: it looks for its own files by patterns, in which `[x]` stands
    for x, its array store takes a backslash for the end of a folder's name, and neither says so: they write nothing.
    Where a name holds more than letters, digits and what is common between them, a link is its second name for the
    time."""
    path = path.resolve()
    if not ODD.search(str(path)):
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="crlkit-") as folder:
        if ODD.search(folder):
            raise OSError(f"neither it nor the folder for temporary files, {folder!r}, may hold any of * ? [ \\")
        link = Path(folder) / "run"
        link.symlink_to(path, target_is_directory=True)
        yield link


@contextmanager
def _manager(path: Path) -> Iterator[tuple[Any, Any]]:
    """Orbax's, with a silent log: of a damaged file the array store would tell pages, where one line of ours does."""
    import orbax.checkpoint as ocp  # takes a second to import, and training can begin without it

    options = ocp.CheckpointManagerOptions(max_to_keep=KEPT, enable_async_checkpointing=False)
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with plain_name(path) as folder, ocp.CheckpointManager(folder / "checkpoints", options=options) as manager:
            yield manager, ocp
    finally:
        logging.disable(before)


def _digest(tree: Any) -> str:
    """SHA-256 of the bytes of all leaves, in tree order."""
    sum_ = hashlib.sha256()
    for leaf in jax.tree.leaves(tree):
        sum_.update(np.ascontiguousarray(leaf).data)
    return sum_.hexdigest()


def save(path: Path, updates: int, checkpoint: Checkpoint) -> None:
    """Adds the checkpoint after `updates` updates to the run at `path`, reads it back, and forgets all but the last
    two. Raises UserError if it cannot be written or is not what comes back; then an older one, if any, is still there.
    """
    try:
        with _manager(path) as (manager, ocp):
            if updates in manager.all_steps():
                return  # the same run at the same update is in the same state
            trees = {"agent": checkpoint.agent, "rest": checkpoint.rest}
            position = checkpoint.position | {f"{name}_sha256": _digest(tree) for name, tree in trees.items()}
            parts = {name: ocp.args.StandardSave(tree) for name, tree in trees.items()}
            parts["position"] = ocp.args.JsonSave(position)
            if not manager.save(updates, args=ocp.args.Composite(**parts), force=True):
                raise OSError("a newer one is there")
            shapes = jax.tree.map(lambda leaf: jax.ShapeDtypeStruct(leaf.shape, leaf.dtype), trees)
            del checkpoint, parts, trees  # a second state in memory is enough
            _read(manager, ocp, updates, **shapes)
            _to_disk(path / "checkpoints" / str(updates))
    except Exception as error:  # a full disk is an OSError, or any of several errors of the array store
        free = shutil.disk_usage(path).free // 2**20
        reason = (str(error).strip().splitlines() or [type(error).__name__])[-1][:200]
        why = f"the checkpoint after {updates} updates could not be written ({reason}; {free} MB free)"
        raise refusal(path, f"{why}; the last good one is kept", f"make room, then crlkit resume {path}") from error


def _read(manager: Any, ocp: Any, step: int, agent: Any, rest: Any) -> Checkpoint:
    """Raises whatever a damaged file leads to, ValueError if only its content differs from what was saved."""
    shapes = {"agent": agent} if rest is None else {"agent": agent, "rest": rest}
    parts = {name: ocp.args.StandardRestore(shape) for name, shape in shapes.items()}
    found = manager.restore(step, args=ocp.args.Composite(**parts, position=ocp.args.JsonRestore()))
    arrays = {name: jax.tree.map(np.asarray, found[name]) for name in shapes}
    if any(_digest(tree) != found["position"][f"{name}_sha256"] for name, tree in arrays.items()):
        raise ValueError("what is read is not what was written")
    return Checkpoint(arrays["agent"], arrays.get("rest"), found["position"])


def _to_disk(folder: Path) -> None:
    """Waits until the disk holds it all, so that a power cut cannot take back what was announced."""
    for name in [*folder.rglob("*"), folder, folder.parent]:
        number = os.open(name, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def restore(path: Path, agent: Any, rest: Any = None) -> Checkpoint | None:
    """The newest checkpoint of the run at `path` that can be read whole; None if there is none at all.

    `agent` and `rest` are what a Checkpoint holds, as shapes; without `rest` only the agent is read. Raises UserError
    if there are checkpoints but all are damaged. Reading all of it, to train on, removes the damaged ones: they would
    stand in the way of new ones.
    """
    if not (path / "checkpoints").is_dir():
        return None
    errors = []
    with _manager(path) as (manager, ocp):
        for step in sorted(manager.all_steps(), reverse=True):
            try:
                found = _read(manager, ocp, step, agent, rest)
            except Exception as error:  # whatever a damaged file leads to
                errors.append((step, type(error).__name__))
                continue
            if rest is not None:
                for damaged, _ in errors:
                    shutil.rmtree(path / "checkpoints" / str(damaged))
            return found
    if errors:
        raise refusal(path, f"no checkpoint can be read ({errors})", "train it anew")
    return None
