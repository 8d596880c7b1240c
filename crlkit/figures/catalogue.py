"""Every figure, as data. To add one, add an entry: `crlkit figures`, its page, the alternative texts and the tests follow.
What a finding says more than its scores is a small function beside its entry."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes

from crlkit import evidence
from crlkit.analysis.statistics import probability_of_improvement, score_of
from crlkit.config import DEPTHS
from crlkit.figures import agents, architecture, cost, cures, depth_vs_width, lights_out, scores
from crlkit.figures.panels import EPOCH, PALETTE, Curves, Figure, Finding, Forest, Panel, Paper, Row, Scores, held, tell
from crlkit.figures.scores import NOT_MEASURED, SHARE, depth_look, pair, times

BIG, MEASURES = "point_big_maze", ("share", "heldout_loss")

# -- what a network and its training are made of ------------------------------------------------------------------------

BATCHES = Scores(("batch_size",), "batch_size", ("depth",))
PAPERS_BATCHES = Paper("fig7_batch_size", "batch_size", ("depth",), label="depth {depth}")

USUAL = "the paper's: geometric future,\nL2 energy, forward InfoNCE"
CHOICES = {
    "uniform": "any later state alike", "final": "the last state", "none": "no relabelling",
    "l2_squared": "squared L2 energy", "dot": "dot product", "cosine": "cosine energy",
    "backward": "backward InfoNCE", "symmetric": "symmetric InfoNCE", "binary": "binary NCE",
}  # fmt: skip
FULL = "residual, layer norm, swish"
SWITCHES = {False: "no residual connections", "none": "no norm", "rms": "RMS norm", "relu": "ReLU", "gelu": "GELU"}


def changed(*chosen, names: dict, usual: str) -> str:
    """What a run does otherwise than the paper."""
    return ", ".join(names[value] for value in chosen if value in names) or usual


GOALS = Scores(("hindsight",), series=("hindsight", "energy", "loss"), label=partial(changed, names=CHOICES, usual=USUAL),
               looks=dict.fromkeys((USUAL, *CHOICES.values()), {}))  # fmt: skip
NETWORKS = Scores(("ablations",), "depth", ("residual", "norm", "activation"), MEASURES, label=partial(changed, names=SWITCHES, usual=FULL),
                  looks=dict(zip((FULL, *SWITCHES.values()), PALETTE)))  # fmt: skip
PAPERS_NETWORKS = tuple(
    Paper("rebuttal_layer_norm_and_activation", where=where, label=f"paper: {label}", looks=({"color": grey, "linestyle": line},))
    for label, where, grey, line in ((FULL, "layer_norm and activation == 'swish'", "0.2", "--"),
                                     ("no norm", "not layer_norm", "0.65", ":"), ("ReLU", "activation == 'relu'", "0.45", "-."))
)  # fmt: skip
PAPERS_RESIDUAL = (
    *(Paper("fig5_depth_and_residual", where=f"panel == 'residual_ablation' and residual == {on}", label=f"paper: {label}", looks=(look,))
      for on, label, look in ((True, "residual connections", {"color": "0.4"}),
                              (False, "no residual connections", {"linestyle": ":", "color": "0.65"}))),
    Paper("fig5_depth_and_residual", where="panel == 'shallow_depths'", label="paper: residual, one layer at a time",
          looks=({"linestyle": "-", "color": "0.2"},)),
)  # fmt: skip


def close_up(axes: Axes, data: Path) -> None:
    """What the others lose against the paper's network, seed by seed: critics of one seed share their walks. Networks
    far off are left out."""
    _, lines, measure = NETWORKS.read(data)
    axes.set(xlabel="depth (layers)", ylabel="loss minus that of the paper's network (nats)")
    if measure != "heldout_loss" or len(lines) < 2 or FULL not in lines:
        return scores.unmeasured(axes)
    full, far = lines.pop(FULL), []
    for number, (name, line) in enumerate(lines.items()):
        gaps = {depth: score_of(score.seeds - full[depth].seeds) for depth, score in line.items() if depth in full}
        if max(gap.iqm for gap in gaps.values()) >= 0.2:
            far.append(name)
            continue
        scores.draw_scores(axes, gaps, name, 1.04 ** (number - 2), **NETWORKS.looks[name])
    left_out = f";\nleft out, 0.2 nats and more: {', '.join(far)}" if far else ""
    axes.set_title(f"here: the same close up, seed by seed{left_out}", fontsize=8.5)
    scores.doubling_axis(axes, full)
    axes.legend(fontsize=8)


def unfinished(data: Path, layer: Scores, every: tuple[int, ...] = ()) -> str:
    """Levels without a finished run: how those that were recorded ended, and after how many updates."""
    rows = evidence.rows(data, *layer.suites, query=f"env == {layer.env!r}" if layer.env else "status == status")
    if rows.empty:
        return ""
    ends = {(depth,): NOT_MEASURED for depth in set(every) - set(rows.depth)}
    for level, runs in rows.groupby([layer.x, *layer.series]):
        if "finished" not in set(runs.status):
            ends[level] = f"{', '.join(sorted(runs.status.unique()))} after {runs.updates.max():,.0f} updates"
    told = [
        f"{layer.label(*level)} at depth {at} ({how})" if level else f"depth {at} ({how})"
        for (at, *level), how in sorted(ends.items())
    ]
    return f"Without a finished run: {', '.join(told)}" if told else ""


# -- actor against critic, data against network, other algorithms -------------------------------------------------------

PAIRS = Scores(("actor_vs_critic",), "actor_depth", ("critic_depth",), label="critic {:g}")
PAPERS_PAIRS = tuple(
    Paper("fig6_actor_critic_depth", "actor_depth", ("critic_depth",), f"environment == '{env}'", "paper: {environment}, critic {critic_depth}")
    for env in ("humanoid", "ant_big_maze", "arm_push_easy")
)  # fmt: skip
LEARNERS = Scores(("collector_learner",), "collector_depth", ("depth",), label="learner of depth {:g}")
CHOSEN = (*evidence.ALGORITHM, "agent_options", "loss", "logsumexp_penalty", "residual", "norm", "activation")
SPARSE = Scores(("algorithms",), "depth", CHOSEN, env=BIG, label=lambda *chosen: evidence.algorithm(*chosen[:4]))
OPEN = replace(SPARSE, env="point_open_maze")
OTHERS = Paper("rebuttal_other_algorithms", series=("algorithm", "dataset", "setting", "architecture"), unit=1,
               label="{algorithm}, {setting}, {dataset}, {architecture}", measure="fraction (presumably success)")  # fmt: skip


def quoted(data: Path) -> str:
    """What the authors say of depth in other algorithms, of which they published curves only."""
    said = evidence.paper(data, "baseline_statements").query("topic == 'depth_scaling' and quoted").statement.iloc[0]
    return f'Paper, on SAC, SAC + HER and TD3 + HER: "{said}"'


# -- mazes --------------------------------------------------------------------------------------------------------------

STITCHING = Scores(("stitching",))
PAPERS_STITCHING = Paper(
    "fig11_stitching", label="paper: {train_environment},\nmean and standard error, read off a figure"
)
MAZES = tuple(Scores(("cured_depth",), env=f"point_{maze}_maze") for maze in ("u", "u4", "u5", "hardest", "big"))


def same_goals(data: Path) -> str:
    """Said where the success of a seed is the same at every depth."""
    reached = replace(STITCHING, measure=("success",)).read(data).lines.values()
    same = [np.array_equal(score.seeds, next(iter(line.values())).seeds) for line in reached for score in line.values()]
    told = "Each seed reaches as many goals at every depth, so this task tells the depths nothing apart"
    return told if same and all(same) else ""


def pooled(data: Path) -> str:
    """How often 64 layers are ahead of 4."""
    lines = {layer.env: line for layer in MAZES for line in layer.read(data).lines.values() if {4, 64} <= set(line)}
    if not lines:
        return ""
    deep, shallow = ({env: line[depth].seeds for env, line in lines.items()} for depth in (64, 4))
    ahead = probability_of_improvement(deep, shallow).value
    return f"64 layers are ahead of 4 in {ahead:.0%} of pairs of seeds, pooled over {len(lines)} mazes, per update"


# -- how deep ---------------------------------------------------------------------------------------------------------------

DEPTH = Scores(("depth",), env=BIG)
ANT = Scores(("depth",), env="ant_big_maze")
CRITICS = Scores(("limits",), "depth", ("learning_rate",), ("heldout_loss",), BIG, "learning rate {:g}",
                 dict(zip(("learning rate 0.0003", "learning rate 0.001"), PALETTE)), sizes=True)  # fmt: skip
LIMITS = Paper("fig12_final_scores", "depth", ("environment",), "measure == 'mean_last_5_epochs'",
               "paper: {environment}, {epochs} epochs")  # fmt: skip
PAPERS_DEPTHS = Paper("fig1_final_scores", series=("environment",))
PAPERS_ENVIRONMENTS = (
    ("humanoid", "humanoid_u_maze", "ant_u4_maze", "ant_u5_maze", "ant_big_maze"),
    ("humanoid_big_maze", "ant_hardest_maze", "arm_push_easy", "arm_push_hard", "arm_binpick_hard"),
)
HERE_TOO = ("humanoid_u_maze", "ant_u4_maze", "ant_u5_maze", "ant_big_maze", "ant_hardest_maze")  # one panel a layout


def mazes_of(env: str) -> tuple[Scores, ...]:
    """A point and an ant in a maze of the same layout as one of the paper's environments."""
    ours = [f"{body}_{env.partition('_')[2]}" for body in ("point", "ant")] if env in HERE_TOO else []
    return tuple(Scores(("depth", "environments"), env=maze) for maze in ours)


