// Data drawn by clicking.

function makeDrawing(model, send, view) {
  const node = element("section", { class: "qp-card qp-drawing", hidden: true });
  return { node, update: () => {} };
}
