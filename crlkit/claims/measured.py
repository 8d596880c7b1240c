"""What is held against what: of recorded seeds, the two arms of every comparison that a claim makes."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from crlkit import envs, evidence
from crlkit.analysis.plateaus import skill
from crlkit.analysis.statistics import at_best_rates, interquartile_mean
from crlkit.claims.paper import parameters
from crlkit.claims.verdicts import compare, short
from crlkit.envs.mazes import make_maze
from crlkit.evidence import NO_SCORES, by_the_clock, largest, one_clock, one_processor, scores

SHALLOW, DEEP, DEEPEST = 4, 64, 256  # the paper's Table 1; 256: the deepest at which its network came to an end
BIG = "point_big_maze"  # chosen because depths differed in it (docs/point_mazes.md)
ALIKE = 1.5  # parameter counts within this factor are matched

Pair = tuple[pd.DataFrame, pd.DataFrame]


class Arms(NamedTuple):
    """pairs: by name, the seeds of one arm and of the other. note: what else is to be said. share: how many comparisons
    share one CHANCE, 0: as many as there are pairs. needed: fewer parts than these never reproduce. last: the pair that
    decides, where one does. alone: it has one CHANCE to itself. paired: compared seed by seed."""

    pairs: dict[str, Pair]
    note: str = ""
    share: int = 0
    needed: int = 1
    last: str = ""
    alone: bool = False
    paired: bool = False

    @property
    def used(self) -> list[pd.DataFrame]:
        """The seeds of all pairs that can be compared."""
        return [arm for pair in self.pairs.values() if set(pair[0].task) & set(pair[1].task) for arm in pair]


def of_agents(data: Path, *suites: str, vary: tuple[str, ...] = ("depth",), **which) -> pd.DataFrame:
    """The scores of seeds that have an actor."""
    table = scores(data, *suites, vary=vary, **which)
    return table[table.data != "walks"] if "data" in table else table


def ends(table: pd.DataFrame, column: str, ours: Any, theirs: Any) -> Pair:
    return table[table[column] == ours], table[table[column] == theirs]


def joined(pairs: Iterable[Pair]) -> Pair:
    """Both arms of all pairs, still apart by `task`."""
    return tuple(map(pd.concat, zip(*pairs)))


def timed(data: Path, suites: tuple[str, ...], pairs: dict[str, Pair]) -> dict[str, Pair]:
    """Both arms at the processor second at which the second ends, of all pairs that ran on one processor."""
    ended = {}
    for name, pair in pairs.items():
        if one_clock(*pair):
            seconds = pair[1].seconds.mean()
            ended[f"{name} at {seconds:.0f} s"] = tuple(by_the_clock(data, suites, arm, seconds) for arm in pair)
    return ended


def queried(data: Path, *suites: str, pairs: dict[str, tuple[str, str]], vary: tuple[str, ...] = ("depth",)) -> Arms:
    """Pairs of queries over the seeds of agents, their options and `score`; `@deep` is the greatest depth above 4 that
    actor and critic have together. All pairs have rows, or there are none."""
    table = of_agents(data, *suites, vary=vary)
    names = {"deep": table.query("actor_depth == critic_depth > 4").actor_depth.max()}
    found = {name: tuple(table.query(arm, local_dict=names) for arm in arms) for name, arms in pairs.items()}
    differ = all(set(ours.task) & set(theirs.task) and not ours.equals(theirs) for ours, theirs in found.values())
    return Arms(found if differ else {})


# ---------------------------------------------------------------- depth


def by_task(table: pd.DataFrame) -> list[Pair]:
    """Of every task that has depth 4: the seeds of the deepest up to 64, and of depth 4."""
    pairs = [ends(task, "depth", task.depth[task.depth <= DEEP].max(), SHALLOW) for _, task in table.groupby("task")]
    return [(deep, shallow) for deep, shallow in pairs if len(shallow) and deep.depth.max() > SHALLOW]


def deepest(data: Path, *suites: str, but_big: bool = False, rates: bool = False, clock: bool = False) -> Arms:
    """The deepest agents up to 64 against depth 4, a pair per task in which some seed scores: in the others, which the
    note names, no arm could have differed. but_big: the note has the pooled effect without the big maze, too. rates:
    each depth at its best learning rate. clock: `timed`."""
    table = of_agents(data, *suites, vary=("depth", "learning_rate") if rates else ("depth",), clock=clock)
    every = by_task(at_best_rates(table) if rates else table)
    every = {f"{short(deep.env.iloc[0])} {deep.depth.max():.0f} over 4": (deep, shallow) for deep, shallow in every}
    pairs = {name: pair for name, pair in every.items() if any(arm.score.any() for arm in pair)}
    notes, others = [], [pair for pair in pairs.values() if pair[0].env.iloc[0] != BIG]
    if but_big and 0 < len(others) < len(pairs):
        notes.append(f"without the big maze, selected because depths differed in it: {compare(*joined(others)).p}")
    if zero := [name for name in every if name not in pairs]:
        notes.append(f"left out, zero against zero: {', '.join(zero)}")
    if rates:
        pairs = {f"{name}, each at its rate": pair for name, pair in pairs.items()}
    return Arms(timed(data, suites, pairs) if clock else pairs, "; ".join(notes))


def rungs(data: Path, *suites: str, base: int, expected: tuple[int, ...] = ()) -> Arms:
    """Agents of every depth above `base` against those of `base`; the deepest decides, or the last that is expected."""
    table = of_agents(data, *suites)
    table = table[table.task.isin(table.task[table.depth > base])]
    depths = sorted(set(table.depth[table.depth > base]))
    missing = ", ".join(str(depth) for depth in expected if depth not in set(table.depth))
    pairs = {f"{depth:.0f} over {base}": ends(table, "depth", depth, base) for depth in depths}
    last = f"{(expected or depths)[-1]:.0f} over {base}" if pairs else ""
    return Arms(pairs, f"{missing} not run" if missing and pairs else "", last=last)


def by_kind(pairs: Iterable[Pair], kind: Callable[[pd.Series], str]) -> dict[str, Pair]:
    """A pair per kind of task: what `kind` makes of a row."""
    kinds: dict[str, list[Pair]] = {}
    for pair in pairs:
        kinds.setdefault(kind(pair[0].iloc[0]), []).append(pair)
    return {name: joined(pairs) for name, pairs in kinds.items()}


def four_kinds(data: Path, *suites: str) -> Arms:
    pairs = by_task(of_agents(data, *suites))
    return Arms(by_kind(pairs, lambda row: evidence.kind_of_task(row.env, row.reward)))


def algorithms(data: Path, *suites: str) -> Arms:
    """With the sparse reward, in the environments that all of them have; of contrastive RL the paper's."""
    table = of_agents(data, *suites)
    table = table[(table.reward == "sparse") & ((table.agent != "crl") | (table.energy == "l2"))]
    table = table[table.env.isin(table.env[table.agent != "crl"])]
    return Arms(by_kind(by_task(table), lambda row: evidence.algorithm(*row[list(evidence.ALGORITHM)])))


