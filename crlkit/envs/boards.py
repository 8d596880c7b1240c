"""What a perfect critic of Lights Out would say, and what a given one knows: exact, over all boards.

After a press, the future of a random walk depends only on the difference d between the board and the goal, so the
density ratio that InfoNCE estimates is a table over 2^cells differences.
"""

import jax
import jax.numpy as jnp
import numpy as np

from crlkit import losses


def future_density(env, discount: float, walk_length: int, strategy: str = "geometric") -> np.ndarray:
    """q(d) `[2^cells]`: how likely a hindsight goal differs by d from the board just after the recorded press.

    A row is drawn uniformly among the steps of a walk with R >= 1 later ones; its goal lies k in 1..R ahead, with
    probability proportional to discount^k (or uniform, or k = R), and the k - 1 presses between are random.
    """
    size, toggles = 2**env.cells, env.number(env.toggles)
    spread, q = np.eye(1, size)[0], np.zeros(size)  # spread: the difference after k - 1 random presses
    k = np.arange(1, walk_length)
    remaining = k[:, None]  # R
    shares = {"geometric": discount ** k.astype(float), "uniform": 1.0, "final": k == remaining}
    own = np.where(k <= remaining, shares[strategy], 0.0)  # [R, k]
    for w in (own / own.sum(axis=1, keepdims=True) / len(k)).sum(axis=0):
        q += w * spread
        spread = np.mean([spread[np.arange(size) ^ toggle] for toggle in toggles], axis=0)
    return q


def straight_line(density: np.ndarray) -> np.ndarray:
    """The density `[2^cells]` as far as the number of differing cells tells it: the best critic of that kind."""
    count = np.array([number.bit_count() for number in range(len(density))])
    return (np.bincount(count, density) / np.bincount(count))[count]


def parities(env) -> np.ndarray:
    """Of each press whether it belongs to the way, by the difference of two boards: +1 no, -1 yes, `[cells, 2^cells]`.

    A difference d is undone by the presses x = A^-1 d over GF(2), so x_i is a parity of some cells of d. These signs
    are eigenvectors of the random walk (a press flips one of them), and the perfect critic is nearly a constant plus
    one term for each. Empty where different ways lead between two boards (A has no inverse).
    """
    one_way = (env.distances >= 0).all()
    return (1 - 2 * env.presses.T.astype(int))[: env.cells if one_way else 0]


def after_press(env, state: jax.Array, action: jax.Array) -> jax.Array:
    """Numbers of the boards `[n]` that `action` `[n, cells]` makes of `state` `[n, cells]`."""
    return env.number(state > 0) ^ jnp.asarray(env.number(env.toggles))[jnp.argmax(action, axis=-1)]


def bayes_logits(env, density: np.ndarray, state: jax.Array, action: jax.Array, goal: jax.Array) -> jax.Array:
    """log q of all pairs `[n, m]`: the critic that no other can beat in expectation (van den Oord et al. 2018, section
    2.3: the optimum is the density ratio; goals are uniform here, so log q up to a constant)."""
    difference = after_press(env, state, action)[:, None] ^ env.number(goal > 0)[None]
    return jnp.log(jnp.asarray(np.maximum(density, 1e-30), jnp.float32))[difference]


def score_critic(env, energy, batches, config) -> dict[str, jax.Array]:
    """Scores over all pairs of different boards, and the loss of the perfect critic on the same held-out `batches`.

    bayes_loss: InfoNCE, nats; line_loss: that of the best critic that only counts in how many cells two boards differ.
    optimal_action: share of pairs where the press that scores highest begins a shortest path.
    solved_<d>: share of pairs d presses apart that the greedy policy solves within as many presses as there are cells.
    parity_<i>: does the critic know whether a press of cell i is still to come? Its mean energy along that parity
    (`parities`) in parts of what the perfect critic has there: 1 known, 0 unknown.
    press_<i>: does it know that a press of cell i is one step? Its mean energy at that difference, above the mean of
    all differences in as many cells, in parts of what the perfect critic has there (all that counts cells scores 0).
    near_<d>: mean energy at distance d less that at distance 0, nats.
    """
    density = future_density(env, config.discount, config.episode_length, config.hindsight)

    def loss(density):
        pairs = batches.state, batches.action, batches.goal
        return jnp.mean(jax.lax.map(lambda pair: losses.forward_infonce(bayes_logits(env, density, *pair)), pairs))

    size, toggles = 2**env.cells, env.number(env.toggles)
    index = np.arange(size)
    distance = env.distances[index[:, None] ^ index[None]]  # [board, goal]
    after = index[:, None] ^ toggles[None]  # [board, press]
    boards = jnp.asarray(env.every_board)
    state, action = jnp.repeat(boards, env.cells, axis=0), jnp.tile(jnp.asarray(env.every_action), (size, 1))
    table = energy(state, action, boards).reshape(size, env.cells, size)  # [board, press, goal]
    choice = jnp.argmax(table, axis=1)  # [board, goal]
    shorter = env.distances[after[:, :, None] ^ index[None, None]] < distance[:, None]  # [board, press, goal]
    pairs = distance > 0
    optimal = jnp.take_along_axis(jnp.asarray(shorter), choice[:, None], axis=1)[:, 0]
    scores = {
        "bayes_loss": loss(density),
        "line_loss": loss(straight_line(density)),
        "optimal_action": jnp.sum(optimal & pairs) / pairs.sum(),
    }

    def press(_, carry):
        board, solved = carry
        board = jnp.asarray(after)[board, choice[board, index[None]]]
        return board, solved | (board == index[None])

    start = jnp.broadcast_to(jnp.asarray(index)[:, None], (size, size))
    _, solved = jax.lax.fori_loop(0, env.cells, press, (start, jnp.zeros((size, size), bool)))
    for d in range(1, int(distance.max()) + 1):
        scores[f"solved_{d}"] = jnp.sum(solved & (distance == d)) / (distance == d).sum()
    # The mean energy by difference after the press.
    rows = table.reshape(size * env.cells, size)
    mean = jnp.mean(jax.vmap(lambda row, board: row[index ^ board])(rows, jnp.asarray(after).reshape(-1)), axis=0)
    perfect = np.log(np.maximum(density, 1e-30))
    count = np.array([number.bit_count() for number in range(size)])
    for cell, toggle in enumerate(toggles):
        alike = (count == count[toggle]) / (count == count[toggle]).sum()
        scores[f"press_{cell}"] = (mean[toggle] - mean @ alike) / max(perfect[toggle] - perfect @ alike, 1e-6)
    for cell, signs in enumerate(parities(env)):
        scores[f"parity_{cell}"] = (mean @ signs) / (perfect @ signs)
    for d in range(1, int(distance.max()) + 1):
        scores[f"near_{d}"] = jnp.sum(mean * (env.distances == d)) / (env.distances == d).sum() - mean[0]
    return scores
