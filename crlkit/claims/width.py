"""Claims about depth against width: at equal parameters, at equal seconds, by doubling."""

from functools import cache
from pathlib import Path

import jax
import numpy as np
import pandas as pd

from crlkit import envs, evidence
from crlkit.analysis.statistics import interquartile_mean
from crlkit.claims.depth import outcome_of, verdict
from crlkit.claims.ledger import NOT_ONE_CLOCK, NOT_RUN, Claim, Verdict, by_parts
from crlkit.claims.measured import after_seconds, compare_tasks, one_clock, scores, short, size
from crlkit.networks import make_networks

WIDTHS, BOARDS = ("depth_vs_width",), "lights_out"
ALIKE = 1.5  # parameter counts within this factor are matched


@cache
def parameters(state: int, goal: int, action: int, actor_depth: int, critic_depth: int, width: int) -> dict[str, int]:
    """How many parameters the `actor` and the `critic` (both encoders) have, with layer norm; nothing is computed."""
    networks = make_networks(state, goal, action, actor_depth=actor_depth, critic_depth=critic_depth, width=width)

    def count(init) -> int:
        return sum(leaf.size for leaf in jax.tree.leaves(jax.eval_shape(init, jax.random.key(0))))

    return {"actor": count(networks.init_actor), "critic": count(networks.init_critic)}


def size_of_run(row: pd.Series) -> int:
    """Parameters of what was trained: of the critic alone where it learned from walks."""
    env = envs.make(row.env)
    sizes = map(int, (row.actor_depth, row.critic_depth, row.width))
    counts = parameters(env.state_size, env.goal_size, env.action_size, *sizes)
    return counts["critic"] + (0 if row.get("data") == "walks" else counts["actor"])


def matched(table: pd.DataFrame) -> pd.DataFrame:
    """The rows whose networks have as many parameters as the widest of depth 4."""
    wide = table[table.depth == 4].sort_values("width").iloc[-1]
    ratio = np.array([size_of_run(row) / size_of_run(wide) for _, row in table.iterrows()])
    return table[(1 / ALIKE <= ratio) & (ratio <= ALIKE)]


class Sides:
    """One task of the width suite. deep: runs at the narrow width, by depth; wide: runs of depth 4, by width."""

    def __init__(self, table: pd.DataFrame):
        narrow = table.groupby("width").depth.nunique().idxmax()
        self.name, self.table = short(table.env.iloc[0]), table
        deep, wide = table[table.width == narrow], table[(table.depth == 4) & (table.width >= narrow)]
        self.deep = {int(d): part for d, part in deep[deep.depth > 4].groupby("depth")}
        self.wide = {int(w): part for w, part in wide.groupby("width")}
        self.narrow = int(narrow)


def _sides(data: Path, suite: str, *vary: str, clock: bool = False) -> list[Sides]:
    table = scores(data, suite, vary=("depth", "width", *vary), clock=clock)
    if table.empty:
        return []
    found = [Sides(part) for _, part in table.groupby("task") if 4 in set(part.depth) and part.width.nunique() > 1]
    return [side for side in found if side.deep and len(side.wide) > 1]


def _matched(data: Path) -> Verdict:
    """All pairs pooled, then each side by itself."""
    # The boards' learning rates were searched for each depth alike, on seeds of their own.
    sides = [*_sides(data, *WIDTHS), *_sides(data, BOARDS, "learning_rate")]
    every, each, used = {}, {}, []
    for side in sides:
        pairs = {}
        for width in set(side.wide) - {side.narrow}:
            of_wide = size_of_run(side.wide[width].iloc[0])
            ratio = {depth: size_of_run(part.iloc[0]) / of_wide for depth, part in side.deep.items()}
            depth = min(ratio, key=lambda depth: abs(np.log(ratio[depth])))
            if 1 / ALIKE <= ratio[depth] <= ALIKE:
                pairs[f"{depth} over width {width}"] = side.deep[depth], side.wide[width]
        if not pairs:
            continue
        name = f"{side.name}, depth {' and '.join(sorted(pairs))}"
        each[name] = compare_tasks(*_arms(pairs), len(sides))
        every |= {f"{side.name} {pair}": arms for pair, arms in pairs.items()}
        used += [arm for pair in pairs.values() for arm in pair]
    if not every:
        return NOT_RUN
    pooled = compare_tasks(*_arms(every))
    here = f"pooled over {len(every)} pairs {pooled.p}; " + "; ".join(f"{name}: {one}" for name, one in each.items())
    return Verdict(outcome_of(pooled, each), here, min(one.seeds for one in each.values()), size(pd.concat(used)))


