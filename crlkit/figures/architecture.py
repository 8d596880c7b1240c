"""Figure 2: a residual block, a network of blocks, and the three networks of an agent

Drawn, not measured. The numbers of parameters are counted in the kit's own networks.
"""

from functools import lru_cache
from pathlib import Path

import jax
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch, Rectangle

from crlkit.figures.panels import Figure
from crlkit.figures.words import Words
from crlkit.networks import LAYERS_PER_BLOCK, make_networks

DEPTHS = (4, 16, 64, 256, 1024)
WIDTH, STATE, GOAL, ACTION, EMBEDDING = 256, 268, 3, 17, 64  # the paper's humanoid
DENSE, NORM, SWISH, OTHER = "#9ECAE9", "#DDDDDD", "#FDD0A2", "#FFFFFF"  # apart in lightness too
ACTOR, CRITIC, IDENTITY = "#C7E9C0", "#DADAEB", "#B2182B"


@lru_cache(maxsize=16)
def parameters(depth: int) -> dict[str, int]:
    """Parameters of the three networks at one depth, by name."""
    networks = make_networks(
        STATE, GOAL, ACTION, actor_depth=depth, critic_depth=depth, width=WIDTH, embedding_size=EMBEDDING
    )
    critic, actor = (jax.eval_shape(make, jax.random.key(0)) for make in (networks.init_critic, networks.init_actor))
    parts = {"actor": actor, "state-action encoder": critic["state_action"], "goal encoder": critic["goal"]}
    return {name: sum(leaf.size for leaf in jax.tree.leaves(part)) for name, part in parts.items()}


def words(data: Path) -> Words:
    counts = {depth: sum(parameters(depth).values()) / 1e6 for depth in DEPTHS}
    first, last = DEPTHS[0], DEPTHS[-1]
    return Words(
        f"Depth counts the Dense layers inside residual blocks, {LAYERS_PER_BLOCK} a block; parameters grow linearly with it, "
        f"from {counts[first]:.2f} million at depth {first} to {counts[last]:.0f} million at depth {last}.",
        "Five parts. A residual block: four times Dense, LayerNorm and Swish in a row, with an arrow past all of them that "
        "adds the block's input after the last Swish. A network: Dense, LayerNorm and Swish, then depth / 4 blocks, then "
        "a Dense head. The agent: state and action into the encoder phi, goal into the encoder psi, both into the "
        "energy minus the distance of phi and psi; state and goal into the actor, which gives the action. The depths to scale, one "
        f"stripe a block. A table of parameters in millions at width {WIDTH} for the humanoid, all three networks together: "
        + ", ".join(f"depth {depth} {count:.2f}" for depth, count in counts.items())
        + ".",
    )


def _box(axes: Axes, x: float, y: float, width: float, height: float, text: str, colour: str, **looks) -> None:
    """A rounded box with its lower left corner at (x, y)."""
    shape = FancyBboxPatch(
        (x, y), width, height, boxstyle="round,pad=0,rounding_size=0.08", fc=colour, ec="0.25", lw=0.9
    )
    axes.add_patch(shape)
    axes.text(x + width / 2, y + height / 2, text, ha="center", va="center", **{"size": 9, **looks})


def _arrow(axes: Axes, start, end, **looks) -> None:
    looks = {"arrowstyle": "-|>", "mutation_scale": 11, "lw": 1.2, "color": "0.15", "shrinkA": 0, "shrinkB": 0} | looks
    axes.add_patch(FancyArrowPatch(start, end, **looks))


def _plus(axes: Axes, x: float, y: float) -> None:
    axes.add_patch(Circle((x, y), 0.17, fc="white", ec="0.15", lw=1.3, zorder=3))
    axes.text(x, y, "+", ha="center", va="center_baseline", size=14, zorder=4)


def _title(axes: Axes, x: float, y: float, letter: str, text: str) -> None:
    axes.text(x, y, f"{letter}   {text}", weight="bold", size=10.5)


def _block(axes: Axes, y: float) -> None:
    """One residual block, left to right around height y."""
    axes.text(0.15, y, "x", ha="center", va="center", size=12, style="italic")
    x, start, first = 0.95, 0.3, 0.95
    for layer in range(LAYERS_PER_BLOCK):
        axes.text(x + 0.7, y - 0.72, f"layer {layer + 1}", ha="center", va="center", size=8.5, color="0.25")
        for text, colour in (("Dense", DENSE), ("LayerNorm", NORM), ("Swish", SWISH)):
            _arrow(axes, (start, y), (x, y), mutation_scale=7, lw=0.9)
            _box(axes, x, y - 0.52, 0.38, 1.04, text, colour, rotation=90)
            start, x = x + 0.38, x + 0.51
        x += 0.12
    plus = start + 0.45
    _arrow(axes, (start, y), (plus - 0.17, y))
    _plus(axes, plus, y)
    _arrow(axes, (plus + 0.17, y), (plus + 0.5, y))
    # The identity: over everything, and down into the sum, which stands after the last activation.
    top, leaves = y + 0.85, (0.3 + first) / 2
    axes.plot([leaves, leaves, plus], [y, top, top], color=IDENTITY, lw=2)
    _arrow(axes, (plus, top), (plus, y + 0.17), color=IDENTITY, lw=2)
    axes.text((leaves + plus) / 2, top + 0.08, "identity, added after the last activation", color=IDENTITY, ha="center")


