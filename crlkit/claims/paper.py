"""What the authors printed: their numbers in words, and where in their own tables a claim holds."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from crlkit import evidence
from crlkit.analysis.thresholds import threshold
from crlkit.claims.measured import DEEP, SHALLOW
from crlkit.claims.verdicts import PUBLISHED, RECOUNTS, Verdict


@dataclass(frozen=True)
class Table:
    """A table of `data/paper`, of the rows that `query` chooses: a row per `rows`, a column per `columns`, in order."""

    name: str
    columns: str | list[str] = "depth"
    rows: str | list[str] = "environment"
    values: str | list[str] = "value"
    query: str = ""

    def __call__(self, data: Path) -> pd.DataFrame:
        table = evidence.paper(data, self.name)
        table = table.query(self.query, engine="python") if self.query else table
        return table.pivot(index=self.rows, columns=self.columns, values=self.values).sort_index(axis=1)


@dataclass(frozen=True)
class Printed:
    """`text` with the numbers that `numbers` reads off a table."""

    text: str
    table: Table
    numbers: Callable[[pd.DataFrame], tuple]

    def __call__(self, data: Path) -> str:
        return self.text.format(*self.numbers(self.table(data)))


def won(held: pd.Series) -> tuple[int, int]:
    return held.sum(), len(held)


def span(values: pd.Series) -> tuple[float, float]:
    return values.min(), values.max()


def at_depths(values: pd.Series) -> str:
    """ "14 at 3, 20 at 4"."""
    return ", ".join(f"{value:g} at {depth}" for depth, value in values.items())


TABLE1 = Table("table1_time_at_goal", query="source.str.contains('Table 1')")
FIG1 = Table("fig1_final_scores", values=["value", "error"])
FIG4 = Table("fig4_width_vs_depth", ["width", "depth"])
FIG6 = Table("fig6_actor_critic_depth", ["actor_depth", "critic_depth"])
BARS = Table("fig5_depth_and_residual", query="panel == 'shallow_depths'")
FIG20 = Table("fig20_physics_versions", rows="brax_version")
LIMITS = Table("fig12_final_scores", values=["value", "error", "actor_depth"], query="measure == 'mean_last_5_epochs'")
PRINTED = Table("table1_ratios", "unit", query="source.str.contains('Table 1')")
NORMALISED = Table("table2_hyperspherical_normalisation", "hyperspherical_normalisation", ["depth", "threshold"])
REBUTTAL = Table("rebuttal_layer_norm_and_activation", ["layer_norm", "activation"], "depth")
SAC = Table("table6_hours_to_pass_sac", "algorithm")
HUMANOID = "humanoid_u_maze"

# ---------------------------------------------------------------- numbers in words


def ahead_per_second(data: Path) -> str:
    curves, hours = evidence.paper(data, "fig1_learning_curves"), evidence.paper(data, "table3_wall_clock")
    hours, ahead = hours[hours.measure == "wall_clock"], []
    for environment, curve in curves.groupby("environment"):
        spent = hours[hours.environment == environment].set_index("depth")
        deep, shallow = (curve[curve.depth == depth].sort_values("epoch") for depth in (DEEP, SHALLOW))
        epoch = spent.epochs[SHALLOW] * spent.value[SHALLOW] / spent.value[DEEP]
        ahead.append(np.interp(epoch, deep.epoch, deep.value) > shallow.value.iloc[-1])
    return f"64 ahead at the hour 4 ends in {sum(ahead)} of {len(ahead)} (Fig. 1 with Table 3)"


def matched_pair(data: Path) -> str:
    counted = evidence.paper(data, "parameter_counts").query("environment_family == 'humanoid' and network == 'total'")
    millions = counted[counted.actor_depth == counted.critic_depth].set_index(["width", "depth"]).sort_index().value
    ahead, of = won(FIG4(data)[256, 32] > FIG4(data)[4096, 4])
    return f"256 x 32 ({millions[256, 32]:.0f} M) beats 4096 x 4 ({millions[4096, 4]:.0f} M) in {ahead} of {of}"


def row_mean_gains(table: pd.DataFrame, network: str) -> pd.Series:
    """Of the printed grid of Fig. 6, what depth 64 of one network gains over 4, mean over the other's depths."""
    means = table.T.groupby(level=network).mean()
    return means.loc[DEEP] - means.loc[SHALLOW]


