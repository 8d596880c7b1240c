"""Figure 2: a residual block, a network, an agent. Drawn, not measured; parameters are those of the kit's networks."""

from functools import cache
from pathlib import Path

import jax
from matplotlib.axes import Axes

from crlkit.networks import LAYERS_PER_BLOCK, make_networks, parameter_count

DEPTHS = (4, 16, 64, 256, 1024)
WIDTH, STATE, GOAL, ACTION = 256, 268, 3, 17  # the paper's humanoid
DENSE, OTHER, ACTOR, CRITIC, IDENTITY = "#9ECAE9", "#FFFFFF", "#C7E9C0", "#DADAEB", "#B2182B"
# Rows of boxes, each with an arrow from the one before: the place of a middle, its text, its colour.
ROWS = (
    ((0.2, 5.6, "x", OTHER), *((1.2 + 1.8 * k, 5.6, f"layer {k + 1}:\nDense,\nLayerNorm,\nSwish", DENSE) for k in range(LAYERS_PER_BLOCK)),
     (8.3, 5.6, "+", DENSE), (8.8, 5.6, "", OTHER)),
    ((0.2, 3.7, "", OTHER), (1.4, 3.7, "Dense, LayerNorm,\nSwish", OTHER), (3.2, 3.7, "block 1", DENSE), (4.5, 3.7, "block 2", DENSE),
     (6.1, 3.7, "block\ndepth / 4", DENSE), (7.4, 3.7, "Dense\n(head)", OTHER), (8.4, 3.7, "", OTHER)),
    ((0.9, 2.4, "state s, action a", OTHER), (3.0, 2.4, "state-action encoder\nφ(s, a)", CRITIC),
     (5.5, 1.95, "energy f(s, a, g)\n= −‖φ(s, a) − ψ(g)‖", OTHER), (7.7, 1.95, "InfoNCE: highest for\nthe goal that was reached", OTHER)),
    ((0.9, 1.5, "goal g", OTHER), (3.0, 1.5, "goal encoder\nψ(g)", CRITIC), (5.5, 1.95, "energy f(s, a, g)\n= −‖φ(s, a) − ψ(g)‖", OTHER)),
    ((0.9, 0.5, "state s, goal g", OTHER), (3.0, 0.5, "actor\nπ(a | s, g)", ACTOR),
     (6.2, 0.5, "action a, trained to raise the energy f(s, a, g)", OTHER)),
)  # fmt: skip
TITLES = (
    (0.1, 6.9, "a   one residual block: x + F(x)"),
    (0.1, 4.4, "b   one network: depth = 4 × number of blocks"),
    (0.1, 2.95, "c   the agent: three such networks"),
    (9.1, 6.9, "d   parameters, millions"),
)


@cache
def parameters(depth: int) -> dict[str, int]:
    """Parameters of the three networks at one depth, by name."""
    networks = make_networks(STATE, GOAL, ACTION, actor_depth=depth, critic_depth=depth, width=WIDTH)
    critic, actor = (jax.eval_shape(make, jax.random.key(0)) for make in (networks.init_critic, networks.init_actor))
    stacks = {"actor": actor, "state-action encoder": critic["state_action"], "goal encoder": critic["goal"]}
    return {name: parameter_count(stack) for name, stack in stacks.items()}


def told(data: Path) -> tuple[str, str]:
    least, *_, most = (f"{sum(parameters(depth).values()) / 1e6:.3g} million at depth {depth}" for depth in DEPTHS)
    blocks = f"Depth counts the Dense layers inside residual blocks, {LAYERS_PER_BLOCK} per block"
    return f"{blocks}; parameters grow linearly with it, from {least} to {most}", ""


def _chain(axes: Axes, boxes) -> None:
    """Boxes around texts, and an arrow from each to the next; a box without colour or text has no edge."""
    before = None
    for x, y, text, colour in boxes:
        edge = "0.25" if text and colour != OTHER or "\n" in text else "none"
        box = {"boxstyle": "round,pad=0.5", "fc": colour, "ec": edge, "lw": 0.9}
        drawn = axes.text(x, y, text, ha="center", va="center", size=9, bbox=box, zorder=3)
        if before:
            look = {"arrowstyle": "-|>", "color": "0.15", "lw": 1.2, "shrinkA": 0, "shrinkB": 0}
            look |= {"patchA": before.get_bbox_patch(), "patchB": drawn.get_bbox_patch()}
            axes.annotate("", (x, y), before.get_position(), arrowprops=look)
        before = drawn


def draw(axes: Axes, data: Path) -> None:
    axes.set(xlim=(0, 12.6), ylim=(0, 7.1))
    axes.axis("off")
    for x, y, text in TITLES:
        axes.text(x, y, text, weight="bold", size=10.5)
    for row in ROWS:
        _chain(axes, row)
    axes.text(5.32, 3.7, "...", ha="center", size=14, bbox={"fc": "white", "ec": "none"}, zorder=4)
    axes.plot([0.45, 0.45, 8.3], [5.6, 6.45, 6.45], color=IDENTITY, lw=2)
    down = {"arrowstyle": "-|>", "color": IDENTITY, "lw": 2, "shrinkA": 0}
    axes.annotate("", (8.3, 5.8), (8.3, 6.45), arrowprops=down)
    axes.text(4.2, 6.53, "identity, added after the last activation", color=IDENTITY, ha="center")
    counts = {depth: list(parameters(depth).values()) for depth in DEPTHS}
    cells = [[str(d), *(f"{n / 1e6:.2f}" for n in (*count, sum(count)))] for d, count in counts.items()]
    place = (9.1 / 12.6, 0.5, 3.4 / 12.6, 0.35)
    axes.table(cells, colLabels=("depth", "actor", "φ", "ψ", "all three"), bbox=place, edges="horizontal")
    body = f"the paper's humanoid: state {STATE},\ngoal {GOAL}, action {ACTION}, embedding 64"
    axes.text(9.1, 6.3, f"width {WIDTH}; {body}", va="center")