def _arms(pairs: dict[str, tuple[pd.DataFrame, pd.DataFrame]]) -> list[dict[str, np.ndarray]]:
    """Scores of both arms, by pair."""
    return [{name: pair[arm].score.to_numpy() for name, pair in pairs.items()} for arm in (0, 1)]


def _widest(data: Path, depth: int | None, per_second: bool = False) -> Verdict:
    """The deepest (or the named depth) against the widest, in every task."""
    sides = _sides(data, *WIDTHS, clock=per_second)
    sides = [s for s in sides if "data" not in s.table or (s.table.data != "walks").all()]
    found, used = {}, []
    for side in sides:
        level = depth or max(side.deep)
        if level not in side.deep:
            continue
        pair = side.deep[level], side.wide[max(side.wide)]
        if per_second and not one_clock(*pair):
            return NOT_ONE_CLOCK
        if per_second:
            seconds = pair[1].seconds.mean()
            pair = tuple(after_seconds(data, WIDTHS, arm, seconds) for arm in pair)
        used += pair
        found[f"{side.name} depth {level} over width {max(side.wide)}"] = compare_tasks(
            *({0: arm.score.to_numpy()} for arm in pair), len(sides)
        )
    if not found:
        return NOT_RUN
    return verdict(by_parts(one.held for one in found.values()), found, pd.concat(used))


def _width_helps(data: Path) -> Verdict:
    held, ends_held, words, used = [], [], [], []
    for side in (sides := _sides(data, *WIDTHS)):
        middle = {width: float(interquartile_mean(part.score)) for width, part in sorted(side.wide.items())}
        ends = compare_tasks(*({0: side.wide[end].score.to_numpy()} for end in (max(middle), min(middle))), len(sides))
        rises = (np.diff(list(middle.values())) > 0).all()
        held.append(ends.better and rises)
        ends_held.append(ends.held)
        levels = ", ".join(f"{value:.2f} at {width}" for width, value in middle.items())
        words.append(f"{side.name} {levels}; widest over narrowest {ends.p}")
        used += side.wide.values()
    if not used:
        return NOT_RUN
    outcome = "reproduced" if all(held) else "partly" if any(ends_held) else by_parts(ends_held)
    return Verdict(outcome, "; ".join(words), min(map(len, used)), size(pd.concat(used)))


STATED = {"width": 1.3, "depth": 1.8}  # the tutorial text's factors in score of a doubling


def _doubling(data: Path) -> Verdict:
    held, words, used = [], [], []
    for side in _sides(data, *WIDTHS):
        shallow = side.wide[side.narrow]
        for kind, levels in (("width", side.wide), ("depth", {4: shallow} | side.deep)):
            ends = [[levels[level].score.to_numpy()] for level in (max(levels), min(levels))]
            factors = ratios(*ends) ** (1 / np.log2(max(levels) / min(levels)))
            value, low, high = factors[0], *np.quantile(factors[1:], [0.025, 0.975])
            within = low <= STATED[kind] <= high
            held.append(within and (not low <= 1 <= high or None))
            words.append(f"{side.name} {kind} x2: score x{value:.2f} ({low:.2f} to {high:.2f})")
        used += [*side.wide.values(), *side.deep.values()]
    if not used:
        return NOT_RUN
    return Verdict(by_parts(held), "; ".join(words), min(map(len, used)), size(pd.concat(used)))


def ratios(ours: list[np.ndarray], theirs: list[np.ndarray], resamples: int = 5000) -> np.ndarray:
    """Ratio of the interquartile means, mean over tasks (one array each), first of the data, then of resamples of the seeds."""
    rng = np.random.default_rng(0)

    def means(x: np.ndarray) -> np.ndarray:
        drawn = x[rng.integers(len(x), size=(resamples, len(x)))]
        return np.concatenate([[interquartile_mean(x)], interquartile_mean(drawn, axis=1)])

    arms = [np.mean([means(np.asarray(x)) for x in arm], axis=0) for arm in (ours, theirs)]
    return np.maximum(arms[0], 1e-6) / np.maximum(arms[1], 1e-6)


def _fig4(data: Path) -> pd.DataFrame:
    """One row an environment, columns (width, depth)."""
    table = evidence.paper(data, "fig4_width_vs_depth")
    return table.pivot(index="environment", columns=["width", "depth"], values="value")