def simplest_and_others(data: Path, *suites: str) -> Arms:
    """The maze with the shortest longest path, and the others but the big one, which was selected."""
    found, left, *_ = deepest(data, *suites)
    pairs = {deep.env.iloc[0]: (deep, shallow) for deep, shallow in found.values() if deep.env.iloc[0] != BIG}
    ways = {env: make_maze(env.partition("_")[2]).distances.max() for env in pairs}
    least = min(ways.values(), default=0)
    kinds = by_kind(pairs.values(), lambda row: "simplest" if ways[row.env] == least else "the others")
    return Arms({f"{kind} ({', '.join(map(short, pair[0].env.unique()))})": pair for kind, pair in kinds.items()}, left)


def cured_in_time(data: Path, *suites: str) -> Arms:
    """In the big maze each deep network against the runs of depth 4 whose seconds in all are nearest, both when the
    shorter ends."""
    table = of_agents(data, *suites, vary=("depth", "updates"), clock=True)
    table, pairs = one_processor(table[table.env == BIG]), {}
    for depth in (DEEP, DEEPEST):
        deep, shallow = ends(table, "depth", depth, SHALLOW)
        # The claim is about runs that made more updates: those of equal updates are short, whatever they score.
        shallow = shallow[shallow.updates > deep.updates.max()]
        if len(deep) and len(shallow):
            total = deep.seconds.max()
            near = shallow[shallow.updates == shallow.updates[(shallow.seconds - total).abs().idxmin()]]
            seconds = min(total, near.seconds.max())
            arms = (by_the_clock(data, suites, arm, seconds) for arm in (deep, near))
            pairs[f"{depth} over 4 at {seconds:.0f} s"] = tuple(arms)
    return Arms(pairs, share=2, needed=2)


