// The pictures of the three models, and their scores.

const PANELS = {
  model: "Quantum model",
  ablation: "Ansatz without entanglement",
  baseline: "Classical baseline",
};

function makePanel(name) {
  const canvas = element("canvas", { role: "img", "aria-label": PANELS[name] });
  const title = element("span", {}, PANELS[name]);
  const score = element("span", { class: "qp-score" }, "–");
  const node = element("figure", { class: `qp-panel qp-${name}` },
    element("figcaption", {}, title, score), canvas);
  return { node, canvas, title, score };
}

function makePictures(model, send, view) {
  const panels = Object.fromEntries(Object.keys(PANELS).map((name) => [name, makePanel(name)]));
  const mark = inspectPlane(panels.model.canvas, model, send, view);
  const legend = element("ul", { class: "qp-legend", "aria-label": "Legend of the pictures" });
  const node = element("div", { class: "qp-pictures" }, panels.model.node,
    element("div", { class: "qp-side" }, panels.ablation.node, panels.baseline.node), legend);
  const draw = (name) => {
    const [plane, frame] = [model.get("plane"), model.get(`${name}_frame`)];
    const { canvas, score, title } = panels[name];
    drawPlane(canvas, plane, frame, { small: name !== "model" });
    if (name === "model") mark();
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
  return { node, draw, drawAll, mark };
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
