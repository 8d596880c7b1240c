"""Claims about what else a network is made of: actor and critic apart, batch size, residuals, norm, activation."""

from pathlib import Path

import numpy as np
import pandas as pd

from crlkit import evidence
from crlkit.claims.depth import DEEP, SHALLOW, policies
from crlkit.claims.ledger import NOT_RUN, TWO, Claim, Verdict, by_parts
from crlkit.claims.measured import DEPTHS, Comparison, compare, scores, size

NETWORKS = ("critic_depth", "actor_depth")
ABLATIONS = {"residual": (True, False), "norm": ("layer", "none"), "activation": ("swish", "relu")}


def _grid(data: Path) -> dict[str, pd.DataFrame]:
    """Of actor_vs_critic, the cells of depth 4 and the deepest, by name; empty if one has no rows."""
    table = scores(data, "actor_vs_critic", vary=DEPTHS)
    table = policies(table) if len(table) else table
    if table.empty:
        return {}
    deep = table.actor_depth[(table.actor_depth == table.critic_depth) & (table.actor_depth > 4)].max()
    corners = {"both": (deep, deep), "actor": (deep, 4), "critic": (4, deep)}
    found = {name: table[(table.actor_depth == a) & (table.critic_depth == c)] for name, (a, c) in corners.items()}
    return found if all(map(len, found.values())) else {}


