"""What the ledger says that the authors printed is what `data/paper` holds."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crlkit import evidence
from crlkit.analysis.thresholds import threshold
from crlkit.claims import CLAIMS
from crlkit.claims.paper import span, table

DATA = Path(__file__).parents[1] / "data"
HUMANOID = "humanoid_u_maze"


def won(held: pd.Series) -> tuple[int, int]:
    return held.sum(), len(held)


def at_depths(values: pd.Series) -> str:
    return ", ".join(f"{value:g} at {depth}" for depth, value in values.items())


def ahead_per_second() -> tuple[int, int]:
    curves, hours = evidence.paper(DATA, "fig1_learning_curves"), evidence.paper(DATA, "table3_wall_clock")
    hours, ahead = hours[hours.measure == "wall_clock"], []
    for environment, curve in curves.groupby("environment"):
        spent = hours[hours.environment == environment].set_index("depth")
        deep, shallow = (curve[curve.depth == depth].sort_values("epoch") for depth in (64, 4))
        epoch = spent.epochs[4] * spent.value[4] / spent.value[64]
        ahead.append(np.interp(epoch, deep.epoch, deep.value) > shallow.value.iloc[-1])
    return sum(ahead), len(ahead)


def matched_pair() -> tuple[float, float, int, int]:
    counted = evidence.paper(DATA, "parameter_counts").query("environment_family == 'humanoid' and network == 'total'")
    millions = counted[counted.actor_depth == counted.critic_depth].set_index(["width", "depth"]).value
    return millions[256, 32].item(), millions[4096, 4].item(), *won(FIG4[256, 32] > FIG4[4096, 4])


def row_mean_gains(network: str) -> pd.Series:
    """Of the printed grid of Fig. 6, what depth 64 of one network gains over 4, mean over the other's depths."""
    means = FIG6.T.groupby(level=network).mean()
    return means.loc[64] - means.loc[4]


def largest_rises() -> str:
    scores = evidence.paper(DATA, "fig1_final_scores").rename(columns={"value": "score"}).assign(seed=0)
    depths = pd.Series([threshold(curve, resamples=1).depth for _, curve in scores.groupby("environment")])
    counts = ", ".join(f"{depth} in {number}" for depth, number in depths.value_counts().sort_index().items())
    return f"{counts} of {len(depths)}"


def statement(topic: str, algorithm: str) -> str:
    which = f"quoted and topic == {topic!r} and environments.notna() and algorithms.str.contains({algorithm!r})"
    return evidence.paper(DATA, "baseline_statements").query(which, engine="python").statement.iloc[0]


TABLE1 = table(DATA, "table1_time_at_goal", query="source.str.contains('Table 1')")
RATIOS = table(DATA, "table1_ratios", "unit", query="source.str.contains('Table 1')").iloc[:, 0]
FIG1 = table(DATA, "fig1_final_scores")
FIG4 = table(DATA, "fig4_width_vs_depth", ["width", "depth"])
FIG6 = table(DATA, "fig6_actor_critic_depth", ["actor_depth", "critic_depth"])
BARS = table(DATA, "fig5_depth_and_residual", query="panel == 'shallow_depths'").iloc[0]
RESIDUAL = table(DATA, "fig5_depth_and_residual", "residual", "depth", query="panel == 'residual_ablation'")
FIG7 = table(DATA, "fig7_batch_size", "batch_size", "depth")
LIMITS = table(
    DATA,
    "fig12_final_scores",
    values=["value", "error", "actor_depth"],
    query="measure == 'mean_last_5_epochs'",
)
U, BIG = LIMITS.value.loc[HUMANOID], LIMITS.value.loc["humanoid_big_maze"]
DEEPEST = LIMITS.xs(1024, axis=1, level="depth").loc[HUMANOID]
NORM = table(DATA, "rebuttal_layer_norm_and_activation", ["layer_norm", "activation"], "depth").loc[[4, 64]]
HOURS = table(DATA, "rebuttal_hours_to_pass_width_4096", "width")
WALL_CLOCK = table(DATA, "table4_wall_clock_deep", query="measure == 'wall_clock'").iloc[0]
COUNTS = table(DATA, "parameter_counts", ["width", "depth"], "network", query="network == 'not_stated'").iloc[0]
MEMORY = table(DATA, "rebuttal_depth_vs_width_cost", rows="width", query="measure == 'memory' and width == 256").iloc[0]
SPHERE = table(DATA, "table2_hyperspherical_normalisation", "hyperspherical_normalisation", ["depth", "threshold"])
FIG20 = table(DATA, "fig20_physics_versions", rows="brax_version")
STITCHED = table(DATA, "fig11_stitching", rows="train_environment").iloc[0]
RISES = "largest rise at {} (Fig. 1)", (largest_rises(),)
GAINS = (
    "Humanoid U-Maze: 64: {:.0f}x, 256: {:.0f}x, 1024: {:.0f}x after 150 epochs (Fig. 12)",
    U[[64, 256, 1024]] / U[4],
)

