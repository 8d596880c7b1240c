"""Claims that counting or a clock can check: how parameters and times grow with depth and width."""

from functools import cache
from pathlib import Path

import jax
import numpy as np

from crlkit import evidence
from crlkit.claims.verdicts import ARITHMETIC, BENCHED, NOT_RUN, Verdict, by_parts
from crlkit.networks import make_networks, parameter_count

MEMORY, TIMES = {64: 8, 256: 20, 1024: 60}, {64: 4, 256: 12, 1024: 40}  # the tutorial text's factors over depth 4


@cache
def parameters(state: int, goal: int, action: int, actor_depth: int, critic_depth: int, width: int) -> dict[str, int]:
    """How many parameters the `actor` and the `critic` (both encoders) have, with layer norm; nothing is computed."""
    networks = make_networks(state, goal, action, actor_depth=actor_depth, critic_depth=critic_depth, width=width)
    inits = {"actor": networks.init_actor, "critic": networks.init_critic}
    return {name: parameter_count(jax.eval_shape(init, jax.random.key(0))) for name, init in inits.items()}


def of_a_point(depth: int, width: int) -> int:
    """Parameters of actor and critic of a point."""
    return sum(parameters(2, 2, 2, depth, depth, width).values())


def growth(data: Path, width: int, depth: int) -> Verdict:
    """Width and depth are parts: the parameters grow with the stated power. Reproduced: all parts; partly: some; not
    reproduced: none"""
    base = of_a_point(32, 256)
    factors = {"width": of_a_point(32, 512) / base, "depth": of_a_point(64, 256) / base}
    held = [round(float(np.log2(factors[kind]))) == power for kind, power in (("width", width), ("depth", depth))]
    here = ", ".join(f"{kind} x2: x{factor:.2f}" for kind, factor in factors.items())
    return Verdict(by_parts(held), f"{here} parameters", 0, ARITHMETIC)


def within_double(factors: dict[int, float], stated: dict[int, int]) -> str:
    held = [stated[depth] / 2 <= factor <= stated[depth] * 2 for depth, factor in factors.items()]
    return by_parts(held, len(stated))


def memory(data: Path) -> Verdict:
    """A depth is a part: its factor is within half and double of the stated one. Reproduced: all three; partly: some;
    not reproduced: none"""
    factors = {depth: of_a_point(depth, 256) / of_a_point(4, 256) for depth in MEMORY}
    here = ", ".join(f"{depth}: {factor:.0f}x" for depth, factor in factors.items())
    here = f"parameters at width 256, depth {here}"
    table = evidence.benched(data)
    if table is not None:  # what the operating system counted, which is mostly the runtime
        process = table["peak memory (MB)"] / table["peak memory (MB)"][4]
        words = ", ".join(f"{depth}: {process[depth]:.1f}x" for depth in MEMORY if depth in process)
        here += f"; the whole process of {BENCHED} at width {table.width.iloc[0]}, depth {words}"
    return Verdict(within_double(factors, MEMORY), here, 0, ARITHMETIC)


def times(data: Path) -> Verdict:
    """A depth is a part: its factor is within half and double of the stated one. Reproduced: all three; partly: some;
    not reproduced: none of those timed"""
    table = evidence.benched(data)
    if table is None:
        return NOT_RUN
    factor = table["update (ms)"] / table["update (ms)"].get(4, np.nan)
    factors = {depth: factor[depth] for depth in TIMES if np.isfinite(factor.get(depth, np.nan))}
    if not factors:
        return NOT_RUN
    here = ", ".join(f"{depth}: {value:.3g}x" for depth, value in factors.items())
    machine = f"width {table.width.iloc[0]}, {table.device.iloc[0]}"
    return Verdict(within_double(factors, TIMES), f"{here} ({machine})", 0, BENCHED)


def counts(data: Path) -> Verdict:
    """Within 15 %. Reproduced: all three count the whole agent; partly: each fits at least one of its networks; not
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
