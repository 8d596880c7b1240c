// Hindsight: press to draw a step and a later one of the same episode; rows append, the histogram of offsets fills.
function show(root, data) {
  const { path, discounts } = data, steps = path.length;  // states s_0 ... s_(steps - 1)
  let discount = data.begin, random, draws;
  const view = mazeMap({ ...data, start: path[0] }, "The episode in the maze: the state drawn and its goal");
  const here = el("circle", { r: 0.2, fill: "var(--good)", stroke: "#fff", "stroke-width": 0.06 });
  view.svg.append(here);
  const strip = el("svg", { viewBox: `0 0 ${10 * steps + 20} 56`, role: "img", "aria-label": "The episode as a row of steps" });
  const body = el("tbody"), table = el("table", {}, el("thead", {}, el("tr", {}, ...["draw", "step t", "left R", "u", "offset k", "goal (row, column)"].map((name) => el("th", {}, name)))), body);
  const histogram = el("div");
  const say = card(root, data, "Hindsight, one draw at a time", "A random walk of 64 steps. Press draw (or focus it and press space): a step t, a number u, and from it an offset k: " +
    "the state k steps later becomes the goal of row t. The curve is what the draws should come to.",
    row(button("draw", () => draw(1), true), button("draw 100", () => draw(100)), button("start again", restart),
      slider("discount γ", discounts.map(String), discount, (d) => { discount = d; restart(); })),
    strip, panels("minmax(0, 5fr) minmax(0, 7fr)", el("figure", {}, view.node), el("figure", {}, histogram, el("div", { style: "height: 190px" }, table))));

  /** How likely each offset is: t uniform among the steps with a future, k in 1..R in proportion to γ^k. */
  function expected() {
    const share = new Array(steps).fill(0), gamma = discounts[discount];
    for (let left = 1; left < steps; left++) {
      let mass = 0;
      for (let k = 1; k <= left; k++) mass += gamma ** k;
      for (let k = 1; k <= left; k++) share[k] += gamma ** k / mass / (steps - 1);
    }
    return share;
  }

  function draw(count) {
    for (let n = 0; n < count; n++) {
      const t = Math.floor(random() * (steps - 1)), left = steps - 1 - t, u = random(), log = Math.log(discounts[discount]);
      const mass = -Math.expm1(left * log), k = Math.min(left, Math.max(1, 1 + Math.floor(Math.log1p(-u * mass) / log)));
      draws.push({ t, left, u, k });
    }
    render();
  }

  function restart() {
    random = generator(data.seed);
    draws = [];
    render();
  }

  function render() {
    const now = draws.at(-1), cell = ([i, j]) => `${i.toFixed(1)}, ${j.toFixed(1)}`;
    const x = (t) => 15 + 10 * t;
    strip.replaceChildren(...path.map((_, t) => el("rect", { x: x(t) - 4, y: 24, width: 8, height: 16, rx: 2, fill: now && t > now.t ? "var(--accent)" : "var(--rule)",
      opacity: now && t > now.t ? Math.max(0.12, discounts[discount] ** (t - now.t)) : 1 })),
      el("text", { x: 12, y: 54, style: "font-size: 11px" }, "t = 0"), el("text", { x: x(steps - 1) + 5, y: 54, "text-anchor": "end", style: "font-size: 11px" }, `${steps - 1}, the end of the episode`),
      ...(now ? [[now.t, "var(--good)", "t"], [now.t + now.k, "var(--bad)", "t + k"]].flatMap(([t, fill, label]) => [
        el("rect", { x: x(t) - 5, y: 21, width: 10, height: 22, rx: 2, fill }), el("text", { x: x(t), y: 14, "text-anchor": "middle", style: `font-size: 12px; font-weight: 700; fill: ${fill}` }, label)]) : []));
    view.draw({ paths: [[path, true]], goal: now ? path[now.t + now.k] : null });
    change(here, now ? { cx: path[now.t][1], cy: path[now.t][0], visibility: "visible" } : { visibility: "hidden" });
    body.replaceChildren(...draws.map((d, n) => ({ ...d, n })).slice(-6).reverse().map(({ t, left, u, k, n }) =>
      el("tr", {}, ...[n + 1, t, left, u.toFixed(3), k, cell(path[t + k])].map((text) => el("td", {}, String(text))))));
    const share = expected(), counts = new Array(steps).fill(0);
    for (const { k } of draws) counts[k]++;
    const highest = Math.max(...share, ...(draws.length ? counts.map((c) => c / draws.length) : [0]));
    const step = [0.02, 0.05, 0.1, 0.2, 0.5].find((s) => highest / s < 5) ?? 0.5;
    const axes = chart({ title: `offsets k of ${draws.length} draws`, x: [0, steps], y: [0, highest * 1.05], xLabel: "offset k (steps)", yLabel: "share of draws", width: 560, height: 270,
      xTicks: [1, 8, 16, 24, 32, 40, 48, 56, 63].map((v) => [v, v]), yTicks: [0, 1, 2, 3, 4, 5].map((n) => n * step).filter((v) => v <= highest * 1.05).map((v) => [v, v.toFixed(2)]) });
    axes.ink.append(...counts.map((count, k) => el("rect", { x: axes.X(k - 0.4), y: axes.Y(count / Math.max(1, draws.length)), width: axes.X(0.8) - axes.X(0),
      height: axes.bottom - axes.Y(count / Math.max(1, draws.length)), fill: now && k === now.k ? "var(--bad)" : "var(--good)" })),
      line(share.map((s, k) => [axes.X(k), axes.Y(s)]).slice(1), { stroke: "var(--ink)" }));
    histogram.replaceChildren(axes.svg);
    const middle = share.reduce((sum, s, k) => sum + k * s, 0).toFixed(2);
    say(now ? `Draw ${draws.length}: step ${now.t}, ${now.left} steps left, u = ${now.u.toFixed(3)}, so k = ${now.k}: the goal is where the agent was at step ${now.t + now.k}. ` +
      `Mean offset so far ${mean(draws.map((d) => d.k)).toFixed(2)}, expected ${middle} steps.` : `No draw yet. With γ = ${discounts[discount]} the mean offset should come to ${middle} steps.`);
  }

  restart();
}
