"""Claims that the paper's own published numbers can check."""

from pathlib import Path

import numpy as np
import pandas as pd

from crlkit import evidence
from crlkit.claims.depth import DEEP, SHALLOW, table1
from crlkit.claims.ledger import NOT_RUN, PUBLISHED, RECOUNTS, Claim, Verdict, stated


def share(count: int, of: int, needed: int | None = None) -> str:
    """consistent if at least `needed` (by default all) hold, partly if at least half do, else not: of RECOUNTS."""
    if count >= (of if needed is None else needed):
        return RECOUNTS[0]
    return RECOUNTS[1] if 2 * count >= of else RECOUNTS[2]


def _of(count: int, of: int, needed: int | None = None, more: str = "") -> Verdict:
    return Verdict(share(count, of, needed), f"{count} of {of}{more}", 0, PUBLISHED)


def _fig1(data: Path, column: str = "value") -> pd.DataFrame:
    """One row an environment, one column a depth."""
    return evidence.paper(data, "fig1_final_scores").pivot(index="environment", columns="depth", values=column)


def _ratios(data: Path) -> Verdict:
    table = table1(data)
    ratio = table[DEEP] / table[SHALLOW]
    inside = ((ratio.round() >= 2) & (ratio.round() <= 50)).sum()
    return _of(inside, len(ratio), more=f", from {ratio.min():.1f}x to {ratio.max():.0f}x")


def _printed_ratios(data: Path) -> str:
    table = evidence.paper(data, "table1_ratios")
    printed = table[table.source.str.contains("Table 1")].value
    return f"2x to 50x (abstract); Table 1 prints {printed.min():g} to {printed.max():g}"


def _stable(data: Path) -> Verdict:
    value, error = (_fig1(data, column)[[4, 8, 16, 32]] for column in ("value", "error"))
    rise, sure = (f.iloc[:, 1:] for f in (value.diff(axis=1), np.hypot(error, error.shift(axis=1))))
    holds, rises = (rise >= -sure).all(axis=1), (rise >= 0).all(axis=1)
    return _of(holds.sum(), len(value), more=f" never fall by more than the standard error, {rises.sum()} never at all")


def _levels_off(data: Path) -> Verdict:
    value, error = _fig1(data), _fig1(data, "error")
    rise = value[64] - value[32]
    flat = rise <= np.hypot(error[64], error[32])
    return _of(flat.sum(), len(rise), 6, " not above 32 by more than the standard error")


def _added(data: Path) -> Verdict:
    table = evidence.paper(data, "fig5_depth_and_residual").query("panel == 'shallow_depths'").sort_values("depth")
    rises = table.value.diff().iloc[1:] > 0
    return _of(rises.sum(), len(rises), more=" steps rise")


def _added_published(data: Path) -> str:
    table = evidence.paper(data, "fig5_depth_and_residual").query("panel == 'shallow_depths'").sort_values("depth")
    return ", ".join(f"{v:g} at {d}" for d, v in zip(table.depth, table.value)) + " (Humanoid, Fig. 5)"


def _sac(data: Path) -> pd.DataFrame:
    return evidence.paper(data, "table6_hours_to_pass_sac").pivot(
        index="environment", columns="algorithm", values="value"
    )


def _faster(data: Path) -> Verdict:
    hours = _sac(data)
    return _of((hours.crl < hours.sac).sum(), len(hours), 7)


def _beats(data: Path) -> Verdict:
    """SAC alone has a published crossing; a claim about six baselines can be confirmed in part at best."""
    hours = _sac(data)
    passes = hours.crl.notna().sum()
    outcome = RECOUNTS[1] if passes >= 8 else RECOUNTS[2]
    return Verdict(outcome, f"passes SAC in {passes} of {len(hours)} (Table 6); the others: curves only", 0, PUBLISHED)


def _gains(data: Path) -> dict[str, bool]:
    """Series of other algorithms: is depth 32 above depth 4 by more than the errors that were printed?"""
    table, found = evidence.paper(data, "rebuttal_other_algorithms"), {}
    keys = ["dataset", "algorithm", "setting", "architecture"]
    for key, part in table.groupby(keys, dropna=False):
        ends = part.set_index("depth").loc[[4, 32]]
        name = " ".join(str(word).replace("_", " ") for word in key[1:] if pd.notna(word))
        found[name] = ends.value[32] - ends.value[4] > np.hypot(*ends.error.fillna(0))
    return found


