"""What no kind of panel draws: functions of the axes and the data folder, for the entries of `catalogue.py`."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes

from crlkit import envs, evidence
from crlkit.config import DEPTHS
from crlkit.figures import recorded, scores, style
from crlkit.figures.layers import Scores

FULL = "residual, layer norm, swish"
SWITCHES = {
    "residual": {False: "no residual connections"},
    "norm": {"none": "no norm", "rms": "RMS norm"},
    "activation": {"relu": "ReLU", "gelu": "GELU"},
}
CHANGES = [name for names in SWITCHES.values() for name in names.values()]


def network(*switches) -> str:
    """What a run lacks or has instead, against the paper's network: residual, norm and activation."""
    changed = [names[value] for names, value in zip(SWITCHES.values(), switches) if value in names]
    return ", ".join(changed) or FULL


def chance(axes: Axes, data: Path, layer: Scores) -> None:
    """The loss of a critic that knows nothing: all goals of a batch equally likely."""
    found = layer.read(data)
    for size in sorted(found.rows.batch_size.unique()) if found.measure == "heldout_loss" else ():
        bottom, top = axes.get_ylim()
        axes.set_ylim(bottom, max(top, np.log(size) + 0.1 * (np.log(size) - bottom)))
        axes.axhline(np.log(size), color="0.4", ls=(0, (1, 3)), lw=1.2, label=f"chance: ln {size:.0f}")


def lost(data: Path, suite: str, *columns: str, query: str = "status == status") -> dict[tuple, str]:
    """Levels of `columns` without a finished run: how those that were recorded ended, and after how many updates."""
    rows = evidence.rows(data, suite, query=query)
    ends = {}
    for level, runs in rows.groupby(list(columns)) if len(rows) else ():
        if "finished" not in set(runs.status):
            ends[level] = f"{', '.join(sorted(runs.status.unique()))} after {runs.updates.max():,.0f} updates"
    return ends


def lost_networks(data: Path) -> str:
    """Networks of the ablations without a finished run, "no norm at depth 64 (diverged after 600 updates)"."""
    ends = lost(data, "ablations", *SWITCHES, "depth")
    return "; ".join(f"{network(*level[:3])} at depth {level[3]} ({how})" for level, how in ends.items())


def unfinished(data: Path) -> dict[int, str]:
    """Depths of the big maze without a finished run: how it ended."""
    which = "env == 'point_big_maze'"
    known = evidence.rows(data, "depth", query=which)
    missing = set(DEPTHS) - set(known.depth) if len(known) else ()
    ends = {depth: how for (depth,), how in lost(data, "depth", "depth", query=which).items()}
    return dict(sorted((ends | dict.fromkeys(missing, scores.NOT_MEASURED)).items()))


def close_up(axes: Axes, data: Path, layer: Scores) -> None:
    """What the others lose against the paper's network, seed by seed: critics of one seed share their walks. Networks
    far off are left out."""
    _, lines, measure = layer.read(data)
    axes.set(xlabel="depth (layers)", ylabel="loss minus that of the paper's network (nats)")
    if measure != "heldout_loss" or FULL not in lines or len(lines) < 3:
        return scores.unmeasured(axes)
    full, far = lines.pop(FULL), []
    for number, (name, line) in enumerate(lines.items()):
        gaps = {depth: score.seeds - full[depth].seeds for depth, score in line.items() if depth in full}
        if max(map(np.median, gaps.values())) > 0.2:
            far.append(name)
            continue
        x, look = np.array(list(gaps)) * 1.04 ** (number - 2), layer.looks.get(name, {})
        axes.plot(x, list(map(np.mean, gaps.values())), label=name, **look | {"marker": None}, lw=1.2)
        axes.plot(x, list(gaps.values()), **look | {"linestyle": ""}, ms=3.5, alpha=0.7)
    axes.axhline(0, color="0.3", lw=0.8)
    scores.doubling_axis(axes, full)
    without = f"\nwithout: {', '.join(far)}" * bool(far)
    axes.set_title(f"here: the same close up, a mark each seed,\nlines the means{without}", fontsize=8.5)
    axes.legend(fontsize=8)


def episode(axes: Axes, data: Path, which: int) -> None:
    """Where the first seed of the shallow or the deep (`which`: 0, -1) agent of the suite `stitching` went, with how
    many of its recorded episodes reached each distance."""
    rows = scores.here(data, ("stitching",), "depth")
    runs = recorded.all_kept(data, "stitching", rows.env.iloc[0]) if len(rows) else {}
    depth = (recorded.shallow_and_deep(runs) if runs else recorded.PAIR)[which]
    axes.set_title(f"depth {depth}, one seed")
    if not runs:
        return scores.unmeasured(axes)
    maze, paths = envs.make(rows.eval_env.iloc[0]).maze, runs[depth].paths
    style.draw_paths(axes, maze, paths)
    far = np.array([maze.distance(maze.start, tuple(goal)) for goal in np.rint(paths.goals).astype(int)], int)
    reached = [f"{c} cells away: {paths.success[far == c].sum()} of {(far == c).sum()} reached" for c in np.unique(far)]
    axes.set_xlabel("\n".join(reached))
