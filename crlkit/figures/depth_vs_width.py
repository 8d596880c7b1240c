"""Deeper or wider, the paper's figure 4: a network of depth 4 grows by layers at one width, or by width at depth 4."""

from functools import partial

import pandas as pd

from crlkit.figures.panels import Paper, Scores

SHALLOW = 4
# State, goal and action sizes of a body; those of the paper's as its environments have them.
SIZES = {"point": (2, 2, 2), "ant": (29, 2, 8), "humanoid": (268, 3, 17), "arm": (17, 3, 5)}


def critic_parameters(env: str, depth: int, width: int, embedding_size: int = 64) -> int:
    """How many numbers a critic learns: its two encoders, each a layer into the stack, `depth` layers of width by
    width, all with a bias and a layer norm (scale and bias), and a linear head onto the embedding."""
    state, goal, action = SIZES[env.partition("_")[0]]
    stack = depth * width * (width + 3) + width * embedding_size + embedding_size
    return 2 * stack + (state + action + 3) * width + (goal + 3) * width


def grown(rows: pd.DataFrame, env: str) -> pd.DataFrame:
    """The rows of two families, `grown`: deeper at the width that most depths have, and wider at depth 4; one network is
    in both. `mark`: the number that grew. `seed_seconds`, if known: of the whole run."""
    rows = rows.assign(parameters=critic_parameters(env, rows.depth, rows.width))
    if "seed_seconds" in rows:
        rows = rows.assign(run_seconds=rows.groupby(["depth", "width"]).seed_seconds.transform("max"))
    base = rows.groupby("width").depth.nunique().idxmax()
    deeper, wider = rows[rows.width == base], rows[rows.depth == SHALLOW]
    deeper = deeper.assign(grown=f"deeper, width {base}", mark=deeper.depth)
    return pd.concat([deeper, wider.assign(grown=f"wider, depth {SHALLOW}", mark=wider.width)])


PAPERS = tuple(
    Paper("fig4_width_vs_depth", "parameters", ("grown",), f"environment == '{env}'", "paper: {environment}, {grown}",
          prepare=partial(grown, env=env)) for env in ("humanoid", "ant_big_maze", "arm_push_easy")
)  # fmt: skip
HOURS = Paper("rebuttal_depth_vs_width_cost", "parameters", ("grown",), "measure == 'wall_clock'", "paper: {grown}", 1,
              "hours of a run (one A100)", partial(grown, env="humanoid"))  # fmt: skip
OURS = tuple(
    Scores(("depth_vs_width", "depth"), x, ("grown",), env="point_big_maze", label="{}", vary=("depth", "width"),
           prepare=partial(grown, env="point_big_maze")) for x in ("parameters", "run_seconds")
)  # fmt: skip
