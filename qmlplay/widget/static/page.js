// The page: toolbar, pictures, scores and panels, kept up to date with the kernel.

const PANELS = {
  model: "Quantum model",
  ablation: "Ansatz without entanglement",
  baseline: "Classical baseline",
};
const STATES = {
  ready: "Ready.",
  playing: "Training.",
  pausing: "Pausing…",
  paused: "Paused.",
  finished: "Finished.",
  failed: "Stopped by an error.",
};

function makeToolbar(model, send, view) {
  const button = (text, action, extra = {}) =>
    element("button", { type: "button", onclick: () => send({ action }), ...extra }, text);
  const play = button("Play", "play", { class: "qp-primary" });
  play.onclick = null;
  const step = button("Step", "step", { title: "One training step more" });
  const reset = button("Reset", "reset", { title: "Back to the first weights" });
  const speed = element("select", {
    onchange: () => send({ action: "speed", value: Number(speed.value) }),
  });
  fillSelect(speed, model.get("options").speeds);
  const status = element("p", { class: "qp-status", role: "status", "aria-live": "polite" });
  const count = element("p", { class: "qp-count" });
  const node = element("div", { class: "qp-toolbar", role: "group", "aria-label": "Training" },
    play, step, reset, labelled("Speed", speed), status, count);
  const update = () => {
    const run = model.get("run");
    const isPlaying = run.state === "playing";
    play.firstChild.data = isPlaying ? "Pause" : "Play";
    play.dataset.action = isPlaying ? "pause" : "play";
    status.dataset.state = run.state;
    const text = view.get("lost") ? "Connection lost." : STATES[run.state] || "";
    if (status.textContent !== text) status.textContent = text;
    count.textContent = `step ${run.step}`;
    speed.value = String(run.speed);
  };
  play.addEventListener("click", () => {
    const { action } = play.dataset;
    const next = action === "play" ? "pause" : "play"; // at once; the kernel confirms
    play.firstChild.data = next === "pause" ? "Pause" : "Play";
    play.dataset.action = next;
    send({ action });
  });
  view.listen((changes) => "lost" in changes && update());
  return { node, update };
}

function makePanel(name) {
  const canvas = element("canvas", { role: "img", "aria-label": PANELS[name] });
  const title = element("span", {}, PANELS[name]);
  const score = element("span", { class: "qp-score" }, "–");
  const node = element("figure", { class: `qp-panel qp-${name}` },
    element("figcaption", {}, title, score), canvas);
  return { node, canvas, title, score };
}

function makePictures(model) {
  const panels = Object.fromEntries(Object.keys(PANELS).map((name) => [name, makePanel(name)]));
  const legend = element("ul", { class: "qp-legend", "aria-label": "Legend of the pictures" });
  const node = element("div", { class: "qp-pictures" }, panels.model.node,
    element("div", { class: "qp-side" }, panels.ablation.node, panels.baseline.node), legend);
  const draw = (name) => {
    const [plane, frame] = [model.get("plane"), model.get(`${name}_frame`)];
    const { canvas, score, title } = panels[name];
    drawPlane(canvas, plane, frame, { small: name !== "model" });
    if (name === "baseline") title.textContent = `Classical: ${plane.baseline ?? ""}`;
    score.textContent = frame.resolution ? `test ${percent(frame.test)}` : "–";
    const what = frame.resolution
      ? `${title.textContent}: decision regions, test accuracy ${percent(frame.test)}`
      : `${title.textContent}: the data, no model yet`;
    canvas.setAttribute("aria-label", what);
  };
  const updateLegend = () => {
    const { class_names: names = [], colors } = model.get("plane");
    const swatch = (color) => element("i", { class: "qp-swatch", style: `background:${color}` });
    legend.replaceChildren(
      ...names.map((label, i) => element("li", {}, swatch(colors[i]), label)),
      element("li", {}, element("i", { class: "qp-dot" }), "training sample"),
      element("li", {}, element("i", { class: "qp-triangle" }), "test sample"),
    );
  };
  const drawAll = () => (Object.keys(PANELS).forEach(draw), updateLegend());
  return { node, draw, drawAll };
}

function makeScores(model) {
  const body = element("tbody");
  const heads = ["Model", "Training accuracy", "Test accuracy", "Parameters"];
  const table = element("table", { class: "qp-scores" }, element("caption", {}, "Side by side, on the same data"),
    element("thead", {}, element("tr", {}, ...heads.map((head) => element("th", { scope: "col" }, head)))), body);
  const canvas = element("canvas", { class: "qp-loss", role: "img", "aria-label": "Loss of every training step" });
  const colors = model.get("options").kind_colors;
  const legend = element("ul", { class: "qp-legend" },
    ...["model", "ablation"].map((name) => element("li", {}, element("i", {
      class: "qp-line", style: `border-top: 3px ${name === "model" ? "solid" : "dashed"} ${colors[name]}`,
    }), PANELS[name])));
  const costs = element("p", { class: "qp-costs" });
  const node = element("div", { class: "qp-numbers" }, table,
    element("figure", {}, element("figcaption", {}, "Training loss"), canvas, legend), costs);
  const update = () => {
    const [run, plane] = [model.get("run"), model.get("plane")];
    body.replaceChildren(...Object.keys(PANELS).map((name) => {
      const frame = model.get(`${name}_frame`);
      const title = name === "baseline" ? `Classical: ${plane.baseline ?? ""}` : PANELS[name];
      return element("tr", { "data-model": name }, element("th", { scope: "row" }, title),
        ...[percent(frame.train), percent(frame.test), run.parameters?.[name] ?? "–"].map((text) => element("td", {}, text)));
    }));
    drawLosses(canvas, [
      { losses: run.ablation_losses ?? [], color: colors.ablation, dash: [5, 4] },
      { losses: run.losses ?? [], color: colors.model, dash: [] },
    ], run.max_iter ?? 100);
    const loss = run.losses?.length ? run.losses[run.losses.length - 1].toFixed(4) : "none yet";
    canvas.setAttribute("aria-label", `Training loss, now ${loss} after ${run.step} steps`);
    const circuits = (run.hardware_circuits ?? 0).toLocaleString("en");
    const shots = run.shots ? ` of ${run.shots.toLocaleString("en")} shots each` : "";
    costs.textContent = `${duration(run.seconds_per_step)} per step here. A quantum computer would run ` +
      `${circuits} circuits${shots} per step, ${((run.hardware_circuits ?? 0) * run.step).toLocaleString("en")} so far.`;
  };
  return { node, update };
}
