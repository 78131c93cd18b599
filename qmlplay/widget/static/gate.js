// One gate: its angle, its gradient, a slider.

function makeGate(model, send, view) {
  const node = element("section", { class: "qp-card qp-gate-panel", hidden: true });
  return { node, update: () => {} };
}
