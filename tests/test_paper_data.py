"""Checks on data/paper: the page against the files, the files against each other and against the architecture."""

import math
import re
from pathlib import Path

import pandas as pd
import pytest

FOLDER = Path(__file__).parents[1] / "data" / "paper"
README = (FOLDER / "README.md").read_text(encoding="utf-8")
SHARED = ["value", "error", "error_kind", "runs", "unit", "digitised", "source", "note"]
ANT = {"ant_u4_maze", "ant_u5_maze", "ant_big_maze", "ant_hardest_maze"}
HUMANOID = {"humanoid", "humanoid_u_maze", "humanoid_big_maze"}
ARM_IN_PAPER = {"arm_push_easy", "arm_push_hard", "arm_binpick_hard"}
IN_PAPER = ANT | HUMANOID | ARM_IN_PAPER
ENVIRONMENTS = IN_PAPER | {"arm_binpick_easy"}
EVALUATION_ENVIRONMENTS = ENVIRONMENTS | {
    "ant_big_maze_eval",
    "ant_u4_maze_eval",
    "ant_u5_maze_eval",
    "ant_u_maze_eval",
}
ALGORITHMS = {"crl", "crl_original", "sac", "sac_her", "td3", "td3_her", "gcsl", "gcbc", "bc", "qrl"}
COST_UNITS = {"hours", "milliseconds", "kilo_env_steps_per_second", "billion_flops", "megabytes", "million_parameters"}
UNITS = COST_UNITS | {"time_at_goal", "ratio", "fraction", "epoch", "million_env_steps"}
DEPTHS = {4, 8, 16, 32, 64, 128, 256, 512, 1024}
ODD_DEPTHS = {"fig5_depth_and_residual.csv": {3, 5, 6}, "rebuttal_other_algorithms.csv": {2}}
STEPS_PER_EPOCH = 31 * 31_744
UPDATES_PER_EPOCH = 31 * 800


def listed() -> dict[str, dict]:
    """The table of the README: file name -> rows, key columns, units."""
    table = {}
    for line in README.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        name = re.fullmatch(r"`(\w+\.csv)`", cells[0])
        if name:
            table[name[1]] = {
                "rows": int(cells[1]),
                "keys": re.findall(r"`(\w+)`", cells[3]),
                "units": set() if cells[4] == "none" else set(cells[4].split(", ")),
            }
    return table


LISTED = listed()
FILES = sorted(path.name for path in FOLDER.glob("*.csv"))
NUMBERS = [name for name in FILES if name != "baseline_statements.csv"]


def text(name: str) -> pd.DataFrame:
    """A table as printed, so that the number of decimals survives; empty cells are ''."""
    return pd.read_csv(FOLDER / name, dtype=str, keep_default_na=False)


def half_unit(printed: str) -> float:
    """Half a unit of the last printed decimal, with a hair for binary floats."""
    return 0.5 * 10.0 ** -len(printed.partition(".")[2]) + 1e-9


def lookup(name: str, *keys: str, **filters: str) -> dict:
    """Printed values of the rows that pass the filters, by the given key columns."""
    table = text(name)
    for column, wanted in filters.items():
        table = table[table[column] == wanted]
    index = table[list(keys)].apply(tuple, axis=1) if len(keys) > 1 else table[keys[0]]
    assert len(table) and index.is_unique
    return dict(zip(index, table["value"]))


# ---------------------------------------------------------------- the page and the shape of the files


def test_readme_lists_exactly_the_files():
    assert sorted(LISTED) == FILES
    assert FILES and {path.name for path in FOLDER.iterdir()} == {*FILES, "README.md"}
    assert all(path.stat().st_size < 200_000 for path in FOLDER.iterdir())


@pytest.mark.parametrize("name", FILES)
def test_readme_row_describes_the_file(name):
    table, entry = text(name), LISTED[name]
    assert len(table) == entry["rows"]
    shared = [column for column in SHARED if column in table.columns]
    assert list(table.columns) == entry["keys"] + shared
    assert set(table.get("unit", pd.Series(dtype=str))) == entry["units"] <= UNITS


