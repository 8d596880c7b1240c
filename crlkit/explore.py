"""Things to move that answer under the hand: in JupyterLab and in a page exported from it, without kernel or internet.

Each function returns an `IPython.display.HTML` of what `data` (by default the kit's) has to show, else raises UserError.
"""

import base64
import functools
import json
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import matplotlib as mpl
import numpy as np
from IPython.display import HTML
from scipy.ndimage import distance_transform_edt

from crlkit import evidence
from crlkit.config import DEPTHS
from crlkit.envs import make
from crlkit.errors import UserError
from crlkit.figures import style

TRIO, MAZE, SUITE, SEED = (4, 16, 64), "point_big_maze", "cured_depth", 100  # three agents in one maze
PLACES = 4  # of a critic map along a side of a cell
SWITCHES = dict(residual=(True, False), norm=("layer", "none"), head=("norm", "plain"), activation=("swish", "relu"))
ROULETTE = (4, 8, 16, 32, 64)


def explorable(numbers: Callable[[Path], dict]) -> Callable[..., HTML]:
    """Makes of what a folder of data has to show the page's part: a box that says what it is for (the docstring), and
    the script of the function's name that fills it."""
    name, label = numbers.__name__, " ".join(numbers.__doc__.split())

    @functools.wraps(numbers)
    def show(data: str | Path | None = None) -> HTML:
        shown, colours = numbers(Path(data or evidence.find_data())), {}
        for depth in shown.get("depths", ()):
            rgb = mpl.colors.to_rgb(style.depth_style(depth)["color"])
            colours[depth] = mpl.colors.to_hex(rgb), "#fff" if np.dot(rgb, (0.3, 0.59, 0.11)) < 0.55 else "#111"
        folder = files("crlkit") / "explorables"
        script = "\n".join((folder / f"{part}.js").read_text() for part in ("common", name))
        return HTML(
            f"<style>{(folder / 'common.css').read_text()}</style>"
            f'<div class="crl" role="group" aria-label="{label}" data-explorable="{name}">'
            f"<p>{label} Run the cell, or trust the notebook, to move it.</p></div>"
            f"<script>(() => {{ const root = document.currentScript.previousElementSibling;\n{script}\n"
            f"show(root, {json.dumps(shown | {'colours': colours}, separators=(',', ':'))});\n}})();</script>"
        )

    del show.__wrapped__  # its arguments are those of `show`
    return show


@explorable
def goal(data: Path) -> dict:
    """Drag the goal through the big maze: critic map and path of depths 4, 16 and 64, from recorded weights."""
    maze, held = make(MAZE).maze, _baked("goal", data)
    cells, steps = [tuple(cell) for cell in held["goals"].tolist()], held["steps"]
    far = [int(maze.distance(maze.start, cell)) for cell in cells]
    telling = (steps[-1] >= 0) * 1.0 - (steps[0] >= 0) + np.array(far) / 100  # only the deepest gets there, and far
    begin, length = int(telling.argmax()), held["paths"].shape[2]
    return _trio(held, np.uint16) | dict(goals=cells, far=far, begin=begin, length=length, steps=steps.tolist())


@explorable
def training(data: Path) -> dict:
    """Scrub the training of depths 4, 16 and 64 together: critic map, paths to the far goals, success."""
    held = _baked("training", data)
    updates, success = held["updates"].tolist(), held["success"].round(4).tolist()
    goals, begin = held["goals"].tolist(), len(updates) - 1
    return _trio(held, np.uint8) | dict(updates=updates, goals=goals, begin=begin, success=success)


@explorable
def lights_out(data: Path) -> dict:
    """Set a board of Lights Out and watch the greedy policy of recorded critics of each depth try to put it out."""
    env, held = make("lights_out_3x3"), _baked("lights_out", data)
    return {
        **{name: held[name].tolist() for name in ("depths", "seeds", "press")},
        **{"toggles": env.number(env.toggles).tolist(), "presses": env.distances.tolist(), "most": env.cells},
        "begin": int(np.flatnonzero(env.distances == 5)[0]),
        "source": "Critics of equal size, each depth at its better learning rate (suites boards, boards_rates).",
    }


