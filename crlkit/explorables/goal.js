// Drag the goal: what critics of three depths think of every place, and where their actors go.
function show(root, data) {
  const maps = data.maps.map(unpack), paths = unpack(data.paths), { goals, depths, reached } = data;
  const views = depths.map((depth) => {
    const view = mazeMap(data, `Maze, depth ${depth}: drag the goal, or move it with the arrow keys`, {
      class: "drag", tabindex: 0, role: "application", onkeydown: key, onpointerdown: drag, onpointermove: drag });
    const said = el("small");
    return { ...view, depth, said, figure: el("figure", {}, el("figcaption", {}, chip(depth), said), view.node) };
  });
  const say = card(root, data, "Drag the goal", "Drag G through the maze, or focus a map and press the arrow keys. Bright places are near G in the critic's eyes. " +
    "The line is the actor's path from S: blue and solid if it reaches G, orange and dashed if not. A dot in every cell: filled if this depth reaches it.",
    panels("repeat(3, 1fr)", ...views.map((view) => view.figure)), legend());
  let now = -1, started = 0;

  function to(index) {
    if (index === now || index < 0) return;
    now = index;
    started = performance.now();
    views.forEach((view, d) => {
      const points = steps(d, now), dots = goals.map((cell, g) => [cell, reached[d][g]]).filter((_, g) => g !== now);
      view.draw({ map: maps[d].at(now), low: maps[d].low, high: maps[d].high, paths: [[points, reached[d][now]]], goal: goals[now], dots });
      view.said.textContent = reached[d][now] ? `reaches G in ${data.steps[d][now]} steps` : "does not reach G";
    });
    requestAnimationFrame(run);
    const who = depths.filter((_, d) => reached[d][now]);
    say(`Goal in row ${goals[now][0]}, column ${goals[now][1]}, ${data.far[now]} cells of corridor from S: ` +
      (who.length ? `reached by depth ${who.join(", ")}.` : "reached by none of the three.") +
      ` Of all ${goals.length} goals: ` + depths.map((depth, d) => `depth ${depth} reaches ${reached[d].filter(Boolean).length}`).join(", ") + `. ${data.source}`);
  }

  function steps(d, g) {
    const flat = paths.at(d, g);
    return Array.from({ length: flat.length / 2 }, (_, t) => [flat[2 * t], flat[2 * t + 1]]);
  }

  // A dot runs along every path once, a step in 30 ms; at once to its end for those who want nothing to move.
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  function run(time) {
    const t = still ? data.length : Math.floor((time - started) / 30);
    views.forEach((view, d) => {
      const points = steps(d, now);
      const [i, j] = points[Math.max(0, Math.min(t, reached[d][now] ? data.steps[d][now] : points.length - 1))];
      change(view.mover, { cx: j, cy: i, visibility: "visible" });
    });
    if (t < data.length && root.isConnected) {
      const mine = started;
      requestAnimationFrame((later) => mine === started && run(later));
    }
  }

  function drag(event) {
    if (event.type === "pointerdown") event.currentTarget.setPointerCapture(event.pointerId);
    else if (!event.buttons) return;
    const at = views.find((view) => view.svg === event.currentTarget).place(event);
    const far = goals.map(([i, j]) => (i - at[0]) ** 2 + (j - at[1]) ** 2);
    to(far.indexOf(Math.min(...far)));
  }

  function key(event) {
    const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!move) return;
    event.preventDefault();
    event.stopPropagation();
    for (let n = 1; n < 12; n++) {  // over walls to the next free cell
      const found = goals.findIndex(([i, j]) => i === goals[now][0] + n * move[0] && j === goals[now][1] + n * move[1]);
      if (found >= 0) return to(found);
    }
  }

  function legend() {
    const strip = el("canvas", { width: 64, height: 1, style: "width: 150px; height: 12px; border-radius: 6px", "aria-hidden": "true" });
    const context = strip.getContext("2d");
    for (let i = 0; i < 64; i++) {
      context.fillStyle = `rgb(${data.palette[4 * i].slice(0, 3)})`;
      context.fillRect(i, 0, 1, 1);
    }
    const ranges = depths.map((depth, d) => `depth ${depth} from ${maps[d].low.toFixed(1)} to ${maps[d].high.toFixed(1)}`).join(", ");
    return row(el("span", { class: "note" }, "far"), strip, el("span", { class: "note" }, `near: energy f(s, π(s, g), g) (${ranges})`));
  }

  to(data.begin);
}
