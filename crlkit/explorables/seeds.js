// Seed roulette: draw n recorded seeds of two depths, see which wins, and how often the winner would be the other one.
function show(root, data) {
  const { depths, scores } = data, most = data.most, repeats = 2000, unit = data.unit;
  const arms = [...data.begin];
  let n = 3, drawn, wins, random = generator(data.seed);
  const strip = el("div"), flips = el("div"), note = el("span", { class: "note" });
  const say = card(root, data, "Seed roulette", `Every dot is a recorded run: ${data.seeds} seeds per depth. Spin: n seeds of each depth are drawn, with replacement. Would you have published the right winner, the depth with the higher mean of all ${data.seeds}?`,
    row(button("spin", () => spin(1), true), button("spin 100 times", () => spin(100)), slider("seeds per depth, n", Array.from({ length: most }, (_, i) => String(i + 1)), n - 1, (i) => { n = i + 1; restart(); })),
    row(...["this depth", "against"].map((name, a) => choice(name, depths, arms[a], (d) => { arms[a] = d; curve = odds(); restart(); })), note),
    panels("1fr 1fr", strip, flips));
  let curve = odds();

  /** Of `repeats` experiments with n seeds per depth, by n, the share that the depth with the lower mean of all seeds wins. */
  function odds() {
    const dice = generator(data.seed), better = mean(scores[arms[0]]) >= mean(scores[arms[1]]) ? 0 : 1;
    const pull = (a, count) => { let sum = 0; for (let i = 0; i < count; i++) sum += scores[arms[a]][Math.floor(dice() * data.seeds)]; return sum / count; };
    return Array.from({ length: most }, (_, i) => {
      let wrong = 0;
      for (let r = 0; r < repeats; r++) wrong += pull(1 - better, i + 1) > pull(better, i + 1);
      return wrong / repeats;
    });
  }

  function spin(times) {
    for (let r = 0; r < times; r++) {
      drawn = arms.map((arm) => Array.from({ length: n }, () => Math.floor(random() * data.seeds)));
      const [a, b] = drawn.map((picks, k) => mean(picks.map((i) => scores[arms[k]][i])));
      wins[a >= b ? 0 : 1]++;
    }
    draw();
  }

  function restart() {
    [drawn, wins] = [null, [0, 0]];
    random = generator(data.seed);
    spin(1);
  }

  function draw() {
    const top = Math.ceil(10 * Math.max(...scores.flat())) / 10;
    const axes = chart({ title: "one experiment: filled dots are the seeds drawn", x: [0, top], y: [0, 2], xLabel: unit, yLabel: "", xTicks: Array.from({ length: Math.round(top * 10) + 1 }, (_, i) => [i / 10, (i / 10).toFixed(1)]), yTicks: [] });
    arms.forEach((arm, k) => {
      const y = axes.Y(1.5 - k), ink = colour(depths[arm]), middle = mean(drawn[k].map((i) => scores[arm][i]));
      axes.ink.append(...scores[arm].map((score, i) => {
        const count = drawn[k].filter((pick) => pick === i).length;
        return el("circle", { cx: axes.X(score), cy: y + ((i * 37) % 21) - 10, r: count ? 5 + 1.5 * count : 5, fill: count ? ink : "none", stroke: ink, "stroke-width": 1.5, opacity: count ? 1 : 0.55 });
      }), el("line", { x1: axes.X(middle), x2: axes.X(middle), y1: y - 34, y2: y + 34, stroke: ink, "stroke-width": 4 }));
      axes.svg.append(el("text", { x: axes.left - 6, y: y + 4, "text-anchor": "end", style: `font-weight: 700; fill: ${ink}` }, `depth ${depths[arm]}`),
        el("text", { x: axes.X(middle) + 6, y: y - 26, style: `font-weight: 700; fill: ${ink}` }, `mean ${middle.toFixed(3)}`));
    });
    strip.replaceChildren(axes.svg);
    const odds_axes = chart({ title: "how often the winner is the wrong one", x: [0.5, most + 0.5], y: [0, 0.55], xLabel: "seeds per depth, n", yLabel: "share of experiments",
      xTicks: [1, 5, 10, 15, 20].map((v) => [v, v]), yTicks: [0, 0.1, 0.2, 0.3, 0.4, 0.5].map((v) => [v, v.toFixed(1)]) });
    const { X, Y, ink } = odds_axes;
    ink.append(el("line", { x1: odds_axes.left, x2: odds_axes.right, y1: Y(0.05), y2: Y(0.05), stroke: "var(--bad)", "stroke-dasharray": "5 4" }),
      line(curve.map((c, i) => [X(i + 1), Y(c)]), { stroke: "var(--accent)", "stroke-width": 3 }), el("circle", { cx: X(n), cy: Y(curve[n - 1]), r: 7, fill: "var(--accent)" }));
    odds_axes.svg.append(el("text", { x: odds_axes.right, y: Y(0.05) - 5, "text-anchor": "end" }, "1 in 20"));
    flips.replaceChildren(odds_axes.svg);
    const [a, b] = arms.map((arm) => depths[arm]), enough = curve.findIndex((c) => c < 0.05) + 1, total = wins[0] + wins[1];
    note.textContent = `all ${data.seeds} seeds: depth ${a} ${mean(scores[arms[0]]).toFixed(3)}, depth ${b} ${mean(scores[arms[1]]).toFixed(3)}`;
    say(`${total} ${total > 1 ? "experiments" : "experiment"} with ${n} ${n > 1 ? "seeds" : "seed"} per depth: depth ${a} won ${wins[0]}, depth ${b} won ${wins[1]}. At this n the wrong depth wins ${(100 * curve[n - 1]).toFixed(0)} of 100; ` +
      (enough ? `fewer than 5 of 100 from ${enough} seeds per depth.` : `with ${most} seeds per depth it is still ${(100 * curve.at(-1)).toFixed(0)}.`) + ` ${data.source}`);
  }

  restart();
}