@pytest.mark.parametrize("name", FILES)
def test_no_number_is_given_twice(name):
    assert not text(name).duplicated([*LISTED[name]["keys"], "source"]).any()


@pytest.mark.parametrize("name", FILES)
def test_cells_hold_what_the_page_says(name):
    table = text(name)
    assert not table.apply(lambda column: column.str.strip() != column).any(axis=None)
    assert (table["source"] != "").all()
    assert not table["source"].str.contains(r"\.md\b|(?:^|\s)/\w|://", regex=True).any()
    if name not in NUMBERS:
        return
    assert table["unit"].ne("").all() and table["digitised"].isin(["true", "false"]).all()
    assert (table["source"].str.contains("digitised") == (table["digitised"] == "true")).all()
    number = r"\d+(?:\.\d+)?"
    assert table["value"].str.fullmatch(rf"(?:{number})?").all()
    assert table.loc[table["value"] == "", "note"].str.contains("never|N/A", regex=True).all()
    if "runs" in table:
        assert table["runs"].str.fullmatch(r"(?:[1-9]\d*)?").all()
    if "error" in table:
        assert table["error"].str.fullmatch(rf"(?:{number})?").all()
        given = table["error"] != ""
        assert table.loc[given, "error_kind"].isin(["se", "std", "unknown"]).all()
        assert (table.loc[~given, "error_kind"] == "").all()
    scores = table.loc[(table["unit"] == "time_at_goal") & (table["value"] != ""), "value"].astype(float)
    assert scores.between(0, 1000).all()


@pytest.mark.parametrize("name", FILES)
def test_one_vocabulary(name):
    table = text(name)
    allowed = {
        "environment": ENVIRONMENTS,
        "environments": ENVIRONMENTS | {""},
        "train_environment": {"ant_u_maze_gen_1f2f3f"},
        "evaluation_environment": EVALUATION_ENVIRONMENTS,
        "environment_family": {"humanoid", "ant", "arm", ""},
        "algorithm": ALGORITHMS,
        "algorithms": ALGORITHMS,
        "smoothing": {"none", "centred_5_epochs"},
    }
    for column, names in allowed.items():
        if column in table:
            assert set(table[column].str.split(";").explode()) <= names, column
    for column in {"depth", "actor_depth", "critic_depth"} & set(table.columns):
        depths = {int(cell) for cell in table[column] if cell}
        assert depths and depths <= DEPTHS | ODD_DEPTHS.get(name, set()), column
    if "epoch" in table:
        assert table["epoch"].astype(int).between(1, 400).all()


# ---------------------------------------------------------------- scores


def test_table_1_ratios_follow_from_its_scores():
    scores = lookup("table1_time_at_goal.csv", "environment", "depth", "source")
    ratios = text("table1_ratios.csv")
    assert set(ratios.loc[ratios["source"].str.contains("Table 1"), "environment"]) == IN_PAPER
    for row in ratios.itertuples():
        low, high = scores[row.environment, "4", row.source], scores[row.environment, "64", row.source]
        smallest = (float(high) - half_unit(high)) / (float(low) + half_unit(low))
        largest = (float(high) + half_unit(high)) / (float(low) - half_unit(low))
        slack = half_unit(row.value)
        assert smallest - slack <= float(row.value) <= largest + slack, row


TABLE_1 = "arXiv 2503.14858v3 Table 1 (same in v1)"
NOTEBOOK = "first author's analysis notebook (public JaxGCRL fork)"


def test_table_1_agrees_with_the_plot_data_except_where_documented():
    printed = lookup("table1_time_at_goal.csv", "environment", "depth", source=TABLE_1)
    plotted = lookup("fig1_final_scores.csv", "environment", "depth")
    assert set(printed) == {(environment, depth) for environment in IN_PAPER for depth in ("4", "64")} <= set(plotted)
    apart = {
        key for key in printed if abs(float(printed[key]) - float(plotted[key])) > half_unit(printed[key]) + 0.0051
    }
    assert apart == {("ant_u5_maze", "64")}
    assert printed["ant_u5_maze", "64"] == "61" and plotted["ant_u5_maze", "64"] == "97.55"
    assert printed["ant_u5_maze", "4"] == "0.97" and plotted["ant_u5_maze", "4"] == "0.98"  # 0.976, cut


