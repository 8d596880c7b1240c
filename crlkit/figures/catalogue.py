"""Every figure, as data. To add one, add an entry: `crlkit figures`, its page, the alternative texts and the tests follow."""

from dataclasses import replace
from functools import partial

import pandas as pd

from crlkit import evidence
from crlkit.envs.catalogue import paper_steps
from crlkit.figures import agents, architecture, cures, depth_vs_width, lights_out
from crlkit.figures.panels import EPOCH, Figure, Forest, Panel, Paper, Row, Scores, held, tell
from crlkit.figures.scores import HERE, SHARE

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


def changed(names: dict, usual: str, *chosen) -> str:
    """What a run does otherwise than the paper."""
    return ", ".join(names[value] for value in chosen if value in names) or usual


GOALS = Scores(("hindsight",), "depth", ("hindsight", "energy", "loss"), label=partial(changed, CHOICES, USUAL))
SWITCHED = ("residual", "norm", "activation")
NETWORKS = Scores(("ablations",), "depth", SWITCHED, MEASURES, label=partial(changed, SWITCHES, FULL))
PAPERS_NETWORKS = tuple(
    Paper("rebuttal_layer_norm_and_activation", where=where, label=f"paper: {label}")
    for label, where in ((FULL, "layer_norm and activation == 'swish'"), ("no norm", "not layer_norm"), ("ReLU", "activation == 'relu'"))
)  # fmt: skip
ONE_BY_ONE, BOTH = "panel == 'shallow_depths'", "panel == 'residual_ablation' and residual == "
PAPERS_RESIDUAL = tuple(
    Paper("fig5_depth_and_residual", where=where, label=f"paper: {label}")
    for label, where in (("residual", BOTH + "True"), ("no residual connections", BOTH + "False"), ("one layer at a time", ONE_BY_ONE))
)  # fmt: skip

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

STITCHING = Scores(("stitching",))
PAPERS_STITCHING = Paper("fig11_stitching", label="paper: {train_environment},\nmean and standard error, read off")
MAZES = tuple(Scores(("cured_depth",), env=f"point_{maze}_maze") for maze in ("u", "u4", "u5", "hardest", "big"))

# -- how deep ---------------------------------------------------------------------------------------------------------------
DEPTH = Scores(("depth",), env=BIG)
ANT = Scores(("depth",), env="ant_big_maze")
CRITICS = Scores(("limits",), "depth", ("learning_rate",), ("heldout_loss",), BIG, "learning rate {:g}", sizes=True)
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
    paper = Paper("fig1_final_scores", where=f"environment == '{env}'")
    layers = (paper, *(Scores(("depth", "environments"), env=maze) for maze in ours))
    return Panel(layers, "{environment}, {epochs} epochs", legend=False)


TABLE1 = Paper("table1_time_at_goal", series=("environment",), where="source.str.contains('Table 1')")
PAIRED = "status == 'finished' and depth in (4, 64)"
EVERYWHERE = tuple(replace(layer, query=PAIRED) for env in HERE_TOO for layer in environment(env).layers[1:])
# The first epochs of an ant in the hardest maze: published size, the same time on one card for all depths.
HARDEST = "ant_hardest_maze"
EPOCHS = Scores(("depth",), "epoch", ("depth",), env=HARDEST, label="here: depth {:g}", query="status in ('finished', 'interrupted')",
                prepare=lambda rows: rows.assign(epoch=(rows.env_steps - paper_steps(0)) / EPOCH))  # fmt: skip
PAPERS_EPOCHS = Paper("fig1_learning_curves", "epoch", ("depth",), f"environment == '{HARDEST}' and epoch <= 10 and depth <= 16",
                      "paper: depth {depth}")  # fmt: skip
CURVES = "curves: interquartile mean, 95 % interval; dots the seeds, if fewer than ten"

# -- what depth costs ---------------------------------------------------------------------------------------------------
SECONDS = Scores(("depth",), measure=("seed_seconds",), env=BIG)
HOURS = Paper("table4_wall_clock_deep", where="measure == 'wall_clock'", unit=1, measure="hours of a run")
STEP = Paper("table4_wall_clock_deep", where="measure == 'time_per_gradient_step'", unit=1, measure="update (ms)")
MEMORY = Paper("rebuttal_depth_vs_width_cost", "depth", (), "measure == 'memory' and width == 256",
               "paper: rebuttal, of what is not stated", 1, "peak memory (MB)")  # fmt: skip


