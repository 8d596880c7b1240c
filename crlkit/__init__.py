"""crlkit: contrastive reinforcement learning at any depth, after "1000 Layer Networks for Self-Supervised RL"."""

import sys
from importlib import import_module
from importlib.util import find_spec
from operator import attrgetter

if sys.platform == "win32":
    raise ImportError("crlkit: runs on Linux, on macOS and in WSL, not on Windows itself; nearest: wsl --install")

from crlkit import platform as _platform  # noqa: E402

_platform.configure()

from crlkit import registration as _registration  # noqa: E402
from crlkit.errors import UserError  # noqa: E402

# Where each name lives; imported when it is first asked for, so that nobody waits for what they do not use.
_PLACES = {
    "crlkit.config": {"Config": "Config", "preset": "preset"},
    "crlkit.loop": {name: name for name in ("evaluate", "resume", "train", "train_critic")},
    "crlkit.runs": {"Run": "Run", "open_run": "open_run"},
    "crlkit.weights": {"load_agent": "load_agent"},
    "crlkit.film": {"render": "render"},
    "crlkit.figures.plots": {"plot": "plot"},
    # register_agent("name", class), and so on: what each must be stands beside its registry.
    "crlkit.envs": {"register_env": "register_env", "register_maze": "register_maze"},
    "crlkit.agents": {"register_agent": "AGENTS.register"},
    "crlkit.networks": {f"register_{kind}": f"{kind.upper()}S.register" for kind in ("block", "norm", "activation")},
    "crlkit.losses": {"register_energy": "ENERGIES.register", "register_loss": "LOSSES.register"},
}
_WHERE = {name: (module, path) for module, names in _PLACES.items() for name, path in names.items()}
__all__ = sorted(["UserError", *_WHERE])


def __getattr__(name: str):
    if name not in _WHERE:
        if name.startswith("_") or find_spec(f"crlkit.{name}") is None:
            raise AttributeError(f"module 'crlkit' has no attribute {name!r}")
        return import_module(f"crlkit.{name}")
    module, path = _WHERE[name]
    globals()[name] = attrgetter(path)(import_module(module))
    return globals()[name]


def __dir__() -> list[str]:
    return __all__


try:
    _registration.import_files()
except UserError as error:
    if sys.argv[0].rpartition("/")[2] not in ("crlkit", "-m"):
        raise
    print(f"crlkit: {error}", file=sys.stderr)  # the command line, which has not begun yet
    sys.exit(2)
