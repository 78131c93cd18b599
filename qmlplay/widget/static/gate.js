// One gate: its angle, its gradient, a slider; freeze its weights, or take an entangler out.

const SETTLING = 300; // milliseconds in which a weight that was set comes back from Python

function makeGate(model, send, view) {
  const title = element("h3");
  const close = element("button", { type: "button", onclick: () => view.set({ gate: null }) }, "Close");
  const about = element("p", { class: "qp-about-gate" });
  const rows = element("div", { class: "qp-weights" });
  const takeOut = element("button", { type: "button", title: "Go on without this entangler; the other weights stay" }, "Take it out");
  takeOut.onclick = () => send({ action: "entangler", gate: view.get("gate"), present: false });
  const removed = element("ul", { class: "qp-removed", "aria-label": "Entanglers that are out" });
  const hint = element("p", { class: "qp-note" }, "Click a gate of the circuit, or press Enter on it: take hold of its angle, and see why it is what it is.");
  const plateau = element("p", { class: "qp-note" });
  const body = element("div", {}, element("div", { class: "qp-head" }, title, takeOut, close), about, rows);
  const node = element("section", { class: "qp-card qp-gate-panel", "aria-label": "The chosen gate" }, hint, body, removed, plateau);
  let [drawn, shown, controls, asked] = [null, "", [], undefined];

  const ask = (place) => send({ action: "gate", index: (asked = place) });
  // Another page of the same playground may choose, and a new run has no gate chosen yet.
  const follow = () => {
    const [circuit, place, { gate: seen }] = [model.get("circuit"), view.get("gate"), model.get("gate_view")];
    const isOther = drawn && drawn !== circuit && place !== null &&
      (!circuit.gates?.[place] || gateTitle(circuit.gates[place]) !== gateTitle(drawn.gates[place]));
    drawn = circuit.gates ? circuit : null;
    if (isOther) return view.set({ gate: null });
    if (seen === undefined) return place !== null && asked !== place && ask(place);
    if (seen === asked) asked = undefined;
    else if (asked === undefined && seen !== place) {
      asked = seen; // which it has answered already
      view.set({ gate: seen });
      asked = undefined;
    }
  };
  const update = () => {
    follow();
    const [circuit, gates, place, seen] = [model.get("circuit"), model.get("gates"), view.get("gate"), model.get("gate_view")];
    const gate = circuit.gates?.[place];
    hint.hidden = Boolean(gate);
    body.hidden = !gate;
    if (showPart(plateau, Boolean(gates.gradients), model)) plateau.textContent = gradientScale(gates);
    listRemoved(removed, circuit.removed ?? [], send);
    if (!gate) return;
    title.textContent = gateTitle(gate);
    about.textContent = seen.gate === place ? gateAngles(seen) : "…";
    takeOut.hidden = !circuit.removable.includes(place);
    const key = JSON.stringify([place, gate.weights]);
    if (shown !== key) {
      controls = gate.weights.map((weight) => makeWeight(weight, send));
      rows.replaceChildren(...controls.map((control) => control.node));
    }
    shown = key;
    for (const control of controls) {
      control.update(gates, seen.gate === place ? seen.slices.find(({ weight }) => weight === control.weight) : undefined);
    }
  };
  view.listen((changes) => {
    if (!("gate" in changes)) return;
    if (asked !== changes.gate) ask(changes.gate);
    update();
  });
  return { node, update };
}

function gateAngles({ angles, n_samples: n }) {
  if (!angles.length) return "A fixed gate: it has no angle.";
  const texts = angles.map(({ formula, low, high }) => high - low < 1e-9
    ? `${formula} = ${number(low, 3)} rad`
    : `${formula}, from ${number(low, 2)} to ${number(high, 2)} rad over the ${n} training samples`);
  return `Angle: ${texts.join("; ")}.`;
}