def environment(env: str) -> Panel:
    """One of the paper's environments, with ours of the same layout."""
    paper = Paper("fig1_final_scores", where=f"environment == '{env}'")
    return Panel((paper, *mazes_of(env)), "{environment}, {epochs} epochs", columns=0, room=1.05)


TABLE1 = Paper("table1_time_at_goal", series=("environment",), where="source.str.contains('Table 1')")
EVERYWHERE = tuple(layer for env in HERE_TOO for layer in mazes_of(env))


def ratio(data: Path, label: str, both: dict) -> str:
    """Of a line of the paper the ratio that it prints, which rounded scores do not give; of ours that of the scores."""
    if not label.startswith("paper: "):
        return times(both)
    printed = evidence.paper(data, "table1_ratios").query(TABLE1.where, engine="python").set_index("environment")
    row = printed.loc[label.removeprefix("paper: ")]
    return f"{row.value:g} times" + ", noise" * str(row.note).startswith("noise")


def ratios(data: Path) -> Finding:
    def listed(lines: dict) -> str:
        pairs = {label: both for label, line in lines.items() if (both := pair(line))}
        told = {label.removeprefix("paper: "): (ratio(data, label, both), max(both)) for label, both in pairs.items()}
        return "; ".join(f"{env} {said}" + f", depth {deep}" * (deep != 64) for env, (said, deep) in told.items())

    ours = listed({layer.env: line for layer in EVERYWHERE for line in layer.read(data).lines.values()})
    here = f"Here, at equal updates, depth 64 over depth 4: {ours}" if ours else ""
    theirs = f"Paper, at equal steps, as printed: {listed(TABLE1.read(data).lines)}"
    return Finding(here, theirs, "" if ours else "any maze", here)


