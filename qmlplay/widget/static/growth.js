// The growing state, layer by layer: the circuit with a small map of every qubit, and its readout.

const BASES = ["X", "Y", "Z"];

function makeGrowth(model, send, view) {
  const canvas = element("canvas", { role: "img", "aria-label": "The growing state" });
  const scroll = element("div", { class: "qp-scroll", tabindex: 0, role: "region", "aria-label": "The growing state, layer by layer" }, canvas);
  const buttons = BASES.map((basis) => element("button", {
    type: "button", "aria-pressed": "false", "data-basis": basis, onclick: () => view.set({ basis }),
  }, `⟨${basis}⟩`));
  const bases = element("div", { class: "qp-bases", role: "group", "aria-label": "Expectation on the maps" }, ...buttons);
  const legend = element("ul", { class: "qp-legend" });
  const [sum, notice] = [element("p", { class: "qp-sum" }), element("p", { class: "qp-note" })];
  const table = element("table", { class: "qp-numbers-table" });
  const numbers = element("details", {}, element("summary", {}, "in numbers"), element("div", { class: "qp-scroll", tabindex: 0, role: "region", "aria-label": "The growing state in numbers" }, table));
  const node = element("section", { class: "qp-card qp-growth", "aria-label": "The growing state" },
    element("div", { class: "qp-head" }, element("h3", {}, "How the state grows"), bases),
    legend, scroll, sum, notice, numbers);

  view.listen((changes) => changes.basis && send({ action: "basis", value: changes.basis }));
  const moving = makeTween((maps) => paint(maps));
  let layout = null;
  const paint = (maps) => {
    const growth = model.get("growth");
    if (!growth.maps) return;
    const plane = model.get("plane");
    layout = growthLayout(growth, plane.class_names.length, Math.max(260, scroll.clientWidth));
    drawGrowth(canvas, layout, growth, maps, plane, model.get("circuit").kinds, model.get("point"));
  };
  const toData = (x, y) => layout && placeOnMap(layout, model.get("plane").extent, x, y);
  attachInspection(canvas, toData, view, send);

  const update = () => {
    const growth = model.get("growth");
    if (!showPart(node, Boolean(growth.maps), model)) return;
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.basis === growth.basis));
    const fresh = legendOfGrowth(growth);
    if (legend.dataset.shown !== growth.basis) legend.replaceChildren(...fresh);
    legend.dataset.shown = growth.basis;
    sum.textContent = sumOfParameters(growth.parameters);
    notice.textContent = growth.notice;
    notice.hidden = !growth.notice;
    canvas.setAttribute("aria-label", growthInWords(growth));
    if (numbers.open) table.replaceChildren(...growthTable(growth));
    moving.to(bytesOf(growth.maps));
  };
  numbers.addEventListener("toggle", update);
  return { node, update };
}

const signedBytesOf = (buffer) => new Int8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
const expectationOf = (letter, qubit) => `⟨${letter}⟩ of q${qubit}`;
const decimal = (value, digits = 2) => value.toFixed(digits).replace("-", "−").replace(/^−(0\.?0*)$/, "$1");

// Numbers that glide to their new values; at once where motion is not wanted.
function makeTween(paint) {
  let [shown, target, frame] = [null, null, null];
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const glide = () => {
    frame = null;
    let isThere = true;
    for (let i = 0; i < target.length; i++) {
      const rest = target[i] - shown[i];
      shown[i] += Math.abs(rest) < 1.5 ? rest : 0.5 * rest;
      isThere &&= shown[i] === target[i];
    }
    paint(shown);
    if (!isThere) frame = requestAnimationFrame(glide);
  };
  const to = (bytes) => {
    target = bytes;
    if (still.matches || shown?.length !== bytes.length) shown = Float32Array.from(bytes);
    if (!frame) glide();
  };
  return { to };
}

function legendOfGrowth({ basis }) {
  const item = (mark, text) => element("li", {}, element("i", { class: mark }), text);
  const scale = element("li", {}, "−1", element("i", { class: "qp-scale", role: "img", "aria-label": "brown to green" }), `1: ⟨${basis}⟩ over the plane`);
  return [scale, item("qp-thick", "entangled qubits (concurrence)"), item("qp-filled", "length of the Bloch vector: whole is pure, short is mixed")];
}

// "27 parameters = 16 angles + 8 scales of the data + 2 scales and 1 bias of the readout."
function sumOfParameters({ angles, data_scales: scales, readout_scales: readout, readout_biases: biases, total }) {
  const parts = [
    angles && several(angles, "angle"),
    scales && `${several(scales, "scale")} of the data`,
    readout && `${several(readout, "scale")} and ${several(biases, "bias", "biases")} of the readout`,
  ].filter(Boolean);
  return `${several(total, "parameter")} = ${parts.join(" + ")}.`;
}

function growthInWords(growth) {
  const last = growth.blocks.length - 1;
  const means = growth.means[last].map((mean, q) => `q${q} ${decimal(mean)}`).join(", ");
  const tied = growth.pairs.map(([a, b], i) => `q${a} and q${b} ${decimal(growth.entanglement[last][i])}`).join(", ");
  return `Maps of ⟨${growth.basis}⟩ over the plane for ${several(growth.n_qubits, "qubit")} after ${growth.blocks.map(({ name }) => name).join(", ")}. ` +
    `At the end the means over the samples are ${means}${tied ? `; entanglement: ${tied}` : ""}.`;
}

function growthTable(growth) {
  const cells = (values, tag = "td") => values.map((value) => element(tag, tag === "th" ? { scope: "col" } : {}, value));
  const qubits = [...Array(growth.n_qubits).keys()];
  const heads = ["After", ...qubits.map((q) => expectationOf(growth.basis, q)), ...qubits.map((q) => `length of q${q}`),
    ...growth.pairs.map(([a, b]) => `q${a}–q${b}`)];
  const rows = growth.blocks.map(({ name }, k) => element("tr", {}, element("th", { scope: "row" }, name),
    ...cells([...growth.means[k], ...growth.lengths[k], ...growth.entanglement[k]].map((value) => decimal(value, 3)))));
  const said = `Means over ${growth.labels.length} of ${growth.n_samples} samples, entanglement (concurrence of two qubits) over ${growth.n_paired} of them`;
  return [element("caption", {}, element("span", { class: "qp-caption" }, said)), element("thead", {}, element("tr", {}, ...cells(heads, "th"))), element("tbody", {}, ...rows)];
}
