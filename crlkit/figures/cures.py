"""The saturated head: why agents beyond 64 layers stood still, and what mends it

Nothing normalises the residual stream before the head in the paper's code, so a deep policy is at the limits of its actions
before the first update. Cures on selection seeds; then the tutorial's network at every depth on fresh ones.
"""

from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from crlkit.analysis.statistics import final_scores
from crlkit.figures import style
from crlkit.figures.scores import by_depth, doubling_axis, draw_scores, list_words, measured, unmeasured
from crlkit.figures.words import Words, seeds

SUITES = ("cures", "cured_depth", "depth")
PAPER: tuple[str, ...] = ()
ENV, WIDTH = "point_big_maze", 32
PLAIN, CURED = "#D55E00", "#0072B2"


def _cure(row: pd.Series) -> str:
    """What was done to the paper's network in a run of the suite `cures`."""
    heads = {"norm": "norm before the head", "scaled": "stream over sqrt(blocks)", "zero": "zero head"}
    if row.actor_head != "plain" or row.critic_head != "plain":
        where = {(True, True): "actor and critic", (True, False): "actor", (False, True): "critic"}
        changed = row.actor_head != "plain", row.critic_head != "plain"
        return f"{heads[row.actor_head if changed[0] else row.critic_head]}, {where[changed]}"
    if row.actor_depth != row.critic_depth:
        return f"actor of {row.actor_depth} layers"
    if row.log_alpha_max < 80:
        return "temperature at most 1"
    return "rate 3e-4" if row.learning_rate < 1e-3 else "none (the paper's)"


def table(data: Path) -> pd.DataFrame:
    """One row per cure and depth in the big maze: success and saturation in the last tenth of training, mean over selection
    seeds, with each seed's success and the number of seeds. Empty if nothing was measured."""
    rows = measured(data, ("cures",), "success", sizes=True)
    if rows.empty:
        return rows
    rows = rows[(rows.env == ENV) & (rows.width == WIDTH)]
    found = []
    for _, run in rows.groupby("run", sort=False):
        success = final_scores(run, "success")
        found.append(
            {
                "cure": _cure(run.iloc[0]),
                "depth": int(run.critic_depth.iloc[0]),
                "success": success.mean(),
                "per seed": success.to_list(),
                "saturation": final_scores(run, "saturation").mean(),
                "alpha": final_scores(run, "alpha").mean(),
                "seeds": len(success),
            }
        )
    return pd.DataFrame(found).sort_values(["depth", "success"], ascending=[False, True], ignore_index=True)


def _networks(data: Path) -> dict[str, pd.DataFrame]:
    """The recorded rows of the big maze by how their networks end: the paper's, and the tutorial's."""
    plain, cured = measured(data, ("depth",), "success"), measured(data, ("cured_depth",), "success")
    return {name: rows[rows.env == ENV] if len(rows) else rows for name, rows in (("plain", plain), ("cured", cured))}


@style.styled
def draw(data: Path) -> Figure:
    figure = style.new_figure(12, 4.6)
    cures, scores, saturation = figure.subplots(1, 3, width_ratios=(1.25, 1, 1))
    tried, networks = table(data), _networks(data)
    if tried.empty:
        unmeasured(cures)
    else:
        order = list(dict.fromkeys(tried.cure))
        for depth, part in tried.groupby("depth"):
            look = style.depth_style(depth)
            for _, row in part.iterrows():
                y = order.index(row.cure)
                cures.plot(
                    row["per seed"], [y] * row.seeds, ls="", marker=look["marker"], ms=4, alpha=0.6, color=look["color"]
                )
                cures.plot(row.success, y, "|", ms=14, mew=2, color=look["color"])
            cures.plot([], [], ls="", marker=look["marker"], color=look["color"], label=look["label"])
        cures.set_yticks(range(len(order)), order)
        cures.set(xlabel="success in the last tenth of training", xlim=(-0.03, 1.0))
        cures.legend(fontsize=7.5, loc="lower right")
        cures.set_title("a mark per selection seed, | their mean")
    for name, colour, label in (
        ("plain", PLAIN, "the paper's network"),
        ("cured", CURED, "norm before the actor's head"),
    ):
        rows = networks[name]
        if rows.empty:
            continue
        draw_scores(scores, by_depth(rows, "success"), f"{label}, {seeds(rows)}", color=colour)
    depths = set().union(*(rows.depth for rows in networks.values() if len(rows)))
    if depths:
        doubling_axis(scores, depths)
        scores.set(
            ylabel="success in the last tenth of training", ylim=(-0.03, 1.03), title="fresh seeds, 95 % intervals"
        )
        scores.legend(fontsize=7.5, loc="upper left")
    else:
        unmeasured(scores)
    shown = measured(data, ("cures", "cured_depth"), "saturation", sizes=True)
    shown = shown[(shown.env == ENV) & (shown.width == WIDTH)] if len(shown) else shown
    if shown.empty:
        unmeasured(saturation)
    else:
        for head, line in (("plain", ":"), ("norm", "-")):
            part = shown[
                (shown.actor_head == head) & (shown.critic_head == "plain") & (shown.actor_depth == shown.critic_depth)
            ]
            part = part[(part.learning_rate == 1e-3) & (part.log_alpha_max == 80)]
            if len(part):
                label = "the paper's network" if head == "plain" else "norm before the actor's head"
                saturation.plot([], [], line, color="0.3", label=label)
            for depth, lines in part.groupby("depth"):
                mean = lines.groupby("updates").saturation.mean()
                saturation.plot(mean.index, mean, ls=line, color=style.depth_style(depth)["color"], lw=1.5)
                saturation.annotate(
                    str(depth), (mean.index[-1], mean.iloc[-1]), (4, 0), textcoords="offset points", fontsize=7.5
                )
        saturation.set(xlabel="gradient updates", ylabel="mean |tanh| of the policy", ylim=(0, 1.25))
        saturation.set_title("1: the policy can no longer choose")
        saturation.legend(fontsize=7.5, loc="upper left")
    figure.suptitle(
        f"{ENV}: agents beyond 64 layers are saturated before they learn; one normalisation mends it", fontsize=9.5
    )
    return figure


def words(data: Path) -> Words:
    tried, networks = table(data), _networks(data)
    if tried.empty:
        return Words(
            "Not yet measured here: what mends agents whose policy is saturated from the start.",
            "Three panels: cures, scores by depth and saturation of policies, not yet measured here.",
        )
    deepest = tried[tried.depth == tried.depth.max()]
    cures = "; ".join(f"{row.cure} {row.success:.2f}" for _, row in deepest[::-1].iterrows())
    scores = "; ".join(
        f"{label}: {list_words(by_depth(networks[name], 'success'))}"
        for name, label in (("plain", "the paper's network"), ("cured", "norm before the actor's head"))
        if len(networks[name])
    )
    return Words(
        f"Success of {deepest.depth.iloc[0]} layers in the big maze by cure (selection seeds): {cures}. On fresh seeds, {scores}.",
        f"Three panels. Success in the last tenth of training by cure and depth, a mark per selection seed: {cures}. Success by "
        f"depth on fresh seeds: {scores}. Mean |tanh| of policies by updates, a line per depth.",
    )