def _quoted(topic: str, algorithm: str, environments: bool):
    """What the authors say of an algorithm, from data/paper/baseline_statements.csv, named environments or not."""

    def words(data: Path) -> str:
        table = evidence.paper(data, "baseline_statements")
        table = table[
            (table.topic == topic) & table.quoted & table.algorithms.str.split(";").map(lambda a: algorithm in a)
        ]
        return f'"{table[table.environments.notna() == environments].statement.iloc[0]}"'

    return words


def _others(data: Path) -> Verdict:
    found = _gains(data)
    gaining = [name for name, gains in found.items() if gains]
    more = " gain nothing from 4 to 32 layers" + (f" ({', '.join(gaining)} do)" if gaining else "")
    return _of(len(found) - len(gaining), len(found), more=more + "; SAC, TD3: curves only")


def _hyperspherical(data: Path) -> Verdict:
    """A threshold that is never reached takes for ever."""
    table = evidence.paper(data, "table2_hyperspherical_normalisation")
    steps = table.pivot(index=["depth", "threshold"], columns="hyperspherical_normalisation", values="value")
    steps = steps.dropna(how="all").fillna(np.inf)
    return _of(
        (steps[True] < steps[False]).sum(), len(steps), more=" cells need fewer steps with it (depths 16 and 32)"
    )


def _steps_published(data: Path) -> str:
    table = evidence.paper(data, "table2_hyperspherical_normalisation").query("depth == 32 and threshold == 200")
    steps = table.set_index("hyperspherical_normalisation").value
    return f"score 200 at depth 32 after {steps[True]:g} M steps with it, {steps[False]:g} M without (Table 2)"


def _physics(data: Path) -> Verdict:
    table = evidence.paper(data, "fig20_physics_versions")
    table = table.pivot(index="brax_version", columns="depth", values="value")
    return _of((table[64] > table[4]).sum(), len(table), more=" versions have 64 above 4")


def _physics_published(data: Path) -> str:
    table = evidence.paper(data, "fig20_physics_versions").pivot(index="brax_version", columns="depth", values="value")
    return "64 over 4: " + ", ".join(f"{r[64] / r[4]:.0f}x (brax {v})" for v, r in table.iterrows()) + " (Fig. 20)"


def _seeds(data: Path) -> Verdict:
    one = evidence.paper(data, "fig1_final_scores").runs
    other = evidence.paper(data, "fig12_final_scores").query("measure == 'mean_last_5_epochs'").runs
    right = (one == 5).sum() + (other == 3).sum()
    more = f" cells; Fig. 1 has {one.min():.0f} to {one.max():.0f}, Fig. 12 {other.min():.0f} to {other.max():.0f}"
    return _of(right, len(one) + len(other), more=more)


def table_if_published(name: str, holds):
    """Judges a table of `data/paper` by environment (columns the depths), and says "not run" while there is none."""

    def judge(data: Path) -> Verdict:
        if not (data / "paper" / f"{name}.csv").exists():
            return NOT_RUN
        table = evidence.paper(data, name).pivot(index="environment", columns="depth", values="value")
        held = holds(table[table.columns.max()], table[table.columns.min()])
        return _of(held.sum(), len(held))

    return judge


