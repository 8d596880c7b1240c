"""Figure 2: a residual block, a network of blocks, and the three networks of an agent

Drawn, not measured. The numbers of parameters are counted in the kit's own networks.
"""

from functools import cache
from pathlib import Path

import jax
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch

from crlkit.figures.panels import Figure, Finding
from crlkit.networks import LAYERS_PER_BLOCK, make_networks, parameter_count

DEPTHS = (4, 16, 64, 256, 1024)
WIDTH, STATE, GOAL, ACTION = 256, 268, 3, 17  # the paper's humanoid
DENSE, NORM, SWISH, OTHER = "#9ECAE9", "#DDDDDD", "#FDD0A2", "#FFFFFF"  # apart in lightness too
ACTOR, CRITIC, IDENTITY = "#C7E9C0", "#DADAEB", "#B2182B"
# Left edge, height of the middle, width, height, text, colour.
BOXES = (
    (0.6, 3.75, 1.55, 0.76, "Dense, LayerNorm,\nSwish", OTHER),
    (2.5, 3.75, 1.05, 0.76, "block 1", DENSE),
    (3.9, 3.75, 1.05, 0.76, "block 2", DENSE),
    (5.55, 3.75, 1.05, 0.76, "block\ndepth / 4", DENSE),
    (6.95, 3.75, 0.9, 0.76, "Dense\n(head)", OTHER),
    (1.8, 2.4, 1.75, 0.72, "state-action encoder\nφ(s, a)", CRITIC),
    (1.8, 1.5, 1.75, 0.72, "goal encoder\nψ(g)", CRITIC),
    (4.2, 1.95, 1.7, 0.88, "energy f(s, a, g)\n= −‖φ(s, a) − ψ(g)‖", OTHER),
    (1.8, 0.55, 1.75, 0.72, "actor\nπ(a | s, g)", ACTOR),
)
ARROWS = (
    *(((start, 3.75), (end, 3.75)) for start, end in ((0.3, 0.6), (2.15, 2.5), (3.55, 3.9), (6.6, 6.95), (7.85, 8.25))),
    *(((1.45, y), (1.8, y)) for y in (2.4, 1.5, 0.55)),
    *(((3.55, 2.4), (4.2, 2.15)), ((3.55, 1.5), (4.2, 1.75)), ((5.9, 1.95), (6.25, 1.95)), ((3.55, 0.55), (4.2, 0.55))),
)
TEXTS = (
    *((0.1, 2.4, "state s, action a"), (0.1, 1.5, "goal g"), (0.1, 0.55, "state s, goal g")),
    (6.32, 1.95, "InfoNCE: highest for the\ngoal that was reached"),
    (4.27, 0.55, "action a, trained to raise the energy f(s, a, g)"),
    (8.6, 6.45, f"width {WIDTH}; the paper's humanoid: state {STATE},\ngoal {GOAL}, action {ACTION}, embedding 64"),
)
TITLES = (
    (0.1, 6.9, "a   one residual block: x + F(x)"),
    (0.1, 4.4, "b   one network: depth = 4 × number of blocks"),
    (0.1, 2.95, "c   the agent: three such networks"),
    (8.6, 6.9, "d   parameters, millions"),
)


@cache
def parameters(depth: int) -> dict[str, int]:
    """Parameters of the three networks at one depth, by name."""
    networks = make_networks(STATE, GOAL, ACTION, actor_depth=depth, critic_depth=depth, width=WIDTH)
    critic, actor = (jax.eval_shape(make, jax.random.key(0)) for make in (networks.init_critic, networks.init_actor))
    stacks = {"actor": actor, "state-action encoder": critic["state_action"], "goal encoder": critic["goal"]}
    return {name: parameter_count(stack) for name, stack in stacks.items()}


def finding(data: Path) -> Finding:
    counts = {depth: sum(parameters(depth).values()) / 1e6 for depth in DEPTHS}
    return Finding(
        f"Depth counts the Dense layers inside residual blocks, {LAYERS_PER_BLOCK} a block; parameters grow linearly with it, "
        f"from {counts[DEPTHS[0]]:.2f} million at depth {DEPTHS[0]} to {counts[DEPTHS[-1]]:.0f} million at depth {DEPTHS[-1]}",
        more=f"Parameters in millions at width {WIDTH} for the humanoid, all three networks together: "
        + ", ".join(f"depth {depth} {count:.2f}" for depth, count in counts.items()),
    )