PRINTED = {
    "saturated_head": (
        "at critic depth 1024 the actor has 512, because its loss exploded; agents of 256 layers learned "
        "({:.0f} steps at the goal, {:.0f} with 64)",
        U[[256, 64]],
    ),
    "depth_helps": ("64 above 4 in {} of {} (Table 1)", won(TABLE1[64] > TABLE1[4])),
    "depth_per_second": ("64 ahead at the hour 4 ends in {} of {} (Fig. 1 with Table 3)", ahead_per_second()),
    "when_to_use": (
        "64 over 4: U4 {:g}x, Big {:g}x, Hardest {:g}x (Table 1)",
        RATIOS[["ant_u4_maze", "ant_big_maze", "ant_hardest_maze"]],
    ),
    "improvement_table": GAINS,
    "cost_table_gains": GAINS,
    "critical_depth": RISES,
    "emergence": RISES,
    "beyond_64": (
        "after 150 epochs Humanoid U-Maze {:.3g} at 64, {:.3g} at 256, {:.3g} at 1024; after 100 Big Maze {:.3g} at 64, "
        "{:.3g} at 256, {:.3g} at 512",
        [*U[[64, 256, 1024]], *BIG[[64, 256, 512]]],
    ),
    "trains_at_1024": (
        "Humanoid U-Maze {:g} ± {:g}, with an actor of {:g}",
        DEEPEST[["value", "error", "actor_depth"]],
    ),
    "cost_time": (
        "64: {:.1f}x, 256: {:.1f}x, 1024: {:.1f}x (Table 4; the text 4x, 12x, 40x)",
        WALL_CLOCK[[64, 256, 1024]] / WALL_CLOCK[4],
    ),
    "deep_over_wide": ("256 x 32 ({:.0f} M) beats 4096 x 4 ({:.0f} M) in {} of {}", matched_pair()),
    "depth_8_over_widest": (
        "depth 8 beats width 2048 in {} and width 4096 in {} of {} (Fig. 4)",
        ((FIG4[256, 8] > FIG4[2048, 4]).sum(), *won(FIG4[256, 8] > FIG4[4096, 4])),
    ),
    "deep_over_wide_per_second": (
        "depth 64 passes width 4096 after {:.0f} to {:.0f} % of its hours (rebuttal)",
        span(100 * HOURS[256] / HOURS[4096]),
    ),
    "width_helps": (
        "every doubling helps in {} of {} (Fig. 4)",
        won((FIG4.xs(4, axis=1, level="depth").diff(axis=1).iloc[:, 1:] > 0).all(axis=1)),
    ),
    "doubling_gains": (
        "a doubling from 256 x 4: width x{:.1f} to x{:.1f}, depth x{:.1f} to x{:.1f} (Fig. 4)",
        (*span((FIG4[4096, 4] / FIG4[256, 4]) ** (1 / 4)), *span((FIG4[256, 32] / FIG4[256, 4]) ** (1 / 3))),
    ),
    "both_deep": (
        "64 and 64 beat 4 and 64 either way round in {} of {} (Fig. 6)",
        won(FIG6[64, 64] > FIG6[[(4, 64), (64, 4)]].max(axis=1)),
    ),
    "critic_before_actor": (
        "row means gain more from 4 to 64 by the critic in {} of {} (Fig. 6)",
        won(row_mean_gains("critic_depth") > row_mean_gains("actor_depth")),
    ),
    "batch_size": (
        "2048 over 128: {:.1f}x at depth 4, {:.0f}x at 64 (Fig. 7, two runs per cell)",
        (FIG7[2048] / FIG7[128])[[4, 64]],
    ),
    "residual_needed": (
        "depth 4: {:g} with, {:g} without; depth 32: {:g} with, {:g} without (Fig. 5)",
        RESIDUAL.loc[[4, 32]].iloc[:, ::-1].to_numpy().ravel(),
    ),
    "layer_norm_needed": (
        "depth 4: {:.0f} with, {:.0f} without; depth 64: {:.0f} with, {:.0f} without (rebuttal)",
        NORM[[(True, "swish"), (False, "swish")]].to_numpy().ravel(),
    ),
    "swish_over_relu": (
        "depth 4: {:.0f} swish, {:.0f} ReLU; depth 64: {:.0f} swish, {:.0f} ReLU (rebuttal)",
        NORM[[(True, "swish"), (True, "relu")]].to_numpy().ravel(),
    ),
    "stitching": ("{} (Fig. 11, digitised)", [at_depths(STITCHED)]),
    "ratios": ("2x to 50x (abstract); Table 1 prints {:g} to {:g}", span(RATIOS)),
    "levels_off": ("64 is below 32 in {} of 10 (Fig. 1)", won(FIG1[64] < FIG1[32])),
    "added_layers": ("{} (Humanoid, Fig. 5)", [at_depths(BARS)]),
    "beats_baselines": ('"{}"', [statement("comparison", "gcsl")]),
    "other_algorithms": ('"{}"', [statement("depth_scaling", "td3_her")]),
    "hyperspherical": (
        "score 200 at depth 32 after {1:g} M steps with it, {0:g} M without (Table 2)",
        SPHERE.loc[(32, 200)],
    ),
    "physics_versions": (
        "64 over 4: {:.0f}x (brax 0.10.1), {:.0f}x (brax 0.10.5) (Fig. 20)",
        FIG20[64] / FIG20[4],
    ),
    "parameter_counts": (
        "4096 x 4: {:g} M, 256 x 32: {:g} M, 2048 x 4: {:g} M",
        COUNTS[[(4096, 4), (256, 32), (2048, 4)]],
    ),
    "cost_memory": ("64: 8x, 256: 20x, 1024: 60x (the text); 64: {:.1f}x (rebuttal)", [MEMORY[64] / MEMORY[4]]),
}
# Words of the authors, in which nothing can be counted.
QUOTED = {"stable_to_32", "faster_than_sac", "seed_counts", "growth_paper", "growth_text", "hindsight", "offline"}
NONE = ("no numbers", "no such", "one learning rate", "pictures")


@pytest.mark.parametrize("name", PRINTED)
def test_what_was_published_is_read_off_the_papers_tables(name):
    text, numbers = PRINTED[name]
    assert CLAIMS[name].published == text.format(*numbers)


def test_no_other_claim_names_a_published_number():
    rest = {name: claim.published for name, claim in CLAIMS.items() if name not in {*PRINTED, *QUOTED}}
    assert all(any(words in published for words in NONE) for published in rest.values()), rest
