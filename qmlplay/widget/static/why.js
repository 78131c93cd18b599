// The loss along the direction of a gate.

function makeWhy(model, send, view) {
  const node = element("section", { class: "qp-card qp-why", hidden: true });
  return { node, update: () => {} };
}
