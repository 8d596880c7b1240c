"""What a critic of Lights Out knows on a plateau of its loss, and when it leaves the first."""

import numpy as np
import pandas as pd

from crlkit.envs.lights_out import LightsOut, future_density, parities

CHANCE = 256 / 511  # any fixed press begins a shortest way in so many of the 511 differences of the 3x3 board


def first_steps(rows: pd.DataFrame) -> pd.DataFrame:
    """The first evaluation of each run and seed at which its held-out loss, and that of the next evaluation, is below
    `line_loss`: what the best critic reaches that only counts in how many cells two boards differ. Columns run, depth, width,
    seed, stepped, and `updates` and `seed_seconds` (processor seconds) then; of seeds that never step, those at the end.
    """
    names, steps = ["run", "depth", "width", "seed", "updates", "seed_seconds"], []
    for _, own in rows.sort_values("updates").groupby(["run", "seed"], sort=False):
        below = own.heldout_loss < own.line_loss
        lasting = below & below.shift(-1, fill_value=True)
        at = own[lasting].iloc[0] if lasting.any() else own.iloc[-1]
        steps.append([*at[names], bool(lasting.any())])
    steps = pd.DataFrame(steps, columns=[*names, "stepped"])
    return steps.astype({"depth": int, "width": int, "updates": int, "stepped": bool})


def skill(optimal_action: pd.Series) -> pd.Series:
    """The share of pairs with a best press (`optimal_action`) beyond chance: 0 knowing nothing or worse, 1 perfect."""
    return ((optimal_action - CHANCE) / (1 - CHANCE)).clip(lower=0)


def known_parities(rows: pd.DataFrame) -> pd.Series:
    """How many parities a critic knows, for each row: those along which its energy has more than half of what the
    perfect critic has (columns `parity_<i>`). NaN where none was measured."""
    columns = [name for name in rows if name.startswith("parity_")]
    known = (rows[columns] > 0.5).sum(axis=1).astype(float)
    return known.where(rows[columns].notna().any(axis=1))


def levels(env: LightsOut, discount: float, walk_length: int, batch_size: int, draws: int = 4000) -> np.ndarray:
    """The least InfoNCE loss, nats, of a critic that knows the number of differing cells and 0, 1, ... of the parities
    `[cells + 1]`, those of few cells first: it can give the mean density of all differences that look alike to it, no
    more. Estimated from `draws` positives and uniform negatives: the standard error is near 0.02 nats."""
    density, signs = future_density(env, discount, walk_length), parities(env)
    size, rng = len(density), np.random.default_rng(0)
    single = 1 << np.arange(env.cells)[::-1]  # a parity has the cells whose single difference flips it
    order = np.argsort((signs[:, single] < 0).sum(axis=1), kind="stable")  # those of few cells first
    alike = np.array([number.bit_count() for number in range(size)])
    positive = rng.choice(size, draws, p=density / density.sum())
    negative = rng.integers(size, size=(draws, batch_size - 1))
    found = []
    for count in range(env.cells + 1):
        if count:
            alike = 2 * alike + (signs[order[count - 1]] < 0)
        _, group = np.unique(alike, return_inverse=True)
        mean = (np.bincount(group, density) / np.bincount(group))[group]
        total = mean[positive] + mean[negative].sum(axis=1)
        found.append(float(np.mean(np.log(total) - np.log(mean[positive]))))
    return np.array(found)