def _network(axes: Axes, y: float) -> None:
    parts = [
        (0.6, 1.55, "Dense, LayerNorm,\nSwish", OTHER),
        (2.5, 1.05, "block 1", DENSE),
        (3.9, 1.05, "block 2", DENSE),
        (5.55, 1.05, "block\ndepth / 4", DENSE),
        (6.95, 0.9, "Dense\n(head)", OTHER),
    ]
    start = 0.3
    for x, width, text, colour in parts:
        _arrow(axes, (start, y), (x, y), ls=":" if "/" in text else "-")
        _box(axes, x, y - 0.38, width, 0.76, text, colour)
        start = x + width
    _arrow(axes, (start, y), (start + 0.4, y))


def _agent(axes: Axes, y: float) -> None:
    middle = y + 0.75
    for text, height, name in (("state s, action a", y + 1.2, "φ(s, a)"), ("goal g", y + 0.3, "ψ(g)")):
        kind = "state-action encoder" if "action" in text else "goal encoder"
        axes.text(0.1, height, text, va="center")
        _arrow(axes, (1.45, height), (1.8, height))
        _box(axes, 1.8, height - 0.36, 1.75, 0.72, f"{kind}\n{name}", CRITIC)
        _arrow(axes, (3.55, height), (4.2, middle + (0.2 if height > middle else -0.2)))
    _box(axes, 4.2, middle - 0.44, 1.7, 0.88, "energy f(s, a, g)\n= −‖φ(s, a) − ψ(g)‖", OTHER)
    _arrow(axes, (5.9, middle), (6.25, middle))
    axes.text(6.32, middle, "InfoNCE: highest for the\ngoal that was reached", va="center", size=8.5)
    low = y - 0.65
    axes.text(0.1, low, "state s, goal g", va="center")
    _arrow(axes, (1.45, low), (1.8, low))
    _box(axes, 1.8, low - 0.36, 1.75, 0.72, "actor\nπ(a | s, g)", ACTOR)
    _arrow(axes, (3.55, low), (4.2, low))
    axes.text(4.27, low, "action a, trained to raise the energy f(s, a, g)", va="center")


def _table(axes: Axes, x: float, y: float) -> None:
    said = f"width {WIDTH}; the paper's humanoid: state {STATE},\ngoal {GOAL}, action {ACTION}, embedding {EMBEDDING}"
    axes.text(x, y, said, size=8.5, va="center", color="0.25")
    across, y = x + np.array([0.45, 1.15, 1.8, 2.45, 3.3]), y - 0.55
    for place, text in zip(across, ("depth", "actor", "φ", "ψ", "all three")):
        axes.text(place, y, text, ha="right", weight="bold")
    axes.plot([x, across[-1]], [y - 0.12] * 2, color="0.25", lw=0.9)
    for row, depth in enumerate(DEPTHS):
        counts = [count / 1e6 for count in parameters(depth).values()]
        for place, text in zip(across, [str(depth), *(f"{value:.2f}" for value in (*counts, sum(counts)))]):
            axes.text(place, y - 0.4 - 0.33 * row, text, ha="right")


def _stripes(axes: Axes, x: float, y: float) -> None:
    """Each depth as its own blocks, one stripe a block, row under row where they do not fit in one."""
    in_a_row, pitch, height = 64, 0.042, 0.2
    for depth in DEPTHS:
        blocks = depth // LAYERS_PER_BLOCK
        axes.text(x + 0.45, y + height / 2, str(depth), ha="right", va="center")
        for k in range(blocks):
            place = (x + 0.6 + pitch * (k % in_a_row), y - 0.26 * (k // in_a_row))
            axes.add_patch(Rectangle(place, 0.7 * pitch, height, fc="#2171B5", lw=0))
        rows, width = -(-blocks // in_a_row), pitch * min(blocks, in_a_row)
        number = f"{blocks} block" + "s" * (blocks > 1)
        beside = (x + 0.65 + width, y + height / 2) if blocks < in_a_row else (x + 0.6, y - 0.26 * rows + 0.08)
        axes.text(*beside, number, va="center", size=8, color="0.25")
        y -= 0.26 * rows + (0.12 if blocks < in_a_row else 0.28)


def _draw(figure: Drawing, data: Path) -> None:
    axes = figure.add_subplot()
    axes.set(xlim=(0, 12), ylim=(0, 7.1), aspect="equal")
    axes.axis("off")
    _title(axes, 0.1, 6.9, "a", "one residual block: x + F(x)")
    _block(axes, 5.6)
    _title(axes, 0.1, 4.4, "b", "one network: depth = 4 × number of blocks")
    _network(axes, 3.75)
    _title(axes, 0.1, 2.95, "c", "the agent: three such networks")
    _agent(axes, 1.2)
    _title(axes, 8.6, 6.9, "d", "parameters, millions")
    _table(axes, 8.6, 6.5)
    _title(axes, 8.6, 3.6, "e", "depths to scale, one stripe a block")
    _stripes(axes, 8.6, 3.15)


FIGURE = Figure(__doc__.splitlines()[0], "", words, (_draw,), (12, 7.1), reads=())