@explorable
def dial(data: Path) -> dict:
    """Turn depth from 4 to 1024 and switch shortcut, norms and activation: gradient and stream by block, untrained."""
    held, words = _baked("dial", data), {True: "on", False: "off"}
    return {
        **{"depths": DEPTHS, "titles": ("shortcut", "norm", "head", "activation"), "chance": float(np.log(256))},
        "begin": {"depth": DEPTHS.index(256), "head": SWITCHES["head"].index("plain")},  # what froze
        "switches": {name: [words.get(value, value) for value in values] for name, values in SWITCHES.items()},
        **{name: _packed(held[name], np.uint16) for name in ("gradient", "stream")},
        **{name: held[name].astype(float).round(4).tolist() for name in ("saturation", "loss")},
        "source": f"State-action encoder, width 32, seed {SEED}, one batch of 256.",
    }


@explorable
def hindsight(data: Path) -> dict:
    """Draw hindsight goals one by one from a random walk in the big maze: the row, the offset, the histogram of
    offsets."""
    path = _baked("hindsight", data)["path"].astype(float).round(3).tolist()
    return _maze() | dict(path=path, seed=7, discounts=(0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999), begin=4)


@explorable
def seeds(data: Path) -> dict:
    """Draw n recorded seeds of two depths: which wins, and how often it would be the other one."""
    table = evidence.scores(data, "depth", sizes=True)
    table = table[(table.env == MAZE) & (table["size"] == "gpu") & table.depth.isin(ROULETTE)]
    scores = [table[table.depth == depth].sort_values("seed").score.round(5).tolist() for depth in ROULETTE]
    words = dict(unit="time at goal (share of the episode), end of training", source=f"{MAZE}, suite depth, gpu.")
    return dict(depths=ROULETTE, scores=scores, seeds=len(scores[0]), begin=(2, 0), most=20, seed=1) | words


def _baked(name: str, data: Path) -> dict[str, np.ndarray]:
    file = data / "explorables" / f"{name}.npz"
    if not file.exists():
        raise UserError(f"data {str(file)!r}: no such file; nearest: python data/explorables/bake.py")
    with np.load(file) as held:
        return dict(held)


def _maze() -> dict:
    maze, palette = make(MAZE).maze, np.rint(mpl.colormaps["cividis"](range(256)) * 255).astype(int).tolist()
    return {"walls": maze.rows, "start": maze.start, "places": PLACES, "palette": palette}


def _trio(held: dict, kind: type) -> dict:
    """What three agents in the maze share: maps, and paths in steps of `kind`."""
    wall = np.isnan(held["maps"][0, 0])  # takes the nearest place's value, so that colours can be blended
    nearest = distance_transform_edt(wall, return_distances=False, return_indices=True)
    maps, reached = [_packed(maps[:, *nearest]) for maps in held["maps"]], (held["steps"] >= 0).tolist()
    shared = {"depths": TRIO, "maps": maps, "paths": _packed(held["paths"], kind), "reached": reached}
    return _maze() | shared | {"source": f"Seed {SEED} per depth, suite {SUITE}."}


def _packed(values: np.ndarray, kind: type = np.uint8) -> dict:
    """An array in steps of a 254th (65,534th) of its range; what is not finite takes the code above."""
    values = np.asarray(values, float)
    finite, top = np.isfinite(values), int(np.iinfo(kind).max) - 1
    low, high = float(values[finite].min()), float(values[finite].max())
    steps = np.where(finite, np.round((values - low) / (high - low) * top), top + 1)
    code = base64.b64encode(steps.astype(np.dtype(kind).newbyteorder("<")).tobytes()).decode()
    return {"bytes": code, "shape": values.shape, "low": low, "high": high, "top": top}
