"""crlkit: contrastive reinforcement learning at any depth, after "1000 Layer Networks for Self-Supervised RL"."""

import sys
from importlib import import_module

if sys.platform == "win32":
    raise ImportError("crlkit: runs on Linux, on macOS and in WSL, not on Windows itself; nearest: wsl --install")

from crlkit import platform as _platform  # noqa: E402

_platform.configure()

from crlkit import registration as _registration  # noqa: E402
from crlkit.agents import AGENTS  # noqa: E402
from crlkit.config import Config, preset  # noqa: E402
from crlkit.envs import register_env, register_maze  # noqa: E402
from crlkit.errors import UserError  # noqa: E402
from crlkit.loop import evaluate, resume, train, train_critic  # noqa: E402
from crlkit.losses import ENERGIES, LOSSES  # noqa: E402
from crlkit.networks import ACTIVATIONS, BLOCKS, NORMS  # noqa: E402
from crlkit.runs import Run, open_run  # noqa: E402
from crlkit.weights import load_agent  # noqa: E402

__all__ = [
    "Config",
    "Run",
    "UserError",
    "evaluate",
    "load_agent",
    "open_run",
    "plot",
    "preset",
    "register_activation",
    "register_agent",
    "register_block",
    "register_energy",
    "register_env",
    "register_loss",
    "register_maze",
    "register_norm",
    "render",
    "resume",
    "train",
    "train_critic",
]

# register_agent("name", class), and so on: what each must be stands beside its registry.
register_agent, register_block, register_norm = AGENTS.register, BLOCKS.register, NORMS.register
register_activation, register_energy, register_loss = ACTIVATIONS.register, ENERGIES.register, LOSSES.register


def __getattr__(name: str):
    """What draws is imported when it is first asked for: nobody else should wait for matplotlib."""
    places = {"film": "crlkit.film", "render": "crlkit.film", "plot": "crlkit.figures.plots"}
    if name not in places:
        raise AttributeError(f"module 'crlkit' has no attribute {name!r}")
    module = import_module(places[name])
    return module if name == "film" else getattr(module, name)


try:
    _registration.import_files()
except UserError as error:
    if sys.argv[0].rpartition("/")[2] not in ("crlkit", "-m"):
        raise
    print(f"crlkit: {error}", file=sys.stderr)  # the command line, which has not begun yet
    sys.exit(2)
