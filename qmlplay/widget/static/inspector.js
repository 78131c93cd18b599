// One point on its way through the circuit: Bloch spheres, amplitudes, and the readout.

function makeInspector(model, send, view) {
  const canvas = element("canvas", { role: "img", "aria-label": "States layer by layer" });
  const scroll = element("div", { class: "qp-scroll", tabindex: 0, role: "region", "aria-label": "States layer by layer" }, canvas);
  const ask = throttled((place) => send({ action: "inspect", ...place }));
  const choose = (place, isHeld = true) => (view.set({ point: place, held: isHeld, moved: null }), ask(place));
  const where = element("p", { class: "qp-where" });
  const button = (text, title, onclick) => element("button", { type: "button", title, onclick }, text);
  const mover = button("Move with the arrow keys", "Arrow keys move the point, with Shift five times as far", () => choose(here()));
  const clear = button("Clear", "Look at no point", () => choose({}, false));
  const place = element("div", { class: "qp-place" }, button("Previous sample", "", () => choose(nextSample(-1))),
    button("Next sample", "", () => choose(nextSample(1))), mover, clear);
  const legend = element("ul", { class: "qp-legend" });
  const readout = element("div", { class: "qp-readout" });
  const numbers = element("table", { class: "qp-numbers-table" });
  const inNumbers = element("details", {}, element("summary", {}, "in numbers"),
    element("div", { class: "qp-scroll", tabindex: 0, role: "region", "aria-label": "States in numbers" }, numbers));
  const node = element("section", { class: "qp-card qp-inspector", "aria-label": "One point through the circuit" },
    element("h3", {}, "One point through the circuit"), where, place, legend, scroll, inNumbers, readout);

  const here = () => {
    const [point, [xLow, xHigh, yLow, yHigh]] = [model.get("point"), model.get("plane").extent];
    return point.x === undefined ? { x: (xLow + xHigh) / 2, y: (yLow + yHigh) / 2 } : { x: point.x, y: point.y };
  };
  const nextSample = (step) => {
    const [{ sample, part }, plane] = [model.get("point"), model.get("plane")];
    const n = { train: plane.train.X.length, test: plane.test.X.length };
    const at = sample == null ? (step > 0 ? -1 : 0) : part === "train" ? sample : n.train + sample;
    const next = (at + step + n.train + n.test) % (n.train + n.test);
    return next < n.train ? { sample: next, part: "train" } : { sample: next - n.train, part: "test" };
  };
  mover.addEventListener("keydown", (event) => {
    const moved = movedByKey(event, view.get("moved") ?? here(), model.get("plane").extent);
    if (!moved) return;
    event.preventDefault();
    event.stopPropagation(); // Jupyter has other plans with these keys
    choose(moved);
    view.set({ moved }); // until Python answers: the next key may come before
  });

  let axes = ""; // another plane lets go of the point, as Python does
  const update = () => {
    const [growth, point, plane] = [model.get("growth"), model.get("point"), model.get("plane")];
    if (axes !== (axes = JSON.stringify([plane.extent, plane.axes]))) view.set({ point: null, held: false, moved: null });
    const moved = view.get("moved");
    if (moved && point.x === moved.x && point.y === moved.y) view.set({ moved: null });
    if (!showPart(node, Boolean(growth.dots), model)) return;
    const isThere = point.x !== undefined;
    where.replaceChildren(...(isThere ? placeInWords(point, plane)
      : ["Every dot is a sample. Move over the plane, or over a small map, to follow one point; a click holds it."]));
    clear.hidden = inNumbers.hidden = readout.hidden = !isThere;
    drawStates(canvas, scroll.clientWidth, growth, point, plane);
    canvas.setAttribute("aria-label", isThere ? statesInWords(point) : `Bloch spheres of ${several(growth.n_qubits, "qubit")} after every block, with ${growth.labels.length} samples as dots`);
    legend.replaceChildren(...legendOfStates(growth, point, plane));
    if (!isThere) return;
    numbers.replaceChildren(...statesTable(point));
    readout.replaceChildren(...readoutTable(point, plane));
  };
  return { node, update };
}

// A name of the user's: one from right to left leaves the order of what stands beside it.
const isolated = (name) => element("bdi", {}, name);

// Hundredths of what a picture of the feature shows.
const digitsShown = (low, high) => Math.min(100, Math.max(0, 2 - Math.floor(Math.log10(high - low))));