def test_notebook_agrees_with_the_plot_data_except_where_documented():
    notebook = lookup("table1_time_at_goal.csv", "environment", "depth", source=NOTEBOOK)
    plotted = lookup("fig1_final_scores.csv", "environment", "depth")
    shared = set(notebook) & set(plotted)
    assert len(shared) == 18
    apart = {key for key in shared if abs(float(notebook[key]) - float(plotted[key])) > 0.0101}
    assert apart == {("ant_u5_maze", "64"), ("humanoid_big_maze", "4")}


def test_fig_1_tables_agree_with_each_other():
    final = text("fig1_final_scores.csv").set_index(["environment", "depth"])
    curves = text("fig1_learning_curves.csv")
    peaks = lookup("fig1_milestones.csv", "environment", "depth", measure="peak")
    peak_epochs = lookup("fig1_milestones.csv", "environment", "depth", measure="peak_epoch")
    first = lookup("fig1_milestones.csv", "environment", "depth", "threshold", measure="first_epoch_at_or_above")
    assert len(final) == len(peaks) == len(peak_epochs) == 50 and len(first) == 200
    for (environment, depth), curve in curves.groupby(["environment", "depth"]):
        key, epochs = (environment, depth), curve["epoch"].astype(int).tolist()
        end = final.loc[key]
        assert epochs == sorted(epochs) and epochs[-1] == int(end["epochs"])
        assert (curve["evaluation_environment"] == end["evaluation_environment"]).all()
        assert (curve["smoothing"] == "none").tolist() == [epoch == 1 for epoch in epochs]
        peak = float(peaks[key]) + half_unit(peaks[key])
        assert (curve["value"].astype(float) - curve["value"].map(half_unit) <= peak).all()
        assert float(end["value"]) <= peak and int(peak_epochs[key]) <= epochs[-1]
        reached = [first[(*key, threshold)] for threshold in ("10", "50", "100", "200")]
        assert [bool(cell) for cell in reached] == [peak >= threshold for threshold in (10, 50, 100, 200)]
        times = [int(cell) for cell in reached if cell]
        assert times == sorted(times) and all(time <= int(peak_epochs[key]) for time in times)


def test_figures_of_the_same_cell_stay_in_the_same_place():
    final = lookup("fig1_final_scores.csv", "environment", "depth")
    grid = lookup("fig6_actor_critic_depth.csv", "environment", "actor_depth", "critic_depth")
    assert len(grid) == 75
    for (environment, actor, critic), value in grid.items():
        if actor == critic:
            assert abs(float(value) - float(final[environment, actor])) < max(
                3, 0.25 * float(final[environment, actor])
            )
    humanoid = {key[1:]: float(value) for key, value in grid.items() if key[0] == "humanoid"}
    assert all(value <= 32 for (actor, critic), value in humanoid.items() if "4" in (actor, critic))
    residual = lookup("fig5_depth_and_residual.csv", "depth", residual="true")
    assert all(
        float(residual[d]) == pytest.approx(float(final["humanoid", d]), rel=0.06) for d in ("4", "8", "16", "32")
    )
    batches = text("fig7_batch_size.csv")
    assert (batches["runs"].eq("2") == batches["batch_size"].ne("512")).all() and len(batches) == 4 * 5


def test_only_the_1024_layer_critic_has_a_shallower_actor():
    for name in ("fig12_final_scores.csv", "fig12_learning_curves.csv", "table4_wall_clock_deep.csv"):
        table = text(name)
        assert (table["critic_depth"] == table["depth"]).all()
        assert (table["actor_depth"] == table["depth"].replace("1024", "512")).all()


