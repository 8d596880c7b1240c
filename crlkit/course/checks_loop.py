"""Checks of notebooks 00 and 04: how an episode is scored, what the critic got right, what the actor minimises."""

import numpy as np

from crlkit.course.checks import Check, Mistake


def time_at_goal(distances: np.ndarray, threshold: float) -> int:
    """Steps of one episode in which the point is at its goal; `distances` `[steps]`."""
    return int(np.sum(distances < threshold))


check_time_at_goal = Check(
    "my_time_at_goal",
    time_at_goal,
    [
        (np.array([4.0, 3.0, 1.5, 0.9, 0.3, 0.8, 2.0, 0.5, 1.2, 3.0, 2.5, 4.0]), 1.0),
        (np.array([2.0, 1.9, 0.2, 0.1, 1.4, 1.6, 0.4, 0.3, 0.2, 0.1]), 0.5),
        (np.array([3.0, 2.5, 2.0, 2.5, 3.0]), 1.0),
    ],
    [
        Mistake("steps near the goal expected, yours counts those that are not", lambda d, t: np.sum(d >= t)),
        Mistake("a number of steps expected, yours is the share of the episode", lambda d, t: np.mean(d < t)),
        Mistake("every such step counts, yours tells only whether there was one", lambda d, t: np.any(d < t)),
        Mistake("the point may leave again, yours counts all steps since it first arrived", lambda d, t: np.sum(np.cumsum(d < t) > 0)),
        Mistake("a number of steps expected, yours adds up distances", lambda d, t: np.sum(d[d < t])),
    ],
)  # fmt: skip


def success(distances: np.ndarray, threshold: float) -> float:
    """Share of episodes with at least one step at the goal; `distances` `[episodes, steps]`."""
    return float(np.mean((distances < threshold).any(axis=1)))


check_success = Check(
    "my_success",
    success,
    [
        (np.array([[3, 0.5, 2, 3], [3, 2, 2, 2], [2, 2, 1.5, 0.2], [0.4, 0.2, 0.3, 0.1], [4, 4, 3, 3]]), 1.0),
        (np.array([[3, 2, 3, 2], [3, 0.9, 2, 2], [2, 2, 1.5, 3], [0.4, 0.2, 0.3, 1.1], [4, 4, 3, 3], [1, 2, 0.7, 2]]), 1.0),
    ],
    [
        Mistake("one step is enough, yours is the share of all steps", lambda d, t: np.mean(d < t)),
        Mistake("any step will do, yours looks at the last one alone", lambda d, t: np.mean(d[:, -1] < t)),
        Mistake("one step is enough, yours asks for all steps of an episode", lambda d, t: np.mean((d < t).all(axis=1))),
        Mistake("a share of the episodes expected, yours is their number", lambda d, t: np.sum((d < t).any(axis=1))),
        Mistake("a row is an episode, yours takes columns for episodes", lambda d, t: np.mean((d < t).any(axis=0))),
        Mistake("the share that arrived expected, yours is the share that did not", lambda d, t: 1 - success(d, t)),
    ],
)  # fmt: skip


def right_answers(logits: np.ndarray) -> float:
    """Share of rows whose own goal has the largest logit (`losses.critic_diagnostics`); `logits` `[B, B]`."""
    return float(np.mean(np.argmax(logits, axis=1) == np.arange(len(logits))))


def _softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def _logits(seed: int, size: int = 7) -> tuple:
    rng = np.random.default_rng(seed)
    return (rng.normal(size=(size, size)) + 1.2 * np.eye(size),)


check_right_answers = Check(
    "my_right_answers",
    right_answers,
    [_logits(1), _logits(5), _logits(6)],
    [
        Mistake("each row picks a goal, yours lets each column pick a row", lambda f: right_answers(f.T)),
        Mistake("a share of the rows expected, yours is their number", lambda f: right_answers(f) * len(f)),
        Mistake("the share of right rows expected, yours is that of the wrong ones", lambda f: 1 - right_answers(f)),
        Mistake(
            "a row is right or it is not, yours is the mean probability of the right goal",
            lambda f: np.mean(np.diag(_softmax(f))),
        ),
        Mistake(
            "the goal must beat all others, yours only asks for a logit above 0", lambda f: np.mean(np.diag(f) > 0)
        ),
    ],
)


def actor_loss(temperature: float, log_density: np.ndarray, energy: np.ndarray) -> float:
    """mean(temperature log pi(a | s, g) - f(s, a, g)) of a batch (`losses.actor_loss`)."""
    return float(np.mean(temperature * log_density - energy))


def _actions(seed: int, temperature: float) -> tuple:
    rng = np.random.default_rng(seed)
    return temperature, rng.normal(1.0, 0.7, 6), -rng.uniform(1, 9, 6)


check_actor_loss = Check(
    "my_actor_loss",
    actor_loss,
    [_actions(0, 0.3), _actions(1, 1.7)],
    [
        Mistake("a high energy must make the loss small, yours adds the energy", lambda t, p, f: np.mean(t * p + f)),
        Mistake("a narrow distribution must cost something, yours rewards it", lambda t, p, f: np.mean(-t * p - f)),
        Mistake("the loss is to be made small, yours has all signs the other way", lambda t, p, f: np.mean(f - t * p)),
        Mistake("the temperature weighs log pi, yours leaves it out", lambda t, p, f: np.mean(p - f)),
        Mistake("the temperature weighs log pi, yours weighs the energy", lambda t, p, f: np.mean(p - t * f)),
        Mistake("the mean over the batch expected, yours is the sum", lambda t, p, f: np.sum(t * p - f)),
        Mistake("one number expected, yours has one an action: take the mean", lambda t, p, f: t * p - f),
        Mistake("the actor wants entropy as well, yours forgets log pi", lambda t, p, f: np.mean(-f)),
    ],
)
