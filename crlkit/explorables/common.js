// What the explorables share: nodes, controls, maps, charts, packed arrays. Each file beside this one defines show(root, data).
const DRAWN = new Set("svg g path circle rect line text polyline title clipPath".split(" "));

/** A node of HTML or SVG: on... are listeners, other attributes are set as they are, strings become text. */
function el(tag, attributes = {}, ...children) {
  const node = DRAWN.has(tag) ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  change(node, attributes).append(...children.filter((child) => child !== null));
  return node;
}

function change(node, attributes) {
  for (const [name, value] of Object.entries(attributes))
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value);
  return node;
}

/** The inverse of `explore._packed`: at(i, j, ...) is the rest of the array as numbers, NaN where nothing was. */
function unpack({ bytes, shape, low, high, top }) {
  const raw = Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0));
  const codes = top > 255 ? new Uint16Array(raw.buffer) : raw;
  const values = Float32Array.from(codes, (code) => (code > top ? NaN : low + ((high - low) * code) / top));
  const at = (...index) => {
    const size = shape.slice(index.length).reduce((a, b) => a * b, 1);
    const from = index.reduce((sum, i, axis) => sum * shape[axis] + i, 0) * size;
    return values.subarray(from, from + size);
  };
  return { at, low, high };
}

/** Mulberry32: a seeded generator of numbers in [0, 1). */
function generator(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;
const colour = (depth) => `var(--depth${depth})`;
const chip = (depth) => el("span", { class: "chip", style: `--depth: ${colour(depth)}; --on: var(--on${depth})` }, `depth ${depth}`);

/** Title, hint, then `parts`, then a sentence that screen readers are told whenever it changes; returns say(text). */
function card(root, data, title, hint, ...parts) {
  const dark = ":is([data-jp-theme-light='false'], [data-theme='dark']) ";
  for (const [depth, [light, on]] of Object.entries(data.colours)) {
    root.style.setProperty(`--light${depth}`, light);
    root.style.setProperty(`--onlight${depth}`, on);
  }
  const rules = Object.keys(data.colours).map((d) => `.crl { --depth${d}: var(--light${d}); --on${d}: var(--onlight${d}); }
    ${dark}.crl { --depth${d}: color-mix(in oklab, var(--light${d}) 55%, white); --on${d}: #14171d; }`);
  const said = el("p", { class: "said", "aria-live": "polite" });
  root.replaceChildren(el("style", {}, rules.join("\n")), el("h3", {}, title), el("p", {}, hint), ...parts, said);
  return (text) => (said.textContent = text);
}

const row = (...parts) => el("div", { class: "row" }, ...parts);
const panels = (columns, ...parts) => el("div", { class: "panels", style: `grid-template-columns: ${columns}` }, ...parts);
const button = (label, onclick, first = false) => el("button", { type: "button", onclick, class: first ? "first" : "" }, label);

/** A range over `labels`; turn(index) is called on every move. The node's `to(index)` moves it. */
function slider(name, labels, index, turn) {
  const shown = el("output", {}, labels[index]);
  const input = el("input", { type: "range", min: 0, max: labels.length - 1, step: 1, "aria-label": name, "aria-valuetext": labels[index] });
  const to = (value) => {
    input.value = value;
    shown.textContent = labels[value];
    input.setAttribute("aria-valuetext", labels[value]);
    turn(Number(value));
  };
  input.value = index;
  input.addEventListener("input", () => to(input.value));
  return Object.assign(el("label", { class: "slider" }, el("b", {}, name), input, shown), { to });
}

let groups = 0;
/** One of `options`, as radio buttons: pick(index). */
function choice(name, options, index, pick) {
  const group = `crl-${Math.random().toString(36).slice(2)}-${groups++}`;
  const buttons = options.map((option, i) => {
    const input = el("input", { type: "radio", name: group, onchange: () => pick(i), ...(i === index ? { checked: "" } : {}) });
    return el("label", {}, input, String(option));
  });
  return el("fieldset", {}, el("legend", {}, name), ...buttons);
}

/** Press to let `slider` run to its end, press again to stop. */
function player(control, last, milliseconds) {
  let timer = null, now = 0;
  const stop = () => { clearInterval(timer); timer = null; node.textContent = "▶ play"; };
  const node = button("▶ play", () => {
    if (timer) return stop();
    node.textContent = "❚❚ stop";
    if (now >= last) control.to(0);
    timer = setInterval(() => (now >= last || !node.isConnected ? stop() : control.to(now + 1)), milliseconds);
  }, true);
  return Object.assign(node, { at: (index) => (now = index), stop });
}

const CROP = 0.75;  // of the wall around a maze, cells
/** A maze as a map. draw({ map, low, high, paths: [[points, reached]], goal, dots: [[cell, reached]] }), in cells (row, column). */
function mazeMap(data, label, attributes = {}) {
  const [rows, columns] = [data.walls.length, data.walls[0].length];
  const canvas = el("canvas", { width: columns * data.places, height: rows * data.places, "aria-hidden": "true" });
  const walls = [...data.walls].flatMap((line, i) => [...line].map((c, j) => (c === "#" ? `M${j - 0.5} ${i - 0.5}h1v1h-1z` : "")));
  const [trail, spots, mover] = [el("g"), el("g"), el("circle", { r: 0.15, fill: "#fff", stroke: "#000", "stroke-width": 0.05, visibility: "hidden" })];
  const flag = mark("G"), begin = mark("S");
  const svg = el("svg", { viewBox: `${CROP - 0.5} ${CROP - 0.5} ${columns - 2 * CROP} ${rows - 2 * CROP}`, role: "img", "aria-label": label, ...attributes },
    el("path", { d: walls.join(""), fill: "var(--wall)" }), spots, trail, begin, flag, mover);
  change(begin, { transform: `translate(${data.start[1]} ${data.start[0]})` });
  const context = canvas.getContext("2d"), image = context.createImageData(canvas.width, canvas.height);
  function draw({ map, low, high, paths = [], goal, dots = [] }) {
    if (map) {
      map.forEach((value, i) => image.data.set(data.palette[Math.round((255 * (value - low)) / (high - low))], 4 * i));
      context.putImageData(image, 0, 0);
    }
    trail.replaceChildren(...paths.flatMap(([points, reached]) => ["#fff", reached ? "#0072b2" : "#d55e00"].map((stroke, over) =>
      el("polyline", { points: points.map(([i, j]) => `${j},${i}`).join(" "), fill: "none", stroke, "stroke-width": over ? 0.09 : 0.16,
        "stroke-linejoin": "round", ...(over && !reached ? { "stroke-dasharray": "0.16 0.12" } : {}) }))));
    spots.replaceChildren(...dots.map(([[i, j], reached]) => el("circle", { cx: j, cy: i, r: 0.11, fill: reached ? "#0072b2" : "#fff",
      stroke: reached ? "#fff" : "#d55e00", "stroke-width": 0.05 })));
    change(flag, goal ? { transform: `translate(${goal[1]} ${goal[0]})`, visibility: "visible" } : { visibility: "hidden" });
  }
  const [wide, high] = [columns - 2 * CROP, rows - 2 * CROP], share = (part, whole) => `${(100 * part) / whole}%`;
  canvas.style = `left: ${share(-CROP, wide)}; top: ${share(-CROP, high)}; width: ${share(columns, wide)}; height: ${share(rows, high)}`;
  const node = el("div", { class: "map", style: `aspect-ratio: ${wide} / ${high}` }, canvas, svg);
  /** The place, in cells, under a pointer. */
  function place(event) {
    const box = svg.getBoundingClientRect();
    return [[event.clientY - box.top, box.height, rows], [event.clientX - box.left, box.width, columns]].map(([at, size, cells]) => CROP - 0.5 + (at / size) * (cells - 2 * CROP));
  }
  return { node, svg, draw, mover, place };
}

function mark(letter) {
  return el("g", {}, el("circle", { r: 0.29, fill: "#fff", stroke: "#000", "stroke-width": 0.05 }),
    el("text", { "text-anchor": "middle", y: 0.14, style: "font: bold 0.4px system-ui; fill: #000" }, letter));
}

const scale = ([low, high], [from, to], log) => {
  const f = log ? Math.log2 : (v) => v;
  return (v) => from + ((f(v) - f(low)) / (f(high) - f(low))) * (to - from);
};

/** Axes with ticks [[value, label]]; `ink` is where to draw, X and Y go from values to the picture. */
function chart({ title, x, y, xTicks, yTicks, xLabel, yLabel, logX = false, width = 480, height = 250 }) {
  const [left, right, top, bottom] = [58, width - 12, 26, height - 42];
  const X = scale(x, [left, right], logX), Y = scale(y, [bottom, top]);
  const clip = `crl-clip-${Math.random().toString(36).slice(2)}`;
  const ink = el("g", { "clip-path": `url(#${clip})` }), said = el("text", { x: left, y: 14, style: "font-weight: 650; font-size: 14px" }, title);
  const ticks = [
    ...xTicks.map(([v, label]) => el("g", { class: "tick" }, el("line", { x1: X(v), x2: X(v), y1: bottom, y2: bottom + 5 }),
      el("text", { x: X(v), y: bottom + 18, "text-anchor": "middle" }, label))),
    ...yTicks.map(([v, label]) => el("g", { class: "tick" }, el("line", { x1: left, x2: right, y1: Y(v), y2: Y(v) }),
      el("text", { x: left - 7, y: Y(v) + 4, "text-anchor": "end" }, label))),
  ];
  const svg = el("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${title}: ${yLabel} by ${xLabel}` },
    el("clipPath", { id: clip }, el("rect", { x: left - 6, y: top - 6, width: right - left + 12, height: bottom - top + 12 })),
    ...ticks, said, el("text", { x: (left + right) / 2, y: height - 6, "text-anchor": "middle" }, xLabel),
    el("text", { transform: `translate(13 ${(top + bottom) / 2}) rotate(-90)`, "text-anchor": "middle" }, yLabel), ink);
  return { svg, ink, X, Y, top, bottom, left, right, said };
}

const line = (points, attributes) => el("polyline", { points: points.map((p) => p.map((v) => v.toFixed(2)).join(",")).join(" "), fill: "none", "stroke-width": 2, ...attributes });
