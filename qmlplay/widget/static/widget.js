// What anywidget calls: build the page once, then follow the kernel.

function render({ model, el }) {
  const send = (content, buffers = []) => model.send(content, undefined, buffers);
  const view = makeView();
  const connection = makeConnection(model, send, view);
  const [message, toolbar, controls] = [makeMessage(model, send), makeToolbar(model, send, view), makeControls(model, send)];
  const [pictures, scores, circuit] = [makePictures(model), makeScores(model), makeCircuit(model)];
  const [code, share] = [makeCode(model, send), makeShare(model, send)];
  const [growth, inspector, gate, why] = [makeGrowth, makeInspector, makeGate, makeWhy].map((make) => make(model, send, view));
  const [simulators, experiments, drawing] = [makeSimulators, makeExperiments, makeDrawing].map((make) => make(model, send, view));
  const page = element("section", { class: "qmlplay", "aria-label": "qmlplay playground" },
    element("header", {}, element("h2", {}, "Quantum machine learning playground"), toolbar.node, connection.node), message.node,
    element("div", { class: "qp-layout" }, controls.form,
      element("div", { class: "qp-main" }, experiments.node, pictures.node, drawing.node, growth.node, inspector.node,
        gate.node, why.node, scores.node, circuit.node, simulators.node, code.node, share.node)));
  el.append(page);

  const follow = {
    settings: [controls.update, experiments.update, drawing.update],
    plane: [pictures.drawAll, scores.update, growth.update, drawing.update],
    run: [toolbar.update, scores.update, code.update, experiments.update],
    circuit: [circuit.update, growth.update, gate.update],
    growth: [growth.update, circuit.update],
    point: [inspector.update],
    gates: [gate.update, circuit.update],
    gate_view: [gate.update, why.update],
    simulators: [simulators.update],
    message: [message.update, controls.update], // what was refused goes back to what it was
    script: [code.update],
    native: [code.update],
    share: [share.update],
    model_frame: [() => pictures.draw("model"), scores.update],
    ablation_frame: [() => pictures.draw("ablation"), scores.update],
    baseline_frame: [() => pictures.draw("baseline"), scores.update],
  };
  // Draw once per screen refresh, however many messages came.
  const due = new Set();
  const flush = () => {
    const updates = [...due];
    due.clear();
    for (const update of updates) update();
  };
  const schedule = (updates) => {
    if (!due.size) requestAnimationFrame(flush);
    for (const update of updates) due.add(update);
  };
  const everything = () => schedule(Object.values(follow).flat());
  for (const [name, updates] of Object.entries(follow)) model.on(`change:${name}`, () => schedule(updates));
  const resized = new ResizeObserver(everything);
  resized.observe(page);
  everything();

  return () => {
    connection.end();
    resized.disconnect();
    model.off(null, null, null);
  };
}

export default { render };
