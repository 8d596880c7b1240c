"""Films of episodes: what an agent does, and what agents of several depths do from the same start to the same goal.

MuJoCo draws every body that has a model (`env.model`, and `env.qpos(env_state)`, its coordinates); a point's way is
drawn on the map, and so is any body's on a machine where MuJoCo cannot draw.
"""

import base64
import contextlib
import html
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import numpy as np

from crlkit import envs
from crlkit.agents.trained import TrainedAgent
from crlkit.errors import UserError, check_number, writing
from crlkit.film import flat, pictures
from crlkit.film.play import Episode, play
from crlkit.runs import Run, open_run
from crlkit.weights import load_agent

STAY = 1500  # milliseconds that the end of an episode stays
ONE, ONE_OF_SEVERAL = (320, 240), (240, 200)  # pixels


@dataclass(frozen=True, eq=False)
class Film:
    """Pictures that a notebook shows as a GIF.

    frames: uint8 `[n, height, width, 3]`. milliseconds: how long each stays. fps: frames a second but for the stays.
    alt: what it shows, in words.
    """

    frames: np.ndarray
    milliseconds: list[int]
    fps: float
    alt: str

    def gif(self) -> bytes:
        return pictures.gif(self.frames, self.milliseconds)

    def save(self, path: str | Path) -> Path:
        """Writes `path`, a .gif or (with ffmpeg) an .mp4. Raises UserError where that is impossible."""
        path = _checked(path)
        with writing(f"film {str(path)!r}"):
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.suffix == ".gif":
                path.write_bytes(self.gif())
            else:
                pictures.mp4(path, self.frames, self.milliseconds, self.fps)
        return path

    def _repr_html_(self) -> str:
        # An <img> and not the type image/gif: it keeps the words for who cannot see it, and exported pages show it.
        data = base64.b64encode(self.gif()).decode()
        return f'<img src="data:image/gif;base64,{data}" alt="{html.escape(self.alt, quote=True)}">'

    def __repr__(self) -> str:
        n, height, width = self.frames.shape[:3]
        return f"Film({n} frames of {width} x {height}: {self.alt})"


Filmed = Run | TrainedAgent | str | Path


def render(
    runs: Filmed | Sequence[Filmed],
    env: str | None = None,
    *,
    out: str | Path | None = None,
    seed: int = 0,
    episodes: int = 1,
    agent_seed: int | None = None,
    size: tuple[int, int] | None = None,
    fps: float = 10,
    seconds: float = 8,
    stride: int | None = None,
    steps: int | None = None,
) -> Film:
    """Films a run, a trained agent, or the path of a run directory or of exported weights; several stand side by side,
    with the same starts and goals.

    env: where, by default in the environment they were scored in. out: also write a file, .gif or .mp4. seed: of starts
    and goals. agent_seed: which seed of a run, by default its first. size: width and height of one agent's picture,
    pixels. stride: steps from frame to frame, by default so many that the film lasts about `seconds`. steps: of an
    episode, by default as many as in training. An episode that ends early holds its last picture.

    Raises UserError for a value that cannot be, and for agents of different bodies.
    """
    if out is not None:
        _checked(out)
    agents = [_agent(run, agent_seed) for run in ([runs] if isinstance(runs, Filmed) else runs)]
    if not agents:
        raise UserError("runs []: nothing to film; nearest: one run")
    name = _environment(agents, env)
    look = _looks(size or (ONE if len(agents) == 1 else ONE_OF_SEVERAL), fps, seconds)
    check_number("seed", seed, 0, 2**31 - 1)
    check_number("episodes", episodes, 1)
    length = agents[0].config.episode_length if steps is None else check_number("steps", steps, 1)
    if stride is not None:
        check_number("stride", stride, 1)

    played = list(zip(*(play(agent, name, episodes, seed, length) for agent in agents)))  # [episodes][agents]
    titles = [(_depth(agent), f"{name}, seed {agent.seed}") for agent in agents]
    alt = []  # of every agent, in how many episodes it was at the goal, and for how long
    for agent, own in zip(agents, zip(*played)):
        at_goal = [int(episode.at_goal[episode.last]) for episode in own]
        goals = f"{np.count_nonzero(at_goal)} of {episodes} goals reached"
        alt.append(f"{_depth(agent)} seed {agent.seed}: {goals}, {sum(at_goal)} steps at goal")
    film = _film(name, titles, played, *look, stride, f"{name}, starts and goals of seed {seed}; {'; '.join(alt)}")
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
    return _film(env, [(title, env)], [(episode,)], *look, None, alt)


