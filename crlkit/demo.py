"""The main job on its embedded default: the point big maze, shallow against deep."""

from pathlib import Path

import pandas as pd

from crlkit.config import Config
from crlkit.figures import demo as figure
from crlkit.figures import style
from crlkit.loop import train
from crlkit.runs import Run


def demo(
    out: str | Path = "figures/demo.png", depths: tuple[int, ...] = (4, 32), seeds: int = 4, **options
) -> list[Run]:
    """Trains one run a depth, prints a table and writes the figure; returns the runs.

    `options` go to the config, so that tests can make it small.
    """
    configs = [Config(env="point_big_maze", depth=depth, seeds=seeds, **options) for depth in depths]
    runs = [train(config, progress=True) for config in configs]
    print("\n" + table(runs).to_string(index=False))
    path = style.save(figure.draw(runs), out)
    print(
        f"\nSuccess and time at goal: mean over {seeds} seeds of the last score (128 episodes to far goals), and the "
        f"range over seeds.\nSo few seeds show a direction at best. Learning curves, critic maps and paths: {path}"
    )
    return runs


def table(runs: list[Run]) -> pd.DataFrame:
    """One row a run: depth, updates, seconds, success and time at goal (mean and range over seeds), seeds."""

    def cell(values: pd.Series, digits: int) -> str:
        return f"{values.mean():.{digits}f} ({values.min():.{digits}f} to {values.max():.{digits}f})"

    rows = []
    for run in runs:
        last = run.metrics.groupby("seed").last()
        rows.append(
            {
                "depth": run.config.depth,
                "updates": int(last.updates.iloc[0]),
                "seconds": f"{last.seconds.iloc[0]:.0f} + {last.compile_seconds.iloc[0]:.0f} to compile",
                "success": cell(last.success, 2),
                f"time at goal (of {run.config.episode_length})": cell(last.time_at_goal, 1),
                "seeds": run.config.seeds,
            }
        )
    return pd.DataFrame(rows)