def _gains(data: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One row per seed: what a critic of the greatest depth gains over one of 4, mean over the depths of the actor, and the
    same of the actor."""
    table = scores(data, "actor_vs_critic", vary=DEPTHS)
    deep, gains = table.critic_depth.max(), []
    for name in NETWORKS:
        means = table.groupby(["task", "env", "size", "seed", name]).score.mean().unstack()
        gains.append((means[deep] - means[4]).rename("score").reset_index())
    return tuple(gains)


def _both(data: Path) -> Verdict:
    if not (cells := _grid(data)):
        return NOT_RUN
    found = {f"both deep over {one} alone": compare(cells["both"], cells[one], 2) for one in ("actor", "critic")}
    held = [one.held for one in found.values()]
    here = "; ".join(f"{name}: {one}" for name, one in found.items())
    return Verdict(by_parts(held), here, min(c.seeds for c in found.values()), size(pd.concat(cells.values())))


def _critic_first(data: Path) -> Verdict:
    if not _grid(data):
        return NOT_RUN
    critic, actor = _gains(data)
    one = compare(critic, actor)
    here = "gained by a deep critic {:+.2f}, by a deep actor {:+.2f}".format(*one.middle)
    return Verdict(by_parts([one.held]), f"{here}, {one.p}", one.seeds, size(critic))


def _batch(data: Path) -> Verdict:
    table = scores(data, "batch_size", vary=("batch_size", "prefill"))
    table = policies(table) if len(table) else table
    if table.empty or table.batch_size.nunique() < 2 or table.depth.nunique() < 2:
        return NOT_RUN
    depths = (table.depth.min(), table.depth.max())
    both = set.intersection(*(set(table.batch_size[table.depth == depth]) for depth in depths))
    if len(both) < 2:
        return NOT_RUN
    ends, found = (max(both), min(both)), {}
    for depth in depths:
        of_depth = table[table.depth == depth]
        if not (one := compare(*(of_depth[of_depth.batch_size == batch] for batch in ends), parts=2)):
            return NOT_RUN
        found[f"depth {depth:.0f}, {ends[0]:.0f} over {ends[1]:.0f}"] = one
    shallow, deep = found.values()
    if deep.better:
        outcome = "reproduced" if deep.low > shallow.value else "partly"
    else:
        outcome = "not reproduced" if deep.worse or shallow.better else "undecided"
    here = "; ".join(f"{name}: {one}" for name, one in found.items())
    return Verdict(outcome, here, min(shallow.seeds, deep.seeds), size(table))


def at_depths(table: pd.DataFrame, good: pd.Series, bad: pd.Series) -> dict[str, Comparison]:
    """The rows of `good` against those of `bad` at every depth that has both and is more than 4: the deepest with 5 % of
    chance to itself, the others sharing another. Critics alone of one seed learn from the same walks and are scored on
    the same batches, so they are compared seed by seed."""
    depths = [d for d in sorted(table.depth[good | bad].unique()) if d > 4]
    pairs = {f"depth {d:.0f}": (table[good & (table.depth == d)], table[bad & (table.depth == d)]) for d in depths}
    pairs = {name: pair for name, pair in pairs.items() if set(pair[0].task) & set(pair[1].task)}
    parts = [max(1, len(pairs) - 1)] * (len(pairs) - 1) + [1]
    paired = "data" in table and bool((table.data == "walks").all())
    return {name: compare(*pair, parts=of, paired=paired) for of, (name, pair) in zip(parts, pairs.items())}


def deepest_first(found: dict[str, Comparison]) -> str:
    held = [one.held for one in found.values()]
    return "reproduced" if held[-1] else by_parts(held)


def _ablation(data: Path, option: str) -> Verdict:
    table = scores(data, "ablations", vary=(option,))
    if table.empty or option not in table:
        return NOT_RUN
    ours, theirs = (table[option].astype(str) == str(value) for value in ABLATIONS[option])
    found = at_depths(table, ours, theirs)
    if not found:
        return NOT_RUN
    last = list(found)[-1]
    below = [name.removeprefix("depth ") for name, one in found.items() if one.better and name != last]
    here = f"{last}: {found[last]}" + (f"; also at {', '.join(below)}" if below else "")
    used = table[(ours | theirs) & (table.depth > 4)]
    return Verdict(deepest_first(found), here, min(one.seeds for one in found.values()), size(used))


def _for_depth(data: Path) -> Verdict:
    """Layer norm: that it helps in the deepest network is not yet that it helps depth."""
    found = _ablation(data, "norm")
    if found.outcome != "reproduced":
        return found
    table = scores(data, "ablations", vary=("norm",))
    table = table[table.norm.isin(ABLATIONS["norm"])]
    both = table.groupby("task").norm.transform("nunique") == 2  # tasks differ in depth, too
    means = table[both].groupby(["depth", "norm"]).score.mean().unstack()
    gain = means["layer"] - means["none"]
    if gain.index.min() > 4:
        return found
    here = f"{found.here}; gained by it {gain.iloc[-1]:.2f}, at depth 4 {gain.iloc[0]:.2f}"
    return found._replace(here=here, outcome="reproduced" if gain.iloc[-1] > gain.iloc[0] else "partly")


def _corners(data: Path) -> pd.DataFrame:
    table = evidence.paper(data, "fig6_actor_critic_depth")
    return table.pivot(index="environment", columns=["actor_depth", "critic_depth"], values="value")


def _published_both(data: Path) -> str:
    table = _corners(data)
    won = (table[64, 64] > table[[(4, 64), (64, 4)]].max(axis=1)).sum()
    return f"64 and 64 beat 4 and 64 either way round in {won} of {len(table)} (Fig. 6)"


def _published_critic(data: Path) -> str:
    """By row means of the printed grids; a corner alone is one cell."""
    table = evidence.paper(data, "fig6_actor_critic_depth")
    means = (table.groupby(["environment", name]).value.mean().unstack() for name in NETWORKS)
    critic, actor = (mean[DEEP] - mean[SHALLOW] for mean in means)
    return f"row means gain more from 4 to 64 by the critic in {(critic > actor).sum()} of {len(critic)} (Fig. 6)"


def _published_batch(data: Path) -> str:
    table = evidence.paper(data, "fig7_batch_size").pivot(index="depth", columns="batch_size", values="value")
    gain = table[2048] / table[128]
    return f"2048 over 128: {gain[4]:.1f}x at depth 4, {gain[64]:.0f}x at 64 (Fig. 7, two runs a cell)"


def _published_residual(data: Path) -> str:
    table = evidence.paper(data, "fig5_depth_and_residual").query("panel == 'residual_ablation'")
    table = table.assign(residual=table.residual.astype(str).str.lower() == "true")
    table = table.pivot(index="depth", columns="residual", values="value")
    return "; ".join(f"depth {d}: {table[True][d]:g} with, {table[False][d]:g} without" for d in (4, 32)) + " (Fig. 5)"


def _published_rebuttal(data: Path, names: tuple[str, str], **other) -> str:
    table = evidence.paper(data, "rebuttal_layer_norm_and_activation")
    rest = table.loc[np.logical_and.reduce([table[name] == value for name, value in other.items()])].set_index("depth")
    ours = table[table.layer_norm & (table.activation == "swish")].set_index("depth")
    words = [f"depth {d}: {ours.value[d]:.0f} {names[0]}, {rest.value[d]:.0f} {names[1]}" for d in (4, 64)]
    return "; ".join(words) + " (rebuttal)"


LADDER = (
    "Depths above 4 are compared, on policies or, where critics alone were trained, on held-out loss. "
    "Reproduced: it wins at the deepest, which has 5 % of chance to itself; partly: only at a shallower one (these share "
    "another 5 %); not reproduced: at none, and it loses at one. Critics alone of one seed share their walks and held-out "
    "batches and are compared seed by seed: by how many are ahead, and by a sign-flip test of the mean difference"
)
CLAIMS = [
    Claim(
        name="both_deep",
        sentence="Actor and critic both need depth",
        source="paper, Fig. 6",
        published=_published_both,
        suites=("actor_vs_critic",),
        statistic="P of deep actor and deep critic against a deep actor alone and against a deep critic alone",
        rule=f"Each of the two is a part. {TWO}",
        judge=_both,
    ),
    Claim(
        name="critic_before_actor",
        sentence="Depth matters more in the critic than in the actor (two of three environments)",
        source="paper, Fig. 6",
        published=_published_critic,
        suites=("actor_vs_critic",),
        statistic="a seed's gain from depth 4 to the deepest critic, mean over actors, P against its gain by the actor, mean over critics",
        rule="Reproduced: the critic's gain beats the actor's; not reproduced: the reverse",
        judge=_critic_first,
    ),
    Claim(
        name="batch_size",
        sentence="Larger batches pay only for deep networks",
        source="paper, Fig. 7",
        published=_published_batch,
        suites=("batch_size",),
        statistic="P of the largest batch against the smallest, at depth 4 and at the deepest",
        rule="Reproduced: the large batch wins at the deepest, with an interval above P at depth 4; partly: it wins "
        "there, but not by more than at depth 4; not reproduced: it loses there, or wins at depth 4 alone",
        judge=_batch,
    ),
    Claim(
        name="residual_needed",
        sentence="Residual connections are needed in deep networks",
        source="paper, Fig. 5; tutorial text (there: at 1000 layers)",
        published=_published_residual,
        suites=("ablations",),
        statistic="P with against without them, by depth",
        rule=LADDER,
        judge=lambda data: _ablation(data, "residual"),
    ),
    Claim(
        name="layer_norm_needed",
        sentence="Layer normalisation is needed for depth to pay",
        source="paper, Fig. 16 and rebuttal; tutorial text",
        published=lambda data: _published_rebuttal(data, ("with", "without"), layer_norm=False),
        suites=("ablations",),
        statistic="P with against without it, by depth",
        rule=f"{LADDER}. It must also gain more at the deepest than at depth 4, or the verdict is partly",
        judge=_for_depth,
    ),
    Claim(
        name="swish_over_relu",
        sentence="Swish does better than ReLU in deep networks",
        source="paper, Fig. 16 and rebuttal; tutorial text",
        published=lambda data: _published_rebuttal(data, ("swish", "ReLU"), activation="relu"),
        suites=("ablations",),
        statistic="P of swish against ReLU, by depth",
        rule=LADDER,
        judge=lambda data: _ablation(data, "activation"),
    ),
]
