"""When a critic of Lights Out stops counting cells and begins to know presses."""

import pandas as pd


def first_steps(rows: pd.DataFrame) -> pd.DataFrame:
    """The first evaluation of each run and seed at which its held-out loss, and that of the next evaluation, is below
    `line_loss`: below what any critic reaches that only counts in how many cells two boards differ.

    Columns run, depth, width, seed, stepped, and `updates` and `seed_seconds` (processor seconds) of that evaluation;
    for seeds that never step those of the last evaluation, which is then a lower limit.
    """
    found = []
    for (run, seed), own in rows.sort_values("updates").groupby(["run", "seed"], sort=False):
        below = own.heldout_loss < own.line_loss
        lasting = below & below.shift(-1, fill_value=True)
        at = own[lasting].iloc[0] if lasting.any() else own.iloc[-1]
        found.append(
            {
                **{"run": run, "depth": at.depth, "width": at.width, "seed": seed, "stepped": bool(lasting.any())},
                **{"updates": at.updates, "seed_seconds": at.seed_seconds},
            }
        )
    return pd.DataFrame(found).astype({"depth": int, "width": int, "updates": int})
