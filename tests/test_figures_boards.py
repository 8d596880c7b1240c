"""The figures of boards and of cures, drawn from planted rows whose answer is known."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crlkit import figures, suites
from crlkit.figures import cures
from crlkit.suites import MATCHED

CONFIGS = {(c.depth, c.width): c for c in suites.configs("boards", "laptop")}


def write(data: Path, suite: str, rows: list[dict]) -> Path:
    (data / f"{suite}-laptop").mkdir()
    pd.DataFrame(rows).to_csv(data / f"{suite}-laptop" / "metrics.csv", index=False)
    return data


def planted(solved: dict[int, float], seconds: dict[int, float]) -> list[dict]:
    """Critics that solve nothing up to half of their run and `solved` five presses away after it."""
    rows = []
    for depth, level in solved.items():
        config = CONFIGS[depth, MATCHED[depth]].to_dict()
        for seed in range(100, 104):
            for update in range(1, 11):
                late = update > 5
                rows.append(
                    {**config, "run": f"depth{depth}", "status": "finished", "seed": seed, "updates": 1600 * update}
                    | {"env_steps": 262_144, "seconds": 0.0, "cpu_seconds": 4 * seconds[depth] * update / 10}
                    | {f"solved_{d}": (level if d == 5 else 1.0) * late for d in range(1, 10)}
                    | {f"parity_{i}": float(late and i < 10 * level) for i in range(9)}
                    | {"heldout_loss": 3.0}
                )
    return rows


@pytest.fixture
def data(tmp_path):
    return write(tmp_path, "boards", planted({4: 0.1, 16: 0.9}, {4: 100.0, 16: 200.0}))


def test_boards_say_what_each_depth_solves_by_updates_and_by_seconds(data):
    said = figures.module("boards").words(data).takeaway
    assert "at equal updates (16,000): depth 4 0.10" in said and "depth 16 0.90" in said
    # Depth 4 needs 100 s for all its updates; depth 16 is then half-way, where it solves nothing yet.
    after = said.split("within 100 processor seconds")[1]
    assert "depth 4 0.10" in after and "depth 16 0.00" in after


def test_boards_draw_a_mark_at_each_score(data):
    presses, by_depth, by_seconds = figures.module("boards").draw(data).axes[:3]
    drawn = {line.get_ydata()[4] for line in presses.lines if len(line.get_ydata()) == 9}  # at five presses
    assert {0.1, 0.9} <= {round(float(y), 3) for y in drawn}
    for axes, deep in ((by_depth, 0.9), (by_seconds, 0.0)):
        lines = [line.get_ydata() for line in axes.lines if len(line.get_ydata()) == 2]
        assert any(np.allclose(y, (0.1, deep)) for y in lines)


def test_every_cure_has_a_name_of_its_own_and_its_own_score(tmp_path):
    configs = [c for c in suites.configs("cures", "laptop") if c.env == cures.ENV and c.width == 32]
    rows, planted_success = [], {}
    for place, config in enumerate(configs):
        for seed in (0, 1):
            row = {**config.to_dict(), "run": f"run{place}", "status": "finished", "seed": seed, "updates": 5000}
            rows.append(
                row | {"success": place / 100 + seed / 1000, "saturation": 0.5, "alpha": 1.0, "cpu_seconds": 1.0}
            )
        planted_success[config.depth, config.actor_head, config.critic_head] = place / 100
    data = write(tmp_path, "cures", rows)
    lines = cures.TRIED.read(data).lines
    tried = suites.SUITES["cures"]["laptop"][0]["each"]
    assert len(lines) == len(tried) and sum(map(len, lines.values())) == len(configs)
    assert {depth for line in lines.values() for depth in line} == {4, 64, 256}
    score = lines["norm before the head, actor"][64]
    np.testing.assert_allclose(score.seeds, planted_success[64, "norm", "plain"] + np.array([0, 0.001]))
    last = max(lines, key=lambda cure: lines[cure][max(lines[cure])].iqm)
    end = max(lines[last])
    said = figures.module("cures").words(data).takeaway.partition("the highest, ")[2]
    assert said.startswith(f"{last}: ") and f"depth {end} {lines[last][end]}" in said
