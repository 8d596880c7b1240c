// Training scrubbed: critic map, paths and success of three depths at the same number of updates.
function show(root, data) {
  const { depths, updates, goals, reached, success } = data, maps = data.maps.map(unpack), paths = unpack(data.paths);
  let now = data.begin;
  const views = depths.map((depth) => {
    const view = mazeMap(data, `Maze, depth ${depth}`), said = el("small");
    return { ...view, said, figure: el("figure", {}, el("figcaption", {}, chip(depth), said), view.node) };
  });
  const scrub = slider("updates", updates.map((u) => u.toLocaleString("en")), now, (index) => { now = index; play.at(now); draw(); });
  const play = player(scrub, updates.length - 1, 250);
  play.at(now);
  const last = updates.at(-1);
  const axes = chart({ title: "success on far goals, as training measured it", x: [0, last], y: [0, 1], xLabel: "gradient updates", yLabel: "share of episodes", width: 1000, height: 230,
    xTicks: [0, 1000, 2000, 3000, 4000, 5000].filter((v) => v <= last).map((v) => [v, v.toLocaleString("en")]), yTicks: [0, 0.25, 0.5, 0.75, 1].map((v) => [v, String(v)]) });
  const cursor = el("line", { y1: axes.top, y2: axes.bottom, stroke: "var(--ink)", "stroke-width": 1.5 }), dots = depths.map((depth) => el("circle", { r: 7, fill: colour(depth), stroke: "var(--card)", "stroke-width": 2 }));
  axes.ink.append(...depths.map((depth, d) => line(updates.map((u, k) => [axes.X(u), axes.Y(success[d][k])]), { stroke: colour(depth), "stroke-width": 3 })), cursor, ...dots);
  const say = card(root, data, "Three agents learn at once", "Play, or drag the time. The maps are each critic's for the far goal G; the paths lead to every far goal, blue and solid where the goal is reached.",
    row(play, scrub), panels("repeat(3, 1fr)", ...views.map((view) => view.figure)), axes.svg);

  function draw() {
    views.forEach((view, d) => {
      const made = goals.map((_, g) => {
        const flat = paths.at(d, now, g);
        return [Array.from({ length: flat.length / 2 }, (_, t) => [flat[2 * t], flat[2 * t + 1]]), reached[d][now][g]];
      });
      view.draw({ map: maps[d].at(now), low: maps[d].low, high: maps[d].high, paths: made, goal: goals.at(-1), dots: goals.slice(0, -1).map((cell, g) => [cell, reached[d][now][g]]) });
      view.said.textContent = `reaches ${reached[d][now].filter(Boolean).length} of ${goals.length} far goals`;
      change(dots[d], { cx: axes.X(updates[now]), cy: axes.Y(success[d][now]) });
    });
    change(cursor, { x1: axes.X(updates[now]), x2: axes.X(updates[now]) });
    say(`After ${updates[now].toLocaleString("en")} updates ` + depths.map((depth, d) => `depth ${depth} has success ${success[d][now].toFixed(2)}`).join(", ") + `. ${data.source}`);
  }

  draw();
}
