"""The figures that compare scores, as data. To add one, add an entry: `crlkit figures`, its page, the alternative texts
and the tests follow. What a finding says more than its scores is a small function beside its entry."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from crlkit import evidence
from crlkit.analysis.statistics import probability_of_improvement
from crlkit.figures import agents, architecture, baselines, cost, cures, depth_vs_width, extra, lights_out, table1
from crlkit.figures.layers import EPOCH, PALETTE, Curves, Paper, Scores
from crlkit.figures.panels import Figure, Finding, Forest, Heat, Panel, Row, held, tell
from crlkit.figures.scores import SHARE, depth_look

BIG, MEASURES = "point_big_maze", ("share", "heldout_loss")

# -- what a network and its training are made of ------------------------------------------------------------------------

BATCHES = Scores(("batch_size",), "batch_size", ("depth",))
PAPERS_BATCHES = Paper("fig7_batch_size", "batch_size", ("depth",), label="depth {depth}")

PAPERS_CHOICE = "the paper's: geometric future,\nL2 energy, forward InfoNCE"
USUAL = {"hindsight": "geometric", "energy": "l2", "loss": "forward"}
CHOICES = {
    "uniform": "any later state alike", "final": "the last state", "none": "no relabelling",
    "l2_squared": "squared L2 energy", "dot": "dot product", "cosine": "cosine energy",
    "backward": "backward InfoNCE", "symmetric": "symmetric InfoNCE", "binary": "binary NCE",
}  # fmt: skip


def choice(*chosen: str) -> str:
    """What a run does otherwise than the paper: its hindsight, energy and loss."""
    changed = [CHOICES[value] for value, usual in zip(chosen, USUAL.values()) if value != usual]
    return ", ".join(changed) or PAPERS_CHOICE


GOALS = Scores(
    ("hindsight",), series=tuple(USUAL), label=choice, looks={PAPERS_CHOICE: {}} | {c: {} for c in CHOICES.values()}
)
NETWORKS = Scores(("ablations",), "depth", tuple(extra.SWITCHES), MEASURES, label=extra.network,
                  looks=dict(zip((extra.FULL, *extra.CHANGES), PALETTE)))  # fmt: skip
PAPERS_NETWORKS = tuple(
    Paper("rebuttal_layer_norm_and_activation", where=where, label=f"paper: {label}", looks=({"color": grey, "linestyle": line},))
    for label, where, grey, line in ((extra.FULL, "layer_norm and activation == 'swish'", "0.2", "--"),
                                     ("no norm", "not layer_norm", "0.65", ":"), ("ReLU", "activation == 'relu'", "0.45", "-."))
)  # fmt: skip
PAPERS_RESIDUAL = (
    *(Paper("fig5_depth_and_residual", where=f"panel == 'residual_ablation' and residual == {on}", label=f"paper: {label}", looks=(look,))
      for on, label, look in ((True, "residual connections", {"color": "0.4"}), (False, "none", {"linestyle": ":", "color": "0.65"}))),
    Paper("fig5_depth_and_residual", where="panel == 'shallow_depths'", label="paper: residual, one layer at a time",
          looks=({"linestyle": "-", "color": "0.2"},)),
)  # fmt: skip


def lost_and_chance(data: Path) -> str:
    found, lost = NETWORKS.read(data), extra.lost_networks(data)
    alone = len(found.rows) and found.measure == "heldout_loss"
    said = [f"Chance is {np.log(size):.2f}" for size in found.rows.batch_size.unique()] if alone else []
    return ". ".join([*said, f"Without a finished run: {lost}"] if lost else said)


# -- actor against critic, data against network, other algorithms -------------------------------------------------------

PAIRS = Scores(("actor_vs_critic",), "actor_depth", ("critic_depth",), label="critic {:g}")
PAPERS_PAIRS = tuple(
    Paper("fig6_actor_critic_depth", "actor_depth", ("critic_depth",), f"environment == '{env}'", "{environment}, critic {critic_depth}")
    for env in ("humanoid", "ant_big_maze", "arm_push_easy")
)  # fmt: skip
LEARNERS = Scores(("collector_learner",), "collector_depth", ("depth",), label="learner of depth {:g}")
CHOSEN = (*evidence.ALGORITHM, "agent_options", "loss", "logsumexp_penalty", "residual", "norm", "activation")
SPARSE = Scores(("algorithms",), "depth", CHOSEN, env=BIG, label=lambda *chosen: evidence.algorithm(*chosen[:4]))
OPEN = replace(SPARSE, env="point_open_maze")


def algorithms(data: Path) -> Finding:
    return tell("every", "other algorithms", SPARSE, OPEN)(data)._replace(paper=baselines.quoted(data))


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


def mazes(data: Path) -> Finding:
    found = tell("ends", "the tutorial's network in every maze", *MAZES)(data)
    return found._replace(here=f"{pooled(data)}. {found.here}", more=pooled(data)) if found.here else found


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


def environment(env: str) -> Panel:
    """One of the paper's environments, with a point and an ant in a maze of the same layout."""
    ours = [f"{body}_{env.partition('_')[2]}" for body in ("point", "ant")] if env in HERE_TOO else []
    layers = (Scores(("depth", "environments"), env=maze) for maze in ours)
    paper = Paper("fig1_final_scores", where=f"environment == '{env}'")
    return Panel((paper, *layers), "{environment}, {epochs} epochs", columns=0, room=1.05)


