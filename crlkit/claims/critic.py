"""Claims about what is inside a trained critic: its map of the maze, its embeddings, its blocks."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from crlkit import evidence
from crlkit.analysis.q_maps import by_cell
from crlkit.analysis.topology import topology_score
from crlkit.claims.ledger import NOT_RUN, Claim, Verdict, by_parts, stated
from crlkit.claims.measured import CHANCE, scores, short, size
from crlkit.claims.shipped import able, agents
from crlkit.envs.mazes import make_maze

TELLS_APART = 0.02  # least difference of the two rank correlations that a goal must be able to show


def _recorded(data: Path) -> Iterator[tuple[pd.Series, dict[str, np.ndarray]]]:
    """Every run of the depth suite that has arrays (of its first seed, which reaches goals), with its options."""
    table = able(scores(data, "depth", sizes=True))
    for _, row in table.drop_duplicates("run").iterrows() if len(table) else ():
        if held := evidence.arrays(data, row.run):
            yield row, held


def topology_by_depth(data: Path) -> pd.DataFrame:
    """One row a recorded run: `task`, `env`, `depth`, `value`: 1 if the map orders the cells by path, -1 if by straight
    line; runs whose goal hardly tells the two apart are left out."""
    rows = []
    for row, held in _recorded(data):
        maze = make_maze(row.env.partition("_")[2])
        cells = by_cell(held["critic_map"].astype(float), maze)
        found = topology_score(cells, maze, tuple(held["goal"].tolist()))
        if found.ceiling > TELLS_APART:
            rows.append({**row, "value": found.score / found.ceiling})
    return pd.DataFrame(rows).dropna(subset="value") if rows else pd.DataFrame()


def embeddings_by_depth(data: Path, measure: str) -> pd.DataFrame:
    """One row a shipped agent, `value` its `stretch` or `tightness`."""
    return pd.DataFrame([{**row, "value": getattr(seen, measure)} for row, seen in agents(data)])


def trend(table: pd.DataFrame, resamples: int = 10_000) -> tuple[float, float]:
    """Spearman's correlation of depth and value, mean over tasks of three depths or more, and its two-sided p: depths
    are dealt anew within each task. NaN where no task has three."""
    rng, sums, count = np.random.default_rng(0), np.zeros(resamples + 1), 0
    for _, part in table.groupby("task"):
        if part.depth.nunique() < 3:
            continue
        depth, value = (stats.zscore(stats.rankdata(part[name])) for name in ("depth", "value"))
        dealt = np.stack([depth, *(rng.permutation(depth) for _ in range(resamples))])
        sums, count = sums + dealt @ np.nan_to_num(value) / len(part), count + 1
    if not count:
        return float("nan"), float("nan")
    rho = sums / count
    return float(rho[0]), float((np.abs(rho) >= abs(rho[0]) - 1e-12).mean())


def _trends(table: pd.DataFrame, upward: bool, above: float | None = None) -> Verdict:
    """reproduced with a trend in the named direction and, if `above` is given, the deepest above it; partly with the
    trend alone."""
    if table.empty:
        return NOT_RUN
    rho, p = trend(table)
    if np.isnan(rho):
        return NOT_RUN._replace(here="needs three depths in a maze")
    deepest = table.task[table.depth == table.depth.max()]  # another maze may begin elsewhere
    ends = table[table.task.isin(deepest)].groupby("depth").value.mean()
    follows = bool(p < CHANCE and (rho > 0) == upward)
    reaches = above is None or bool(ends.iloc[-1] > above)
    outcome = by_parts([follows, reaches]) if follows else "not reproduced" if p < CHANCE else "undecided"
    (first, low), *_, (last, high) = ends.items()
    here = f"rho {rho:+.2f}, p {p:.2g}; {low:+.2f} at depth {first:.0f}, {high:+.2f} at {last:.0f}"
    return Verdict(outcome, here, 1, size(table[table.groupby("task").depth.transform("nunique") > 2]))


def _blocks(data: Path) -> Verdict:
    """Spearman of block and norm in both encoders of the deepest shipped agents of each task."""
    shipped = [(row, seen) for row, seen in agents(data) if row.depth >= 32]
    deepest = {row.task: max(other.depth for other, _ in shipped if other.task == row.task) for row, _ in shipped}
    shipped = [(row, seen) for row, seen in shipped if row.depth == deepest[row.task]]
    held, words = [], []
    for row, seen in shipped:
        both = []
        for encoder in ("state_action", "goal"):
            added = getattr(seen, encoder).added
            found = stats.spearmanr(np.arange(len(added)), added)
            held.append(bool(found.statistic < 0) if found.pvalue < CHANCE else None)
            both.append(f"{encoder.replace('_', '-')} {found.statistic:+.2f} (p {found.pvalue:.1g})")
        words.append(f"{short(row.env)}, depth {row.depth:.0f}: {', '.join(both)}")
    if not held:
        return NOT_RUN
    return Verdict(by_parts(held), "; ".join(words), 1, size(pd.DataFrame([row for row, _ in shipped])))


ONE_SEED = "Spearman's correlation with depth over agents that reach goals, the first seed of each run, permutation test within mazes"
SHIPPED = f"{ONE_SEED}; only agents whose weights are shipped"
CLAIMS = [
    Claim(
        name="topology",
        sentence="Shallow critics follow the straight line, deep ones the maze's paths",
        source="paper, Fig. 9; tutorial text",
        published=stated("two colour maps (Fig. 9), no numbers"),
        suites=("depth",),
        statistic=f"rank correlation with path minus that with line distance, from -1 (all line) to 1 (all path); {ONE_SEED}",
        rule="Reproduced: it rises with depth (p below 0.05) and is above 0 at the deepest; partly: it rises, but the deepest "
        "still follows the line; not reproduced: it falls (p below 0.05)",
        judge=lambda data: _trends(topology_by_depth(data), upward=True, above=0.0),
    ),
    Claim(
        name="allocation",
        sentence="Deep critics give states near the goal more of the embedding space",
        source="paper, Fig. 10; tutorial text",
        published=stated("one PCA picture a depth (Fig. 10), no numbers"),
        suites=("depth",),
        statistic=f"length of a cell's step in the embedding near over far from the farthest goal, all cells; {SHIPPED}",
        rule="Reproduced: it rises with depth (p below 0.05); not reproduced: it falls (p below 0.05)",
        judge=lambda data: _trends(embeddings_by_depth(data, "stretch"), upward=True),
    ),
    Claim(
        name="clusters",
        sentence="Shallow critics put the states near the goal into a tight cluster",
        source="paper, Fig. 10; tutorial text",
        published=stated("one PCA picture a depth (Fig. 10), no numbers"),
        suites=("depth",),
        statistic=f"1 minus the radius of the third of cells nearest to the farthest goal over that of all, above 0 if tighter; {SHIPPED}",
        rule="Reproduced: it falls with depth (p below 0.05); not reproduced: it rises (p below 0.05)",
        judge=lambda data: _trends(embeddings_by_depth(data, "tightness"), upward=False),
    ),
    Claim(
        name="residual_norms",
        sentence="In a trained critic later blocks add less",
        source="paper, Fig. 17",
        published=stated("curves (Fig. 17), no numbers"),
        suites=("depth",),
        statistic="Spearman's correlation of block and norm of what it adds, deepest agent of each maze that is shipped "
        "(depth 32 at least), in the middle of every free cell",
        rule="An encoder of a maze's agent is a part: negative with p below 0.05. Reproduced: all; partly: some; not "
        "reproduced: none",
        judge=_blocks,
    ),
]
