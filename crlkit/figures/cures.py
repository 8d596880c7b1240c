"""The saturated head: what was tried for agents beyond 64 layers (suite `cures`, selection seeds), and what mends them.

Nothing normalises the residual stream before the head in the paper's code, so a deep policy is at the limits of its
actions before the first update.
"""

from crlkit.figures.panels import Scores

ENV = "point_big_maze"
HEADS = {"norm": "norm before the head", "scaled": "stream over sqrt(blocks)", "zero": "zero head"}
ENDS = ("actor_head", "critic_head", "actor_depth", "critic_depth", "log_alpha_max", "learning_rate")


def cure(actor_head: str, critic_head: str, actor_depth: int, critic_depth: int, alpha: float, rate: float) -> str:
    """What was done to the paper's network in a run of the suite `cures`."""
    heads = {"actor": actor_head, "critic": critic_head}
    if changed := [name for name, head in heads.items() if head != "plain"]:
        return f"{HEADS[heads[changed[0]]]}, {' and '.join(changed)}"
    if actor_depth != critic_depth:
        return f"actor of {actor_depth} layers"
    return "temperature at most 1" if alpha < 80 else "rate 3e-4" if rate < 1e-3 else "none (the paper's)"


TRIED = Scores(("cures",), series=ENDS, measure=("success",), env=ENV, label=cure, sizes=True)
PLAIN = Scores(("depth",), measure=("success",), env=ENV, label="the paper's network")
CURED = Scores(("cured_depth",), measure=("success",), env=ENV, label="norm before the actor's head")
FOUR = f"{CURED.query} and depth in (4, 64, 256, 1024)"
SATURATION = Scores(("cured_depth",), "updates", ("depth",), ("saturation",), ENV, query=FOUR)
