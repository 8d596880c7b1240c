"""A maze of your own in one file: for a point, an ant and a humanoid at once.

python examples/own_maze.py                                               trains, scores and films a point in it
CRLKIT_IMPORT=examples/own_maze.py crlkit train --env point_spiral_maze   the command line knows it, too
"""

import crlkit

crlkit.register_maze(
    "spiral",
    [
        "#######",
        "#.....#",
        "#.###.#",
        "#.#R#.#",
        "#.#.#.#",
        "#.#...#",
        "#.#####",
        "#.....#",
        "#######",
    ],
    far_goals=[(7, 4), (7, 5)],  # where `point_spiral_maze_eval` puts its goals: the end of the way
)

if __name__ == "__main__":
    run = crlkit.train(crlkit.preset("tutorial", env="point_spiral_maze", depth=8), progress=True)
    print(crlkit.evaluate(run))
    crlkit.render(run, episodes=2, out="spiral.gif")
