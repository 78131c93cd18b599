// What anywidget calls: build the page once, then follow the kernel.

function render({ model, el }) {
  const pageId = newId("view");
  const send = (content, buffers = []) => model.send(content, undefined, buffers);
  const [message, toolbar, controls] = [makeMessage(model, send), makeToolbar(model, send), makeControls(model, send)];
  const view = makeView();
  const [pictures, scores, circuit] = [makePictures, makeScores, makeCircuit].map((make) => make(model, send, view));
  const [code, share] = [makeCode(model, send), makeShare(model, send)];
  const [growth, inspector, gate, why] = [makeGrowth, makeInspector, makeGate, makeWhy].map((make) => make(model, send, view));
  const [simulators, experiments, drawing] = [makeSimulators, makeExperiments, makeDrawing].map((make) => make(model, send, view));
  const page = element("section", { class: "qmlplay", "aria-label": "qmlplay playground" },
    element("header", {}, element("h2", {}, "Quantum machine learning playground"), toolbar.node, makeSchemeSwitch()), message.node,
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
  for (const [trait, updates] of Object.entries(follow)) model.on(`change:${trait}`, () => schedule(updates));
  const resized = new ResizeObserver(everything);
  resized.observe(page);
  const unfollow = followScheme((shown) => {
    page.dataset.scheme = shown;
    everything(); // canvases are painted anew
  });

  const alive = () => send({ action: "alive", view: pageId });
  const gone = () => send({ action: "gone", view: pageId });
  alive();
  const pulse = setInterval(alive, 5000);
  window.addEventListener("pagehide", gone);
  return () => {
    clearInterval(pulse);
    window.removeEventListener("pagehide", gone);
    resized.disconnect();
    unfollow();
    model.off(null, null, null);
    gone();
  };
}

export default { render };
