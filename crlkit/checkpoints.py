"""Checkpoints of a whole training state, by Orbax: written to one side and renamed, so that none is ever half there."""

import hashlib
import logging
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
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
    """agent: AgentState. rest: the TrainState without it. Both NumPy with a leading axis of seeds. position: where the
    run's other files stood."""

    agent: Any
    rest: Any
    position: dict


@contextmanager
def _manager(path: Path) -> Iterator[Any]:
    """Orbax's, with a silent log: one line of ours is enough. It takes `[x]` in a folder's name for a pattern and a
    backslash for an end, so a folder with odd letters gets a link as its second name."""
    import orbax.checkpoint as ocp  # takes a second to import, and training can begin without it

    options = ocp.CheckpointManagerOptions(max_to_keep=KEPT, enable_async_checkpointing=False)
    folder = path.resolve()
    with ExitStack() as stack:
        stack.callback(logging.disable, logging.root.manager.disable)
        logging.disable(logging.CRITICAL)
        if ODD.search(str(folder)):
            link = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="crlkit-"))) / "run"
            link.symlink_to(folder, target_is_directory=True)
            folder = link
        yield stack.enter_context(ocp.CheckpointManager(folder / "checkpoints", options=options))


def _digest(tree: Any) -> str:
    """SHA-256 of the bytes of all leaves, in tree order."""
    sum_ = hashlib.sha256()
    for leaf in jax.tree.leaves(tree):
        sum_.update(np.ascontiguousarray(leaf).data)
    return sum_.hexdigest()


def save(path: Path, updates: int, checkpoint: Checkpoint) -> None:
    """Adds the checkpoint after `updates` updates to the run at `path` and forgets all but the last two. Raises
    UserError if it cannot be written; then an older one, if any, is still there."""
    from orbax.checkpoint import args

    trees = {"agent": checkpoint.agent, "rest": checkpoint.rest}
    position = checkpoint.position | {f"{name}_sha256": _digest(tree) for name, tree in trees.items()}
    parts = {name: args.StandardSave(tree) for name, tree in trees.items()}
    folder = path / "checkpoints" / str(updates)
    try:
        with _manager(path) as manager:
            if updates in manager.all_steps():
                return  # the same run at the same update is in the same state
            if not manager.save(updates, args=args.Composite(**parts, position=args.JsonSave(position)), force=True):
                raise OSError("a newer one is there")
        for name in [*folder.rglob("*"), folder, folder.parent]:  # a power cut must not take it back
            number = os.open(name, os.O_RDONLY)
            os.fsync(number)
            os.close(number)
    except Exception as error:  # a full disk is an OSError, or any of several errors of the array store
        reason = (str(error).strip().splitlines() or [type(error).__name__])[-1][:200]
        why = f"the checkpoint after {updates} updates could not be written ({reason}); the last good one is kept"
        raise refusal(path, why, f"make room, then crlkit resume {path}") from error


def restore(path: Path, agent: Any, rest: Any = None) -> Checkpoint | None:
    """The newest checkpoint of the run at `path` that can be read whole; None if there is none at all.

    `agent` and `rest` are what a Checkpoint holds, as shapes; without `rest` only the agent is read. Raises UserError
    if all are damaged. Reading all of it, to train on, removes damaged ones, which would stand in the way of new ones.
    """
    from orbax.checkpoint import args

    if not (path / "checkpoints").is_dir():
        return None
    shapes, damaged = {"agent": agent} if rest is None else {"agent": agent, "rest": rest}, []
    parts = {name: args.StandardRestore(shape) for name, shape in shapes.items()}
    with _manager(path) as manager:
        for step in sorted(manager.all_steps(), reverse=True):
            try:
                found = manager.restore(step, args=args.Composite(**parts, position=args.JsonRestore()))
                trees = {name: jax.tree.map(np.asarray, found[name]) for name in shapes}
                whole = all(_digest(tree) == found["position"][f"{name}_sha256"] for name, tree in trees.items())
            except Exception:  # whatever a damaged file leads to
                whole = False
            if not whole:
                damaged.append(step)
                continue
            for number in damaged if rest is not None else ():
                shutil.rmtree(path / "checkpoints" / str(number))
            return Checkpoint(trees["agent"], trees.get("rest"), found["position"])
    if damaged:
        raise refusal(path, f"no checkpoint can be read (after {damaged} updates)", "train it anew")
    return None