def _published_matched(data: Path) -> str:
    table, counts = _fig4(data), evidence.paper(data, "parameter_counts")
    counts = counts[(counts.environment_family == "humanoid") & (counts.network == "total")]
    millions = counts.set_index(["width", "depth"]).value
    won = (table[256, 32] > table[4096, 4]).sum()
    return f"256 x 32 ({millions[256, 32]:.0f} M) beats 4096 x 4 ({millions[4096, 4]:.0f} M) in {won} of {len(table)}"


def _published_widest(data: Path) -> str:
    table = _fig4(data)
    words = [f"width {w} in {(table[256, 8] > table[w, 4]).sum()}" for w in (2048, 4096)]
    return f"depth 8 beats {' and '.join(words)} of {len(table)} (Fig. 4)"


def _published_hours(data: Path) -> str:
    hours = evidence.paper(data, "rebuttal_hours_to_pass_width_4096")
    hours = hours.pivot(index="environment", columns="width", values="value")
    share = 100 * hours[256] / hours[4096]
    return f"depth 64 passes width 4096 after {share.min():.0f} to {share.max():.0f} % of its hours (rebuttal)"


def _published_rises(data: Path) -> str:
    wide = _fig4(data).xs(4, axis=1, level="depth").sort_index(axis=1)
    return f"every doubling helps in {(wide.diff(axis=1).iloc[:, 1:] > 0).all(axis=1).sum()} of {len(wide)} (Fig. 4)"


def _published_doubling(data: Path) -> str:
    table = _fig4(data)
    wide = (table[4096, 4] / table[256, 4]) ** (1 / np.log2(4096 / 256))
    deep = (table[256, 32] / table[256, 4]) ** (1 / np.log2(32 / 4))
    words = [f"{name} x{of.min():.1f} to x{of.max():.1f}" for name, of in (("width", wide), ("depth", deep))]
    return "a doubling from 256 x 4: " + ", ".join(words) + " (Fig. 4)"


CLAIMS = [
    Claim(
        name="deep_over_wide",
        sentence="With as many parameters and updates, depth gives more than width",
        source="paper, Fig. 4; tutorial text",
        published=_published_matched,
        suites=(*WIDTHS, BOARDS),
        statistic="P of a narrow deep network against one of depth 4 with as many parameters (within a factor 1.5)",
        rule="All pairs pooled with 5 % to themselves, then those of each environment, which share another 5 %. Reproduced: deep wins the "
        "pooled comparison and loses no environment; partly: it wins otherwise, or one environment; not reproduced: it loses. "
        "Depths above 64 of the paper's network are left out: their policies are saturated (saturated_head)",
        judge=_matched,
    ),
    Claim(
        name="depth_8_over_widest",
        sentence="Doubling depth to 8 beats the widest network, per update",
        source="paper, Fig. 4",
        published=_published_widest,
        suites=WIDTHS,
        statistic="P of depth 8 at the narrow width against the widest of depth 4",
        rule="A maze is a part. Reproduced: in every maze; partly: in some; not reproduced: in none, and the reverse in one",
        judge=lambda data: _widest(data, 8),
    ),
    Claim(
        name="deep_over_wide_per_second",
        sentence="The deep network passes the widest one in less time than that takes",
        source="paper, rebuttal",
        published=_published_hours,
        suites=WIDTHS,
        statistic="P of the deepest against the widest at the processor second at which the widest ends",
        rule="A maze is a part. Reproduced: in every maze; partly: in some; not reproduced: in none, and the reverse in one",
        judge=lambda data: _widest(data, None, per_second=True),
    ),
    Claim(
        name="width_helps",
        sentence="At depth 4 wider networks consistently beat narrower ones, per update",
        source="paper, Fig. 4",
        published=_published_rises,
        suites=WIDTHS,
        statistic="interquartile means by width; P of the widest against the narrowest",
        rule="Reproduced: in every maze the widest beats the narrowest and every doubling rises; partly: the "
        "widest beats the narrowest in some; not reproduced: in none, and the reverse in one",
        judge=_width_helps,
    ),
    Claim(
        name="doubling_gains",
        sentence="Doubling width gains 30 % in score, doubling depth 80 %",
        source="tutorial text, table 'depth against width'",
        published=_published_doubling,
        suites=WIDTHS,
        statistic="ratio of interquartile means between the ends of each series, per doubling, 95 % bootstrap interval",
        rule="Width and depth are parts: the interval contains the stated factor and not 1; without the factor it speaks against "
        "it, with both it is open. Reproduced: both; partly: one; not reproduced: neither, and one spoken against",
        judge=_doubling,
    ),
]
