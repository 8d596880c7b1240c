"""Films of episodes: what an agent does, and what agents of several depths do from the same start to the same goal.

MuJoCo draws every body that has a model (`env.model`, and `env.qpos(env_state)`, its coordinates); a point's way is
drawn on the map, and so is any body's on a machine where MuJoCo cannot draw.
"""

import base64
import contextlib
import html
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import jax
import numpy as np

from crlkit import envs
from crlkit.agents.trained import TrainedAgent
from crlkit.errors import UserError, check_number, writing
from crlkit.film import flat, offscreen, pictures
from crlkit.film.play import Episode, play
from crlkit.film.scene import Studio
from crlkit.runs import Run, open_run
from crlkit.weights import load_agent

STAY = 1500  # milliseconds that the end of an episode stays
ONE, ONE_OF_SEVERAL = (320, 240), (240, 200)  # pixels


@dataclass(frozen=True, eq=False)
class Film:
    """Pictures that a notebook shows as a GIF.

    frames: uint8 `[n, height, width, 3]`. milliseconds: how long each stays. alt: what it shows, in words.
    """

    frames: np.ndarray = field(repr=False)
    milliseconds: list[int] = field(repr=False)
    alt: str

    def gif(self) -> bytes:
        return pictures.gif(self.frames, self.milliseconds)

    def save(self, path: str | Path) -> Path:
        """Writes `path`, a GIF. Raises UserError where that is impossible."""
        with writing(f"film {str(path)!r}"):
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            Path(path).write_bytes(self.gif())
        return Path(path)

    def _repr_html_(self) -> str:
        # An <img> and not the type image/gif: it keeps the words for who cannot see it, and exported pages show it.
        data = base64.b64encode(self.gif()).decode()
        return f'<img src="data:image/gif;base64,{data}" alt="{html.escape(self.alt, quote=True)}">'


Filmed = Run | TrainedAgent | str | Path


def render(
    runs: Filmed | Sequence[Filmed],
    env: str | None = None,
    *,
    out: str | Path | None = None,
    seed: int = 0,
    episodes: int = 1,
    size: tuple[int, int] | None = None,
    fps: float = 10,
    seconds: float = 8,
    steps: int | None = None,
) -> Film:
    """Films a run (its first seed; `run.agents` has them all), a trained agent, or the path of a run directory or of
    exported weights; several stand side by side, with the same starts and goals.

    env: where, by default in the environment that the first was scored in. out: also write a file, a .gif. seed: of
    starts and goals. size: width and height of one agent's picture, pixels. fps: frames a second; steps are left out so
    that the film lasts about `seconds`. steps: of an episode, by default as many as in training. An episode that ends
    early holds its last picture.

    Raises UserError for a value that cannot be, and for agents of different bodies.
    """
    if out is not None and Path(out).suffix != ".gif":
        raise UserError(f"out {str(out)!r}: must end in .gif; nearest: {Path(out).stem or 'film'}.gif")
    agents = [_agent(run) for run in ([runs] if isinstance(runs, Filmed) else runs)]
    name = env or agents[0].config.eval_env
    for agent in agents:
        if envs.entry(name).species != envs.entry(theirs := agent.config.eval_env).species:
            raise UserError(f"env {name!r}: {_depth(agent)} has another body; nearest: {theirs}")
    look = _looks(size or (ONE if len(agents) == 1 else ONE_OF_SEVERAL), fps, seconds)
    check_number("seed", seed, 0, 2**31 - 1)
    length = agents[0].config.episode_length if steps is None else check_number("steps", steps, 1)

    played = list(zip(*(play(agent, name, episodes, seed, length) for agent in agents)))  # [episodes][agents]
    titles = [(_depth(agent), f"{name}, seed {agent.seed}") for agent in agents]
    alt = []  # of every agent, in how many episodes it was at the goal, and for how long
    for agent, own in zip(agents, zip(*played)):
        at_goal = [int(episode.at_goal[episode.last]) for episode in own]
        goals = f"{np.count_nonzero(at_goal)} of {episodes} goals reached"
        alt.append(f"{_depth(agent)} seed {agent.seed}: {goals}, {sum(at_goal)} steps at goal")
    film = _film(name, titles, played, *look, f"{name}, starts and goals of seed {seed}; {'; '.join(alt)}")
    if out is not None:
        film.save(out)
    return film