# ---------------------------------------------------------------- depth and width


class Side(NamedTuple):
    """One task of a width suite. deep: seeds at the narrow width, by depth; wide: seeds of depth 4, by width."""

    name: str
    deep: dict[int, pd.DataFrame]
    wide: dict[int, pd.DataFrame]


def sides(data: Path, suite: str, *vary: str, clock: bool = False) -> list[Side]:
    """The tasks that have several depths at their narrow width and several widths at depth 4."""
    every = []
    for _, task in scores(data, suite, vary=("depth", "width", *vary), clock=clock).groupby("task"):
        narrow = int(task.groupby("width").depth.nunique().idxmax())
        deep = task[(task.width == narrow) & (task.depth > SHALLOW)].groupby("depth")
        wide = task[(task.width >= narrow) & (task.depth == SHALLOW)].groupby("width")
        by_depth, by_width = ({int(level): seeds for level, seeds in levels} for levels in (deep, wide))
        if by_depth and len(by_width) > 1:
            every.append(Side(short(task.env.iloc[0]), by_depth, by_width))
    return every


def size_of_run(row: pd.Series) -> int:
    """Parameters of what was trained: of the critic alone where it learned from walks."""
    env = envs.make(row.env)
    sizes = map(int, (row.actor_depth, row.critic_depth, row.width))
    counts = parameters(env.state_size, env.goal_size, env.action_size, *sizes)
    return counts["critic"] + (0 if row.get("data") == "walks" else counts["actor"])


def matched(table: pd.DataFrame) -> pd.DataFrame:
    """The rows whose networks have as many parameters as the widest of depth 4."""
    wide = table[table.depth == SHALLOW].sort_values("width").iloc[-1]
    ratio = table.apply(size_of_run, axis=1) / size_of_run(wide)
    return table[(1 / ALIKE <= ratio) & (ratio <= ALIKE)]


def deep_and_wide(data: Path, mazes: str, boards: str) -> Arms:
    """Of every side each wide network of depth 4 against the deep one of as many parameters; each such pair is a
    task."""
    # The boards' learning rates were searched for each depth alike, on seeds of their own.
    every, pairs = [*sides(data, mazes), *sides(data, boards, "learning_rate")], {}
    for number, side in enumerate(every):
        alike = {}
        for width, wide in side.wide.items():
            ratio = {depth: size_of_run(deep.iloc[0]) / size_of_run(wide.iloc[0]) for depth, deep in side.deep.items()}
            depth = min(ratio, key=lambda depth: abs(np.log(ratio[depth])))
            if width > min(side.wide) and 1 / ALIKE <= ratio[depth] <= ALIKE:
                task = 10_000 * number + width
                alike[f"{depth} over width {width}"] = side.deep[depth].assign(task=task), wide.assign(task=task)
        if alike:
            pairs[f"{side.name}, depth {' and '.join(sorted(alike))}"] = joined(alike.values())
    return Arms(pairs, share=len(every))


def over_widest(data: Path, suite: str, depth: int | None = None, clock: bool = False) -> Arms:
    """The deepest agents (or those of the named depth) against the widest; `clock`: `timed`."""
    every, pairs = sides(data, suite, clock=clock), {}
    for side in every:
        level, widest = depth or max(side.deep), max(side.wide)
        name = f"{side.name} depth {level} over width {widest}"
        pairs[name] = side.deep.get(level, NO_SCORES), side.wide[widest]
    return Arms(timed(data, (suite,), pairs) if clock else pairs, share=len(every))


def over_narrowest(data: Path, suite: str) -> Arms:
    """The widest of depth 4 against the narrowest, without all parts where some doubling of the width does not rise."""
    pairs, levels, rises = {}, [], True
    for side in sides(data, suite):
        middle = {width: float(interquartile_mean(seeds.score)) for width, seeds in side.wide.items()}
        rises &= list(middle.values()) == sorted(set(middle.values()))
        levels.append(f"{side.name} {', '.join(f'{value:.2f} at {width}' for width, value in middle.items())}")
        widest, narrowest = max(middle), min(middle)
        pairs[f"{side.name} width {widest} over {narrowest}"] = side.wide[widest], side.wide[narrowest]
    return Arms(pairs, "; ".join(levels), needed=1 if rises else len(pairs) + 1)


