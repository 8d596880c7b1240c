"""Where in the authors' own tables a claim holds."""

from pathlib import Path

import numpy as np
import pandas as pd

from crlkit import evidence
from crlkit.claims.verdicts import NOT_RUN, PUBLISHED, RECOUNTS, Verdict


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


def step_errors(fig1: pd.DataFrame) -> pd.DataFrame:
    """The combined standard errors of the step to each depth."""
    return np.hypot(fig1.error, fig1.error.shift(axis=1))


def stable(fig1: pd.DataFrame) -> tuple[pd.Series, int]:
    steps, least = fig1.value.diff(axis=1)[[8, 16, 32]], -step_errors(fig1)[[8, 16, 32]]
    return (steps >= least).all(axis=1), (steps >= 0).all(axis=1).sum()


def no_gain(others: pd.DataFrame) -> tuple[pd.Series, str]:
    """Depth 32 is not above depth 4 by more than the errors that were printed."""
    gains = others.value[32] - others.value[4] > np.hypot(*others.error[[4, 32]].fillna(0).T.to_numpy())
    names = [" ".join(filter(pd.notna, key)).replace("_", " ") for key in others.index[gains].droplevel("dataset")]
    return ~gains, f" ({', '.join(names)} do)" if names else ""


def fewer_steps(steps: pd.DataFrame) -> tuple[pd.Series]:
    """A threshold that is never reached takes for ever; one that no variant reaches is no cell."""
    steps = steps.dropna(how="all").fillna(np.inf)
    return (steps[True] < steps[False],)


def run_counts(data: Path) -> tuple:
    """How many runs the cells of Fig. 1 and of Fig. 12 average: as many as they are said to?"""
    fig1, fig12 = (evidence.paper(data, f"{name}_final_scores") for name in ("fig1", "fig12"))
    fig12 = fig12[fig12.measure == "mean_last_5_epochs"]
    return pd.concat([fig1.runs == 5, fig12.runs == 3]), *span(fig1.runs), *span(fig12.runs)


# Of a table: one truth value per place, then what else is told.
PLACES = {
    "ratios": lambda t: ((t[64] / t[4]).round().between(2, 50), *span(t[64] / t[4])),
    "stable_to_32": stable,
    "levels_off": lambda t: (t.value[64] - t.value[32] <= step_errors(t)[64],),
    "added_layers": lambda t: (t.iloc[0].diff().iloc[1:] > 0,),
    "faster_than_sac": lambda t: (t.crl < t.sac,),
    "other_algorithms": no_gain,
    "hyperspherical": fewer_steps,
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