def limits(data: Path) -> str:
    ended = ", ".join(f"depth {depth} ({how})" for depth, how in extra.unfinished(data).items())
    return f"Without a finished run: {ended}" if ended else ""


# -- the first epochs of an ant in the hardest maze: published size, the same time on one card for all depths --------------

HARDEST = "ant_hardest_maze"
EPOCHS = Curves(("depth",), "epoch", HARDEST, label="here: depth {}", query="status in ('finished', 'interrupted')")
PAPERS_EPOCHS = Paper("fig1_learning_curves", "epoch", ("depth",), f"environment == '{HARDEST}' and epoch <= 10 and depth <= 16",
                      "paper: depth {depth}", looks=tuple(depth_look(depth) |
                      {"linestyle": "", "mfc": "white", "ms": 8, "mew": 1.6} for depth in (4, 8, 16)))  # fmt: skip


# In the order of the page.
FIGURES = {
    "architecture": architecture.FIGURE,
    "depth_curves": Figure(
        "Score by depth, against everything that depth could be paid with",
        "Learning curves against environment steps, updates and processor seconds, one line per depth; final score by depth; "
        "below, the paper's ten environments as small panels of final score by depth, and mazes measured here of the same layout",
        tell("best", BIG, DEPTH, PAPERS_DEPTHS),
        (
            Row(
                (
                    *(Panel((Curves(("depth",), x, BIG),), columns=0, room=1) for x in ("env_steps", "updates", "seed_seconds")),
                    Panel((Paper("fig1_final_scores", where="environment == 'ant_big_maze'",
                                 label="paper: {environment}, mean and standard error"), DEPTH),
                          "final score: last tenth of training", room=1.3),
                ),
                held("the paper's network in a maze chosen because depths differed in it; curves: interquartile mean, 95 % interval; dots "
                     "the seeds, if fewer than ten", DEPTH), (1, 1, 1, 1.2), sharey=True, legend=True,
            ),
            Row(tuple(map(environment, PAPERS_ENVIRONMENTS[0])),
                "The paper's ten environments, final score by depth: grey, mean and standard error, equal epochs of about a million steps "
                "(scales differ; for ant_u5_maze\nat 64 the paper's Table 1 prints 0.061); blue, a point in a maze of the same layout, "
                "orange an ant, at equal updates", ylabel=SHARE),
            Row(tuple(map(environment, PAPERS_ENVIRONMENTS[1])), ylabel=SHARE),
        ),
        (12, 9), (1, 0.85, 0.8),
    ),
    "exploration": Figure(
        "Figure 8: exploration or expressivity: what a network learns from the data of a shallow and of a deep collector",
        "Learning curves of learners of each depth from the data of a collector, a panel for a shallow and one for a deep "
        "collector, and their final scores. The paper published curves only, no numbers",
        tell("every", "whether a deep agent's data or its network matters", LEARNERS),
        (
            Row(
                (
                    *(Panel((Curves(LEARNERS.suites, vary=("collector_depth",), where=f"collector_depth == {depth}",
                                    label="learner of depth {}"),), title=f"collector of depth {depth}") for depth in (4, 32)),
                    Panel((LEARNERS,), "final scores"),
                ),
                held("the collector alone fills the buffer, and learners of both depths see the same data; paper: curves only, no numbers\n"
                     "curves: interquartile mean, 95 % interval; dots the seeds, if fewer than ten", LEARNERS), sharey=True,
            ),
        ),
        (12, 4.2),
    ),
    "critic_maps": agents.CRITIC_MAPS,
    "embeddings": agents.EMBEDDINGS,
    "stitching": Figure(
        "Figure 11: trained on near pairs only, scored on far goals",
        "Final share of the episode at far goals by depth, for agents trained on start-goal pairs at most 3 cells apart; and "
        "beside it, the ways of a shallow and a deep agent",
        tell("ends", "far goals after near training", STITCHING, PAPERS_STITCHING, note=same_goals),
        (
            Row(
                (
                    Panel((PAPERS_STITCHING, STITCHING), "scored in mazes of the same layout with far goals", room=1.5),
                    partial(extra.episode, which=0),
                    partial(extra.episode, which=-1),
                ),
                held("trained: start and goal at most 3 cells apart; scored: goals 4, 5 and 6 cells from the start\nright, the recorded "
                     "episodes: blue and solid where the goal (star) was reached, orange and dotted where not", STITCHING), (1.3, 1, 1),
            ),
        ),
    ),
    "residual_norms": agents.RESIDUAL_NORMS,
    "table1": table1.FIGURE,
    "ants": Figure(
        "The first epochs of an ant in the hardest maze, beside the paper's",
        "Share of the episode at the goal, contrastive loss and entropy by epoch, one line per depth",
        tell("every", "an ant's first epochs", EPOCHS, PAPERS_EPOCHS),
        (
            Row((
                Panel((PAPERS_EPOCHS, EPOCHS), " ", "epoch of the paper"),
                *(Panel((replace(EPOCHS, measure=measure),), " ", "epoch of the paper", columns=0, room=1.05)
                  for measure in ("contrastive_loss", "entropy")),
            ), held(f"an epoch is {EPOCH:,} environment steps; lines end where the card's time was up; curves: interquartile mean, 95 % "
                    "interval, dots the seeds\nhollow: paper, mean over seeds and, but at epoch 1, over 5 epochs", EPOCHS), (1.5, 1, 1)),
        ),
    ),
    "limits_of_depth": Figure(
        "The limits of depth: up to 1024 layers",
        "The paper's learning curves and final scores to depth 1024; ours by depth, and those of critics alone by their loss",
        tell("best", BIG, DEPTH, CRITICS, LIMITS, note=limits),
        (
            Row((
                Panel((Paper("fig12_learning_curves", "epoch", ("depth",), label="depth {depth}"),),
                      "paper: {environment}, seed means over 5 epochs (1024 has an actor of 512)", room=1.05),
                Panel((LIMITS,), "paper: final score, mean and standard error of {runs} runs (inferred),\nequal steps within a maze",
                      "depth (layers); 1024 has an actor of 512", room=1.1),
            )),
            Row((
                Panel((DEPTH, ANT)),
                Panel((CRITICS,), room=1.1, extra=partial(extra.chance, layer=CRITICS)),
            )),
        ),
        (12, 7.8),
    ),
    "depth_vs_width": depth_vs_width.FIGURE,
    "actor_vs_critic": Figure(
        "Depth of the actor and depth of the critic, apart",
        "Heat maps of the final score, actor's depth across and critic's depth upwards",
        tell("best", "ours", PAIRS, *PAPERS_PAIRS),
        (
            Row(tuple(Heat((layer,), f"paper: {env}") for layer, env in zip(PAPERS_PAIRS, ("humanoid", "ant_big_maze", "arm_push_easy"))),
                "paper: final score, equal steps (printed cell labels; number of runs not stated)"),
            Row((Heat((PAIRS,), "here: interquartile mean and 95 % interval"), Panel((PAIRS,), columns=3)), ratios=(1, 1.6)),
        ),
        (12, 7.4),
    ),
    "batch_size": Figure(
        "Batch size and depth together",
        "Final score by batch size, one line per depth; the paper's left, ours right",
        tell("best", "scores by batch", BATCHES, PAPERS_BATCHES),
        (
            Row((
                Panel((PAPERS_BATCHES,), "paper: {environment}, mean and standard error of {runs} runs (inferred)\n"
                      "equal: steps; perhaps not updates, which may be fewer at 1024 and 2048"),
                Panel((BATCHES,), columns=2),
            )),
        ),
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
        tell("last", "any ablation", NETWORKS, *PAPERS_RESIDUAL, *PAPERS_NETWORKS, note=lost_and_chance),
        (
            Row((Panel(PAPERS_RESIDUAL, "paper: humanoid, residual connections (equal steps)"),
                 Panel(PAPERS_NETWORKS, "paper: {environment}, equal steps; the kind of the errors is not stated"))),
            Row(
                (Panel((NETWORKS,), room=1.4, extra=partial(extra.chance, layer=NETWORKS)), partial(extra.close_up, layer=NETWORKS)),
                lambda data: f"without a finished run here: {lost}" if (lost := extra.lost_networks(data)) else "",
            ),
        ),
        (12, 8.4), (1, 1.2),
    ),
    "mazes": Figure(
        "Depth in five mazes",
        "Final score by depth, a panel per maze, of the tutorial's network, whose actor has a normalisation before its head. The "
        "big maze was chosen because depths differed in it",
        mazes,
        (
            Row(
                tuple(Panel((layer,), layer.env.removeprefix("point_").replace("_", " "), room=1.05, columns=0) for layer in MAZES),
                lambda data: held(pooled(data), *MAZES)(data), (1, 1, 1, 1, 1.9), sharey=True,
            ),
        ),
        (13, 3.8),
    ),
    "algorithms": Figure(
        "Figure 13: does depth pay in other algorithms",
        "Final score, a line per algorithm, a mark per depth, with the sparse reward in a maze and without walls, there also with "
        "minus the distance as reward. The paper published curves only, no numbers",
        algorithms,
        (Row((Forest((SPARSE,)), Forest((OPEN,))), "", (3, 2)),),
        (12, 5.4),
        reads=("paper/baseline_statements",),
    ),
    "baselines": baselines.FIGURE,
    "cost": cost.FIGURE,
    "lights_out": lights_out.PLATEAUS,
    "boards": lights_out.BOARDS,
    "cures": Figure(
        "The saturated head: why agents beyond 64 layers stood still, and what mends it",
        "Success in the last tenth of training by cure, a mark per depth, on selection seeds; success by depth on fresh seeds; and "
        "mean |tanh| of policies by updates, a line per depth",
        tell("last", "what mends agents whose policy is saturated from the start", cures.TRIED, cures.PLAIN, cures.CURED),
        (
            Row((Forest((cures.TRIED,), "selection seeds"), Panel((cures.CURED, cures.PLAIN), "fresh seeds", room=1.5),
                 Panel((cures.SATURATION,), "cured policies: 1 is saturated", columns=2)),
                f"{BIG}: agents beyond 64 layers are saturated before they learn; one normalisation mends it", (1, 1, 1)),
        ),
    ),
}  # fmt: skip
