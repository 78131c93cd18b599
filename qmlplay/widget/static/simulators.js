// The same weights on every simulator: small maps, their largest difference, and the seconds.

function makeSimulators(model, send) {
  const button = element("button", { type: "button", onclick: () => ask() }, "Compare the simulators");
  const status = element("p", { class: "qp-note", role: "status" });
  const shown = element("div", { class: "qp-maps" });
  const node = element("section", { class: "qp-card qp-simulators" }, element("h3", {}, "The same weights on every simulator"),
    element("div", { class: "qp-ask" }, button, status), shown);
  const isRunning = () => model.get("simulators").state === "running";
  const ask = () => send({ action: "simulators", cancel: isRunning() });
  let drawn = "";
  const update = () => {
    const { rows = [], state, step, shots, noise } = model.get("simulators");
    button.textContent = isRunning() ? "Cancel" : "Compare the simulators";
    status.textContent = !state ? "Trained weights are run on each, without shots."
      : `Weights of step ${step}${noise ? `, ${noise} noise` : ""}${shots ? ", without shots" : ""}. ${STATES_OF_SIMULATORS[state]}`;
    // Maps are painted anew only when something about them has changed.
    const now = JSON.stringify([state, rows.map(({ name, seconds, error }) => [name, seconds, error]), shown.clientWidth, scheme.shown]);
    if (now === drawn) return;
    drawn = now;
    const cards = rows.map((row) => simulatorCard(row, rows[0], model.get("plane")));
    shown.replaceChildren(...cards.map(({ card }) => card));
    for (const { paint } of cards) paint();
  };
  return { node, update };
}

const STATES_OF_SIMULATORS = { running: "Computing…", finished: "All have answered.", cancelled: "Cancelled." };

function simulatorCard(row, reference, plane) {
  const canvas = element("canvas", { role: "img", "aria-label": `${row.label}: decision regions` });
  const lines = element("p", { class: "qp-note" }, simulatorText(row, reference));
  const hasMap = row.resolution > 0;
  const card = element("figure", {}, element("figcaption", {}, row.label), ...(hasMap ? [canvas] : []), lines);
  const bare = { ...plane, train: { X: [], labels: [] }, test: { X: [], labels: [] } };
  return { card, paint: () => hasMap && drawPlane(canvas, bare, row, { small: true }) };
}

function simulatorText(row, reference) {
  if (!row.is_installed) return `Not installed: ${row.to_install}`;
  if (row.error) return row.error;
  if (row.seconds == null) return "…";
  const difference = row.name === reference.name ? "the others are compared with it" : `largest Δp ${row.difference.toExponential(0)}`;
  return `${duration(row.seconds)} for ${row.n_samples} samples, the first time ${duration(row.first_seconds)}; ${difference}`;
}
