"""The ledger: every claim of the paper and of the tutorial text as a sentence, its source, what the authors printed,
what is measured, and the rule that judges. A new claim is a new entry."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from crlkit.claims import arithmetic, inside, judges, measured, paper
from crlkit.claims.comparison import in_brief, in_full
from crlkit.claims.measured import agents
from crlkit.claims.paper import HUMANOID, Printed, Table, at_depths, row_mean_gains, span, won
from crlkit.claims.rules import AT_THE_DEEPEST, beats, in_bands, jump, pays_more, pooled, recount
from crlkit.claims.verdicts import ARITHMETIC, BENCHED, PUBLISHED, Verdict
from crlkit.evidence import KINDS, scores


@dataclass(frozen=True)
class Claim:
    """One claim. printed: the authors' number in words, or what makes the words of a data folder. judged: a rule, which
    turns the data into a verdict and says how. evidence: the suites that test the claim or, where the paper's own
    numbers, counting or a clock must do, which of these. docs/evidence.md says which rules were written after rows had
    been seen."""

    sentence: str
    source: str
    printed: str | Callable[[Path], str]
    statistic: str
    judged: Callable[..., Verdict]
    evidence: tuple[str, ...] | str

    @property
    def rule(self) -> str:
        """In words: the docstring of what judges, with its parameters filled in."""
        given = {name: one.default for name, one in inspect.signature(self.judged).parameters.items()}
        words = inspect.getdoc(getattr(self.judged, "func", self.judged))
        return " ".join(words.format(**given).split())

    @property
    def suites(self) -> tuple[str, ...]:
        return self.evidence if isinstance(self.evidence, tuple) else ()

    @property
    def basis(self) -> str:
        return "runs" if self.suites else self.evidence

    def published(self, data: Path) -> str:
        return self.printed if isinstance(self.printed, str) else self.printed(data)

    def judge(self, data: Path) -> Verdict:
        return self.judged(Path(data), *self.suites)


# The README's rows, the most important first; docs/claims.md has all.
HEADLINES = (
    *("new_goals_per_second", "depth_helps_cured", "only_self_supervised"),  # found
    *("depth_at_equal_seconds", "beyond_64", "critical_depth"),  # not found
)
DEPTH, CURVES, WIDTHS = ("depth", "environments", "cured_depth"), ("depth", "cured_depth"), ("depth_vs_width",)
ONE_SEED = (
    "Spearman's correlation with depth over agents that reach goals, the first seed of each run, permutation test "
    "within mazes"
)
SHIPPED = f"{ONE_SEED}; only agents whose weights are shipped"
DEEPEST = "depth 64 (or the deepest below it) against depth 4 (left out where both are at zero)"
GAINS_OF_THE_DEEPEST = Printed(
    "Humanoid U-Maze: 64: {:.0f}x, 256: {:.0f}x, 1024: {:.0f}x after 150 epochs (Fig. 12)",
    paper.LIMITS,
    lambda t: t.value.loc[HUMANOID, [64, 256, 1024]] / t.value.loc[HUMANOID, 4],
)
CLAIMS: dict[str, Claim] = {
    "new_goals": Claim(
        "Deep critics solve far more boards than shallow ones of equal parameters and updates",
        "paper, subtitle and Fig. 3", "pictures of new behaviours (Fig. 3), no numbers",
        "share of all boards of Lights Out 3x3 five presses away that a critic's greedy policy solves, P",
        judges.new_goals, ("boards", "boards_rates"),
    ),
    "new_goals_per_second": Claim(
        "Deep critics solve far more boards than shallow ones of equal parameters and seconds",
        "question to paper, Fig. 3, which compares per step", "no such comparison",
        "the same, last tenth of the evaluations within the seconds of the cheapest depth's slowest run; one processor",
        partial(judges.new_goals, in_time=True), ("boards", "boards_rates"),
    ),
    "saturated_head": Claim(
        "Policies of very deep networks saturate, and a normalisation before the head cures them",
        "question to paper, appendix (the actor's loss explodes at depth 1024)",
        Printed("at critic depth 1024 the actor has 512, because its loss exploded; agents of 256 layers learned "
                "({:.0f} steps at the goal, {:.0f} with 64)",
                paper.LIMITS, lambda t: t.value.loc[HUMANOID, [256, 64]]),
        "share of seeds of depth 256 that end saturated (temperature alpha above 20, or mean |tanh| of the policy "
        "above 0.95); success of the last tenth, P of the cured network against the paper's",
        judges.saturated, ("depth", "cured_depth"),
    ),
    "depth_at_equal_seconds": Claim(
        "Given as many processor seconds, 64 and 256 layers beat 4 that make more updates",
        "question to paper, Fig. 1, which compares per step", "no such run",
        "share of the episode at the goal, last tenth of the evaluations within the seconds that both arms have, P of "
        "each deep network against the runs of depth 4 of nearest length (8 and 30 times the environment steps); runs "
        "of one processor",
        partial(beats, arms=measured.cured_in_time), ("cured_depth", "equal_seconds"),
    ),
    "depth_helps": Claim(
        "Deeper networks reach goals better, per update", "paper, Fig. 1 and Table 1",
        Printed("64 above 4 in {} of {} (Table 1)", paper.TABLE1, lambda t: won(t[64] > t[4])),
        f"share of the episode at the goal, P of {DEEPEST}, stratified over environments, then in each",
        partial(pooled, arms=partial(measured.deepest, but_big=True), least=3), ("depth", "environments"),
    ),
    "depth_helps_cured": Claim(
        "Deeper networks whose policies do not saturate reach goals better, per update",
        "question to paper, Fig. 1, whose network has no norm before the head", "no such network",
        "the same with a normalisation before the actor's head",
        partial(pooled, arms=partial(measured.deepest, but_big=True), least=3), ("cured_depth",),
    ),
    "depth_helps_searched": Claim(
        "Depth helps as well, per update, where every depth chooses among the same learning rates",
        "question to paper, Fig. 1, which has one rate for all", "one learning rate, 3e-4, for every depth",
        f"share of the episode at the goal, P of {DEEPEST}, each at the rate with the best mean over these very seeds",
        partial(pooled, arms=partial(measured.deepest, rates=True)), ("learning_rate",),
    ),
    "depth_per_second": Claim(
        "Depth 64 beats depth 4 at equal compute, too", "question to paper, Fig. 1, which compares per step",
        paper.ahead_per_second,
        "share of the episode at the goal, last tenth of the evaluations up to the processor second at which depth 4 "
        f"ends, P of {DEEPEST}, then in each",
        partial(pooled, arms=partial(measured.deepest, clock=True), least=3), DEPTH,
    ),
    "when_to_use": Claim(
        "Depth pays in complex navigation and is overkill in simple tasks", "tutorial text, 'when to use'",
        Printed("64 over 4: U4 {:g}x, Big {:g}x, Hardest {:g}x (Table 1)", paper.PRINTED,
                lambda t: t.loc[["ant_u4_maze", "ant_big_maze", "ant_hardest_maze"]].iloc[:, 0]),
        "P of the deepest up to 64 against depth 4, in all mazes but the simplest (with the shortest longest path) against "
        "in the simplest; without the big maze, which was chosen because depths differed in it",
        partial(pays_more, arms=measured.simplest_and_others, first=("the others",)), DEPTH,
    ),
    "kinds_of_tasks": Claim(
        "Depth pays with sparse rewards and in navigation, more than with dense ones and simple tasks",
        "tutorial text, 'when to use'", "advice in words; no numbers",
        "P of the deepest up to 64 against depth 4, share of the episode at the goal: two tasks of sparse reward and "
        "two of navigation, against two with dense reward (SAC) and two of simple control",
        partial(pays_more, arms=measured.four_kinds, first=tuple(KINDS.values())), ("when_to_use",),
    ),
    "only_self_supervised": Claim(
        "Depth pays in contrastive RL and not in SAC, TD3, GCSL and GCBC", "paper, section 4.5 and Fig. 13",
        "curves (Fig. 13), no numbers; in words zero or negative gains of SAC, SAC + HER, TD3 + HER beyond depth 4",
        "P of the deepest up to 64 against depth 4, share of the episode at the goal with the sparse reward in the "
        "big maze (selected because depths of contrastive RL differed in it), of contrastive RL against the others "
        "pooled; one learning rate for all",
        partial(pays_more, arms=measured.algorithms, first=("contrastive RL",)), ("algorithms",),
    ),
    "improvement_table": Claim(
        "Against 4 layers 64 give 2 to 10 times the score, 256 give 5 to 20, 1024 give 10 to 50",
        "tutorial text, table 'improvement'; paper, Fig. 12",
        GAINS_OF_THE_DEEPEST,
        "interquartile mean over seeds, mean over the mazes that have both, over that of depth 4",
        partial(in_bands, bands={64: (2, 10), 256: (5, 20), 1024: (10, 50)}), CURVES,
    ),
    "cost_table_gains": Claim(
        "Against depth 4 64 layers score 5 to 10 times as much, 256 10 to 30, 1024 20 to 50",
        "tutorial text, table 'computational cost' (it differs from its table 'improvement')",
        GAINS_OF_THE_DEEPEST,
        "interquartile mean over seeds, mean over the mazes that have both, over that of depth 4",
        partial(in_bands, bands={64: (5, 10), 256: (10, 30), 1024: (20, 50)}), CURVES,
    ),
    "critical_depth": Claim(
        "At some critical depth the score jumps instead of rising steadily", "paper, section 4 and Fig. 1",
        paper.largest_rises,
        "test of one upward step in log score against log depth, beside a linear and a quadratic trend",
        partial(jump, table=lambda data, *suites: agents(scores(data, *suites))), CURVES,
    ),
    "emergence": Claim(
        "Past a threshold between depths 16 and 64 a new ability appears", "tutorial text, 'emergence'",
        paper.largest_rises,
        "the same test, of the share of best actions in Lights Out beyond chance (at least 0.01), of critics of "
        "equal width and of equal parameters",
        partial(jump, table=judges.skills, places=(16, 64), floor=0.01), ("lights_out",),
    ),
    "beyond_64": Claim(
        "Depth goes on helping beyond 64, up to 1024, per update", "paper, Fig. 12",
        Printed("after 150 epochs Humanoid U-Maze {:.3g} at 64, {:.3g} at 256, {:.3g} at 1024; after 100 Big Maze "
                "{:.3g} at 64, {:.3g} at 256, {:.3g} at 512",
                paper.LIMITS,
                lambda t: (*t.value.loc[HUMANOID, [64, 256, 1024]], *t.value.loc["humanoid_big_maze", [64, 256, 512]])),
        "share of the episode at the goal, P against depth 64, one learning rate for all; policies of the paper's "
        "network may be saturated (saturated_head)",
        partial(beats, arms=partial(measured.rungs, base=64, expected=(128, 256, 512, 1024)), tell=in_brief,
                parts="Each depth up to 1024 is compared with 64", held=AT_THE_DEEPEST), CURVES,
    ),
    "trains_at_1024": Claim(
        "Agents of 1024 layers can be trained", "paper, Fig. 12; tutorial text",
        Printed("Humanoid U-Maze {:g} ± {:g}, with an actor of {:g}", paper.LIMITS,
                lambda t: t.xs(1024, axis=1, level="depth").loc[HUMANOID, ["value", "error", "actor_depth"]]),
        "success of agents of 1024 layers, interquartile mean; P of the last tenth against the first evaluation",
        judges.trains_at_1024, CURVES,
    ),
    "cost_time": Claim(
        "Training takes 4 times as long at depth 64, 12 times at 256, 40 times at 1024",
        "tutorial text, table 'computational cost'; paper, Table 4",
        Printed("64: {:.1f}x, 256: {:.1f}x, 1024: {:.1f}x (Table 4; the text 4x, 12x, 40x)",
                Table("table4_wall_clock_deep", query="measure == 'wall_clock'"),
                lambda t: (t[[64, 256, 1024]].iloc[0] / t[4].iloc[0])),
        "time of an update alone over that of depth 4, equal width and batch",
        arithmetic.times, BENCHED,
    ),
    "deep_over_wide": Claim(
        "With as many parameters and updates, depth gives more than width", "paper, Fig. 4; tutorial text",
        paper.matched_pair,
        "P of a narrow deep network, at most 64 layers, against one of depth 4 of as many parameters (factor 1.5)",
        partial(pooled, arms=measured.deep_and_wide, several=True), ("depth_vs_width", "lights_out"),
    ),
    "depth_8_over_widest": Claim(
        "Doubling depth to 8 beats the widest network, per update", "paper, Fig. 4",
        Printed("depth 8 beats width 2048 in {} and width 4096 in {} of {} (Fig. 4)", paper.FIG4,
                lambda t: ((t[256, 8] > t[2048, 4]).sum(), *won(t[256, 8] > t[4096, 4]))),
        "P of depth 8 at the narrow width against the widest of depth 4",
        partial(beats, arms=partial(measured.over_widest, depth=8), tell=in_brief), WIDTHS,
    ),
    "deep_over_wide_per_second": Claim(
        "The deep network passes the widest one in less time than that takes", "paper, rebuttal",
        Printed("depth 64 passes width 4096 after {:.0f} to {:.0f} % of its hours (rebuttal)",
                Table("rebuttal_hours_to_pass_width_4096", "width"), lambda t: span(100 * t[256] / t[4096])),
        "P of the deepest against the widest at the processor second at which the widest ends",
        partial(beats, arms=partial(measured.over_widest, clock=True), tell=in_brief), WIDTHS,
    ),
    "width_helps": Claim(
        "At depth 4 wider networks consistently beat narrower ones, per update", "paper, Fig. 4",
        Printed("every doubling helps in {} of {} (Fig. 4)", paper.FIG4,
                lambda t: won((t.xs(4, axis=1, level="depth").diff(axis=1).iloc[:, 1:] > 0).all(axis=1))),
        "interquartile means by width; P of the widest against the narrowest",
        judges.wider_is_better, WIDTHS,
    ),
    "doubling_gains": Claim(
        "Doubling width gains 30 % in score, doubling depth 80 %", "tutorial text, table 'depth against width'",
        Printed("a doubling from 256 x 4: width x{:.1f} to x{:.1f}, depth x{:.1f} to x{:.1f} (Fig. 4)", paper.FIG4,
                lambda t: (*span((t[4096, 4] / t[256, 4]) ** (1 / 4)), *span((t[256, 32] / t[256, 4]) ** (1 / 3)))),
        "ratio of interquartile means between the ends of each series, per doubling, 95 % bootstrap interval",
        judges.doubling, WIDTHS,
    ),
    "both_deep": Claim(
        "Actor and critic both need depth", "paper, Fig. 6",
        Printed("64 and 64 beat 4 and 64 either way round in {} of {} (Fig. 6)", paper.FIG6,
                lambda t: won(t[64, 64] > t[[(4, 64), (64, 4)]].max(axis=1))),
        "P of deep actor and deep critic against a deep actor alone and against a deep critic alone",
        partial(beats, arms=judges.BOTH_DEEP), ("actor_vs_critic",),
    ),
    "critic_before_actor": Claim(
        "Depth matters more in the critic than in the actor (two of three environments)", "paper, Fig. 6",
        Printed("row means gain more from 4 to 64 by the critic in {} of {} (Fig. 6)", paper.FIG6,
                lambda t: won(row_mean_gains(t, "critic_depth") > row_mean_gains(t, "actor_depth"))),
        "a seed's gain from depth 4 to the deepest critic, mean over actors, P against its gain by the actor",
        judges.critic_first, ("actor_vs_critic",),
    ),
    "batch_size": Claim(
        "Larger batches pay only for deep networks", "paper, Fig. 7",
        Printed("2048 over 128: {:.1f}x at depth 4, {:.0f}x at 64 (Fig. 7, two runs per cell)",
                Table("fig7_batch_size", "batch_size", "depth"), lambda t: (t[2048] / t[128])[[4, 64]]),
        "P of the largest batch against the smallest, at depth 4 and at the deepest",
        judges.larger_batches, ("batch_size",),
    ),
    "residual_needed": Claim(
        "Residual connections are needed in deep networks", "paper, Fig. 5; tutorial text (there: at 1000 layers)",
        Printed("depth 4: {:g} with, {:g} without; depth 32: {:g} with, {:g} without (Fig. 5)",
                Table("fig5_depth_and_residual", "residual", "depth", query="panel == 'residual_ablation'"),
                lambda t: t.loc[[4, 32]].iloc[:, ::-1].to_numpy().ravel()),
        "P with against without them, by depth",
        partial(judges.ladder, option="residual", good="True", bad="False"), ("ablations",),
    ),
    "layer_norm_needed": Claim(
        "Layer normalisation is needed for depth to pay", "paper, Fig. 16 and rebuttal; tutorial text",
        Printed("depth 4: {:.0f} with, {:.0f} without; depth 64: {:.0f} with, {:.0f} without (rebuttal)",
                paper.REBUTTAL, lambda t: t.loc[[4, 64], [(True, "swish"), (False, "swish")]].to_numpy().ravel()),
        "P with against without it, by depth",
        partial(judges.ladder, option="norm", good="layer", bad="none", further=judges.GAINS_MORE), ("ablations",),
    ),
    "swish_over_relu": Claim(
        "Swish does better than ReLU in deep networks", "paper, Fig. 16 and rebuttal; tutorial text",
        Printed("depth 4: {:.0f} swish, {:.0f} ReLU; depth 64: {:.0f} swish, {:.0f} ReLU (rebuttal)", paper.REBUTTAL,
                lambda t: t.loc[[4, 64], [(True, "swish"), (True, "relu")]].to_numpy().ravel()),
        "P of swish against ReLU, by depth",
        partial(judges.ladder, option="activation", good="swish", bad="relu"), ("ablations",),
    ),
    "exploration": Claim(
        "Depth pays through both: better data and more to learn from them with", "paper, Fig. 8",
        "curves (Fig. 8), no numbers",
        "P of deep against shallow learner on a deep collector's data; of deep against shallow collector, deep learner",
        partial(beats, arms=judges.DATA_AND_NETWORK), ("collector_learner",),
    ),
    "expressivity": Claim(
        "On the same data a deep critic fits what a shallow one does not, in as many updates",
        "paper, Fig. 8; tutorial text", "curves (Fig. 8), no numbers",
        "held-out loss above the perfect critic's, nats, P of the deepest against 4, at equal width, at equal "
        "parameters",
        partial(beats, arms=measured.ends_of_lines, tell=lambda found: f"loss above the floor, {in_full(found)}"),
        ("lights_out",),
    ),
    "stitching": Claim(
        "Deeper agents reach farther goals than any that they were sent to in training, per update",
        "paper, Fig. 11; tutorial text",
        Printed("{} (Fig. 11, digitised)", Table("fig11_stitching", rows="train_environment"),
                lambda t: [at_depths(t.iloc[0])]),
        "share of the episode at goals 4 to 6 cells away after training on 1 to 3, P of each depth against 4",
        partial(beats, arms=partial(measured.rungs, base=4), parts="Each depth is compared with 4",
                held=AT_THE_DEEPEST), ("stitching",),
    ),
    "hindsight": Claim(
        "Without any reward, failures relabelled in hindsight are enough to learn from", "paper; tutorial text",
        "every score in the paper is reached this way",
        "P of the last tenth over the first evaluation and over no relabelling (open where there is none), by strategy",
        partial(beats, arms=measured.relabelled), ("hindsight",),
    ),
    "topology": Claim(
        "Shallow critics follow the straight line, deep ones the maze's paths", "paper, Fig. 9; tutorial text",
        "two colour maps (Fig. 9), no numbers",
        f"rank correlation with path minus that with line distance, from -1 (all line) to 1 (all path); {ONE_SEED}",
        partial(inside.follows_depth, table=inside.topology, above=0.0,
                further=" and is above 0 at the deepest; partly: it rises, but the deepest still follows the line"),
        ("depth",),
    ),
    "allocation": Claim(
        "Deep critics give states near the goal more of the embedding space", "paper, Fig. 10; tutorial text",
        "one PCA picture per depth (Fig. 10), no numbers",
        f"length of a cell's step in the embedding near over far from the farthest goal, all cells; {SHIPPED}",
        partial(inside.follows_depth, table=partial(inside.embeddings, measure="stretch")), ("depth",),
    ),
    "clusters": Claim(
        "Shallow critics put the states near the goal into a tight cluster", "paper, Fig. 10; tutorial text",
        "one PCA picture per depth (Fig. 10), no numbers",
        "1 minus the radius of the third of cells nearest to the farthest goal over that of all, above 0 if tighter; "
        + SHIPPED,
        partial(inside.follows_depth, table=partial(inside.embeddings, measure="tightness"), way="falls"), ("depth",),
    ),
    "residual_norms": Claim(
        "In a trained critic later blocks add less", "paper, Fig. 17", "curves (Fig. 17), no numbers",
        "Spearman's correlation of block and norm of what it adds, a maze's deepest shipped agent, from depth 32 on",
        inside.blocks, ("depth",),
    ),
    "ratios": Claim(
        "Depth 64 scores 2 to 50 times depth 4", "paper, abstract and Table 1",
        Printed("2x to 50x (abstract); Table 1 prints {:g} to {:g}", paper.PRINTED, lambda t: span(t.iloc[:, 0])),
        "ratio of the printed scores, rounded to a whole number",
        partial(recount, table=paper.TABLE1, holds=lambda t: (t[64] / t[4]).round().between(2, 50),
                every="all ten lie between 2 and 50",
                also=lambda t: ", from {:.1f}x to {:.0f}x".format(*span(t[64] / t[4]))), PUBLISHED,
    ),
    "stable_to_32": Claim(
        "Up to depth 32 scores improve or hold in all ten environments", "paper, rebuttal",
        '"stable and improving performance up to depth 32" in all 10',
        "environments of Fig. 1 without a fall from 4 to 8, 16 or 32 by more than the combined standard error",
        partial(recount, table=paper.FIG1, holds=paper.never_falls,
                also=lambda t: " never fall by more than the standard error, "
                f"{(paper.steps_to_32(t.value) >= 0).all(axis=1).sum()} never at all"), PUBLISHED,
    ),
    "levels_off": Claim(
        "From depth 32 to 64 six of ten environments no longer improve", "reading of paper, Fig. 1 (plot data)",
        Printed("64 is below 32 in {} of 10 (Fig. 1)", paper.FIG1, lambda t: won(t.value[64] < t.value[32])),
        "environments in which depth 64 is not above 32 by more than the combined standard error",
        partial(recount, table=paper.FIG1, holds=paper.level_from_32, every="six or more of them", needed=6,
                also=" not above 32 by more than the standard error"), PUBLISHED,
    ),
    "added_layers": Claim(
        "Every layer from 3 to 6 already helps", "paper, Fig. 5 (left)",
        Printed("{} (Humanoid, Fig. 5)", paper.BARS, lambda t: [at_depths(t.iloc[0])]),
        "steps of the printed bars that rise",
        partial(recount, table=paper.BARS, holds=lambda t: t.iloc[0].diff().iloc[1:] > 0, also=" steps rise"),
        PUBLISHED,
    ),
    "faster_than_sac": Claim(
        "Depth 64 passes SAC's final score in less time than SAC's run, in 7 of 10", "paper, Table 6", "7 of 10",
        "environments with fewer hours to SAC's final score than SAC's full run",
        partial(recount, table=paper.SAC, holds=lambda t: t.crl < t.sac, every="seven or more of ten", needed=7),
        PUBLISHED,
    ),
    "beats_baselines": Claim(
        "Scaled CRL beats original CRL, SAC, SAC+HER, TD3+HER, GCSL and GCBC in 8 of 10", "paper, Appendix A.1",
        partial(paper.quoted, topic="comparison", algorithm="gcsl"),
        "environments in which depth 64 passes SAC's final score: the only baseline with numbers",
        paper.passes_sac, PUBLISHED,
    ),
    "other_algorithms": Claim(
        "Other algorithms do not gain from depth", "paper, section 4.5, Figs. 13 and 14, rebuttal",
        partial(paper.quoted, topic="depth_scaling", algorithm="td3_her"),
        "series of the rebuttal in which depth 32 is not above 4 by more than the printed errors (0 where there are "
        "none)",
        partial(recount, table=paper.no_gain_elsewhere, holds=lambda level: level, also=paper.gains_elsewhere),
        PUBLISHED,
    ),
    "hyperspherical": Claim(
        "Hyperspherical normalisation makes deep networks learn from fewer steps", "paper, Table 2",
        Printed("score 200 at depth 32 after {1:g} M steps with it, {0:g} M without (Table 2)", paper.NORMALISED,
                lambda t: t.loc[(32, 200)]),
        "cells (depth, score) that any variant reaches, in which the normalised one needs fewer steps",
        partial(recount, table=paper.NORMALISED, holds=paper.fewer_steps,
                also=" cells need fewer steps with it (depths 16 and 32)"), PUBLISHED,
    ),
    "physics_versions": Claim(
        "Depth helps under both versions of the physics", "paper, Fig. 20",
        Printed("64 over 4: {:.0f}x (brax 0.10.1), {:.0f}x (brax 0.10.5) (Fig. 20)", paper.FIG20,
                lambda t: t[64] / t[4]),
        "versions in which depth 64 scores more than depth 4",
        partial(recount, table=paper.FIG20, holds=lambda t: t[64] > t[4], every="both",
                also=" versions have 64 above 4", note=" (so one of two is partly)"), PUBLISHED,
    ),
    "seed_counts": Claim(
        "Fig. 1 averages 5 seeds, other figures 3", "paper, checklist", "5 and 3",
        "cells of Figs. 1 and 12 whose released data average that many runs",
        partial(recount, table=paper.run_counts, holds=lambda t: t.runs == t.stated, also=paper.counts_in_words),
        PUBLISHED,
    ),
    "cmd1": Claim(
        "Depth also helps CMD-1, in most environments", "paper, Fig. 15", "curves only, no numbers",
        "environments in which the deepest scores more than the shallowest",
        partial(recount, table=Table("fig15_cmd1"), holds=lambda t: t.iloc[:, -1] > t.iloc[:, 0],
                note=". Not run while data/paper/fig15_cmd1.csv does not exist"), PUBLISHED,
    ),
    "offline": Claim(
        "Offline, depth hurts contrastive RL rather than helps", "paper, Fig. 18",
        "worse in 2 of 3 (curves only, no numbers)",
        "datasets in which the deepest scores less than the shallowest",
        partial(recount, table=Table("fig18_offline"), holds=lambda t: t.iloc[:, -1] < t.iloc[:, 0],
                note=". Not run while data/paper/fig18_offline.csv does not exist"), PUBLISHED,
    ),
    "growth_paper": Claim(
        "Parameters grow linearly with width but quadratically with depth", "paper, text to Fig. 4",
        "linear in width, quadratic in depth",
        "log2 of the factor in parameters of one doubling from 256 x 32, rounded: 1 is linear, 2 quadratic",
        partial(arithmetic.growth, width=1, depth=2), ARITHMETIC,
    ),
    "growth_text": Claim(
        "Doubling width doubles the parameters, and so does doubling depth",
        "tutorial text, table 'depth against width'", "about 2x each",
        "the same",
        partial(arithmetic.growth, width=1, depth=1), ARITHMETIC,
    ),
    "parameter_counts": Claim(
        "The networks compared have 70, 2 and 35 million parameters", "paper, text of v1 and v3",
        Printed("4096 x 4: {:g} M, 256 x 32: {:g} M, 2048 x 4: {:g} M",
                Table("parameter_counts", ["width", "depth"], "network", query="network == 'not_stated'"),
                lambda t: t.iloc[0][[(4096, 4), (256, 32), (2048, 4)]]),
        "counted parameters of actor and critic for Humanoid, LayerNorm and biases included",
        arithmetic.counts, ARITHMETIC,
    ),
    "cost_memory": Claim(
        "Memory grows 8-fold at depth 64, 20-fold at 256, 60-fold at 1024",
        "tutorial text, table 'computational cost'",
        Printed("64: 8x, 256: 20x, 1024: 60x (the text); 64: {:.1f}x (rebuttal)",
                Table("rebuttal_depth_vs_width_cost", rows="width", query="measure == 'memory' and width == 256"),
                lambda t: t[64] / t[4]),
        "parameters of a point's networks over those of depth 4, width 256: weights, gradients and Adam's moments "
        "take memory in proportion; activations and the runtime are not counted, and decide what a process takes",
        arithmetic.memory, ARITHMETIC,
    ),
}  # fmt: skip