def largest_rises(data: Path) -> str:
    table = evidence.paper(data, "fig1_final_scores").rename(columns={"value": "score"}).assign(seed=0)
    depths = pd.Series([threshold(curve, resamples=1).depth for _, curve in table.groupby("environment")])
    counts = ", ".join(f"{depth} in {number}" for depth, number in depths.value_counts().sort_index().items())
    return f"largest rise at {counts} of {len(depths)} (Fig. 1)"


def quoted(data: Path, topic: str, algorithm: str) -> str:
    """What the authors say of an algorithm in named environments, from data/paper/baseline_statements.csv."""
    which = f"quoted and topic == {topic!r} and environments.notna() and algorithms.str.contains({algorithm!r})"
    return f'"{evidence.paper(data, "baseline_statements").query(which, engine="python").statement.iloc[0]}"'


# ---------------------------------------------------------------- where a claim holds in the paper's own tables


def steps_to_32(table: pd.DataFrame) -> pd.DataFrame:
    """What each step from 4 to 8, 16 and 32 adds."""
    return table[[4, 8, 16, 32]].diff(axis=1).iloc[:, 1:]


def never_falls(fig1: pd.DataFrame) -> pd.Series:
    """By more than the combined standard error of a step."""
    error = np.hypot(fig1.error, fig1.error.shift(axis=1))[[8, 16, 32]]
    return (steps_to_32(fig1.value) >= -error).all(axis=1)


def level_from_32(fig1: pd.DataFrame) -> pd.Series:
    return fig1.value[64] - fig1.value[32] <= np.hypot(fig1.error[64], fig1.error[32])


def passes_sac(data: Path) -> Verdict:
    """Partly: eight or more against SAC; not: fewer. Never more than partly, as no other baseline's scores were
    published"""
    hours = SAC(data)
    passes = hours.crl.notna().sum()
    here = f"passes SAC in {passes} of {len(hours)} (Table 6); the others: curves only"
    return Verdict(RECOUNTS[1] if passes >= 8 else RECOUNTS[2], here, 0, PUBLISHED)


def no_gain_elsewhere(data: Path) -> pd.Series:
    """Series of other algorithms: depth 32 is not above depth 4 by more than the errors that were printed."""
    keys, level = ["dataset", "algorithm", "setting", "architecture"], {}
    for key, series in evidence.paper(data, "rebuttal_other_algorithms").groupby(keys, dropna=False):
        ends = series.set_index("depth").loc[[4, 32]]
        name = " ".join(str(word).replace("_", " ") for word in key[1:] if pd.notna(word))
        level[name] = not ends.value[32] - ends.value[4] > np.hypot(*ends.error.fillna(0))
    return pd.Series(level)


def gains_elsewhere(level: pd.Series) -> str:
    gaining = f" ({', '.join(level.index[~level])} do)" if not level.all() else ""
    return f" gain nothing from 4 to 32 layers{gaining}; SAC, TD3: curves only"


def fewer_steps(steps: pd.DataFrame) -> pd.Series:
    """A threshold that is never reached takes for ever; one that no variant reaches is no cell."""
    steps = steps.dropna(how="all").fillna(np.inf)
    return steps[True] < steps[False]


def run_counts(data: Path) -> pd.DataFrame:
    """How many runs the cells of Fig. 1 and of Fig. 12 average, and how many they are said to."""
    fig12 = evidence.paper(data, "fig12_final_scores").query("measure == 'mean_last_5_epochs'")
    return pd.concat([evidence.paper(data, "fig1_final_scores").assign(stated=5), fig12.assign(stated=3)])


def counts_in_words(cells: pd.DataFrame) -> str:
    fig1, fig12 = (span(cells.runs[cells.stated == stated]) for stated in (5, 3))
    return " cells; Fig. 1 has {:.0f} to {:.0f}, Fig. 12 {:.0f} to {:.0f}".format(*fig1, *fig12)