def replay(
    env: str,
    states: np.ndarray,
    qpos: np.ndarray,
    goal: np.ndarray,
    title: str,
    *,
    size: tuple[int, int] = ONE,
    fps: float = 10,
    seconds: float = 8,
) -> Film:
    """Films an episode that was played elsewhere, by a hand-written controller for example.

    states: `[T + 1, state]`. qpos: coordinates `[T + 1, nq]` of the environment's `model`. goal: `[goal]`. title: who
    acts. size, fps, seconds: as in `render`. Raises UserError for an environment or a size that cannot be.
    """
    made, steps, look = envs.make(env), len(states) - 1, _looks(size, fps, seconds)
    reached = np.asarray(envs.succeeded(made, states, np.asarray(goal)))
    at_goal = np.cumsum(reached & (np.arange(steps + 1) > 0))
    episode = Episode(np.asarray(states), np.asarray(qpos), np.tile(goal, (steps + 1, 1)), at_goal, steps, fell=False)
    alt = f"{env}, {title}: {at_goal[-1]} of {steps} steps at goal"
    return _film(env, [(title, env)], [(episode,)], *look, alt)


def _film(env: str, titles: list, played: list, size: tuple, fps: float, seconds: float, alt: str) -> Film:
    """titles: who acts and where (two strings), by agent. played: `[episodes][agents]`."""
    stride = math.ceil(sum(together[0].length for together in played) / (fps * seconds))  # steps from frame to frame
    frames, milliseconds = [], []
    with _artist(envs.make(env), size[0], size[1] - pictures.CAPTION) as draw:
        for number, together in enumerate(played, 1):
            about = f", episode {number} of {len(played)}" if len(played) > 1 else ""
            end = max(episode.last for episode in together)
            moments = [*range(0, end, stride), end]
            acted = [(title, place + about, episode) for (title, place), episode in zip(titles, together)]
            frames += [pictures.tiles([_captioned(draw, *one, moment) for one in acted]) for moment in moments]
            milliseconds += [round(100 / fps) * 10] * (len(moments) - 1) + [STAY]  # a GIF counts in 10 ms
    return Film(np.stack(frames), milliseconds, alt)


def still(env: str, size: tuple[int, int] = ONE) -> np.ndarray:
    """The first moment of an episode, uint8 `[height, width, 3]`: what an environment looks like. Raises UserError for an
    environment or a size that cannot be."""
    made, (size, *_) = envs.make(env), _looks(size)
    start = jax.jit(made.reset)(jax.random.key(0))
    begun = jax.tree.map(lambda x: np.asarray(x)[None], (start.state, made.qpos(start), start.goal))
    with _artist(made, *size) as draw:
        return draw(Episode(*begun, np.zeros(1, int), last=0, fell=False), 0)


@contextlib.contextmanager
def _artist(env: envs.GoalEnv, width: int, height: int) -> Iterator[Callable]:
    """A function of episode and moment that draws a picture `[height, width, 3]`: MuJoCo's where there is a model, else
    from above. Where MuJoCo cannot draw, the reason is printed."""
    name, reason = (None, "") if env.model is None else offscreen.way()
    if reason:
        print(f"MuJoCo cannot draw here ({reason}), so the film shows the way from above; {offscreen.REMEDY}")
    if name:
        with Studio(env, width, height, name) as studio:
            yield studio.draw
    else:
        yield flat.Above(env, width, height).draw


def _captioned(draw: Callable, title: str, place: str, episode: Episode, moment: int) -> np.ndarray:
    status = f"step {moment} of {episode.length}"
    if moment >= episode.last < episode.length:
        status = f"{'ended' if episode.fell else 'solved'} at step {episode.last}"
    count = int(episode.at_goal[episode.until(moment)])
    verdict = f"at goal: {count} step{'s' * (count != 1)}" if count else "goal not reached"
    return pictures.caption(draw(episode, moment), title, place, status, verdict, count > 0)


def _depth(agent: TrainedAgent) -> str:
    actor, critic = agent.config.actor_depth, agent.config.critic_depth
    return f"depth {actor}" if actor == critic else f"actor {actor}, critic {critic}"


def _agent(run: Filmed) -> TrainedAgent:
    if isinstance(run, str | Path):
        run = load_agent(run) if Path(run).suffix == ".safetensors" else open_run(run)
    return run if isinstance(run, TrainedAgent) else run.agents[0]


def _looks(size: Sequence[int], fps: float = 10, seconds: float = 8) -> tuple[tuple[int, int], float, float]:
    """The three as numbers. Raises UserError for what cannot be."""
    size = check_number("size: width", size[0], 120, 2000), check_number("size: height", size[1], 100, 2000)
    fps = check_number("fps", fps, 1, 50, whole=False)
    return size, fps, check_number("seconds", seconds, 0.1, 600, whole=False)