HALF = "Consistent: {all}; partly: at least half; not: fewer"
CLAIMS = [
    Claim(
        name="ratios",
        sentence="Depth 64 scores 2 to 50 times depth 4",
        source="paper, abstract and Table 1",
        published=_printed_ratios,
        statistic="ratio of the printed scores, rounded to a whole number",
        rule=HALF.format(all="all ten lie between 2 and 50"),
        judge=_ratios,
        basis=PUBLISHED,
    ),
    Claim(
        name="stable_to_32",
        sentence="Up to depth 32 scores improve or hold in all ten environments",
        source="paper, rebuttal",
        published=stated('"stable and improving performance up to depth 32" in all 10'),
        statistic="environments of Fig. 1 in which no step from 4 to 8, 16 and 32 is a fall by more than the combined standard "
        "error",
        rule=HALF.format(all="all of them"),
        judge=_stable,
        basis=PUBLISHED,
    ),
    Claim(
        name="levels_off",
        sentence="From depth 32 to 64 six of ten environments no longer improve",
        source="reading of paper, Fig. 1 (plot data)",
        published=lambda data: f"64 is below 32 in {(_fig1(data).diff(axis=1)[64] < 0).sum()} of 10 (Fig. 1)",
        statistic="environments in which depth 64 is not above 32 by more than the combined standard error",
        rule=HALF.format(all="six or more of them"),
        judge=_levels_off,
        basis=PUBLISHED,
    ),
    Claim(
        name="added_layers",
        sentence="Every layer from 3 to 6 already helps",
        source="paper, Fig. 5 (left)",
        published=_added_published,
        statistic="steps of the printed bars that rise",
        rule=HALF.format(all="all of them"),
        judge=_added,
        basis=PUBLISHED,
    ),
    Claim(
        name="faster_than_sac",
        sentence="Depth 64 passes SAC's final score in less time than SAC's run, in 7 of 10",
        source="paper, Table 6",
        published=stated("7 of 10"),
        statistic="environments with fewer hours to SAC's final score than SAC's full run",
        rule=HALF.format(all="seven or more of ten"),
        judge=_faster,
        basis=PUBLISHED,
    ),
    Claim(
        name="beats_baselines",
        sentence="Scaled CRL beats original CRL, SAC, SAC+HER, TD3+HER, GCSL and GCBC in 8 of 10",
        source="paper, Appendix A.1",
        published=_quoted("comparison", "gcsl", True),
        statistic="environments in which depth 64 passes SAC's final score: the only baseline with numbers",
        rule="Partly: eight or more against SAC; not: fewer. Never more than partly, as no other baseline's "
        "scores were published",
        judge=_beats,
        basis=PUBLISHED,
    ),
    Claim(
        name="other_algorithms",
        sentence="Other algorithms do not gain from depth",
        source="paper, section 4.5, Figs. 13 and 14, rebuttal",
        published=_quoted("depth_scaling", "td3_her", True),
        statistic="series of the rebuttal (GCBC, BC, QRL) in which depth 32 is not above depth 4 by more than the printed "
        "errors, 0 where none were printed",
        rule=HALF.format(all="all of them"),
        judge=_others,
        basis=PUBLISHED,
    ),
    Claim(
        name="hyperspherical",
        sentence="Hyperspherical normalisation makes deep networks learn from fewer steps",
        source="paper, Table 2",
        published=_steps_published,
        statistic="cells (depth, score) that any variant reaches, in which the normalised one needs fewer steps",
        rule=HALF.format(all="all of them"),
        judge=_hyperspherical,
        basis=PUBLISHED,
    ),
    Claim(
        name="physics_versions",
        sentence="Depth helps under both versions of the physics",
        source="paper, Fig. 20",
        published=_physics_published,
        statistic="versions in which depth 64 scores more than depth 4",
        rule=HALF.format(all="both") + " (so one of two is partly)",
        judge=_physics,
        basis=PUBLISHED,
    ),
    Claim(
        name="seed_counts",
        sentence="Fig. 1 averages 5 seeds, other figures 3",
        source="paper, checklist",
        published=stated("5 and 3"),
        statistic="cells of Figs. 1 and 12 whose released data average that many runs",
        rule=HALF.format(all="all of them"),
        judge=_seeds,
        basis=PUBLISHED,
    ),
    Claim(
        name="cmd1",
        sentence="Depth also helps CMD-1, in most environments",
        source="paper, Fig. 15",
        published=stated("curves only, no numbers"),
        statistic="environments in which the deepest scores more than the shallowest",
        rule=HALF.format(all="all of them") + ". Not run while data/paper/fig15_cmd1.csv does not exist",
        judge=table_if_published("fig15_cmd1", lambda deep, shallow: deep > shallow),
        basis=PUBLISHED,
    ),
    Claim(
        name="offline",
        sentence="Offline, depth hurts contrastive RL rather than helps",
        source="paper, Fig. 18",
        published=stated("worse in 2 of 3 (curves only, no numbers)"),
        statistic="datasets in which the deepest scores less than the shallowest",
        rule=HALF.format(all="all of them") + ". Not run while data/paper/fig18_offline.csv does not exist",
        judge=table_if_published("fig18_offline", lambda deep, shallow: deep < shallow),
        basis=PUBLISHED,
    ),
]
