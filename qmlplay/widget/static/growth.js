// The state, layer by layer: small maps over the plane.

function makeGrowth(model, send, view) {
  const node = element("section", { class: "qp-card qp-growth", hidden: true });
  return { node, update: () => {} };
}
