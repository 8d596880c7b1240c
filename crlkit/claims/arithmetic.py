"""Claims that counting or a clock can check: how parameters and times grow with depth and width."""

from functools import cache
from pathlib import Path

import jax
import numpy as np
import pandas as pd

from crlkit import evidence
from crlkit.claims.verdicts import ARITHMETIC, BENCHED, NOT_RUN, Verdict, by_parts
from crlkit.networks import make_networks, parameter_count


@cache
def parameters(state: int, goal: int, action: int, actor_depth: int, critic_depth: int, width: int) -> dict[str, int]:
    """How many parameters the `actor` and the `critic` (both encoders) have, with layer norm; nothing is computed."""
    networks = make_networks(state, goal, action, actor_depth=actor_depth, critic_depth=critic_depth, width=width)
    inits = {"actor": networks.init_actor, "critic": networks.init_critic}
    return {name: parameter_count(jax.eval_shape(init, jax.random.key(0))) for name, init in inits.items()}


def of_a_point(depth: int, width: int = 256) -> int:
    """Parameters of actor and critic of a point."""
    return sum(parameters(2, 2, 2, depth, depth, width).values())


def growth(data: Path, width: int, depth: int) -> Verdict:
    """Width and depth are parts: the parameters grow with the stated power. Reproduced: all parts; partly: some; not
    reproduced: none"""
    base = of_a_point(32)
    factors = {"width": of_a_point(32, 512) / base, "depth": of_a_point(64) / base}
    held = [round(float(np.log2(factor))) == power for factor, power in zip(factors.values(), (width, depth))]
    here = ", ".join(f"{kind} x2: x{factor:.2f}" for kind, factor in factors.items())
    return Verdict(by_parts(held), f"{here} parameters", 0, ARITHMETIC)


def within_double(stated: list[tuple[int, int]], of_depth: pd.Series, digits: str) -> tuple[str, str]:
    """What `of_depth` makes of the stated factors over depth 4, each within half and double or not, and in words."""
    factor = {depth: of_depth.get(depth, np.nan) / of_depth.get(4, np.nan) for depth, _ in stated}
    held = [said / 2 <= factor[depth] <= said * 2 for depth, said in stated if np.isfinite(factor[depth])]
    words = (f"{depth}: {value:{digits}}x" for depth, value in factor.items() if np.isfinite(value))
    return by_parts(held, len(stated)), ", ".join(words)


def memory(data: Path, stated: list[tuple[int, int]]) -> Verdict:
    """A depth is a part: its factor is within half and double of the stated one. Reproduced: all of them; partly: some;
    not reproduced: none"""
    outcome, words = within_double(stated, pd.Series({depth: of_a_point(depth) for depth in (4, *dict(stated))}), ".0f")
    here = f"parameters at width 256, depth {words}"
    if (table := evidence.benched(data)) is not None:  # what the operating system counted, which is mostly the runtime
        _, process = within_double(stated, table["peak memory (MB)"], ".1f")
        here += f"; the whole process of {BENCHED} at width {table.width.iloc[0]}, depth {process}"
    return Verdict(outcome, here, 0, ARITHMETIC)


def times(data: Path, stated: list[tuple[int, int]]) -> Verdict:
    """A depth is a part: its factor is within half and double of the stated one. Reproduced: all of them; partly: some;
    not reproduced: none of those timed"""
    if (table := evidence.benched(data)) is None:
        return NOT_RUN
    outcome, words = within_double(stated, table["update (ms)"], ".3g")
    here = f"{words} (width {table.width.iloc[0]}, {table.device.iloc[0]})"
    return Verdict(outcome, here, 0, BENCHED) if words else NOT_RUN


def counts(data: Path) -> Verdict:
    """Within 15 %. Reproduced: all stated numbers count the whole agent; partly: each fits at least one of its networks; not
    reproduced: one fits none"""
    counted = evidence.paper(data, "parameter_counts")
    stated = counted[counted.network == "not_stated"]
    counted = counted[(counted.environment_family == "humanoid") & (counted.network != "not_stated")]
    table = stated.merge(counted, on=["width", "depth"], suffixes=("", "_counted"))
    table["near"] = (table.value_counted / table.value - 1).abs() <= 0.15
    whole = table[table.network_counted == "total"].set_index("value").sort_index()
    fitting = table.groupby("value").near.any().sum()
    outcome = "reproduced" if whole.near.all() else "partly" if fitting == len(whole) else "not reproduced"
    words = ", ".join(f"{stated:g} M is {row.value_counted:.1f} M" for stated, row in whole.iterrows())
    return Verdict(outcome, f"{words} with all networks; {fitting} of {len(whole)} fit some of them", 0, ARITHMETIC)
