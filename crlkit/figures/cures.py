"""The saturated head: why agents beyond 64 layers stood still, and what mends it

Nothing normalises the residual stream before the head in the paper's code, so a deep policy is at the limits of its actions
before the first update. Cures on selection seeds; then the tutorial's network at every depth on fresh ones.
"""

from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes

from crlkit.analysis.statistics import final_scores
from crlkit.figures import style
from crlkit.figures.layers import Scores
from crlkit.figures.panels import Figure, Finding, Panel, Row
from crlkit.figures.scores import list_words, measured, unmeasured

ENV, WIDTH = "point_big_maze", 32
HEADS = {"norm": "norm before the head", "scaled": "stream over sqrt(blocks)", "zero": "zero head"}
ENDS = {"plain": "the paper's network", "norm": "norm before the actor's head"}
CURED = Scores(("cured_depth",), measure=("success",), env=ENV, label=ENDS["norm"])
PLAIN = Scores(("depth",), measure=("success",), env=ENV, label=ENDS["plain"])


def _cure(row: pd.Series) -> str:
    """What was done to the paper's network in a run of the suite `cures`."""
    ends = {"actor": row.actor_head, "critic": row.critic_head}
    if changed := [name for name, head in ends.items() if head != "plain"]:
        return f"{HEADS[ends[changed[0]]]}, {' and '.join(changed)}"
    if row.actor_depth != row.critic_depth:
        return f"actor of {row.actor_depth} layers"
    if row.log_alpha_max < 80:
        return "temperature at most 1"
    return "rate 3e-4" if row.learning_rate < 1e-3 else "none (the paper's)"


def _runs(data: Path, measure: str, *suites: str) -> pd.DataFrame:
    rows = measured(data, suites, measure, sizes=True)
    return rows[(rows.env == ENV) & (rows.width == WIDTH)] if len(rows) else rows


def table(data: Path) -> pd.DataFrame:
    """One row per cure and depth in the big maze: success and saturation in the last tenth of training, mean over selection
    seeds, with each seed's success and the number of seeds. Empty if nothing was measured."""
    rows, cures = _runs(data, "success", "cures"), []
    for _, run in rows.groupby("run", sort=False) if len(rows) else ():
        success = final_scores(run, "success")
        means = {name: final_scores(run, name).mean() for name in ("success", "saturation", "alpha")}
        tried = {"cure": _cure(run.iloc[0]), "depth": int(run.critic_depth.iloc[0]), "seeds": len(success)}
        cures.append(tried | means | {"per seed": success.to_list()})
    tried = pd.DataFrame(cures)
    return tried.sort_values(["depth", "success"], ascending=[False, True], ignore_index=True) if cures else tried


def _draw_cures(axes: Axes, data: Path) -> None:
    tried = table(data)
    if tried.empty:
        return unmeasured(axes)
    order = list(dict.fromkeys(tried.cure))
    for depth, cures in tried.groupby("depth"):
        look = style.depth_style(depth) | {"linestyle": ""}
        for _, row in cures.iterrows():
            y = order.index(row.cure)
            axes.plot(row["per seed"], [y] * row.seeds, ms=4, alpha=0.6, **look | {"label": None})
            axes.plot(row.success, y, "|", ms=14, mew=2, color=look["color"])
        axes.plot([], [], **look)
    axes.set_yticks(range(len(order)), order)
    axes.set(xlabel="success in the last tenth of training", xlim=(-0.03, 1.0))
    axes.set_title("selection seeds: a mark each, | their mean", fontsize=8.5)
    axes.legend(fontsize=7.5, loc="lower right")


def _draw_saturation(axes: Axes, data: Path) -> None:
    rows = _runs(data, "saturation", "cures", "cured_depth")
    if rows.empty:
        return unmeasured(axes)
    usual = "critic_head == 'plain' and actor_depth == critic_depth and learning_rate == 1e-3 and log_alpha_max == 80"
    for (head, depth), line in rows.query(f"{usual} and actor_head in @ENDS").groupby(["actor_head", "depth"]):
        mean = line.groupby("updates").saturation.mean()
        axes.plot(mean, ls=":" if head == "plain" else "-", color=style.depth_style(depth)["color"], lw=1.5)
        end = (mean.index[-1], mean.iloc[-1])
        axes.annotate(str(depth), end, (4, 0), textcoords="offset points", fontsize=7.5)
    for head, line in (("plain", ":"), ("norm", "-")):
        axes.plot([], [], line, color="0.3", label=ENDS[head])
    axes.set(xlabel="gradient updates", ylabel="mean |tanh| of the policy", ylim=(0, 1.25))
    axes.set_title("1: the policy can no longer choose", fontsize=8.5)
    axes.legend(fontsize=7.5, loc="upper left")


def finding(data: Path) -> Finding:
    tried = table(data)
    if tried.empty:
        return Finding(missing="what mends agents whose policy is saturated from the start")
    deepest = tried[tried.depth == tried.depth.max()]
    cures = "; ".join(f"{row.cure} {row.success:.2f}" for _, row in deepest[::-1].iterrows())
    lines = {layer.label: line for layer in (PLAIN, CURED) for line in layer.read(data).lines.values()}
    scores = "; ".join(f"{label}: {list_words(line)}" for label, line in lines.items())
    best = f"Success of {deepest.depth.iloc[0]} layers in the big maze by cure (selection seeds): {cures}"
    return Finding(f"{best}. On fresh seeds, {scores}", more=best)


FIGURE = Figure(
    __doc__.splitlines()[0],
    "Three panels. Success in the last tenth of training by cure and depth, a mark per selection seed; success by depth on "
    "fresh seeds; and mean |tanh| of policies by updates, a line per depth",
    finding,
    (
        Row(
            (_draw_cures, Panel((CURED, PLAIN), title="fresh seeds", room=1.5), _draw_saturation),
            f"{ENV}: agents beyond 64 layers are saturated before they learn; one normalisation mends it",
            (1.25, 1, 1),
        ),
    ),
    reads=("cures",),
)
