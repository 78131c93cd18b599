// One point: its state after every layer.

function makeInspector(model, send, view) {
  const node = element("section", { class: "qp-card qp-inspector", hidden: true });
  return { node, update: () => {} };
}