def _box(axes: Axes, x: float, y: float, width: float, height: float, text: str, colour: str, **look) -> None:
    """A rounded box from x on, around height y."""
    round_ = "round,pad=0,rounding_size=0.08"
    axes.add_patch(FancyBboxPatch((x, y - height / 2), width, height, boxstyle=round_, fc=colour, ec="0.25", lw=0.9))
    axes.text(x + width / 2, y, text, ha="center", va="center", size=9, **look)


def _arrow(axes: Axes, start, end, **look) -> None:
    look = {"arrowstyle": "-|>", "mutation_scale": 11, "lw": 1.2, "color": "0.15", "shrinkA": 0, "shrinkB": 0} | look
    axes.add_patch(FancyArrowPatch(start, end, **look))


def _block(axes: Axes, y: float) -> None:
    """One residual block, left to right around height y; the identity over everything, and down into the sum."""
    axes.text(0.15, y, "x", ha="center", va="center", size=12, style="italic")
    x, start = 0.95, 0.3
    for layer in range(LAYERS_PER_BLOCK):
        axes.text(x + 0.7, y - 0.72, f"layer {layer + 1}", ha="center", va="center", size=8.5, color="0.25")
        for text, colour in (("Dense", DENSE), ("LayerNorm", NORM), ("Swish", SWISH)):
            _arrow(axes, (start, y), (x, y), mutation_scale=7, lw=0.9)
            _box(axes, x, y, 0.38, 1.04, text, colour, rotation=90)
            start, x = x + 0.38, x + 0.51
        x += 0.12
    plus, top = start + 0.45, y + 0.85
    _arrow(axes, (start, y), (plus - 0.17, y))
    _arrow(axes, (plus + 0.17, y), (plus + 0.5, y))
    axes.add_patch(Circle((plus, y), 0.17, fc="white", ec="0.15", lw=1.3, zorder=3))
    axes.text(plus, y, "+", ha="center", va="center_baseline", size=14, zorder=4)
    axes.plot([0.625, 0.625, plus], [y, top, top], color=IDENTITY, lw=2)
    _arrow(axes, (plus, top), (plus, y + 0.17), color=IDENTITY, lw=2)
    axes.text(plus / 2, top + 0.08, "identity, added after the last activation", color=IDENTITY, ha="center")


def _table(axes: Axes, x: float, y: float) -> None:
    """depth, the three networks, their sum; columns end at these places."""
    lines = [("depth", "actor", "φ", "ψ", "all three")]
    for depth in DEPTHS:
        counts = [count / 1e6 for count in parameters(depth).values()]
        lines.append((str(depth), *(f"{count:.2f}" for count in (*counts, sum(counts)))))
    for row, line in enumerate(lines):
        for place, text in zip((0.45, 1.15, 1.8, 2.45, 3.3), line):
            axes.text(x + place, y - 0.36 * row, text, ha="right", weight="normal" if row else "bold")
    axes.plot([x, x + 3.3], [y - 0.1] * 2, color="0.25", lw=0.9)


def _draw(figure: Drawing, data: Path) -> None:
    axes = figure.add_subplot()
    axes.set(xlim=(0, 12), ylim=(0, 7.1), aspect="equal")
    axes.axis("off")
    for x, y, text in TITLES:
        axes.text(x, y, text, weight="bold", size=10.5)
    for x, y, text in TEXTS:
        axes.text(x, y, text, va="center")
    for box in BOXES:
        _box(axes, *box)
    for start, end in ARROWS:
        _arrow(axes, start, end)
    _arrow(axes, (4.95, 3.75), (5.55, 3.75), ls=":")
    _block(axes, 5.6)
    _table(axes, 8.6, 5.9)


FIGURE = Figure(
    __doc__.splitlines()[0],
    "Four parts. A residual block: four times Dense, LayerNorm and Swish in a row, with an arrow past all of them that adds the "
    "block's input after the last Swish. A network: Dense, LayerNorm and Swish, then depth / 4 blocks, then a Dense head. The "
    "agent: state and action into the encoder phi, goal into the encoder psi, both into the energy minus the distance of phi and "
    "psi; state and goal into the actor, which gives the action. A table of parameters",
    finding,
    (_draw,),
    (12, 7.1),
)
