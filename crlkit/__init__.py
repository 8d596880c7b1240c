"""crlkit: contrastive reinforcement learning at any depth, after "1000 Layer Networks for Self-Supervised RL"."""

import sys

if sys.platform == "win32":
    raise ImportError("crlkit: runs on Linux, on macOS and in WSL, not on Windows itself; nearest: wsl --install")

from crlkit import platform as _platform  # noqa: E402

_platform.configure()

from crlkit.config import Config, preset  # noqa: E402
from crlkit.errors import UserError  # noqa: E402
from crlkit.film import render  # noqa: E402
from crlkit.loop import evaluate, resume, train, train_critic  # noqa: E402
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
    "render",
    "resume",
    "train",
    "train_critic",
]


def __getattr__(name: str):
    """`plot`, which needs matplotlib: imported when something is drawn."""
    if name == "plot":
        from crlkit.figures.plots import plot

        return plot
    raise AttributeError(f"module 'crlkit' has no attribute {name!r}")
