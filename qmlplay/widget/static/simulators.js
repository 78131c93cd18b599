// The same weights on every simulator.

function makeSimulators(model, send, view) {
  const node = element("section", { class: "qp-card qp-simulators", hidden: true });
  return { node, update: () => {} };
}
