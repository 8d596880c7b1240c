"""Claims that counting can check: how parameters grow."""

from pathlib import Path

import numpy as np
import pandas as pd

from crlkit import evidence
from crlkit.claims.ledger import ARITHMETIC, BENCH, BENCHED, Claim, Verdict, by_parts, stated
from crlkit.claims.width import parameters

MEMORY = {64: 8, 256: 20, 1024: 60}


def growth() -> dict[str, tuple[float, int]]:
    """Factor in parameters of doubling width and of doubling depth from 256 x 32, actor and critic of a point, and the
    power that it is nearest to."""

    def total(depth: int, width: int) -> int:
        return sum(parameters(2, 2, 2, depth, depth, width).values())

    base = total(32, 256)
    factors = {"width": total(32, 512) / base, "depth": total(64, 256) / base}
    return {kind: (factor, round(float(np.log2(factor)))) for kind, factor in factors.items()}


def _growth(**claimed: int) -> Verdict:
    found = growth()
    held = [found[kind][1] == power for kind, power in claimed.items()]
    words = [f"{kind} x2: x{factor:.2f}" for kind, (factor, _) in found.items()]
    return Verdict(by_parts(held), ", ".join(words) + " parameters", 0, ARITHMETIC)


def _counts(data: Path) -> pd.DataFrame:
    """The paper's statements in millions, beside the counted networks of that width and depth (Humanoid)."""
    table = evidence.paper(data, "parameter_counts")
    said = table[table.network == "not_stated"]
    counted = table[(table.environment_family == "humanoid") & (table.network != "not_stated")]
    return said.merge(counted, on=["width", "depth"], suffixes=("", "_counted"))


def _count(data: Path) -> Verdict:
    table = _counts(data)
    table["near"] = (table.value_counted / table.value - 1).abs() <= 0.15
    whole = table[table.network_counted == "total"].set_index("value")
    right = whole.near.sum()
    any_network = table.groupby("value").near.any().sum()
    outcome = "reproduced" if right == len(whole) else "partly" if any_network == len(whole) else "not reproduced"
    words = ", ".join(f"{said:g} M is {row.value_counted:.1f} M" for said, row in whole.sort_index().iterrows())
    parts = f"{any_network} of {len(whole)} fit some of them"
    return Verdict(outcome, f"{words} with all networks; {parts}", 0, ARITHMETIC)


def _counts_published(data: Path) -> str:
    said = evidence.paper(data, "parameter_counts").query("network == 'not_stated'")
    return ", ".join(f"{r.width} x {r.depth}: {r.value:g} M" for r in said.itertuples())


def _memory(data: Path) -> Verdict:
    base = sum(parameters(2, 2, 2, 4, 4, 256).values())
    found = {depth: sum(parameters(2, 2, 2, depth, depth, 256).values()) / base for depth in MEMORY}
    held = [MEMORY[depth] / 2 <= factor <= MEMORY[depth] * 2 for depth, factor in found.items()]
    here = "parameters at width 256, depth " + ", ".join(f"{depth}: {factor:.0f}x" for depth, factor in found.items())
    return Verdict(by_parts(held), here + _of_process(data), 0, ARITHMETIC)


def _of_process(data: Path) -> str:
    """What the operating system counted, which is mostly the runtime."""
    if not (data / f"{BENCH}.csv").exists():
        return ""
    table = pd.read_csv(data / f"{BENCH}.csv").set_index("depth")
    memory = table["peak memory (MB)"] / table["peak memory (MB)"][4]
    words = ", ".join(f"{depth}: {memory[depth]:.1f}x" for depth in MEMORY if depth in memory)
    return f"; the whole process of {BENCHED} at width {table.width.iloc[0]}, depth {words}"


def _memory_published(data: Path) -> str:
    table = evidence.paper(data, "rebuttal_depth_vs_width_cost").query("measure == 'memory' and width == 256")
    value = table.set_index("depth").value
    said = ", ".join(f"{depth}: {factor}x" for depth, factor in MEMORY.items())
    return f"{said} (the text); 64: {value[64] / value[4]:.1f}x (rebuttal)"


PARTS = "Reproduced: all parts; partly: some; not reproduced: none"
CLAIMS = [
    Claim(
        name="growth_paper",
        sentence="Parameters grow linearly with width but quadratically with depth",
        source="paper, text to Fig. 4",
        published=stated("linear in width, quadratic in depth"),
        statistic="log2 of the factor in parameters of one doubling from 256 x 32, rounded: 1 is linear, 2 quadratic",
        rule="Width and depth are parts. " + PARTS,
        judge=lambda data: _growth(width=1, depth=2),
        basis=ARITHMETIC,
    ),
    Claim(
        name="growth_text",
        sentence="Doubling width doubles the parameters, and so does doubling depth",
        source="tutorial text, table 'depth against width'",
        published=stated("about 2x each"),
        statistic="the same",
        rule="Width and depth are parts. " + PARTS,
        judge=lambda data: _growth(width=1, depth=1),
        basis=ARITHMETIC,
    ),
    Claim(
        name="parameter_counts",
        sentence="The networks compared have 70, 2 and 35 million parameters",
        source="paper, text of v1 and v3",
        published=_counts_published,
        statistic="counted parameters of actor and critic for Humanoid, LayerNorm and biases included",
        rule="Within 15 %. Reproduced: all three count the whole agent; partly: each fits at least one of its networks; not "
        "reproduced: one fits none",
        judge=_count,
        basis=ARITHMETIC,
    ),
    Claim(
        name="cost_memory",
        sentence="Memory grows 8-fold at depth 64, 20-fold at 256, 60-fold at 1024",
        source="tutorial text, table 'computational cost'",
        published=_memory_published,
        statistic="parameters of a point's networks over those of depth 4, width 256: weights, gradients and Adam's moments take "
        "memory in proportion; activations and the runtime are not counted, and decide what a process takes",
        rule="A depth is a part: within half and double of the stated factor. " + PARTS,
        judge=_memory,
        basis=ARITHMETIC,
    ),
]