// What the colours and arrows of the gates stand for, and what grey says of this moment.
function gradientScale(gates) {
  if (!gates.gradients?.length) return "";
  const sizes = gates.gradients.map(Math.abs).sort((a, b) => a - b);
  const [median, largest] = [sizes[Math.floor(sizes.length / 2)], sizes[sizes.length - 1]];
  const scale = `Arrows: where each weight should go for a smaller training loss; the longest is a slope of ${plain(Math.max(largest, gates.grey))} ` +
    `per radian, or per unit of a factor. Gates fade to grey at ${plain(gates.grey)} and are in full colour from ${plain(gates.full)} on, ` +
    `the same for every model. Half of the slopes are below ${plain(median)}.`;
  if (median >= 5 * gates.grey) return scale;
  const isUseless = gates.prior_loss != null && gates.loss > 0.95 * gates.prior_loss;
  return scale + (isUseless
    ? " Most are tiny, though the loss is still that of guessing: a plateau."
    : " Most are tiny, at a loss below that of guessing: near a minimum, or at a flat place on the way.");
}

const plain = (value) => Number(value.toPrecision(2)).toString();

function listRemoved(list, removed, send) {
  list.hidden = !removed.length;
  const wanted = JSON.stringify(removed);
  if (list.dataset.shown === wanted) return; // else the focus stays where it is
  list.dataset.shown = wanted;
  list.replaceChildren(...removed.map(({ gate, text }) => element("li", {}, `Out: ${text} `,
    element("button", { type: "button", "aria-label": `Put in again: ${text}`, onclick: () => send({ action: "entangler", gate, present: true }) }, "Put it in"))));
}

// One weight: slider and number, its gradient, and whether it is frozen.
function makeWeight(weight, send) {
  const turn = throttled((value) => send({ action: "weight", index: weight, value }));
  const slider = element("input", { type: "range", step: 0.01, "aria-label": `Weight w${weight}` });
  const field = element("input", { type: "number", step: 0.01, "aria-label": `Weight w${weight} in numbers` });
  const freeze = element("input", { type: "checkbox", id: newId("freeze"), onchange: () => send({ action: "freeze", index: weight, frozen: freeze.checked }) });
  const gradient = element("span", { class: "qp-gradient-text" });
  let [settling, last] = [null, []];
  // What comes within the next moment may be of before the last change, as while an arrow key is held.
  const settle = () => {
    clearTimeout(settling);
    settling = setTimeout(() => {
      for (const control of [slider, field]) delete control.dataset.edited;
      update(...last);
    }, SETTLING);
  };
  for (const control of [slider, field]) {
    control.addEventListener("input", () => {
      clearTimeout(settling);
      control.dataset.edited = "true";
      if (control.value !== "" && Number.isFinite(Number(control.value))) turn(Number(control.value));
      if (control === slider) field.value = Number(slider.value).toFixed(3);
    });
    for (const end of ["change", "blur"]) control.addEventListener(end, settle);
  }
  const node = element("div", { class: "qp-weight", "data-field": `weight ${weight}` }, element("span", { class: "qp-weight-name" }, `w${weight}`), slider, field,
    element("span", { class: "qp-check" }, freeze, element("label", { for: freeze.id }, "Freeze")), gradient);
  const update = (gates, slice) => {
    last = [gates, slice];
    const value = gates?.weights?.[weight];
    if (value === undefined) return;
    // Hundredths from a hundredth on, so that round values can be reached.
    if (slice) [slider.min, slider.max] = [Math.floor(100 * Math.min(slice.low, value)) / 100, Math.ceil(100 * Math.max(slice.high, value)) / 100];
    if (!slider.dataset.edited) slider.value = value;
    if (!field.dataset.edited && !slider.dataset.edited) field.value = value.toFixed(3);
    slider.setAttribute("aria-valuetext", `${signed(value)}`);
    freeze.checked = gates.frozen?.includes(weight) ?? false;
    const slope = gates.gradients[weight];
    const way = Math.abs(slope) < gates.grey ? "flat here" : slope < 0 ? "the loss falls to the right →" : "← the loss falls to the left";
    gradient.textContent = `Gradient ${signed(slope)}: ${way}`;
  };
  return { node, weight, update };
}
