// What anywidget calls: build the page once, then follow the kernel.

function render({ model, el }) {
  const send = (content, buffers = []) => model.send(content, undefined, buffers);
  const view = makeView();
  const connection = makeConnection(model, send, view);
  const [message, toolbar, controls] = [makeMessage, makeToolbar, makeControls].map((make) => make(model, send, view));
  const [pictures, scores, circuit] = [makePictures, makeScores, makeCircuit].map((make) => make(model, send, view));
  const [code, share] = [makeCode(model, send), makeShare(model, send)];
  const [growth, inspector, gate, why] = [makeGrowth, makeInspector, makeGate, makeWhy].map((make) => make(model, send, view));
  const [simulators, experiments, drawing] = [makeSimulators, makeExperiments, makeDrawing].map((make) => make(model, send, view));
  pictures.node.querySelector(".qp-model").append(drawing.node); // the tools are beside the plane
  const bar = element("header", { class: "qp-bar" }, toolbar.node, connection.node, message.node);
  const parts = { pictures, circuit, gate, growth, inspector, why, scores, simulators, code, share };
  const nodes = Object.fromEntries(Object.entries(parts).map(([name, { node }]) => [name, node]));
  const layout = makeLayout({ settings: controls.form, ...nodes });
  const page = element("section", { class: "qmlplay", "aria-label": "qmlplay playground" }, makeTitle(), bar,
    experiments.node, layout.node);
  el.append(page);

  const drawModel = () => pictures.draw("model");
  const giveUpPlaces = () => // of what was still to come
    model.get("run").state === "failed" && schedule([growth.update, inspector.update, gate.update, why.update]);
  const follow = {
    settings: [controls.update, experiments.update, drawing.update],
    plane: [pictures.drawAll, scores.update, growth.update, inspector.update, drawing.update],
    model_frame: [drawModel, scores.update, toolbar.update],
    run: [toolbar.update, scores.update, code.update, experiments.update, giveUpPlaces],
    circuit: [circuit.update, growth.update, gate.update],
    growth: [growth.update, inspector.update, circuit.update],
    point: [inspector.update, growth.update, pictures.mark],
    gates: [gate.update, circuit.update],
    gate_view: [gate.update, why.update],
    simulators: [simulators.update, experiments.update],
    message: [message.update, controls.update], // what was refused goes back to what it was
    script: [code.update],
    native: [code.update],
    share: [share.update],
    ablation_frame: [() => pictures.draw("ablation"), scores.update],
    baseline_frame: [() => pictures.draw("baseline"), scores.update],
  };
  // Draw once per screen refresh, however many messages came, what a hand moves first.
  const order = [...new Set([drawModel, growth.update, ...Object.values(follow).flat()])];
  const due = new Set();
  const flush = () => {
    const updates = order.filter((update) => due.has(update));
    due.clear();
    for (const update of updates) {
      try {
        update();
      } catch (error) {
        reportError(error); // the other parts of the page go on
      }
    }
  };
  const schedule = (updates) => {
    if (!due.size) requestAnimationFrame(flush);
    for (const update of updates) due.add(update);
  };
  const everything = () => schedule(order);
  for (const [trait, updates] of Object.entries(follow)) model.on(`change:${trait}`, () => schedule(updates));
  let width = 0; // only another width moves or scales anything
  const resized = new ResizeObserver(() => {
    if (width === page.clientWidth) return;
    layout.arrange((width = page.clientWidth));
    everything();
  });
  resized.observe(page);
  const unpin = keepInView(bar, page);
  const unfollow = followScheme((shown) => {
    page.dataset.scheme = shown;
    everything(); // canvases are painted anew
  });

  return () => {
    connection.end();
    resized.disconnect();
    unfollow();
    unpin();
    model.off(null, null, null);
  };
}

function makeTitle() {
  return element("div", { class: "qp-title" }, element("h2", {}, "Quantum machine learning playground"),
    element("p", {}, "A circuit learns to tell classes apart. Press Play, then take hold of any gate."), makeSchemeSwitch());
}

export default { render };