def test_last_ten_epochs_of_fig_12_agree_between_figure_and_data():
    drawn = lookup("fig12_final_scores.csv", "depth", measure="mean_last_10_epochs", digitised="true")
    released = lookup("fig12_final_scores.csv", "depth", measure="mean_last_10_epochs", digitised="false")
    assert set(drawn) == {"4", "64", "256", "1024"} and released["1024"] == drawn["1024"]


def test_hyperspherical_normalisation_reaches_every_score_sooner():
    steps = lookup("table2_hyperspherical_normalisation.csv", "depth", "hyperspherical_normalisation", "threshold")
    assert {key for key, value in steps.items() if not value} == {
        *(("4", norm, score) for norm in ("true", "false") for score in ("200", "400", "600")),
        ("16", "false", "600"),
    }
    for depth in ("16", "32"):
        with_norm = [float(steps[depth, "true", score]) for score in ("200", "400", "600")]
        without = [float(steps[depth, "false", score] or "inf") for score in ("200", "400", "600")]
        assert with_norm == sorted(with_norm) and without == sorted(without)
        assert all(sooner < later for sooner, later in zip(with_norm, without))


# ---------------------------------------------------------------- cost


def test_throughput_is_steps_over_hours():
    hours = lookup("table3_wall_clock.csv", "environment", "epochs", "depth", measure="wall_clock")
    throughput = lookup("table3_wall_clock.csv", "environment", "epochs", "depth", measure="throughput")
    assert set(hours) == set(throughput) and len(hours) == 50
    for key, value in hours.items():
        expected = int(key[1]) * STEPS_PER_EPOCH / float(value) / 3600 / 1000
        assert float(throughput[key]) == pytest.approx(expected, rel=0.05), key
    assert sum(map(float, hours.values())) == pytest.approx(728, abs=1)


def test_run_lengths_agree_between_tables():
    table = text("table3_wall_clock.csv")
    assert lookup_epochs(table) == lookup_epochs(text("fig1_final_scores.csv"))


def lookup_epochs(table: pd.DataFrame) -> dict:
    assert table.groupby("environment")["epochs"].nunique().eq(1).all()
    return table.groupby("environment")["epochs"].first().to_dict()


def test_time_per_gradient_step_follows_from_table_4():
    hours = lookup("table4_wall_clock_deep.csv", "depth", measure="wall_clock")
    steps = lookup("table4_wall_clock_deep.csv", "depth", measure="time_per_gradient_step")
    for depth, value in steps.items():
        assert float(value) == pytest.approx(float(hours[depth]) * 3.6e6 / (150 * UPDATES_PER_EPOCH), rel=0.02)
    table_3 = lookup("table3_wall_clock.csv", "depth", environment="humanoid_u_maze", measure="wall_clock")
    ratios = [float(table_3[depth]) / float(hours[depth]) for depth in table_3]
    assert min(ratios) == pytest.approx(400 / 148.5, rel=0.02) and max(ratios) == pytest.approx(400 / 148.5, rel=0.02)


def test_tables_3_5_and_6_give_the_same_hours():
    table = text("table5_wall_clock_baselines.csv")
    paper = {(r.environment, r.algorithm): r for r in table.itertuples() if "Table 5" in r.source}
    rebuttal = {(r.environment, r.algorithm): r.value for r in table.itertuples() if "rebuttal" in r.source}
    assert len(paper) == 60 and len(rebuttal) == 50
    for key, value in rebuttal.items():
        assert abs(float(paper[key].value) - float(value)) <= half_unit(paper[key].value), key
    deep = text("table3_wall_clock.csv").query("measure == 'wall_clock' and depth == '64'").set_index("environment")
    runs = {row.environment: int(row.runs) for row in text("fig1_final_scores.csv").itertuples() if row.depth == "64"}
    for environment in IN_PAPER:
        five, three = paper[environment, "crl"], deep.loc[environment]
        assert abs(float(five.value) - float(three["value"])) <= half_unit(five.value)
        # Table 3 prints a standard deviation, Table 5 the standard error of the same runs.
        standard_error = float(three["error"]) / math.sqrt(runs[environment])
        assert abs(float(five.error) - standard_error) <= half_unit(five.error) + 0.005, environment
    sac = lookup("table6_hours_to_pass_sac.csv", "environment", algorithm="sac")
    apart = {environment for environment in sac if sac[environment] != rebuttal[environment, "sac"]}
    assert apart == {"arm_push_hard"} and (sac["arm_push_hard"], rebuttal["arm_push_hard", "sac"]) == ("8.50", "8.49")
    passing = lookup("table6_hours_to_pass_sac.csv", "environment", algorithm="crl")
    assert sum(bool(hours) and float(hours) < float(sac[environment]) for environment, hours in passing.items()) == 7
    assert {environment for environment, hours in passing.items() if not hours} == {
        "humanoid_u_maze",
        "humanoid_big_maze",
    }


