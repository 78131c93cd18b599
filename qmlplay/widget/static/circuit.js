// The circuit as SVG: data gates, trainable gates and entanglers in colours of their own.

const SVG = "http://www.w3.org/2000/svg";
const KINDS = {
  data: ["#d6e9f5", "#0072b2", "data gate"],
  trainable: ["#d9f0e6", "#00704f", "trainable gate"],
  entangler: ["#fbe9cf", "#8a5a00", "entangling gate"],
  fixed: ["#edf0f3", "#52606d", "fixed gate"],
};
const CONTROLLED = { cx: "X", cy: "Y", cz: "Z", crx: "RX", cry: "RY", crz: "RZ", cp: "P" };
const [ROW, GAP, BOX] = [46, 12, 28];

function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

// Put every gate into the leftmost column where its qubits, and those between, are free.
function columnsOf(circuit) {
  const free = new Array(circuit.n_qubits).fill(0);
  const columns = [];
  for (const gate of circuit.gates) {
    const [low, high] = [Math.min(...gate.qubits), Math.max(...gate.qubits)];
    const place = Math.max(...free.slice(low, high + 1));
    free.fill(place + 1, low, high + 1);
    (columns[place] ||= []).push(gate);
  }
  return columns;
}

const gateText = (gate) => [CONTROLLED[gate.name] || gate.name.toUpperCase(), gate.label];
const gateWidth = (gate) => Math.max(30, 6.4 * Math.max(...gateText(gate).map((t) => t.length)) + 10);

function drawCircuit(holder, circuit) {
  if (!circuit.n_qubits) return;
  const columns = columnsOf(circuit);
  const y = (qubit) => 10 + BOX / 2 + ROW * qubit;
  const picture = svg("svg", { role: "img", "aria-label": `Circuit of ${circuit.n_qubits} qubits and ${circuit.gates.length} gates` });
  let x = 34;
  const gates = svg("g");
  for (const column of columns) {
    const width = Math.max(...column.map(gateWidth));
    for (const gate of column) gates.append(drawGate(gate, x + width / 2, gateWidth(gate), y));
    x += width + GAP;
  }
  for (let q = 0; q < circuit.n_qubits; q++) {
    picture.append(
      svg("text", { x: 4, y: y(q) + 4, class: "qp-qubit" }, `q${q}`),
      svg("line", { x1: 26, x2: x, y1: y(q), y2: y(q), stroke: "#9aa5b1" }),
    );
  }
  picture.append(gates);
  const height = ROW * circuit.n_qubits + 6;
  for (const [name, value] of Object.entries({ width: x + 6, height, viewBox: `0 0 ${x + 6} ${height}` })) {
    picture.setAttribute(name, value);
  }
  holder.replaceChildren(picture);
}

function drawGate(gate, x, width, y) {
  const [fill, stroke, kind] = KINDS[gate.kind];
  const group = svg("g", {}, svg("title", {}, `${gateText(gate).join(" ")} on ${gate.qubits.map((q) => `q${q}`)}: ${kind}`));
  const [first, last] = [gate.qubits[0], gate.qubits[gate.qubits.length - 1]];
  if (gate.qubits.length > 1) {
    group.append(svg("line", { x1: x, x2: x, y1: y(first), y2: y(last), stroke, "stroke-width": 2 }));
  }
  const isControlled = gate.name in CONTROLLED;
  if (isControlled) group.append(svg("circle", { cx: x, cy: y(first), r: 5, fill: stroke }));
  for (const qubit of isControlled ? [last] : gate.qubits) {
    group.append(svg("rect", { x: x - width / 2, y: y(qubit) - BOX / 2, width, height: BOX, rx: 4, fill, stroke }));
    const [name, label] = gateText(gate);
    group.append(svg("text", { x, y: y(qubit) + (label ? -2 : 4), class: "qp-gate" }, name));
    if (label) group.append(svg("text", { x, y: y(qubit) + 10, class: "qp-angle" }, label));
  }
  return group;
}
