// The circuit as SVG: gates at the places and in the colours that Python has laid out.

const SVG = "http://www.w3.org/2000/svg";
const [UNIT, HALF, TIP] = [52, 15, 8]; // between qubits; half the height of a box; its point

function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

const line = (x1, y1, x2, y2, stroke, width = 2) => svg("line", { x1, y1, x2, y2, stroke, "stroke-width": width });

// Columns of gates in rows as wide as there is room, each gate with its row and its x in it.
function inRows(gates, room) {
  const columns = new Map(); // middle of a column → its gates
  for (const gate of gates) columns.set(gate.x, [...(columns.get(gate.x) ?? []), gate]);
  let [row, start, left] = [0, 0, 0]; // where this row and this column begin
  return [...columns].sort(([a], [b]) => a - b).flatMap(([middle, members]) => {
    const right = 2 * middle - left;
    if (right - start > room && left > start) [row, start] = [row + 1, left];
    left = right;
    return members.map((gate) => ({ ...gate, row, x: middle - start }));
  });
}

function drawCircuit(holder, circuit) {
  if (!circuit.n_qubits) return;
  const gates = inRows(circuit.gates, (holder.clientWidth - 50) / UNIT);
  const ends = [0.5]; // where every row ends
  for (const { row, x, width } of gates) ends[row] = Math.max(ends[row] ?? 0, x + width / 2);
  const x = (place) => 34 + UNIT * place;
  const y = (row, qubit) => 24 + UNIT * (row * (circuit.n_qubits + 0.3) + qubit);
  const [width, height] = [x(Math.max(...ends)) + 16, y(ends.length - 1, circuit.n_qubits - 1) + 24];
  const label = `Circuit of ${several(circuit.n_qubits, "qubit")} and ${several(circuit.gates.length, "gate")}`;
  const picture = svg("svg", { role: "group", "aria-label": label, width, height, viewBox: `0 0 ${width} ${height}` });
  ends.forEach((end, row) => {
    for (let q = 0; q < circuit.n_qubits; q++) {
      picture.append(
        svg("text", { x: 4, y: y(row, q) + 4, class: "qp-qubit" }, `q${q}`),
        line(26, y(row, q), x(end) + 10, y(row, q), "var(--wire)", 1),
      );
    }
  });
  picture.append(...gates.map((gate, place) => drawGate(gate, place, x(gate.x), (q) => y(gate.row, q), circuit.kinds)));
  holder.replaceChildren(picture);
}

function drawGate(gate, place, x, y, kinds) {
  const title = gateTitle(gate);
  const ys = gate.symbols.map(({ qubit }) => y(qubit));
  const [top, bottom, width] = [Math.min(...ys), Math.max(...ys), Math.max(28, (gate.width - 0.1) * UNIT)];
  const group = svg("g", { class: "qp-gate-group", role: "button", tabindex: place ? -1 : 0, "aria-label": title,
    "aria-pressed": "false", "data-gate": place, "data-x": x, "data-y": bottom },
    svg("title", {}, title),
    svg("rect", { class: "qp-gate-area", x: x - width / 2, y: top - HALF - 4, width, height: bottom - top + 2 * HALF + 8, rx: 4 }));
  if (ys.length > 1) group.append(line(x, Math.min(...ys), x, Math.max(...ys), "var(--link)", 2.5));
  gate.symbols.forEach(({ text, kind }, i) => {
    const draw = kind === "link" ? drawMark : drawBox;
    group.append(...draw(x, ys[i], text, kinds[kind], kind, (gate.width - 0.2) * UNIT));
  });
  return group;
}

const gateTitle = (gate) => gate.symbols.map(({ text, qubit }) => `${text} on q${qubit}`).join(", ");

function drawMark(x, y, text) {
  const edge = "var(--link)";
  if (text === "●") return [svg("circle", { cx: x, cy: y, r: 5.5, fill: edge })];
  const reach = text === "×" ? 7 : 12;
  if (text === "×") {
    return [line(x - reach, y - reach, x + reach, y + reach, edge), line(x - reach, y + reach, x + reach, y - reach, edge)];
  }
  return [
    svg("circle", { cx: x, cy: y, r: reach, fill: "var(--surface)", stroke: edge, "stroke-width": 2 }),
    line(x - reach, y, x + reach, y, edge), line(x, y - reach, x, y + reach, edge),
  ];
}

function drawBox(x, y, text, { fill, edge, ink, edge_width }, kind, width) {
  const [left, right] = [x - width / 2, x + width / 2];
  const style = { fill, stroke: edge, "stroke-width": edge_width };
  const points = [[left, y], [left + TIP, y - HALF], [right - TIP, y - HALF], [right, y], [right - TIP, y + HALF], [left + TIP, y + HALF]];
  const box = ["data", "scaled"].includes(kind)
    ? svg("polygon", { points: points.join(" "), ...style })
    : svg("rect", { x: left, y: y - HALF, width, height: 2 * HALF, ...style });
  return [box, svg("text", { x, y: y + 4, fill: ink, class: "qp-gate" }, text)];
}
