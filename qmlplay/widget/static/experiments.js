// Guided experiments.

function makeExperiments(model, send, view) {
  const node = element("section", { class: "qp-card qp-experiments", hidden: true });
  return { node, update: () => {} };
}
