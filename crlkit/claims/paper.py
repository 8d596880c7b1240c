"""Claims that need no run: where in the authors' own tables one holds, and what counting or a clock says."""

from functools import cache
from pathlib import Path

import jax
import numpy as np
import pandas as pd

from crlkit import evidence
from crlkit.claims.verdicts import ARITHMETIC, BENCHED, NOT_RUN, PUBLISHED, RECOUNTS, Verdict, by_parts
from crlkit.networks import make_networks, parameter_count


def table(
    data: Path,
    name: str,
    columns: str | list[str] = "depth",
    rows: str | list[str] = "environment",
    values: str | list[str] = "value",
    query: str = "",
) -> pd.DataFrame:
    """A table of `data/paper`, of the rows that `query` chooses: a row per `rows`, a column per `columns`, in order."""
    found = evidence.paper(data, name)
    found = found.query(query, engine="python") if query else found
    return found.pivot(index=rows, columns=columns, values=values).sort_index(axis=1)


def span(values: pd.Series) -> tuple[float, float]:
    return values.min(), values.max()


def stable(fig1: pd.DataFrame) -> tuple[pd.Series, int]:
    """Of the steps up to depth 32: none is a fall by more than its combined standard error."""
    steps, least = fig1.value.diff(axis=1)[[8, 16, 32]], -np.hypot(fig1.error, fig1.error.shift(axis=1))[[8, 16, 32]]
    return (steps >= least).all(axis=1), (steps >= 0).all(axis=1).sum()


def no_gain(others: pd.DataFrame) -> tuple[pd.Series, str]:
    """Depth 32 is not above depth 4 by more than the errors that were printed."""
    gains = others.value[32] - others.value[4] > np.hypot(*others.error[[4, 32]].fillna(0).T.to_numpy())
    names = [" ".join(filter(pd.notna, key)).replace("_", " ") for key in others.index[gains].droplevel("dataset")]
    return ~gains, f" ({', '.join(names)} do)" if names else ""


def run_counts(data: Path) -> tuple:
    """How many runs the cells of Fig. 1 and of Fig. 12 average: as many as they are said to?"""
    fig1, fig12 = (evidence.paper(data, f"{name}_final_scores") for name in ("fig1", "fig12"))
    fig12 = fig12[fig12.measure == "mean_last_5_epochs"]
    return pd.concat([fig1.runs == 5, fig12.runs == 3]), *span(fig1.runs), *span(fig12.runs)


# Of a table: one truth value per place, then what else is told.
PLACES = {
    "ratios": lambda t: ((t[64] / t[4]).round().between(2, 50), *span(t[64] / t[4])),
    "stable_to_32": stable,
    "levels_off": lambda t: (t.value[64] - t.value[32] <= np.hypot(t.error[64], t.error[32]),),
    "added_layers": lambda t: (t.iloc[0].diff().iloc[1:] > 0,),
    "faster_than_sac": lambda t: (t.crl < t.sac,),
    "other_algorithms": no_gain,
    # A threshold that is never reached takes for ever; one that no variant reaches is no cell.
    "hyperspherical": lambda t: (t.dropna(how="all").fillna(np.inf).diff(axis=1).iloc[:, -1] < 0,),
    "physics_versions": lambda t: (t[64] > t[4],),
    "seed_counts": run_counts,
    "cmd1": lambda t: (t.iloc[:, -1] > t.iloc[:, 0],),
    "offline": lambda t: (t.iloc[:, -1] < t.iloc[:, 0],),
}


def recount(
    data: Path,
    places: str,
    read: dict | None = None,  # what `table` takes; by default the places are found in the folder itself
    every: str = "all of them",
    needed: int | None = None,
    also: str = "",
    note: str = "",
) -> Verdict:
    """Consistent: {every}; partly: at least half; not: fewer{note}"""
    try:
        held, *told = PLACES[places](table(data, **read) if read else data)
    except FileNotFoundError:
        return NOT_RUN
    count, enough = int(held.sum()), len(held) if needed is None else needed
    outcome = RECOUNTS[0] if count >= enough else RECOUNTS[1] if 2 * count >= len(held) else RECOUNTS[2]
    return Verdict(outcome, f"{count} of {len(held)}{also.format(*told)}", 0, PUBLISHED)


def passes_sac(data: Path, **read: str) -> Verdict:
    """Partly: eight or more against SAC; not: fewer. Never more than partly, as no other baseline's scores were
    published"""
    hours = table(data, **read)
    passes = hours.crl.notna().sum()
    here = f"passes SAC in {passes} of {len(hours)} (Table 6); the others: curves only"
    return Verdict(RECOUNTS[1] if passes >= 8 else RECOUNTS[2], here, 0, PUBLISHED)


# ---------------------------------------------------------------- counting


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
    """What `of_depth` makes of the stated factors over depth 4, and in words."""
    factor = {depth: of_depth.get(depth, np.nan) / of_depth.get(4, np.nan) for depth, _ in stated}
    held = [said / 2 <= factor[depth] <= said * 2 for depth, said in stated if np.isfinite(factor[depth])]
    words = (f"{depth}: {value:{digits}}x" for depth, value in factor.items() if np.isfinite(value))
    return by_parts(held, len(stated)), ", ".join(words)


def costs(data: Path, stated: list[tuple[int, int]], counted: bool = False) -> Verdict:
    """A depth is a part: its factor is within half and double of the stated one. Reproduced: all of them; partly: some;
    not reproduced: none"""
    table, here = evidence.benched(data), ""
    if counted:
        parameters = pd.Series({depth: of_a_point(depth) for depth in (4, *dict(stated))})
        outcome, words = within_double(stated, parameters, ".0f")
        if table is not None:  # what the operating system counted, which is mostly the runtime
            _, process = within_double(stated, table["peak memory (MB)"], ".1f")
            here = f"; the whole process of {BENCHED} at width {table.width.iloc[0]}, depth {process}"
        return Verdict(outcome, f"parameters at width 256, depth {words}{here}", 0, ARITHMETIC)
    if table is None:
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
