"""Films without MuJoCo: a point's way on the map (any body's, where nothing can draw it), and what draws itself."""

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from crlkit.figures import style
from crlkit.film.play import Episode


class Above:
    """Draws `env` as it draws itself (`GoalEnv.draw`) or else from above: the way so far, a dot where the body is, a star
    and the circle of success at the goal. Only what moves is drawn anew.

    width, height: pixels. dpi: how many of them lines and dots count as an inch.
    """

    @style.styled
    def __init__(self, env, width: int, height: int, dpi: int = 100):
        self.env, self.moving, self.unit = env, [], 1.0
        self.figure = Figure(figsize=(width / dpi, height / dpi), dpi=dpi, layout="none")
        self.canvas = FigureCanvasAgg(self.figure)
        if env.draw is not None:
            self.axes = self.figure.add_axes((0.03, 0.03, 0.94, 0.94), aspect="equal")
            self.axes.set_axis_off()
        elif env.maze is None:
            self.axes = self.figure.add_axes((0.12, 0.19, 0.84, 0.77))
            self.axes.tick_params(labelsize=7)
            self.axes.set_xlabel("x, y in metres" if env.model is not None else "x, y", size=7, labelpad=1)
        else:
            self.axes = self.figure.add_axes((0.02, 0.03, 0.96, 0.94))
            style.draw_maze(self.axes, env.maze)
            rows, columns = env.maze.walls.shape  # half of the outer wall says as much as all of it
            self.axes.set(xlim=(0.0, columns - 1.0), ylim=(rows - 1.0, 0.0))
            self.unit = env.maze.cell_size

    def draw(self, episode: Episode, moment: int) -> np.ndarray:
        """The picture, uint8 `[height, width, 3]`; an episode that is over stays as it ended."""
        for artist in self.moving:
            artist.remove()
        still, moment = set(self.axes.get_children()), episode.until(moment)
        if self.env.draw is not None:
            self.env.draw(self.axes, episode.state[: moment + 1], episode.goal[moment])
        else:
            self._draw_way(episode, moment)
        self.moving = [artist for artist in self.axes.get_children() if artist not in still]
        self.canvas.draw()
        return np.asarray(self.canvas.buffer_rgba())[..., :3].copy()

    def _places(self, values: np.ndarray) -> np.ndarray:
        """Where values `[..., G]` in goal space are drawn `[..., 2]`; one of one number lies on the line y = 0."""
        values = np.asarray(values, float)[..., :2]
        if values.shape[-1] == 1:
            values = np.concatenate([values, np.zeros_like(values)], axis=-1)
        if self.env.maze is None:
            return values  # on the ground, metres
        return ((values - np.asarray(self.env.maze.origin)) / self.unit)[..., ::-1]  # on the map: column and row, cells

    def _draw_way(self, episode: Episode, moment: int) -> None:
        way = self._places(episode.state[: episode.last + 1, self.env.goal_slice])
        goal = self._places(episode.goal[moment])
        if self.env.maze is None:
            low, high = np.minimum(way.min(axis=0), goal), np.maximum(way.max(axis=0), goal)
            # As much of x and of y as makes a metre equally long in both.
            sides = np.array([self.axes.bbox.width, self.axes.bbox.height])
            half = 1.15 * max(((high - low) / 2 / sides).max(), self.env.threshold / sides.min()) * sides
            (left, bottom), (right, top) = (low + high) / 2 - half, (low + high) / 2 + half
            self.axes.set(xlim=(left, right), ylim=(bottom, top))
        colour = style.REACHED if episode.at_goal[moment] else style.MISSED
        self.axes.add_patch(Circle(goal, self.env.threshold / self.unit, color=colour, alpha=0.25, lw=0))
        self.axes.plot(*goal, "*", ms=11, mfc=colour, mec="white", mew=0.6, zorder=5)  # on top of the body
        seen = way[: moment + 1]
        self.axes.plot(*seen.T, color="black", lw=1.2, alpha=0.6)
        self.axes.plot(*seen[0], "o", ms=4, mfc="white", mec="black", mew=0.8)
        self.axes.plot(*seen[-1], "o", ms=8, mfc="black", mec="white", mew=1)