function placeInWords(point, { axes: [across, up], extent: [xLow, xHigh, yLow, yHigh], class_names: names }) {
  const at = [isolated(across), ` = ${decimal(point.x, digitsShown(xLow, xHigh))}, `, isolated(up), ` = ${decimal(point.y, digitsShown(yLow, yHigh))}`];
  if (point.label === null) return [...at, "."];
  const sample = `: ${point.part === "train" ? "training" : "test"} sample ${point.sample} of class `;
  return [...at, sample, isolated(names[point.label]), "."];
}

function legendOfStates(growth, point, plane) {
  const swatch = (style) => element("i", { class: "qp-swatch", style });
  const classes = plane.class_names.map((name, k) => element("li", {}, swatch(`background:${plane.colors[k]};border-radius:50%`), name));
  if (point.x === undefined) return classes;
  const phases = element("li", {}, "−π", element("i", { class: "qp-hues", role: "img", "aria-label": "hues" }), "π: phase of the amplitudes");
  return [...classes, element("li", {}, "bars: probability of each bit string, qubit 0 first"), ...(point.is_mixed ? [] : [phases])];
}

function statesInWords({ blocks }) {
  const said = blocks.map(({ name, bloch, lengths }) => `${name}: ` +
    bloch.map((vector, q) => `q${q} at ${vector.map((value) => decimal(value)).join(", ")}, length ${decimal(lengths[q])}`).join("; "));
  return `Bloch vectors of the point after ${said.join(". After ")}.`;
}

function statesTable({ blocks, n_qubits: n }) {
  const qubits = [...Array(n).keys()];
  const pairs = blocks[0].entanglement.map(([a, b]) => `q${a}–q${b}`);
  const heads = ["After", ...qubits.flatMap((q) => ["X", "Y", "Z"].map((letter) => `⟨${letter}${q}⟩`)), ...qubits.map((q) => `length of q${q}`), ...pairs];
  const rows = blocks.map(({ name, bloch, lengths, entanglement }) => element("tr", {}, element("th", { scope: "row" }, name),
    ...[...bloch.flat(), ...lengths, ...entanglement.map(([, , value]) => value)].map((value) => element("td", {}, decimal(value, 3)))));
  return [element("caption", {}, element("span", { class: "qp-caption" }, "Bloch vectors, their lengths, and the entanglement (concurrence) of every two qubits")),
    element("thead", {}, element("tr", {}, ...heads.map((head) => element("th", { scope: "col" }, head)))), element("tbody", {}, ...rows)];
}

// From expectations to a class: every line an expectation times its scale, the bias, the sum.
function readoutTable({ readout }, plane) {
  const { observables, expectations, scale, bias, decisions, probabilities, predicted } = readout;
  const isSingle = bias.length === 1;
  const names = plane.class_names;
  const outputs = isSingle ? [`log-odds of ${names[1]}`] : names;
  const row = (head, ...values) => element("tr", {}, element("th", { scope: "row" }, head), ...values.map((value) => element("td", {}, value)));
  const product = (i, k) => `${decimal(expectations[i])} × ${decimal(scale[i][k])} = ${decimal(expectations[i] * scale[i][k])}`;
  const shares = isSingle ? [`${decimal(probabilities[1], 3)}`] : probabilities.map((p) => decimal(p, 3));
  const body = element("tbody", {},
    ...observables.map((name, i) => row(`⟨${name}⟩`, ...outputs.map((_, k) => product(i, k)))),
    row("bias", ...bias.map((value) => decimal(value))),
    row("sum", ...decisions.map((value) => decimal(value))),
    row(isSingle ? `probability of ${names[1]}` : "probability", ...shares));
  const table = element("table", { class: "qp-numbers-table qp-wrapping" }, element("caption", {}, "The readout: expectation × scale + bias"),
    element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "Measured"), ...outputs.map((name) => element("th", { scope: "col" }, name)))), body);
  const swatch = element("i", { class: "qp-swatch", style: `display:inline-block;background:${plane.colors[predicted]}` });
  return [element("div", { class: "qp-scroll", tabindex: 0, role: "region", "aria-label": "Readout in numbers" }, table),
    element("p", { class: "qp-verdict" }, "Class: ", swatch, " ", isolated(names[predicted]), ` (${percent(probabilities[predicted])}).`)];
}
