"""Published weights: one safetensors file an agent, with its config, sealed with a checksum.

The header's metadata holds `crlkit` (the format's number), `config`, `seed`, `scores` (JSON) and `seal`: the SHA-256 of
the whole file with 64 zeros in the seal's place. So a file is accepted only if every one of its bytes is as it was
written, and nothing in it is ever executed.
"""

import hashlib
import json
from pathlib import Path

import jax
import numpy as np
import safetensors.numpy

from crlkit import config as configs
from crlkit.agents import agent_shapes
from crlkit.agents.trained import TrainedAgent
from crlkit.errors import UserError, first_line, writing
from crlkit.runs import Run, open_run, write

FORMAT = "1"
ZEROS = b"0" * 64


def _named(tree) -> dict[str, np.ndarray]:
    """The leaves of nested dictionaries under names like `critic/goal/blocks/layers/0/dense/kernel`."""
    return {"/".join(str(key.key) for key in path): leaf for path, leaf in jax.tree.leaves_with_path(tree)}


def save_agent(agent: TrainedAgent, path: str | Path, scores: dict | None = None) -> Path:
    """Writes one agent. `scores`, if given, are kept beside the config. Raises UserError if that is impossible."""
    named = _named({"actor": agent.actor, "critic": agent.critic})
    arrays = {name: np.ascontiguousarray(x) for name, x in named.items()}
    metadata = {
        "crlkit": FORMAT,
        "config": json.dumps({**configs.to_file(agent.config), "out": None}),
        "seed": str(agent.seed),
        "scores": json.dumps(scores or {}),
        "seal": ZEROS.decode(),
    }
    data = safetensors.numpy.save(arrays, metadata)
    with writing(f"weights {str(path)!r}"):
        write(Path(path), data.replace(ZEROS, hashlib.sha256(data).hexdigest().encode(), 1))
    return Path(path)


def export(run: Run | str | Path, path: str | Path | None = None, seed: int | None = None) -> Path:
    """Writes the weights of one seed of a run (by default its first) to `path` (by default into its directory)."""
    run = run if isinstance(run, Run) else open_run(run)
    agents = {agent.seed: agent for agent in run.agents}
    seed = run.config.seed if seed is None else seed
    if seed not in agents:
        nearest = min(agents, key=lambda s: abs(s - seed))
        raise UserError(f"seed {seed}: this run has {', '.join(map(str, agents))}; nearest: {nearest}")
    if path is None and run.path is None:
        raise UserError("path None: a run in memory has no directory to export to; nearest: agent.safetensors")
    scores = [row for row in run.rows if row["seed"] == seed][-1:]
    path = path or run.path / f"{run.config.env}-depth{run.config.depth}-seed{seed}.safetensors"
    return save_agent(agents[seed], path, *scores)


def load_agent(path: str | Path) -> TrainedAgent:
    """Opens exported weights. Raises UserError, with the file's name and the reason, for a file that is missing,
    damaged, truncated, or none of the kit's."""
    try:
        return _opened(Path(path).read_bytes())
    except UserError as error:  # of the config
        raise UserError(f"weights {str(path)!r}: {error}") from None
    except OSError as error:
        reason = error.strerror or error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, safetensors.SafetensorError) as error:
        reason = first_line(error)
    raise UserError(f"weights {str(path)!r}: {reason}; nearest: a file written by crlkit export")


def _opened(data: bytes) -> TrainedAgent:
    try:
        metadata = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])["__metadata__"]
        seal = metadata["seal"].encode()
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ValueError("not one of crlkit's files, or its header is damaged or cut off") from None
    if len(seal) != 64 or hashlib.sha256(data.replace(seal, ZEROS, 1)).hexdigest().encode() != seal:
        raise ValueError("damaged: its checksum does not agree with its content")
    if metadata["crlkit"] != FORMAT:
        raise ValueError(f"written in format {metadata['crlkit']!r}, this version reads {FORMAT!r}")
    config = configs.from_dict(json.loads(metadata["config"]))
    agent = agent_shapes(config)
    shapes = {"actor": agent.actor, "critic": agent.critic}
    arrays, wanted = safetensors.numpy.load(data), _named(shapes)
    if {name: (x.shape, x.dtype) for name, x in arrays.items()} != {n: (s.shape, s.dtype) for n, s in wanted.items()}:
        raise ValueError("its arrays are not those of the agent that its config describes")
    tree = jax.tree.unflatten(jax.tree.structure(shapes), [arrays[name] for name in wanted])
    return TrainedAgent(config, int(metadata["seed"]), tree["actor"], tree["critic"])
