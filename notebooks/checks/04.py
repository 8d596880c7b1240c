"""What the answers of notebook 04 are compared with: what the critic got right, what the actor minimises."""

import numpy as np
from scipy.special import softmax

from crlkit.course.checks import Check

# A row a mistake, unformatted: what is wrong with the answer, and a function that makes it so.
# fmt: off


def share_of_right_rows(logits) -> float:
    """Share of rows whose own goal has the largest logit (`losses.critic_diagnostics`); `logits` `[B, B]`."""
    return float(np.mean(np.argmax(logits, axis=1) == np.arange(len(logits))))


def logits(seed: int, size: int = 7):
    return (np.random.default_rng(seed).normal(size=(size, size)) + 1.2 * np.eye(size),)


right_answers = Check(
    "my_right_answers",
    share_of_right_rows,
    [logits(1), logits(5), logits(6)],
    {
        "each row picks a goal, yours lets each column pick a row": lambda f: share_of_right_rows(f.T),
        "a share of the rows expected, yours is their number": lambda f: share_of_right_rows(f) * len(f),
        "the share of right rows expected, yours is that of the wrong ones": lambda f: 1 - share_of_right_rows(f),
        "a row is right or it is not, yours is the mean probability of the right goal":
            lambda f: np.mean(np.diag(softmax(f, axis=1))),
        "the goal must beat all others, yours only asks for a logit above 0": lambda f: np.mean(np.diag(f) > 0),
    },
)


def actions(seed: int, temperature: float):
    rng = np.random.default_rng(seed)
    return temperature, rng.normal(1.0, 0.7, 6), -rng.uniform(1, 9, 6)


actor_loss = Check(
    "my_actor_loss",
    lambda temperature, log_density, energy: np.mean(temperature * log_density - energy),  # `losses.actor_loss`
    [actions(0, 0.3), actions(1, 1.7)],
    {
        "a high energy must make the loss small, yours adds the energy": lambda t, p, f: np.mean(t * p + f),
        "a narrow distribution must cost something, yours rewards it": lambda t, p, f: np.mean(-t * p - f),
        "the loss is to be made small, yours has all signs the other way": lambda t, p, f: np.mean(f - t * p),
        "the temperature weighs log pi, yours leaves it out": lambda t, p, f: np.mean(p - f),
        "the temperature weighs log pi, yours weighs the energy": lambda t, p, f: np.mean(p - t * f),
        "the mean over the batch expected, yours is the sum": lambda t, p, f: np.sum(t * p - f),
        "one number expected, yours has one an action: take the mean": lambda t, p, f: t * p - f,
        "the actor wants entropy as well, yours forgets log pi": lambda t, p, f: np.mean(-f),
    },
)