# ---------------------------------------------------------------- ablations, boards, hindsight


def with_and_without(data: Path, suite: str, option: str, good: str, bad: str, gain: bool = False) -> Arms:
    """One value of an option against another by depth, seed by seed where critics learned alone from shared walks; `gain`:
    it must also gain more at the deepest than at depth 4."""
    table = scores(data, suite, vary=(option,))
    table = table.assign(value=table[option].astype(str))
    table = table[table.value.isin([good, bad])]
    table = table[table.groupby("task").value.transform("nunique") == 2]
    if not (table.depth > SHALLOW).any():
        return Arms({})
    deeper = table[table.depth > SHALLOW].groupby("depth")
    pairs = {f"depth {depth:.0f}": ends(rows, "value", good, bad) for depth, rows in deeper}
    means = table.groupby(["depth", "value"]).score.mean().unstack()
    gained, note, needed = means[good] - means[bad], "", 1
    if gain and gained.index.min() <= SHALLOW:
        note = f"gained by it {gained.iloc[-1]:.2f}, at depth 4 {gained.iloc[0]:.2f}"
        needed = 1 if gained.iloc[-1] > gained.iloc[0] else 2
    paired = "data" in table and bool((table.data == "walks").all())
    return Arms(pairs, note, needed=needed, last=[*pairs][-1], alone=True, paired=paired)


def lines(data: Path, suite: str, measure: str = "score") -> pd.DataFrame:
    """Scores of the critics of Lights Out in two lines of depths that have 4, with a `name` and a `task` each: those of
    equal width, and those with as many parameters as the widest of depth 4."""
    table = scores(data, suite, vary=("depth", "width", "learning_rate"), measure=measure)
    if SHALLOW not in set(table.depth):
        return NO_SCORES
    width = table.groupby("width").depth.nunique().idxmax()
    alike = {f"width {width:.0f}": table[table.width == width], "equal parameters": matched(table)}
    named = (line.assign(name=name, task=task) for task, (name, line) in enumerate(alike.items()))
    both = [line for line in named if SHALLOW in set(line.depth) and line.depth.nunique() > 1]
    return pd.concat(both) if both else NO_SCORES


def skills(data: Path, suite: str) -> pd.DataFrame:
    """Of both lines of depths the share of best actions beyond chance."""
    table = lines(data, suite, "optimal_action")
    return table.assign(score=skill(table.score))


def ends_of_lines(data: Path, suite: str) -> Arms:
    """The deepest critics against depth 4, a pair per line."""
    every = [(line, line.depth.max(), line["name"].iloc[0]) for _, line in lines(data, suite).groupby("task")]
    return Arms({f"{deep:.0f} over 4 at {name}": ends(line, "depth", deep, SHALLOW) for line, deep, name in every})


def relabelled(data: Path, suite: str) -> Arms:
    """Of every strategy the last tenth against the first evaluation, and against no relabelling at the same depths: of
    the largest size that has this arm."""
    table = of_agents(data, suite, vary=(), sizes=True)
    if "hindsight" not in table:
        return Arms({})
    complete = table[table["size"].isin(table["size"][table.hindsight == "none"])]
    table = largest(complete if len(complete) else table)
    table = table[(table.energy == "l2") & (table.loss == "forward")]
    start = evidence.from_the_start(data, (suite,), table, "share") if len(table) else table
    without = table[table.hindsight == "none"].assign(task=0)
    strategies, pairs = sorted(set(table.hindsight) - {"none"}), {}
    for name in strategies:
        chosen = table.hindsight == name
        pairs[f"{name}, end over start"] = table[chosen], start[chosen]
        if len(without):
            alike = table[chosen & table.depth.isin(without.depth)].assign(task=0)
            pairs[f"{name} over no relabelling"] = alike, without
    if without.empty and pairs:  # what was asked for and not run stays open
        return Arms(pairs, "an arm without relabelling: not run", len(strategies), needed=len(pairs) + 1)
    return Arms(pairs, share=len(strategies))
