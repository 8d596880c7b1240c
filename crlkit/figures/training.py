"""Training as it goes: the learning curve so far, the critic's map, the agent's paths, at one moment."""

import numpy as np
from matplotlib.figure import Figure

from crlkit.analysis.moments import Moment
from crlkit.figures import style


@style.styled
def draw(moments: dict[int, list[Moment]], depth: int, index: int) -> Figure:
    """`moments`: for every depth the moments of one seed in order. Draws number `index` of `depth`, the curves of the
    other depths in the background. Colours keep their meaning over all moments of a depth."""
    own = moments[depth]
    index = min(index, len(own) - 1)
    now = own[index]
    figure = style.new_figure(10.5, 3.4)
    curve, left, right = figure.subplots(1, 3, width_ratios=(1.25, 1, 1))
    for other, series in sorted(moments.items()):
        look = style.depth_style(other)
        x, y = [m.updates for m in series], [m.scores["success"] for m in series]
        curve.plot(x, y, lw=2 if other == depth else 1, alpha=1 if other == depth else 0.45, ms=3, **look)
    curve.plot(now.updates, now.scores["success"], "o", ms=11, mfc="none", mec="black", mew=1.5)
    curve.set(xlabel="gradient updates", ylabel="success (share of far goals)", ylim=(-0.04, 1.04))
    curve.set_title(f"after {now.updates:,} updates: critic loss {now.scores['critic_loss']:.2f}")
    curve.legend(loc="upper left")
    values = [m.critic_map.values for m in own]
    limits = float(np.nanmin(values)), float(np.nanmax(values))
    image = style.draw_critic_map(left, now.maze, now.critic_map, limits)
    left.set_title(f"depth {depth}: critic, goal at G")
    figure.colorbar(image, ax=left, shrink=0.8, label="energy f(s, a, g)")
    style.draw_paths(right, now.maze, now.paths)
    right.set_title(f"{int(now.paths.success.sum())} of {len(now.paths.success)} episodes arrived")
    return figure
