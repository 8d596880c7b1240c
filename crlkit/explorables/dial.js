// A depth dial: gradient and residual stream by block of fresh critics, by depth and four switches.
function show(root, data) {
  const { depths, switches } = data, [gradient, stream] = [unpack(data.gradient), unpack(data.stream)];
  const names = Object.keys(switches), chosen = names.map((name) => data.begin[name] ?? 0);
  let depth = data.begin.depth;
  const first = depths.map((_, d) => depths.slice(0, d).reduce((sum, n) => sum + n / 4, 0));
  const row_of = (picks) => picks.reduce((sum, pick, k) => sum * switches[names[k]].length + pick, 0);
  const [lowest, highest] = [-12, 8];
  const axes = (title, yLabel) => chart({ title, x: [0.9, 285], y: [lowest, highest], logX: true, xLabel: "block (1 is next to the input)", yLabel,
    xTicks: [1, 2, 4, 8, 16, 32, 64, 128, 256].map((v) => [v, v]), yTicks: [-12, -8, -4, 0, 4, 8].map((v) => [v, v ? `1e${v}` : "1"]) });
  const left = axes("gradient of the critic's loss, norm by block", "nats per unit of weight");
  const right = axes("residual stream, norm after each block", "norm (activation units)");
  const tiles = ["gradient, first block", "stream, last block", "policy: mean |tanh|", "critic's loss, nats"].map((label) => ({ value: el("b"), note: el("span"), label }));
  const say = card(root, data, "The depth dial", "Fresh critics, before any training. Turn depth from 4 to 1024 layers (1 to 256 blocks of four) and switch parts off. " +
    "Bold: the depth you chose. Thin: all depths. Grey, dashed: your depth with every part in place.",
    row(slider("depth", depths.map((n) => `${n} layers`), depth, (d) => { depth = d; draw(); })),
    row(...names.map((name, k) => choice(data.titles[k], switches[name], chosen[k], (pick) => { chosen[k] = pick; draw(); }))),
    panels("1fr 1fr", left.svg, right.svg),
    el("div", { class: "tiles" }, ...tiles.map((tile) => el("div", { class: "tile" }, tile.label, tile.value, tile.note))));

  const blocks = (array, picks, d) => array.at(row_of(picks)).subarray(first[d], first[d] + depths[d] / 4);

  function curve({ X, Y }, values, attributes) {
    const points = [...values].map((v, k) => [X(k + 1), Y(Number.isFinite(v) ? Math.max(lowest, Math.min(highest, v)) : lowest)]);
    if (points.length > 1) return line(points, attributes);
    return el("circle", { cx: points[0][0], cy: points[0][1], r: attributes["stroke-width"] + 1.5, fill: attributes.stroke });
  }

  function draw() {
    for (const [axes, array] of [[left, gradient], [right, stream]]) {
      const others = depths.map((n, d) => curve(axes, blocks(array, chosen, d), { stroke: colour(n), "stroke-width": 1, opacity: 0.45 }));
      const intact = curve(axes, blocks(array, names.map(() => 0), depth), { stroke: "var(--soft)", "stroke-width": 2, "stroke-dasharray": "6 4" });
      axes.ink.replaceChildren(...others, intact, curve(axes, blocks(array, chosen, depth), { stroke: colour(depths[depth]), "stroke-width": 3, "stroke-linecap": "round" }));
    }
    const [g, s] = [blocks(gradient, chosen, depth), blocks(stream, chosen, depth)], at = row_of(chosen);
    const power = (v) => (Number.isFinite(v) ? (v > -3 && v < 4 ? (10 ** v).toPrecision(3) : (10 ** v).toExponential(1)) : "0");
    const [loss, saturation] = [data.loss[at][depth], data.saturation[at][depth]], final = power(g.at(-1));
    const told = [[power(g[0]), `last block ${final}`], [power(s.at(-1)), `first block ${power(s[0])}`],
      [saturation.toFixed(2), saturation > 0.95 ? "saturated: it cannot choose" : "1 is saturated"], [loss > 1e4 ? loss.toExponential(1) : loss.toFixed(2), `chance ${data.chance.toFixed(2)}`]];
    tiles.forEach((tile, k) => { tile.value.textContent = told[k][0]; tile.note.textContent = told[k][1]; });
    const off = names.map((name, k) => (chosen[k] ? `${data.titles[k]} ${switches[name][chosen[k]]}` : "")).filter(Boolean);
    say(`${depths[depth]} layers${off.length ? `, ${off.join(", ")}` : ""}: the gradient at the first block is ${power(g[0])}, at the last ${final}; ` +
      `the stream goes from ${power(s[0])} to ${power(s.at(-1))}; the policy's mean |tanh| is ${saturation.toFixed(2)}. ${data.source}`);
  }

  draw();
}
