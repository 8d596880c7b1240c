"""Figure 17: what each residual block adds to what passes through it

From the recorded weights of one seed per depth, on the same states, actions and goals for all: those of the recorded
episodes of the shallowest of them. The paper: depths 32 to 256, curves only.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from crlkit import evidence
from crlkit.agents.trained import TrainedAgent
from crlkit.analysis.gradients import residual_norms
from crlkit.figures import recorded, style
from crlkit.figures.panels import Figure, Finding
from crlkit.figures.scores import doubling_axis
from crlkit.figures.words import held_equal, not_measured
from crlkit.networks import LAYERS_PER_BLOCK

ENV = "point_big_maze"
STACKS = {"actor": "actor π(s, g)", "state_action": "encoder φ(s, a)", "goal": "encoder ψ(g)"}
MEASURES = {"rms": "what a block adds: RMS of F(x)", "relative": "relative to its input: ‖F(x)‖ / ‖x‖"}
MOST_DEPTHS = 3  # each takes a second
LEAST_DEPTH = 2 * LAYERS_PER_BLOCK  # one block has no trend


def norms(data: Path) -> dict[int, dict[str, pd.DataFrame]]:
    """`residual_norms` by depth and stack; empty where no weights were kept."""
    runs = recorded.runs(data, "depth", ENV)
    files = {depth: recorded.weights(data, run) for depth, run in runs.items() if depth >= LEAST_DEPTH}
    kept = [depth for depth, file in files.items() if file]
    if not kept:
        return {}
    shown = recorded.some(kept, MOST_DEPTHS)
    agents = {depth: recorded.load(files[depth]) for depth in shown}
    states, goals = played(agents[shown[0]], evidence.arrays(data, runs[shown[0]]))
    actions = agents[shown[0]].act(states, goals)
    return {depth: of_agent(agent, states, actions, goals) for depth, agent in agents.items()}


def played(agent: TrainedAgent, arrays: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """States `[n, S]` and goals `[n, G]` of an agent's recorded episodes."""
    paths, maze = recorded.walked(arrays), agent.env.maze
    goals = np.broadcast_to(paths.goals, paths.cells.shape)
    there = ~np.isnan(paths.cells[..., 0])
    return agent.env.states_at(maze.position(paths.cells[there])), np.float32(maze.position(goals[there]))


def of_agent(agent: TrainedAgent, states, actions, goals) -> dict[str, pd.DataFrame]:
    stacks = {
        "actor": (agent.actor, (states, goals)),
        "state_action": (agent.critic["state_action"], (states, actions)),
        "goal": (agent.critic["goal"], (goals,)),
    }
    return {
        name: residual_norms(agent.config, params, np.concatenate(inputs, axis=-1))
        for name, (params, inputs) in stacks.items()
    }


def _draw(figure: Drawing, data: Path) -> None:
    found = norms(data)
    grid = figure.subplots(2, 3, sharex=True, sharey="row")
    for row, (measure, label) in zip(grid, MEASURES.items()):
        row[0].set_ylabel(label)
        for axes, name in zip(row, STACKS):
            _by_block(axes, {depth: stacks[name] for depth, stacks in found.items()}, measure)
        row[0].set_ylim(bottom=0)
    for axes, name in zip(grid[0], STACKS.values()):
        axes.set_title(name)
    said = f"{ENV}: what a block adds to its input x. Paper: Humanoid, depths 32 to 256, curves only, no numbers."
    if found:
        rows = evidence.rows(data, "depth").query("env == @ENV and depth in @found")
        said += f"\nHere: one seed per depth, the same states for all, equal: {held_equal(rows)}"
        grid[0, 0].legend()
    figure.suptitle(said, fontsize=9.5)


def _by_block(axes: Axes, tables: dict[int, pd.DataFrame], measure: str) -> None:
    for depth, table in tables.items():
        axes.plot(table.block + 1, table[measure], lw=1.5, ms=4.5, **style.depth_style(depth))
    if not tables:
        not_measured(axes)
    most = max((len(table) for table in tables.values()), default=2)
    doubling_axis(axes, 2 ** np.arange(1 + int(np.log2(most))), "block (1 is next to the input)")
    axes.label_outer()


def finding(data: Path) -> Finding:
    added = norms(data)
    if not added:
        return Finding(missing="what the blocks of deep networks add")
    deepest = max(added)
    change = {name: table.rms.iloc[-1] / table.rms.iloc[0] for name, table in added[deepest].items()}
    listed = ", ".join(f"{STACKS[name]} {ratio:.2f}" for name, ratio in change.items())
    every = "; ".join(
        f"depth {depth}: "
        + ", ".join(f"{name} {t.rms.iloc[0]:.2f} to {t.rms.iloc[-1]:.2f}" for name, t in stacks.items())
        for depth, stacks in added.items()
    )
    said = f"At depth {deepest} the last block adds this many times what the first adds (one seed): {listed}"
    return Finding(said, more=f"First block to last: {every}")


FIGURE = Figure(
    __doc__.splitlines()[0],
    "Six panels, for the actor and both encoders of the critic: the root mean square of what each residual block adds to its "
    f"input, and its norm relative to the input's, against the number of the block, one line a depth, {ENV}",
    finding,
    (_draw,),
    (12, 6.6),
    reads=("depth",),
)
