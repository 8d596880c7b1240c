"""Checkpoints of a whole training state, by Orbax: written to one side and renamed, so that none is ever half there."""

import hashlib
import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np

from crlkit.errors import UserError

KEPT = 2


class Checkpoint(NamedTuple):
    """agent: AgentState. rest: the TrainState without it. Both NumPy with a leading axis of seeds, whatever devices
    they were trained on. position: where the run's other files stood."""

    agent: Any
    rest: Any
    position: dict


@contextmanager
def _manager(path: Path) -> Iterator[tuple[Any, Any]]:
    import orbax.checkpoint as ocp  # takes a second to import, and training can begin without it

    options = ocp.CheckpointManagerOptions(max_to_keep=KEPT, enable_async_checkpointing=False)
    with ocp.CheckpointManager(path.resolve() / "checkpoints", options=options) as manager:
        yield manager, ocp


def _digest(tree: Any) -> str:
    """SHA-256 of the bytes of all leaves, in tree order."""
    sum_ = hashlib.sha256()
    for leaf in jax.tree.leaves(tree):
        sum_.update(np.ascontiguousarray(leaf).data)
    return sum_.hexdigest()


@contextmanager
def _quiet() -> Iterator[None]:
    """A damaged file makes the array store log pages; one line of ours says it."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


def save(path: Path, updates: int, checkpoint: Checkpoint) -> None:
    """Adds the checkpoint after `updates` updates to the run at `path` and forgets all but the last two.

    Raises UserError, and leaves the older ones as they are, if it cannot be written.
    """
    try:
        with _manager(path) as (manager, ocp):
            if updates in manager.all_steps():
                return  # the same run at the same update is in the same state
            digests = {"agent_sha256": _digest(checkpoint.agent), "rest_sha256": _digest(checkpoint.rest)}
            parts = {
                "agent": ocp.args.StandardSave(checkpoint.agent),
                "rest": ocp.args.StandardSave(checkpoint.rest),
                "position": ocp.args.JsonSave({**checkpoint.position, **digests}),
            }
            if not manager.save(updates, args=ocp.args.Composite(**parts), force=True):
                raise OSError("a newer one is there")
    except Exception as error:  # a full disk is an OSError, or any of several errors of the array store
        free = shutil.disk_usage(path).free // 2**20
        reason = (str(error).strip().splitlines() or [type(error).__name__])[-1][:200]
        raise UserError(
            f"run {str(path)!r}: the checkpoint after {updates} updates could not be written ({reason}; {free} MB free); "
            f"the last good one is kept; nearest: make room, then crlkit resume {path}"
        ) from error


def restore(path: Path, agent: Any, rest: Any = None) -> Checkpoint | None:
    """The newest checkpoint of the run at `path` that can be read whole; None if there is none at all.

    `agent` and `rest` are what a Checkpoint holds, as shapes; without `rest` only the agent is read. Raises UserError
    if there are checkpoints but all are damaged. Reading all of it, to train on, removes the damaged ones: they would
    stand in the way of new ones.
    """
    if not (path / "checkpoints").is_dir():
        return None
    errors = []
    with _quiet(), _manager(path) as (manager, ocp):
        parts = {"agent": ocp.args.StandardRestore(agent), "position": ocp.args.JsonRestore()}
        if rest is not None:
            parts["rest"] = ocp.args.StandardRestore(rest)
        for step in sorted(manager.all_steps(), reverse=True):
            try:
                found = manager.restore(step, args=ocp.args.Composite(**parts))
                arrays = {name: jax.tree.map(np.asarray, found[name]) for name in parts if name != "position"}
                if any(_digest(tree) != found["position"][f"{name}_sha256"] for name, tree in arrays.items()):
                    raise ValueError("checksum")
            except Exception as error:  # whatever a damaged file leads to
                errors.append((step, type(error).__name__))
                continue
            if rest is not None:
                for damaged, _ in errors:
                    shutil.rmtree(path / "checkpoints" / str(damaged))
            return Checkpoint(arrays["agent"], arrays.get("rest"), found["position"])
    if errors:
        raise UserError(f"run {str(path)!r}: no checkpoint can be read ({errors}); nearest: train it anew")
    return None
