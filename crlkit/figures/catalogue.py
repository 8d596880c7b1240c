"""The figures that compare scores, as data. To add one, add an entry: `crlkit figures`, its page, the alternative texts
and the tests follow. A finding that says more than what is best is a small function beside its entry."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from crlkit import evidence
from crlkit.analysis.statistics import probability_of_improvement
from crlkit.figures import (
    agents,
    architecture,
    baselines,
    cost,
    cures,
    depth_vs_width,
    extra,
    lights_out,
    table1,
    tutorial_tables,
)
from crlkit.figures.layers import EPOCH, PALETTE, Curves, Paper, Scores
from crlkit.figures.panels import Figure, Finding, Forest, Heat, Panel, Row, best, held, listing
from crlkit.figures.scores import PAPER_EPISODE, at_equal, by, by_depth, depth_look, here, list_words, seeds_in_words
from crlkit.figures.words import held_equal, seeds

BIG, MEASURES = "point_big_maze", ("share", "heldout_loss")

# -- what a network and its training are made of ------------------------------------------------------------------------

BATCHES = Scores(("batch_size",), "batch_size", ("depth",))
PAPERS_BATCHES = Paper("fig7_batch_size", "batch_size", ("depth",), label="depth {depth}", ends=True)
RATES = Scores(("learning_rate",), "learning_rate", ("depth",))
AT_RATE = {f"all at {rate:g}": {"color": grey, "linestyle": ":"} for rate, grey in
           zip((1e-4, 3e-4, 1e-3, 3e-3), ("0.8", "0.7", "0.55", "0.4"))}  # fmt: skip


def rates(data: Path) -> Finding:
    found, searched = best("rate", RATES)(data), extra.searched(data)
    return (
        found._replace(here=f"{found.here}; each depth at its own rate: {list_words(searched)}") if searched else found
    )


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
REBUTTAL = partial(Paper, "rebuttal_layer_norm_and_activation")


def ablations(data: Path) -> Finding:
    table = evidence.paper(data, "rebuttal_layer_norm_and_activation")
    deep = table[table.depth == table.depth.max()]
    theirs = ", ".join(
        f"{extra.network(True, 'layer' if norm else 'none', activation)} {value / PAPER_EPISODE:.2f}"
        for norm, activation, value in zip(deep.layer_norm, deep.activation, deep.value)
    )
    theirs = f"Paper, {table.environment.iloc[0]} at depth {table.depth.max()}: {theirs} of the episode"
    found = NETWORKS.read(data)
    if found.rows.empty:
        return Finding("", theirs, "any ablation")
    depth = max(set.intersection(*(set(scores) for scores in found.lines.values())))
    listed = ", ".join(f"{name} {scores[depth]}" for name, scores in found.lines.items())
    chance = ", ".join(f"{np.log(size):.2f}" for size in found.rows.batch_size.unique())
    unit = "of the episode" if found.measure == "share" else f"nats of held-out loss (chance {chance})"
    lost = extra.lost_networks(data)
    ended = f"; without a finished run: {lost}" if lost else ""
    where = f"{found.rows.env.iloc[0]} {at_equal(found.rows)}"
    return Finding(f"Here, {where}, depth {depth:g}: {listed} {unit}{ended}", theirs)


# -- actor against critic, data against network -------------------------------------------------------------------------

PAIRS = Scores(("actor_vs_critic",), "actor_depth", ("critic_depth",), label="critic's depth {:g}")
PAPERS_PAIRS = "fig6_actor_critic_depth"


def pairs(data: Path) -> Finding:
    """From the shallowest pair: what the deepest actor alone, and the deepest critic alone, add to the score."""

    def gains(cells: dict) -> tuple[float, float]:
        critics, actors = ((min(depths), max(depths)) for depths in (set(depths) for depths in zip(*cells)))
        corner = cells[critics[0], actors[0]]
        return cells[critics[0], actors[1]] - corner, cells[critics[1], actors[0]] - corner

    table = evidence.paper(data, PAPERS_PAIRS)
    theirs = []
    for env, grid in table.groupby("environment", sort=False):
        actor, critic = gains((grid.set_index(["critic_depth", "actor_depth"]).value / PAPER_EPISODE).to_dict())
        theirs.append(f"{env} {actor:+.2f} and {critic:+.2f}")
    deepest = table.actor_depth.max()
    theirs = f"Paper: actor alone deepened from 4 to {deepest} and critic alone: {', '.join(theirs)} of the episode"
    rows = here(data, PAIRS.suites, "depth", "actor_depth", "critic_depth")
    if rows.empty:
        return Finding("", theirs, "ours")
    actor, critic = gains({depths: score.iqm for depths, score in by(rows, "critic_depth", "actor_depth").items()})
    first, last = rows.actor_depth.min(), rows.actor_depth.max()
    deepened = f"actor alone deepened from {first} to {last} {actor:+.2f}, critic alone {critic:+.2f} of the episode"
    return Finding(f"Here, {rows.env.iloc[0]} {at_equal(rows)}: {deepened}", theirs)


LEARNERS = Scores(("collector_learner",), "collector_depth", ("depth",), label="learner of depth {:g}")
COLLECTORS = (4, 32)


# -- other algorithms ---------------------------------------------------------------------------------------------------------

CHOSEN = (*evidence.ALGORITHM, "agent_options", "loss", "logsumexp_penalty", "residual", "norm", "activation")
SPARSE = Scores(("algorithms",), "depth", CHOSEN, env=BIG, label=lambda *chosen: evidence.algorithm(*chosen[:4]))
OPEN = replace(SPARSE, env="point_open_maze")


def gained(data: Path) -> str:
    """The title: what depth adds to each algorithm where it is tested."""
    found = SPARSE.read(data)
    gains = {name: line[max(line)].iqm - line[min(line)].iqm for name, line in found.lines.items() if len(line) > 1}
    listed = ", ".join(f"{name} {gain:+.2f}" for name, gain in sorted(gains.items(), key=lambda item: -item[1]))
    return f"{BIG}, 64 layers over 4, share of the episode at the goal:\n{listed}" if gains else ""


def algorithms(data: Path) -> Finding:
    table = evidence.paper(data, "baseline_statements")
    said = table[(table.topic == "depth_scaling") & table.quoted].statement.iloc[0]
    theirs, told, missing = f'Paper, on SAC, SAC + HER and TD3 + HER: "{said}"', [], []
    for name, layer in (("with the sparse reward", SPARSE), ("where there are no walls", OPEN)):
        found = layer.read(data)
        listed = "; ".join(f"{label}: {list_words(line)}" for label, line in found.lines.items())
        told += [f"{found.rows.env.iloc[0]} {at_equal(found.rows)}: {listed}"] if listed else []
        missing += [] if listed else [f"other algorithms {name}"]
    return Finding(f"Here, of the episode at the goal, {'. '.join(told)}" if told else "", theirs, ", ".join(missing))


# -- far goals after near training ----------------------------------------------------------------------------------------

STITCHING = Scores(("stitching",))


def stitching(data: Path) -> Finding:
    paper = evidence.paper(data, "fig11_stitching").sort_values("depth")
    theirs = ", ".join(f"depth {d} {v / PAPER_EPISODE:.2f}" for d, v in zip(paper.depth, paper.value))
    rows = STITCHING.read(data).rows
    if rows.empty:
        return Finding("", f"Paper: {theirs}", "far goals after near training")
    scores, reached = by_depth(rows), by_depth(rows, "success")
    first, last = min(scores), max(scores)
    same = all(np.array_equal(score.seeds, reached[first].seeds) for score in reached.values())
    alike = "; each seed reaches as many goals at every depth, so this task tells the depths nothing apart" * same
    ours = f"depth {first} {scores[first]}, depth {last} {scores[last]} of the episode at the goal here{alike}"
    return Finding(f"Far goals after near training, per update: {ours}", f"Paper: {theirs}")


MAZES = tuple(Scores(("cured_depth",), env=f"point_{maze}_maze") for maze in ("u", "u4", "u5", "hardest", "big"))


def pooled(data: Path) -> tuple[str, str]:
    """How often 64 layers are ahead of 4, and the scores of every maze."""
    lines = {layer.env: line for layer in MAZES for line in layer.read(data).lines.values() if {4, 64} <= set(line)}
    if not lines:
        return "", ""
    deep, shallow = ({env: line[depth].seeds for env, line in lines.items()} for depth in (64, 4))
    ahead = f"64 layers are ahead of 4 in {probability_of_improvement(deep, shallow).value:.0%} of pairs of seeds"
    listed = "; ".join(f"{env}: {list_words(line)}" for env, line in lines.items())
    return f"{ahead}, pooled over {len(lines)} mazes, per update", listed


def over_mazes(data: Path) -> str:
    """The title."""
    found = [measured for layer in MAZES if len((measured := layer.read(data)).rows)]
    scores = [score for measured in found for line in measured.lines.values() for score in line.values()]
    same = held_equal(pd.concat([measured.rows for measured in found])) if found else ""
    return f"{pooled(data)[0]}\n{seeds_in_words(scores)}, equal: {same}" if found else ""


def mazes(data: Path) -> Finding:
    ahead, listed = pooled(data)
    return Finding(f"Here {ahead}. {listed}", "") if ahead else Finding("", "", "the tutorial's network in every maze")


# -- how deep ---------------------------------------------------------------------------------------------------------------

DEPTH = Scores(("depth",), env=BIG)
ANT = Scores(("depth",), env="ant_big_maze")
CRITICS = Scores(("limits",), "depth", ("learning_rate",), ("heldout_loss",), BIG, "learning rate {:g}",
                 dict(zip(("learning rate 0.0003", "learning rate 0.001"), PALETTE)), sizes=True)  # fmt: skip
PER_SECOND, ANT_PER_SECOND, CRITICS_PER_SECOND = (replace(layer, x="seed_seconds") for layer in (DEPTH, ANT, CRITICS))
SECONDS = "processor seconds of a seed; numbers are depths"


def depth_curves(data: Path) -> Finding:
    table = evidence.paper(data, "fig1_final_scores").pivot(index="environment", columns="depth", values="value")
    shallow, deep = table.columns.min(), table.columns.max()
    risen, most = int((table[deep] > table[shallow]).sum()), int((table.idxmax(axis=1) == deep).sum())
    theirs = f"Paper: depth {deep} beats depth {shallow} in {risen} of {len(table)} environments and is the best depth in {most}"
    rows = DEPTH.read(data).rows
    if rows.empty:
        return Finding("", theirs, BIG)
    scores = by_depth(rows)
    first, top = min(scores), max(scores, key=lambda depth: scores[depth].iqm)
    timed = here(data, ("depth",), "depth", env=BIG, clock=True)
    seconds = timed.groupby("depth").seed_seconds.max().to_dict() if len(timed) else {}
    price = (
        f"; it costs {seconds[top] / seconds[first]:.1f} times the processor time"
        if {top, first} <= set(seconds)
        else ""
    )
    ours = f"{scores[top]} of the episode at the goal, depth {first} {scores[first]}{price}"
    return Finding(f"Per update, {BIG} is best at depth {top}: {ours}", theirs)


def limits(data: Path) -> Finding:
    table = evidence.paper(data, "fig12_final_scores").query("measure == 'mean_last_5_epochs'")
    tops = table.loc[table.groupby("environment", sort=False).value.idxmax()]
    best = (
        f"{env} is best at depth {d}, {v / PAPER_EPISODE:.3f}"
        for env, d, v in zip(tops.environment, tops.depth, tops.value)
    )
    theirs = f"Paper, of the episode at the goal: {'; '.join(best)}"
    rows = DEPTH.read(data).rows
    if rows.empty:
        return Finding("", theirs, BIG)
    scores = by_depth(rows)
    top, last = max(scores, key=lambda depth: scores[depth].iqm), max(scores)
    ours = f"Here, {BIG} {at_equal(rows)}: depth {top} is best, {scores[top]}; the deepest measured, {last}, scores {scores[last]}"
    if ended := extra.unfinished(data):
        ours += "; without a finished run: " + ", ".join(f"depth {depth} ({how})" for depth, how in ended.items())
    if (alone := CRITICS.read(data)).lines:
        ends = (f"{max(line)} at {label} {line[max(line)]}" for label, line in alone.lines.items())
        ours += f". The deepest critics alone {at_equal(alone.rows)}, nats of held-out loss: {', '.join(ends)}"
    return Finding(ours, theirs)


RESIDUAL = Scores(("ablations",), "depth", ("residual",), MEASURES,
                  label=lambda on: "with residual connections" if on else "without",
                  looks=dict(zip(("with residual connections", "without"), PALETTE)))  # fmt: skip


def critical_depth(data: Path) -> Finding:
    table = evidence.paper(data, "fig5_depth_and_residual").query("panel == 'residual_ablation'")
    deepest = table[table.depth == table.depth.max()].set_index("residual").value / PAPER_EPISODE
    theirs = f"{deepest[True]:.3f} of the episode at the goal with residual connections, {deepest[False]:.5f} without"
    theirs = f"Paper, humanoid at depth {table.depth.max()}: {theirs}"
    rows, switched, ours = DEPTH.read(data).rows, RESIDUAL.read(data), []
    missing = ["score by depth"] * rows.empty + ["residual connections"] * (len(switched.lines) < 2)
    if len(rows):
        jump = extra.jump(rows)
        ours.append(f"{BIG} {at_equal(rows)}: {jump.words if jump else 'no score above 0'}")
    if len(switched.lines) == 2:
        with_them, without = switched.lines.values()
        unit = "" if switched.measure == "share" else " nats of held-out loss"
        if common := set(with_them) & set(without):
            deep = max(common)
            ours.append(
                f"depth {deep:g} has {with_them[deep]}{unit} with and {without[deep]} without residual connections"
            )
    return Finding(f"Here, {'; '.join(ours)}" if ours else "", theirs, ", ".join(missing))


# -- the first epochs of an ant in the hardest maze: published size, the same time on one card for all depths --------------

HARDEST = "ant_hardest_maze"
STOPPED = "status in ('finished', 'interrupted')"
EPOCHS = Curves(("depth",), "epoch", HARDEST, label="here: depth {}", query=STOPPED)
PAPERS_EPOCHS = Paper("fig1_learning_curves", "epoch", ("depth",), f"environment == '{HARDEST}' and epoch <= 10 and depth <= 16",
                      "paper: depth {depth}", looks=tuple(depth_look(depth) |
                      {"linestyle": "", "mfc": "white", "ms": 8, "mew": 1.6} for depth in (4, 8, 16)))  # fmt: skip


def ants(data: Path) -> Finding:
    rows = EPOCHS.read(data)
    theirs = "; ".join(
        f"depth {line.depth.iloc[0]} "
        + ", ".join(f"{v / PAPER_EPISODE:.3f} at epoch {e}" for e, v in zip(line.epoch, line.value))
        for line in PAPERS_EPOCHS.read(data).values()
    )
    if rows.empty:
        return Finding("", f"Paper: {theirs}", "an ant's first epochs")
    rows, ours = rows.assign(epoch=rows.epoch.round().astype(int)), []
    for depth, line in rows.groupby("depth"):
        last = line.share[line.epoch == line.epoch.max()]
        ours.append(
            f"depth {depth} {last.mean():.3f} ({last.min():.3f} to {last.max():.3f}) at epoch {line.epoch.max()}"
        )
    common = rows.groupby("depth").epoch.max().min()
    same = rows[rows.epoch == common].groupby("depth").share.mean()
    alike = ", ".join(f"{depth} {share:.3f}" for depth, share in same.items())
    told = f"Here, {HARDEST}, {seeds(rows)}, mean and range: {'; '.join(ours)}"
    return Finding(f"{told}. At epoch {common}, which all reached: {alike}", f"Paper: {theirs}")


def epochs(data: Path) -> str:
    rows = EPOCHS.read(data)
    if rows.empty:
        return ""
    last = rows.groupby("depth").epoch.max().round().astype(int)
    cut = ", ".join(f"depth {depth} to epoch {epoch}" for depth, epoch in last.items())
    return (
        f"{HARDEST}, {seeds(rows)} a depth; equal: {held_equal(rows)}\nan epoch is {EPOCH:,} environment steps and "
        f"{round((rows.updates / rows.epoch).mean()):,} updates; {cut}, when the card's time was up\n"
        "curves: interquartile mean, 95 % interval, dots the seeds; hollow: paper, mean over seeds and, but at epoch "
        "1, over 5 epochs"
    )


# In the order of the page.
FIGURES = {
    "architecture": architecture.FIGURE,
    "behaviours": agents.BEHAVIOURS,
    "depth_curves": Figure(
        "Score by depth, against everything that depth could be paid with",
        "Learning curves against environment steps, updates and processor seconds, one line a depth; final score by depth; "
        "below, the paper's ten environments as small panels of final score by depth, and mazes measured here of the same layout",
        depth_curves,
        (
            Row(
                (
                    *(Panel((Curves(("depth",), x, BIG),), columns=0, room=1) for x in ("env_steps", "updates", "seed_seconds")),
                    Panel((Paper("fig1_final_scores", where="environment == 'ant_big_maze'",
                                 label="paper: {environment}, mean and standard error"), DEPTH),
                          "final score: last tenth of training", room=1.5),
                ),
                held("the paper's network in a maze chosen because depths differed in it; curves: interquartile mean, 95 % interval; dots "
                     "the seeds, if fewer than ten", DEPTH), (1, 1, 1, 1.2), sharey=True, legend=True,
            ),
            extra.environments_by_depth,
        ),
        (12, 8.6), (1, 1.45), ("environments",),
    ),
    "exploration": Figure(
        "Figure 8: exploration or expressivity: what a network learns from the data of a shallow and of a deep collector",
        "Learning curves of learners of each depth from the data of a collector, a panel for a shallow and one for a deep "
        "collector, and their final scores. The paper published curves only, no numbers",
        listing(LEARNERS, "whether a deep agent's data or its network matters"),
        (
            Row(
                (
                    *(Panel((Curves(LEARNERS.suites, vary=("collector_depth",), where=f"collector_depth == {depth}",
                                    label="learner of depth {}"),), title=f"collector of depth {depth}") for depth in COLLECTORS),
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
        stitching,
        (
            Row(
                (
                    Panel((Paper("fig11_stitching", label="paper: {train_environment},\nmean and standard error, read off a figure"), STITCHING),
                          "scored in mazes of the same layout with far goals", room=1.5),
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
        "Share of the episode at the goal, contrastive loss and entropy by epoch, one line a depth",
        ants,
        (
            Row((
                Panel((PAPERS_EPOCHS, EPOCHS), " ", "epoch of the paper"),
                *(Panel((replace(EPOCHS, measure=measure),), " ", "epoch of the paper", columns=0, room=1.05)
                  for measure in ("contrastive_loss", "entropy")),
            ), epochs, (1.5, 1, 1)),
        ),
    ),
    "limits_of_depth": Figure(
        "The limits of depth: up to 1024 layers",
        "The paper's learning curves and final scores to depth 1024; ours by depth and by processor seconds",
        limits,
        (
            Row((
                Panel((Paper("fig12_learning_curves", "epoch", ("depth",), label="depth {depth}", ends=True),),
                      "paper: {environment}, seed means over 5 epochs\n(1024 has an actor of 512)", room=1.05),
                Panel((Paper("fig12_final_scores", "depth", ("environment",), "measure == 'mean_last_5_epochs'",
                             "paper: {environment}, {epochs} epochs",
                             looks=({}, {"linestyle": ":", "color": "0.65"})),),
                      "paper: final score, mean and standard error of\n{runs} runs (inferred), equal steps within a maze",
                      "depth (layers); 1024 has an actor of 512", room=1.1),
                Panel((CRITICS,), room=1.1, extra=partial(extra.chance, layer=CRITICS)),
            )),
            Row((
                Panel((DEPTH, ANT), extra=extra.note_unfinished),
                Panel((PER_SECOND, ANT_PER_SECOND), xlabel=SECONDS, room=1.4,
                      extra=partial(extra.depths_beside, layers=(PER_SECOND, ANT_PER_SECOND))),
                Panel((CRITICS_PER_SECOND,), xlabel=SECONDS, room=1.1,
                      extra=partial(extra.depths_beside, layers=(CRITICS_PER_SECOND,))),
            )),
        ),
        (12, 7.8),
        reads=("paper/fig12_final_scores",),
    ),
    "critical_depth": Figure(
        "Critical depth: where the score jumps, and what residual connections have to do with it",
        "Bars of the paper's scores at depths 3 to 6; its scores by depth with and without residual connections; ours by depth, "
        "with the place of the largest rise of the log score, and with and without residual connections",
        critical_depth,
        (
            Row((extra.shallow_bars, Panel((DEPTH,), room=1.6, columns=0, extra=extra.mark_jump)), ratios=(1, 1.25)),
            Row(
                (
                    Panel(tuple(Paper("fig5_depth_and_residual", where=f"panel == 'residual_ablation' and residual == {on}",
                                      label=f"paper: humanoid, {'with residual connections' if on else 'without'}", looks=(look,))
                                for on, look in ((True, {}), (False, {"linestyle": ":", "color": "0.65"}))),
                          "paper: residual connections (equal steps)"),
                    Panel((RESIDUAL,)),
                ),
                ratios=(1, 1.25),
            ),
        ),
        (12, 6.6),
    ),
    "depth_vs_width": depth_vs_width.FIGURE,
    "actor_vs_critic": Figure(
        "Depth of the actor and depth of the critic, apart",
        "Heat maps of the final score, actor's depth across and critic's depth upwards",
        pairs,
        (
            Row(
                tuple(Heat(Paper(PAPERS_PAIRS, "actor_depth", ("critic_depth",), f"environment == '{env}'",
                                 "{environment}, critic {critic_depth}"), f"paper: {env}", "Greys")
                      for env in ("humanoid", "ant_big_maze", "arm_push_easy")),
                "paper: final score, equal steps (printed cell labels; number of runs not stated)",
            ),
            Row((Heat(PAIRS, "here: interquartile mean and 95 % interval"), Panel((PAIRS,), columns=3)), ratios=(1, 1.6)),
        ),
        (12, 7.4),
    ),
    "batch_size": Figure(
        "Batch size and depth together",
        "Final score by batch size, one line a depth; the paper's left, ours right",
        best("batch", BATCHES, PAPERS_BATCHES),
        (
            Row((
                Panel((PAPERS_BATCHES,), "paper: {environment}, mean and standard error of {runs} runs (inferred)\n"
                      "equal: steps; perhaps not updates, which may be fewer at 1024 and 2048", room=1.05),
                Panel((BATCHES,), columns=2),
            )),
        ),
    ),
    "learning_rate": Figure(
        "A learning rate for every depth",
        "Final score by learning rate, one line a depth; and by depth, where each has the rate that suits it",
        rates,
        (
            Row((
                Panel((RATES,), columns=3, room=1.35),
                Panel((replace(RATES, x="depth", series=("learning_rate",), label="all at {:g}", looks=AT_RATE),),
                      "here: each depth at its own rate", room=1.35, extra=extra.draw_searched),
            )),
        ),
    ),
    "hindsight": Figure(
        "What becomes the goal, and how it is contrasted",
        "Final score by which later state becomes the goal, by energy and by loss, a mark a depth",
        listing(GOALS, "other goals, energies and losses"),
        (Row((Forest(GOALS),)),),
        (9, 5),
    ),
    "ablations": Figure(
        "What depth needs: residual connections, normalisation, activation",
        "Final score by depth, a line for each choice of residual connections, norm and activation",
        ablations,
        (
            Row(
                (
                    Panel((
                        REBUTTAL(where="layer_norm and activation == 'swish'", label=f"paper: {extra.FULL}", looks=({"color": "0.2"},)),
                        REBUTTAL(where="not layer_norm", label="paper: no norm", looks=({"color": "0.65", "linestyle": ":"},)),
                        REBUTTAL(where="activation == 'relu'", label="paper: ReLU", looks=({"color": "0.45", "linestyle": "-."},)),
                    ), "paper: {environment}, equal steps\nthe kind of the errors is not stated"),
                    Panel((NETWORKS,), room=1.4, extra=partial(extra.chance, layer=NETWORKS)),
                    partial(extra.close_up, layer=NETWORKS),
                ),
                lambda data: f"without a finished run here: {lost}" if (lost := extra.lost_networks(data)) else "",
            ),
        ),
        (12, 4.8),
    ),
    "mazes": Figure(
        "Depth in five mazes",
        "Final score by depth, a panel per maze, of the tutorial's network, whose actor has a normalisation before its head. The "
        "big maze was chosen because depths differed in it",
        mazes,
        (
            Row(
                tuple(Panel((layer,), layer.env.removeprefix("point_").replace("_", " "), room=1.05, columns=0) for layer in MAZES),
                over_mazes, (1, 1, 1, 1, 1.9), sharey=True,
            ),
        ),
        (13, 3.8),
    ),
    "algorithms": Figure(
        "Figure 13: does depth pay in other algorithms",
        "Final score, a line an algorithm, a mark a depth, with the sparse reward in a maze and without walls, there also with "
        "minus the distance as reward. The paper published curves only, no numbers",
        algorithms,
        (Row((Forest(SPARSE), Forest(OPEN)), gained, (3, 2)),),
        (12, 5.4),
        reads=("paper/baseline_statements",),
    ),
    "baselines": baselines.FIGURE,
    "cost": cost.FIGURE,
    "tutorial_tables": tutorial_tables.FIGURE,
    "lights_out": lights_out.PLATEAUS,
    "boards": lights_out.BOARDS,
    "cures": Figure(
        "The saturated head: why agents beyond 64 layers stood still, and what mends it",
        "Success in the last tenth of training by cure, a mark a depth, on selection seeds; success by depth on fresh seeds; and "
        "mean |tanh| of policies by updates, a line per depth",
        cures.finding,
        (
            Row((Forest(cures.TRIED, "selection seeds"), Panel((cures.CURED, cures.PLAIN), "fresh seeds", room=1.5),
                 Panel((cures.SATURATION,), "cured policies: 1 is saturated", columns=2)),
                f"{BIG}: agents beyond 64 layers are saturated before they learn; one normalisation mends it", (1, 1, 1)),
        ),
    ),
}  # fmt: skip
