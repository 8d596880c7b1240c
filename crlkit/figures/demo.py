"""The first figure: a shallow and a deep critic of equal size before the same boards."""

from matplotlib.figure import Figure

from crlkit.figures import style
from crlkit.runs import Run


@style.styled
def draw(runs: list[Run]) -> Figure:
    """`runs`: one run per depth, critics of Lights Out. Share of boards solved by presses needed, at the end; then
    boards four presses away against updates and against seconds. A line per seed."""
    figure = style.new_figure(10.5, 3.6)
    presses, updates, seconds = figure.subplots(1, 3)
    far = "solved_4" if "solved_4" in runs[0].metrics else "solved_1"
    for run in runs:
        look = style.depth_style(run.config.depth)
        for number, (_, rows) in enumerate(run.metrics.groupby("seed")):
            look = look | {"label": None if number else look["label"]}
            solved = rows.iloc[-1].filter(regex=r"^solved_\d$")
            presses.plot([int(name[-1]) for name in solved.index], solved, **look)
            for axes, x in ((updates, "updates"), (seconds, "seconds")):
                axes.plot(rows[x], rows[far], markevery=5, ms=4, **look)
    presses.set(xlabel="presses needed", ylabel="share of boards solved", title="at the end")
    updates.set(xlabel="gradient updates", ylabel=f"boards {far[-1]} presses away solved", title="equal updates")
    seconds.set(xlabel="seconds of training", title="equal seconds")
    for axes in (presses, updates, seconds):
        axes.set_ylim(-0.03, 1.03)
    presses.legend()
    figure.suptitle(f"{runs[0].config.env}: two critics with as many parameters", fontsize=9.5)
    return figure
