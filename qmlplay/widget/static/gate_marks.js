// Marks on the gates of the circuit: which one is chosen, where its weight goes, how steep the loss is.

const ARROW = 22; // pixels of the longest arrow

// A click, or Enter on the focused gate, chooses it; arrow keys go from gate to gate.
function chooseGates(holder, view) {
  const gateOf = (event) => event.target.closest?.("[data-gate]");
  const choose = (group) => {
    const place = Number(group.dataset.gate);
    focusGate(holder, group);
    view.set({ gate: view.get("gate") === place ? null : place });
  };
  holder.addEventListener("click", (event) => gateOf(event) && choose(gateOf(event)));
  holder.addEventListener("keydown", (event) => {
    const group = gateOf(event);
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!group || (!step && ![" ", "Enter"].includes(event.key))) return;
    event.preventDefault();
    event.stopPropagation(); // Jupyter has other plans with these keys
    if (!step) return choose(group);
    const next = holder.querySelector(`[data-gate="${Number(group.dataset.gate) + step}"]`);
    if (next) focusGate(holder, next);
  });
}

// One stop for the Tab key in the whole circuit.
function focusGate(holder, group) {
  for (const other of holder.querySelectorAll("[data-gate]")) other.setAttribute("tabindex", other === group ? 0 : -1);
  group.focus();
}

// The steepest of a gate's weights, or undefined where nothing is known of them.
function steepest(gate, gates) {
  const known = gate.weights.filter((weight) => gates.gradients?.[weight] != null);
  return known.sort((a, b) => Math.abs(gates.gradients[b]) - Math.abs(gates.gradients[a]))[0];
}

// 1 where the loss is steep, 0 on a plateau, on a logarithmic scale between both limits.
function colorfulness(gradient, { grey, full }) {
  const size = Math.max(Math.abs(gradient), 1e-300);
  return Math.min(1, Math.max(0, Math.log(size / grey) / Math.log(full / grey)));
}

function markGates(holder, circuit, gates, chosen) {
  const longest = Math.max(gates.grey ?? 0, ...(gates.gradients ?? []).map(Math.abs));
  for (const group of holder.querySelectorAll("[data-gate]")) {
    const place = Number(group.dataset.gate);
    const gate = circuit.gates[place];
    const weight = steepest(gate, gates);
    group.setAttribute("aria-pressed", String(place === chosen));
    group.classList.toggle("qp-chosen", place === chosen);
    group.querySelector(".qp-gradient")?.remove();
    group.style.filter = "";
    group.setAttribute("aria-label", gateTitle(gate));
    if (weight === undefined) continue;
    const gradient = gates.gradients[weight];
    group.setAttribute("aria-label", `${gateTitle(gate)}, w${weight} is ${signed(gates.weights[weight])}, gradient ${signed(gradient)}`);
    // Even on a plateau a trace of the colour says what kind of gate it is.
    group.style.filter = `saturate(${(0.25 + 0.75 * colorfulness(gradient, gates)).toFixed(2)})`;
    group.append(...gradientArrow(Number(group.dataset.x), Number(group.dataset.y) + HALF + 7, -ARROW * gradient / longest));
  }
}

// To the right where the loss falls as the weight grows.
function gradientArrow(x, y, length) {
  if (Math.abs(length) < 0.5) return [];
  const [from, to] = [x - length / 2, x + length / 2];
  const back = Math.sign(length) * Math.min(4, Math.abs(length));
  const head = `${to},${y} ${to - back},${y - 3} ${to - back},${y + 3}`;
  const stroke = "var(--ink)";
  return [svg("g", { class: "qp-gradient" }, line(from, y, to - back / 2, y, stroke, 1.5), svg("polygon", { points: head, fill: stroke }))];
}

const signed = (value, digits = 3) => (value == null ? "–" : Number(value).toPrecision(digits).replace("-", "−"));