# -- the first epochs of an ant in the hardest maze: published size, the same time on one card for all depths --------------

HARDEST = "ant_hardest_maze"
EPOCHS = Curves(("depth",), "epoch", HARDEST, label="here: depth {}", query="status in ('finished', 'interrupted')")
PAPERS_EPOCHS = Paper("fig1_learning_curves", "epoch", ("depth",), f"environment == '{HARDEST}' and epoch <= 10 and depth <= 16",
                      "paper: depth {depth}", looks=tuple(depth_look(depth) |
                      {"linestyle": "", "mfc": "white", "ms": 8, "mew": 1.6} for depth in (4, 8, 16)))  # fmt: skip


# In the order of the page.
FIGURES = {
    "architecture": Figure(
        "Figure 2: a residual block, a network of blocks, and the three networks of an agent",
        "Four parts. A residual block: four layers of Dense, LayerNorm and Swish in a row, with an arrow past all of them that adds the "
        "block's input after the last Swish. A network: Dense, LayerNorm and Swish, then depth / 4 blocks, then a Dense head. The "
        "agent: state and action into the encoder phi, goal into the encoder psi, both into the energy minus the distance of phi and "
        "psi; state and goal into the actor, which gives the action. A table of parameters",
        architecture.finding, (architecture.draw,), (12, 7.1),
    ),
    "depth_curves": Figure(
        "Score by depth, against everything that depth could be paid with",
        "Learning curves against environment steps, updates and processor seconds, one line per depth; final score by depth; "
        "below, the paper's ten environments as small panels of final score by depth, and mazes measured here of the same layout",
        tell("best", BIG, DEPTH, PAPERS_DEPTHS),
        (Row((*(Panel((Curves(("depth",), x, BIG),), columns=0, room=1) for x in ("env_steps", "updates", "seed_seconds")),
              Panel((Paper("fig1_final_scores", where="environment == 'ant_big_maze'"), DEPTH), "final score: last tenth of training")),
             held("the paper's network in a maze chosen because depths differed in it; curves: interquartile mean, 95 % interval; dots "
                  "the seeds, if fewer than ten", DEPTH), (1, 1, 1, 1.2), sharey=True, legend=True),
         Row(tuple(map(environment, PAPERS_ENVIRONMENTS[0])),
             "The paper's ten environments, final score by depth: grey, mean and standard error, equal epochs of about a million steps "
             "(scales differ; for ant_u5_maze\nat 64 the paper's Table 1 prints 0.061); blue, a point in a maze of the same layout, "
             "orange an ant, at equal updates", ylabel=SHARE),
         Row(tuple(map(environment, PAPERS_ENVIRONMENTS[1])), ylabel=SHARE)),
        (12, 9), (1, 0.85, 0.8),
    ),
    "exploration": Figure(
        "Figure 8: exploration or expressivity: what a network learns from the data of a shallow and of a deep collector",
        "Learning curves of learners of each depth from the data of a collector, a panel for a shallow and one for a deep "
        "collector, and their final scores. The paper published curves only, no numbers",
        tell("every", "whether a deep agent's data or its network matters", LEARNERS),
        (Row((*(Panel((Curves(LEARNERS.suites, vary=("collector_depth",), where=f"collector_depth == {depth}",
                              label="learner of depth {}"),), title=f"collector of depth {depth}") for depth in (4, 32)),
              Panel((LEARNERS,), "final scores")),
             held("the collector alone fills the buffer, and learners of both depths see the same data; paper: curves only, no numbers\n"
                  "curves: interquartile mean, 95 % interval; dots the seeds, if fewer than ten", LEARNERS), sharey=True),),
        (12, 4.2),
    ),
    "critic_maps": Figure(
        "Figure 9: does a critic see the maze's walls, or the straight line through them?",
        "Maps of a maze: energy of a shallow and a deep critic at every place for one goal, brighter is nearer; beside "
        "them the rank correlation with straight-line and with shortest-path distance by depth",
        agents.walls, (agents.critics,), (12.5, 5.4), reads=("depth",), needs=lambda data: agents.seen(data).maps,
        missing="whether deep critics follow the walls",
    ),
    "embeddings": Figure(
        "Figure 10: how the critic lays states out: over the whole maze, near a goal against far from it",
        f"Scatter plots of the two first principal components of the critic's embeddings in {BIG}, shallow and deep, of every "
        "free cell, coloured by distance to the goal, neighbours joined by lines. Beside them by depth: spread of the embeddings "
        "near a goal over that far from it, and the same for the stretch, the length of one cell's step; 1 is even, dotted",
        agents.space, (agents.layouts,), (13, 4.6), reads=("depth",), needs=agents.with_weights,
        missing="how much space a critic gives to the goal",
    ),
    "stitching": Figure(
        "Figure 11: trained on near pairs only, scored on far goals",
        "Final share of the episode at far goals by depth, for agents trained on start-goal pairs at most 3 cells apart; and "
        "beside it, the ways of a shallow and a deep agent",
        tell("ends", "far goals after near training", STITCHING, PAPERS_STITCHING, note=same_goals),
        (Row((Panel((PAPERS_STITCHING, STITCHING), "scored in mazes of the same layout with far goals", room=1.5),
              *(partial(agents.episode, which=which) for which in (0, -1))),
             held("trained: start and goal at most 3 cells apart; scored: goals 4, 5 and 6 cells from the start\nright, the recorded "
                  "episodes: blue and solid where the goal (star) was reached, orange and dotted where not", STITCHING), (1.3, 1, 1)),),
    ),
    "residual_norms": Figure(
        "Figure 17: what each residual block adds to what passes through it",
        "Three panels, for the actor and both encoders of the critic: the root mean square of what each residual block adds to "
        f"its input, against the number of the block, one line per depth, {BIG}",
        agents.added, (agents.blocks,), (12, 4), reads=("depth",), needs=agents.of_blocks,
        missing="what the blocks of deep networks add",
    ),
    "table1": Figure(
        "Depth 4 against depth 64 in every environment",
        "Each of the paper's environments and each maze measured here is a row with its scores at depth 4 and at depth 64, or "
        "that recorded nearest to it, and their ratio",
        ratios,
        (Row((Forest((TABLE1, *EVERYWHERE), pair=ratio,
                     title="final score, at equal steps and updates; ratios as the paper prints them, here with 95 % interval"),),
             "point_big_maze was chosen because depths differed in it"),),
        reads=("paper/table1_ratios",),
    ),
    "ants": Figure(
        "The first epochs of an ant in the hardest maze, beside the paper's",
        "Share of the episode at the goal, contrastive loss and entropy by epoch, one line per depth",
        tell("every", "an ant's first epochs", EPOCHS, PAPERS_EPOCHS),
        (Row((Panel((PAPERS_EPOCHS, EPOCHS), " "),
              *(Panel((replace(EPOCHS, measure=name),), " ", columns=0, room=1.05) for name in ("contrastive_loss", "entropy"))),
             held(f"an epoch is {EPOCH:,} environment steps; lines end where the card's time was up; curves: interquartile mean, 95 % "
                  "interval, dots the seeds\nhollow: paper, mean over seeds and, but at epoch 1, over 5 epochs", EPOCHS), (1.5, 1, 1)),),
    ),
    "limits_of_depth": Figure(
        "The limits of depth: up to 1024 layers",
        "The paper's learning curves and final scores to depth 1024; ours by depth, and those of critics alone by their loss",
        tell("best", BIG, DEPTH, CRITICS, LIMITS, note=partial(unfinished, layer=DEPTH, every=DEPTHS)),
        (Row((Panel((Paper("fig12_learning_curves", "epoch", ("depth",), label="depth {depth}"),),
                    "paper: {environment}, means of seeds and of 5 epochs,\neach about a million steps (1024 has an actor of 512)", room=1.05),
              Panel((LIMITS,), "paper: final score, mean and standard error of {runs} runs (inferred),\nequal steps within a maze "
                    "(1024 has an actor of 512)", room=1.1))),
         Row((Panel((DEPTH, ANT)), Panel((CRITICS,), room=1.1)))),
        (12, 7.8),
    ),
    "depth_vs_width": Figure(
        "Deeper or wider: score against parameters and against time",
        "Score against the critic's parameters on a logarithmic axis, one line for deeper networks, one for wider ones; also "
        "against processor seconds, and the paper's hours against parameters",
        depth_vs_width.finding,
        (Row(tuple(partial(depth_vs_width.of_paper, env=env) for env in ("humanoid", "ant_big_maze", "arm_push_easy"))),
         Row((*(partial(depth_vs_width.ours, clock=clock) for clock in (False, True)), depth_vs_width.hours))),
        (12, 7.2),
        reads=(*depth_vs_width.SUITES, *(f"paper/{table}" for table in depth_vs_width.TABLES)),
    ),
    "actor_vs_critic": Figure(
        "Depth of the actor and depth of the critic, apart",
        "Final score by the actor's depth, a line per critic's depth; three of the paper's environments, and ours",
        tell("best", "ours", PAIRS, *PAPERS_PAIRS),
        (Row((*(Panel((layer,), "paper: {environment}, equal steps", room=1.6) for layer in PAPERS_PAIRS), Panel((PAIRS,))),
             "paper: the numbers printed in its figure 6; of how many runs is not stated", (1, 1, 1, 1.5)),),
        (13, 4.6),
    ),
    "batch_size": Figure(
        "Batch size and depth together",
        "Final score by batch size, one line per depth; the paper's left, ours right",
        tell("best", "scores by batch", BATCHES, PAPERS_BATCHES),
        (Row((Panel((PAPERS_BATCHES,), "paper: {environment}, mean and standard error of {runs} runs (inferred)\n"
                    "equal: steps; perhaps not updates, which may be fewer at 1024 and 2048"),
              Panel((BATCHES,), columns=2))),),
    ),
    "hindsight": Figure(
        "What becomes the goal, and how it is contrasted",
        "Final score by which later state becomes the goal, by energy and by loss, a mark per depth",
        tell("every", "other goals, energies and losses", GOALS),
        (Row((Forest((GOALS,)),)),),
        (9, 5),
    ),
    "ablations": Figure(
        "What depth needs: residual connections, normalisation, activation",
        "Final score by depth, a line for each choice of residual connections, norm and activation",
        tell("last", "any ablation", NETWORKS, *PAPERS_RESIDUAL, *PAPERS_NETWORKS, note=partial(unfinished, layer=NETWORKS)),
        (Row((Panel(PAPERS_RESIDUAL, "paper: humanoid, residual connections (equal steps)"),
              Panel(PAPERS_NETWORKS, "paper: {environment}, equal steps; the kind of the errors is not stated"))),
         Row((Panel((NETWORKS,), room=1.4), close_up))),
        (12, 8.4), (1, 1.2),
    ),
    "mazes": Figure(
        "Depth in five mazes",
        "Final score by depth, a panel per maze, of the tutorial's network, whose actor has a normalisation before its head. The "
        "big maze was chosen because depths differed in it",
        tell("ends", "the tutorial's network in every maze", *MAZES, note=pooled),
        (Row(tuple(Panel((layer,), layer.env.removeprefix("point_").replace("_", " "), room=1.05, columns=0) for layer in MAZES),
             lambda data: held(pooled(data), *MAZES)(data), (1, 1, 1, 1, 1.9), sharey=True),),
        (13, 3.8),
    ),
    "algorithms": Figure(
        "Figures 13 and 14: does depth pay in other algorithms",
        "Final score, a line per algorithm, a mark per depth, with the sparse reward in a maze and without walls, there also with "
        "minus the distance as reward; and the paper's GCBC, BC and QRL by depth. Of SAC and TD3 it published curves only",
        tell("every", "other algorithms", SPARSE, OPEN, note=quoted),
        (Row((Forest((SPARSE,)), Forest((OPEN,)), Panel((OTHERS,), "paper: other algorithms (rebuttal, figure 14)", room=1.7)),
             "", (3, 2, 3)),),
        (15, 5.4),
        reads=("paper/baseline_statements",),
    ),
    "cost": Figure(
        "What depth costs: time and memory",
        "Time of a run and memory over those of depth 4, and milliseconds of an update, by depth, logarithmic axes",
        cost.finding, (Row(tuple(partial(cost.panel, place=place) for place in range(3)), cost.title, (1.3, 1, 1)),), (12, 5),
        # The times of `crlkit bench` lie beside the paper's folder, not in it.
        reads=("depth", "paper/table3_wall_clock", "paper/table4_wall_clock_deep", "paper/rebuttal_depth_vs_width_cost",
               "paper/../update_times"),
    ),
    "lights_out": Figure(
        "Emergence on a laptop: critics of Lights Out stay on plateaus, and leave them suddenly",
        "Held-out loss by updates, one line per depth and a thin line per seed; the first step below all critics that count "
        "lamps; and the loss of every evaluation by how many of the nine parities the critic knew",
        lights_out.left, (Row((lights_out.loss, lights_out.first_steps, lights_out.known), lights_out.plateaus_title, legend=True),),
        (12.5, 5), reads=("lights_out", "lights_out_rates"), needs=lambda data: lights_out.critics(data)[0],
        missing="when critics of Lights Out leave their plateau, by depth; the paper has no such experiment",
    ),
    "boards": Figure(
        "Boards that only deep critics solve: Lights Out at equal parameters, by presses needed, depth, updates and seconds",
        "Six panels on critics of Lights Out: share of boards solved by presses needed, a line per depth; by depth at 3, 4 and 5 "
        "presses, at the end and at equal seconds; boards five presses away by updates, parities known by updates, and boards five "
        "presses away by seconds",
        lights_out.solved,
        (Row((lambda axes, data: lights_out.by_presses(axes, lights_out.boards(data)),
              *(partial(lights_out.over_depth, x=x) for x in lights_out.CLOCKS)), lights_out.boards_title),
         Row(tuple(partial(lights_out.over_time, x=x, y=y) for x, y in lights_out.TIMES), legend=True)),
        (11.5, 7.6), reads=("boards", "boards_rates"), needs=lights_out.boards,
        missing="boards of Lights Out that critics of each depth solve; the paper has no such experiment",
    ),
    "cures": Figure(
        "The saturated head: why agents beyond 64 layers stood still, and what mends it",
        "Success in the last tenth of training by cure, a mark per depth, on selection seeds; success by depth on fresh seeds; and "
        "mean |tanh| of policies by updates, a line per depth",
        tell("last", "what mends agents whose policy is saturated from the start", cures.TRIED, cures.PLAIN, cures.CURED),
        (Row((Forest((cures.TRIED,), "selection seeds"), Panel((cures.CURED, cures.PLAIN), "fresh seeds", room=1.5),
              Panel((cures.SATURATION,), "cured policies: 1 is saturated", columns=2)),
             f"{BIG}: agents beyond 64 layers are saturated before they learn; one normalisation mends it", (1, 1, 1)),),
    ),
}  # fmt: skip
