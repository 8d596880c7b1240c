"""Notebook 04: the training loop as boxes and arrows, with the numbers of a config."""

from matplotlib.figure import Figure

from crlkit.config import Config
from crlkit.figures import style


@style.styled
def draw_loop(config: Config) -> Figure:
    """Collect, relabel, update the critic, update the actor, evaluate; how often each is repeated stands on the arrows."""
    boxes = {
        "1 collect": f"{config.num_envs} mazes,\n{config.unroll_length} steps each",
        "2 relabel": f"{config.batch_size} steps, to each\na later state as goal",
        "3 update the critic": f"which of {config.batch_size}\ngoals is mine?",
        "4 update the actor": "prefer actions the\ncritic judges near",
        "5 evaluate": f"{config.eval_episodes} episodes\nto far goals",
    }
    figure = style.new_figure(10, 2.6)
    axes = figure.subplots()
    axes.set(xlim=(-0.55, 4.55), ylim=(-1.35, 1.25))
    axes.axis("off")
    frame = {"boxstyle": "round,pad=0.6", "fc": "#eef3f8", "ec": "#0072B2"}
    for x, (title, text) in enumerate(boxes.items()):
        axes.text(x, 0, f"{title}\n\n{text}", ha="center", va="center", bbox=frame)
    arrow = {"arrowstyle": "-|>", "color": "black", "shrinkA": 0, "shrinkB": 0}
    for x in range(len(boxes) - 1):
        axes.annotate("", (x + 0.58, 0), (x + 0.42, 0), arrowprops=arrow)
    returns = (
        (3, 1, 0.6, 0.15, 1.1, f"{config.updates_per_unroll} updates in every round"),
        (4, 0, -0.6, -0.08, -1.2, f"{config.rounds} rounds, {len(config.evaluation_rounds)} evaluations"),
    )
    for start, end, y, bend, text_y, text in returns:
        bent = {**arrow, "connectionstyle": f"arc3,rad={bend}"}
        axes.annotate("", (end, y), (start, y), arrowprops=bent)
        axes.text((start + end) / 2, text_y, text, ha="center", va="center")
    return figure
