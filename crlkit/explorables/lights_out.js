// Lights Out: set a board, and the greedy policies of critics of each depth try to put it out.
function show(root, data) {
  const { depths, seeds, press, toggles, presses, most } = data, cells = toggles.length;
  let board = data.begin, seed = 0, move = most;
  const lit = (number, cell) => (number >> (cells - 1 - cell)) & 1;

  /** The boards that one critic makes of `start`, and its presses, until all is dark or `most` presses are made. */
  function play(d, s, start) {
    const boards = [start], made = [];
    while (boards.at(-1) && made.length < most) {
      made.push(press[d][s][boards.at(-1)]);
      boards.push(boards.at(-1) ^ toggles[made.at(-1)]);
    }
    return { boards, made, solved: boards.at(-1) === 0 };
  }

  const able = depths.map((_, d) => seeds.map((_, s) => presses.filter((_, start) => start && play(d, s, start).solved).length));

  const keys = Array.from({ length: cells }, (_, cell) => el("button", { type: "button", "aria-pressed": "false", style: "aspect-ratio: 1; padding: 0; border-width: 2px; font-size: 20px",
    onclick: () => set(board ^ (1 << (cells - 1 - cell))), onkeydown: (event) => arrow(event, cell) }));
  const views = depths.map((depth) => {
    const svg = el("svg", { viewBox: "-0.06 -0.06 3.12 3.12", role: "img" });
    const said = el("div", { class: "note", style: "margin-top: 4px; min-height: 4.5em" });
    return { svg, said, figure: el("figure", {}, el("figcaption", {}, chip(depth)), svg, said) };
  });
  const scrub = slider("press", Array.from({ length: most + 1 }, (_, n) => `${n} of ${most}`), most, (n) => { move = n; play_button.at(n); draw(); });
  const play_button = player(scrub, most, 450);
  play_button.at(most);
  const mine = el("div", { style: "display: grid; grid-template-columns: repeat(3, 1fr); gap: 6px; width: 190px" }, ...keys);
  const away = (n) => presses.map((p, number) => [p, number]).filter(([p]) => p === n).map(([, number]) => number);
  const random = generator(3), pick = (boards) => set(boards[Math.floor(random() * boards.length)]);
  const left = el("figure", {}, el("figcaption", {}, "your board"), mine,
    row(button("3 presses away", () => pick(away(3))), button("5 presses away", () => pick(away(5))), button("any board", () => pick(presses.map((_, n) => n).slice(1)))),
    el("div", { class: "seeds" }, choice("seed", seeds, 0, (s) => { seed = s; draw(); })));
  const say = card(root, data, "Lights Out: who puts the lights out?",
    "Click a cell to switch its light. Pressing a cell in the game toggles it and its neighbours; the goal is all dark. Each critic presses the cell that it rates highest; a number says at which press, 9× how many times.",
    panels("215px 1fr", left, el("div", {}, row(play_button, scrub), panels("repeat(3, 1fr)", ...views.map((view) => view.figure)))));

  function set(number) {
    board = number;
    play_button.stop();
    scrub.to(most);
  }

  function arrow(event, cell) {
    const step = { ArrowUp: -3, ArrowDown: 3, ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    keys[(cell + step + cells) % cells].focus();
  }

  function draw() {
    keys.forEach((key, cell) => change(key, { "aria-pressed": String(!!lit(board, cell)), "aria-label": `cell ${cell + 1}, ${lit(board, cell) ? "lit" : "dark"}` })
      .style.setProperty("background", lit(board, cell) ? "#f0e442" : "#333"));
    const solved = depths.map((_, d) => seeds.map((_, s) => play(d, s, board).solved));
    views.forEach((view, d) => {
      const game = play(d, seed, board), n = Math.min(move, game.made.length), now = game.boards[n];
      view.svg.replaceChildren(...toggles.flatMap((_, cell) => {
        const [x, y] = [cell % 3, Math.floor(cell / 3)], when = game.made.slice(0, n).flatMap((c, k) => (c === cell ? [k + 1] : []));
        const last = game.made[n - 1] === cell && n;
        return [el("rect", { x: x + 0.04, y: y + 0.04, width: 0.92, height: 0.92, rx: 0.1, fill: lit(now, cell) ? "#f0e442" : "#333", stroke: last ? "var(--accent)" : "var(--rule)", "stroke-width": last ? 0.08 : 0.03 }),
          el("text", { x: x + 0.5, y: y + 0.6, "text-anchor": "middle", style: `font: bold 0.27px system-ui; fill: ${lit(now, cell) ? "#000" : "#fff"}` }, when.length > 2 ? `${when.length}×` : when.join(" "))];
      }));
      const made = `after ${n} press${n === 1 ? "" : "es"}`, done = now === 0 ? `dark ${made}` : n === most ? `not dark ${made}` : made;
      change(view.svg, { "aria-label": `Depth ${depths[d]}: ${done}; cells pressed ${game.made.slice(0, n).map((c) => c + 1).join(", ")}` });
      view.said.replaceChildren(el("b", { style: `color: var(${now === 0 ? "--good" : n === most ? "--bad" : "--soft"})` }, done), el("br"), `${solved[d].filter(Boolean).length} of ${seeds.length} seeds solve this board`, el("br"),
        `seed ${seeds[seed]} solves ${able[d][seed]} of ${presses.length - 1} boards`);
    });
    const won = depths.filter((_, d) => solved[d][seed]);
    say(`${presses[board]} presses would do. ${won.length ? `Solved by depth ${won.join(", ")}` : "Solved by no depth"} (seed ${seeds[seed]}). ${data.source}`);
  }

  draw();
}