def benched(column: str) -> Paper:
    """A column of the table of `crlkit bench`, which lies beside the paper's folder."""
    look, label = {"color": HERE, "marker": "o", "mfc": "white"}, "here: crlkit bench, width {width},\n{device}"
    prepare = partial(pd.DataFrame.rename, columns={column: "value"})
    return Paper("../update_times", label=label, unit=1, measure=column, prepare=prepare, look=look)


# In the order of the page.
FIGURES = {
    "architecture": Figure(
        "Figure 2: a residual block, a network of blocks, and the three networks of an agent",
        "A residual block of four layers and an arrow past them; a network of blocks; the agent's three networks; a table of parameters",
        "", architecture.told, (Row((architecture.draw,)),), (12, 7.1),
    ),
    "depth_curves": Figure(
        "Score by depth, against everything that depth could be paid with",
        "Learning curves against steps, updates and seconds, a line per depth; final score by depth; below, that of ten environments",
        BIG, tell(DEPTH, PAPERS_DEPTHS),
        (Row((*(Panel((replace(DEPTH, x=x, series=("depth",)),), legend=False) for x in ("env_steps", "updates", "seed_seconds")),
              Panel((Paper("fig1_final_scores", where="environment == 'ant_big_maze'"), DEPTH), "final score: last tenth of training")),
             held(f"the paper's network in a maze chosen because depths differed in it; {CURVES}", DEPTH),
             (1, 1, 1, 1.2), sharey=True, legend=True),
         Row(tuple(map(environment, PAPERS_ENVIRONMENTS[0])),
             "The paper's ten environments, final score by depth: grey, mean and standard error, equal epochs of about a million steps "
             "(scales differ; for ant_u5_maze\nat 64 the paper's Table 1 prints 0.061); blue, a point in a maze of the same layout, "
             "orange an ant, at equal updates", ylabel=SHARE),
         Row(tuple(map(environment, PAPERS_ENVIRONMENTS[1])), ylabel=SHARE)),
        (12, 10),
    ),
    "exploration": Figure(
        "Figure 8: exploration or expressivity: what a network learns from the data of a shallow and of a deep collector",
        "Learning curves of learners from the data of a shallow and of a deep collector; final scores. The paper printed no numbers",
        "whether a deep agent's data or its network matters", tell(LEARNERS),
        (Row((*(Panel((replace(LEARNERS, x="updates", vary=("depth", "collector_depth"),
                               query=f"{LEARNERS.query} and collector_depth == {depth}"),), f"collector of depth {depth}") for depth in (4, 32)),
              Panel((LEARNERS,), "final scores")),
             held("the collector alone fills the buffer, and learners of both depths see the same data; paper: curves only, no numbers\n"
                  f"{CURVES}", LEARNERS), sharey=True),),
        (12, 4.2),
    ),
    "critic_maps": Figure(
        "Figure 9: does a critic see the maze's walls, or the straight line through them?",
        "Energy of a shallow and a deep critic at every place of a maze for one goal; its rank correlation with both distances by depth",
        "whether deep critics follow the walls", agents.walls,
        (Row((*(partial(agents.critic, which=which) for which in (0, -1)), agents.correlations),
             partial(agents.headline, text="goal G. Paper: Ant U4-Maze, depth 4 follows the line, depth 64 the path; pictures only. "
                                           "Maps also of depths that end at no goal"), (1, 1, 1.5)),),
        (12.5, 5.4), reads=("depth",), needs=agents.maps,
    ),
    "embeddings": Figure(
        "Figure 10: how the critic lays states out: over the whole maze, near a goal against far from it",
        "Every free cell by the first two principal components of a shallow and a deep critic's embedding; lines join neighbours",
        "how much space a critic gives to the goal", agents.space,
        (Row(tuple(partial(agents.layout, which=which) for which in (0, -1)),
             partial(agents.headline, text="principal components of φ(s, a), the critic's embedding. Paper: Humanoid, pictures only")),),
        (11, 4.8), reads=("depth",), needs=agents.with_weights,
    ),
    "stitching": Figure(
        "Figure 11: trained on near pairs only, scored on far goals",
        "Final share of the episode at far goals by depth, for agents trained on start-goal pairs at most 3 cells apart",
        "far goals after near training", tell(STITCHING, PAPERS_STITCHING),
        (Row((Panel((PAPERS_STITCHING, STITCHING), "scored in mazes of the same layout with far goals"),),
             held("trained: start and goal at most 3 cells apart; scored: goals 4, 5 and 6 cells from the start", STITCHING)),),
    ),
    "residual_norms": Figure(
        "Figure 17: what each residual block adds to what passes through it",
        "Root mean square of what each block adds to its input by its number, a line per depth: the actor and both encoders",
        "what the blocks of deep networks add", agents.added,
        (Row(tuple(partial(agents.blocks, stack=stack) for stack in agents.STACKS),
             partial(agents.headline, text="what a block adds to its input x, the same states for all. Paper: Humanoid, curves only"),
             sharey=True),),
        (12, 4), reads=("depth",), needs=agents.of_blocks,
    ),
    "table1": Figure(
        "Depth 4 against depth 64 in every environment",
        "Each of the paper's environments and each maze measured here is a row with its scores at depth 4 and at depth 64",
        "any maze", tell(*EVERYWHERE, TABLE1),
        (Row((Forest((TABLE1, *EVERYWHERE), "final score, at equal steps and updates"),),
             f"{BIG} was chosen because depths differed in it"),),
        (12, 6.2),
    ),
    "ants": Figure(
        "The first epochs of an ant in the hardest maze, beside the paper's",
        "Share of the episode at the goal, contrastive loss and entropy by epoch, one line per depth",
        "an ant's first epochs", tell(EPOCHS, PAPERS_EPOCHS),
        (Row((Panel((PAPERS_EPOCHS, EPOCHS), " "),
              *(Panel((replace(EPOCHS, measure=(name,)),), " ", legend=False) for name in ("contrastive_loss", "entropy"))),
             held(f"an epoch is {EPOCH:,} environment steps; lines end where the card's time was up; {CURVES}\n"
                  "grey: paper, mean over seeds and, but at epoch 1, over 5 epochs", EPOCHS), (1.5, 1, 1)),),
    ),
    "limits_of_depth": Figure(
        "The limits of depth: up to 1024 layers",
        "The paper's learning curves and final scores to depth 1024; ours by depth, and those of critics alone by their loss",
        BIG, tell(DEPTH, CRITICS, LIMITS),
        (Row((Panel((Paper("fig12_learning_curves", "epoch", ("depth",), label="depth {depth}"),),
                    "paper: {environment}, means of seeds and of 5 epochs,\neach about a million steps (1024 has an actor of 512)"),
              Panel((LIMITS,), "paper: final score, mean and standard error,\nequal steps within a maze "
                    "(1024 has an actor of 512)"))),
         Row((Panel((DEPTH, ANT)), Panel((CRITICS,))))),
        (12, 7.8),
    ),
    "depth_vs_width": Figure(
        "Deeper or wider: score against parameters and against time",
        "Score against the critic's parameters and seconds, a line for deeper and one for wider networks; the paper's hours",
        "depth against width", tell(depth_vs_width.OURS[0], *depth_vs_width.PAPERS),
        (Row(tuple(Panel((layer,), "paper: {environment}, {env_steps_million} M steps, digitised") for layer in depth_vs_width.PAPERS)),
         Row((*(Panel((layer,)) for layer in depth_vs_width.OURS),
              Panel((depth_vs_width.HOURS,), "paper: what the same parameters cost in time\nmean over the three environments above")))),
        (12, 7.2),
    ),
    "actor_vs_critic": Figure(
        "Depth of the actor and depth of the critic, apart",
        "Final score by the actor's depth, a line per critic's depth; three of the paper's environments, and ours",
        "ours", tell(PAIRS, *PAPERS_PAIRS),
        (Row((*(Panel((layer,), "paper: {environment}, equal steps") for layer in PAPERS_PAIRS), Panel((PAIRS,))),
             "paper: the numbers printed in its figure 6; of how many runs is not stated", (1, 1, 1, 1.5)),),
        (13, 4.6),
    ),
    "batch_size": Figure(
        "Batch size and depth together",
        "Final score by batch size, one line per depth; the paper's left, ours right",
        "scores by batch", tell(BATCHES, PAPERS_BATCHES),
        (Row((Panel((PAPERS_BATCHES,), "paper: {environment}, mean and standard error\n"
                    "equal: steps; perhaps not updates, which may be fewer at 1024 and 2048"),
              Panel((BATCHES,)))),),
    ),
    "hindsight": Figure(
        "What becomes the goal, and how it is contrasted",
        "Final score by which later state becomes the goal, by energy and by loss, a mark per depth",
        "other goals, energies and losses", tell(GOALS),
        (Row((Forest((GOALS,)),)),),
        (9, 3.8),
    ),
    "ablations": Figure(
        "What depth needs: residual connections, normalisation, activation",
        "Final score by depth, a line for each choice of residual connections, norm and activation",
        "any ablation", tell(NETWORKS, *PAPERS_RESIDUAL, *PAPERS_NETWORKS),
        (Row((Panel(PAPERS_RESIDUAL, "paper: humanoid, equal steps"),
              Panel(PAPERS_NETWORKS, "paper: {environment}, equal steps; the kind of the errors is not stated"),
              Panel((NETWORKS,)))),),
        (13, 4.8),
    ),
    "mazes": Figure(
        "Depth in five mazes",
        "Final score by depth, a panel per maze; the actor has a norm before its head. The big maze was chosen: depths differed in it",
        "the tutorial's network in every maze", tell(*MAZES),
        (Row(tuple(Panel((layer,), layer.env.removeprefix("point_").replace("_", " "), legend=False) for layer in MAZES),
             held("the tutorial's network in five mazes", *MAZES), (1, 1, 1, 1, 1.9), sharey=True),),
        (13, 3.8),
    ),
    "algorithms": Figure(
        "Figures 13 and 14: does depth pay in other algorithms",
        "Final score by algorithm and depth, in a maze and without walls; paper: GCBC, BC and QRL (of SAC and TD3 it has curves only)",
        "other algorithms", tell(SPARSE, OPEN, OTHERS),
        (Row((Forest((SPARSE,)), Forest((OPEN,)), Panel((OTHERS,), "paper: other algorithms (rebuttal, figure 14)")),
             "", (3, 2, 3)),),
        (15, 5.4),
    ),
    "cost": Figure(
        "What depth costs: time and memory",
        "Hours of a run of the paper's, processor seconds of one here, milliseconds of an update and memory, by depth, logarithmic axes",
        "the time of whole runs", tell(SECONDS, HOURS),
        (Row((Panel((HOURS,), "paper: equal steps (1024 has an actor of 512)", log=True), Panel((SECONDS,), log=True))),
         Row((Panel((STEP, benched(STEP.measure)), "an update; paper's with collection, all of one A100 (inferred)", log=True),
              Panel((MEMORY, benched(MEMORY.measure)), "memory; here of the whole process", log=True)))),
        (12, 7.8),
    ),
    "lights_out": Figure(
        "Emergence on a laptop: critics of Lights Out stay on plateaus, and leave them suddenly",
        "Held-out loss by updates, a line per depth and a thin one per seed; loss of every evaluation by how many parities were known",
        "when critics of Lights Out leave their plateau, by depth; the paper has no such experiment", lights_out.left,
        (Row((lights_out.loss, lights_out.known), lights_out.plateaus_title, legend=True),), (12, 5),
        reads=("lights_out",), needs=lights_out.matched,
    ),
    "boards": Figure(
        "Boards that only deep critics solve: Lights Out at equal parameters, by presses needed, depth, updates and seconds",
        "Share of boards solved by presses needed, by depth, at equal updates and at equal seconds; its curves, and parities known",
        "boards of Lights Out that critics of each depth solve; the paper has no such experiment", lights_out.solved,
        (Row((lambda axes, data: lights_out.by_presses(axes, lights_out.boards(data)),
              *(partial(lights_out.over_depth, x=x) for x in lights_out.CLOCKS)), lights_out.boards_title),
         Row(tuple(partial(lights_out.over_time, x=x, y=y) for x, y in (
             ("updates", lights_out.FAR), ("updates", "known"), ("seed_seconds", lights_out.FAR))), legend=True)),
        (11.5, 7.6), reads=("boards", "boards_rates"), needs=lights_out.boards,
    ),
    "cures": Figure(
        "The saturated head: why agents beyond 64 layers stood still, and what mends it",
        "Success at the end by cure, a mark per depth, on selection seeds; by depth on fresh seeds; mean |tanh| of policies by updates",
        "what mends agents whose policy is saturated from the start", tell(cures.TRIED, cures.PLAIN, cures.CURED),
        (Row((Forest((cures.TRIED,), "selection seeds"), Panel((cures.CURED, cures.PLAIN), "fresh seeds"),
              Panel((cures.SATURATION,), "cured policies: 1 is saturated")),
             f"{BIG}: agents beyond 64 layers are saturated before they learn; one normalisation mends it", (1, 1.5, 1)),),
        (12, 6.2),
    ),
}  # fmt: skip