def test_rebuttal_costs_are_means_of_table_3():
    three = ["humanoid", "ant_big_maze", "arm_push_easy"]
    cost = lookup("rebuttal_depth_vs_width_cost.csv", "width", "depth", measure="wall_clock")
    hours = lookup("table3_wall_clock.csv", "environment", "depth", measure="wall_clock")
    for depth in ("4", "8", "16", "32", "64"):
        assert float(cost["256", depth]) == pytest.approx(sum(float(hours[e, depth]) for e in three) / 3, abs=0.011)
    wide = lookup("rebuttal_hours_to_pass_width_4096.csv", "environment", measure="full_run")
    assert sorted(wide) == sorted(three)
    assert float(cost["4096", "4"]) == pytest.approx(sum(map(float, wide.values())) / 3, abs=0.011)


# ---------------------------------------------------------------- parameters

SIZES = {"humanoid": (268, 3, 17), "ant": (29, 2, 8), "arm": (17, 3, 5)}  # state, goal, action
REPRESENTATION = 64


def trunk(inputs: int, width: int, depth: int) -> int:
    """Input Dense and LayerNorm, then `depth` times Dense and LayerNorm."""
    return inputs * width + width + 2 * width + depth * (width * width + width + 2 * width)


def encoder(inputs: int, width: int, depth: int) -> int:
    return trunk(inputs, width, depth) + width * REPRESENTATION + REPRESENTATION


def parameters(family: str, network: str, width: int, actor_depth: int, critic_depth: int) -> int:
    state, goal, action = SIZES[family]
    state_action, goals = encoder(state + action, width, critic_depth), encoder(goal, width, critic_depth)
    actor = trunk(state + goal, width, actor_depth) + 2 * (width * action + action)
    sizes = {
        "actor": actor,
        "state_action_encoder": state_action,
        "goal_encoder": goals,
        "critic": state_action + goals,
    }
    return sizes.get(network, actor + state_action + goals)


def test_parameter_counts_follow_from_the_architecture():
    table = text("parameter_counts.csv")
    counted = table[table["environment_family"] != ""]
    assert len(counted) == 78
    for row in counted.itertuples():
        depths = int(row.actor_depth or 0), int(row.critic_depth or 0)
        exact = parameters(row.environment_family, row.network, int(row.width), *depths)
        assert abs(float(row.value) - exact / 1e6) <= half_unit(row.value), row
        used = {"actor": [row.actor_depth], "total": [row.actor_depth, row.critic_depth]}.get(
            row.network, [row.critic_depth]
        )
        assert all(used) and row.depth in used
    assert (counted["actor_depth"] != "").sum() == 11 + 3 * 11 + 1


def test_parameter_claims_of_the_text_match_the_networks_named_in_the_notes():
    claims = lookup("parameter_counts.csv", "width", "depth", network="not_stated")
    assert float(claims["4096", "4"]) == pytest.approx(parameters("humanoid", "actor", 4096, 4, 0) / 1e6, rel=0.05)
    assert float(claims["256", "32"]) == pytest.approx(parameters("humanoid", "actor", 256, 32, 0) / 1e6, rel=0.15)
    assert float(claims["2048", "4"]) == pytest.approx(parameters("humanoid", "critic", 2048, 0, 4) / 1e6, rel=0.05)