def _film(
    env: str, titles: list, played: list, size: tuple, fps: float, seconds: float, stride: int | None, alt: str
) -> Film:
    """titles: who acts and where (two strings), by agent. played: `[episodes][agents]`. stride: steps from frame to
    frame, by default so many that the film lasts about `seconds`."""
    stride = stride or math.ceil(sum(together[0].length for together in played) / (fps * seconds))
    frames, milliseconds = [], []
    with _artist(envs.make(env), size[0], size[1] - pictures.CAPTION) as draw:
        for number, together in enumerate(played, 1):
            about = f", episode {number} of {len(played)}" if len(played) > 1 else ""
            end = max(episode.last for episode in together)
            moments = [*range(0, end, stride), end]
            acted = [(title, place + about, episode) for (title, place), episode in zip(titles, together)]
            frames += [pictures.tiles([_captioned(draw, *one, moment) for one in acted]) for moment in moments]
            milliseconds += [round(100 / fps) * 10] * (len(moments) - 1) + [STAY]  # a GIF counts in 10 ms
    return Film(np.stack(frames), milliseconds, fps, alt)


def still(env: str, *, seed: int = 0, size: tuple[int, int] = ONE) -> np.ndarray:
    """The first moment of an episode, uint8 `[height, width, 3]`: what an environment looks like.

    seed: of start and goal. Raises UserError for an environment or a size that cannot be.
    """
    made, (size, *_) = envs.make(env), _looks(size)
    start = jax.jit(made.reset)(jax.random.key(check_number("seed", seed, 0, 2**31 - 1)))
    begun = jax.tree.map(lambda x: np.asarray(x)[None], (start.state, made.qpos(start), start.goal))
    with _artist(made, *size) as draw:
        return draw(Episode(*begun, np.zeros(1, int), last=0, fell=False), 0)


@contextlib.contextmanager
def _artist(env: envs.GoalEnv, width: int, height: int) -> Iterator[Callable]:
    """A function of episode and moment that draws a picture `[height, width, 3]`: MuJoCo's where there is a model, else
    from above. Where MuJoCo cannot draw, the reason is printed."""
    with contextlib.ExitStack() as stack:
        draw = flat.Above(env, width, height).draw
        if env.model is not None:
            from crlkit.film import offscreen  # MuJoCo, which a point can do without
            from crlkit.film.scene import Studio

            name, reason = offscreen.way()
            try:
                draw = stack.enter_context(Studio(env, width, height, name)).draw if name else draw
            except Exception as error:  # whatever a graphics driver thinks of
                reason = f"{name}: {type(error).__name__}: {error}"
            if reason:
                why = f"MuJoCo cannot draw here ({reason}), so the film shows the way from above"
                print(f"{why}; {offscreen.REMEDY}")
        yield draw


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


# -- what may be asked for ------------------------------------------------------------------------------------------


def _agent(run: Filmed, seed: int | None) -> TrainedAgent:
    if isinstance(run, str | Path):
        run = load_agent(run) if Path(run).suffix == ".safetensors" else open_run(run)
    agents = [run] if isinstance(run, TrainedAgent) else run.agents
    if seed is None:
        return agents[0]
    nearest = min(agents, key=lambda agent: abs(agent.seed - seed))
    if nearest.seed != seed:
        has = ", ".join(str(agent.seed) for agent in agents)
        raise UserError(f"agent_seed {seed}: there is {has}; nearest: {nearest.seed}")
    return nearest


def _environment(agents: list[TrainedAgent], env: str | None) -> str:
    """The one environment of the film. Raises UserError where there is none."""
    name = env or agents[0].config.eval_env
    envs.check(name)
    for agent in agents:
        theirs = agent.config.eval_env
        if envs.species(name) != envs.species(theirs):
            raise UserError(f"env {name!r}: {_depth(agent)} has another body; nearest: {theirs}")
        if env is None and theirs != name:
            raise UserError(f"env None: these agents were scored in {name} and in {theirs}; nearest: {name}")
    return name


def _checked(out: str | Path) -> Path:
    path = Path(out)
    if path.suffix not in (".gif", ".mp4"):
        raise UserError(f"out {str(out)!r}: must end in .gif or .mp4; nearest: {path.stem or 'film'}.gif")
    if path.suffix == ".mp4" and not pictures.ffmpeg():
        why = f"out {str(out)!r}: needs ffmpeg, which is not on the PATH"
        raise UserError(f"{why}; nearest: {path.with_suffix('.gif')}")
    return path


def _looks(size: Any, fps: Any = 10, seconds: Any = 8) -> tuple[tuple[int, int], float, float]:
    """The three as numbers. Raises UserError for what cannot be."""
    if not isinstance(size, Sequence) or len(size) != 2:
        raise UserError(f"size {size!r}: must be width and height in pixels; nearest: {ONE}")
    size = check_number("size: width", size[0], 120, 2000), check_number("size: height", size[1], 100, 2000)
    fps = check_number("fps", fps, 1, 50, whole=False)
    return size, fps, check_number("seconds", seconds, 0.1, 600, whole=False)
