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
  const note = element("p", { class: "qp-note" });
  const node = element("div", { class: "qp-pictures" }, panels.model.node,
    element("div", { class: "qp-side" }, panels.ablation.node, panels.baseline.node),
    makePictureOptions(view), legend, note);
  const draw = (name) => {
    const [plane, frame] = [model.get("plane"), model.get(`${name}_frame`)];
    const { canvas, score, title } = panels[name];
    drawPlane(canvas, plane, frame, { small: name !== "model", view });
    if (name === "model") mark();
    if (name === "model") updateLegend();
    if (name === "baseline") title.textContent = `Classical: ${plane.baseline ?? ""}`;
    score.textContent = frame.resolution ? `test ${percent(frame.test)}` : "–";
    const what = frame.resolution
      ? `${title.textContent}: decision regions, test accuracy ${percent(frame.test)}`
      : `${title.textContent}: the data, no model yet`;
    canvas.setAttribute("aria-label", what);
  };
  let told = "";
  const updateLegend = () => {
    const frame = model.get("model_frame");
    const entries = pictureLegend(model.get("plane"), frame, view);
    const text = entries.map((entry) => entry.outerHTML).join("");
    if (told !== text) legend.replaceChildren(...entries);
    told = text;
    if (showPart(note, Boolean(frame.resolution), model)) note.textContent = pictureNote(frame, view);
  };
  const drawAll = () => Object.keys(PANELS).forEach(draw);
  view.listen((changes) => ["showTest", "showErrors", "discrete"].some((name) => name in changes) && drawAll());
  flickering(panels.model.canvas, () => model.get("model_frame"), () => draw("model"));
  return { node, draw, drawAll, mark };
}

function makeScores(model) {
  const body = element("tbody");
  const heads = ["Model", "Training accuracy", "Test accuracy", "Parameters"];
  const table = element("table", { class: "qp-scores" }, element("caption", {}, "Side by side, on the same data"),
    element("thead", {}, element("tr", {}, ...heads.map((head) => element("th", { scope: "col" }, head)))), body);
  const curves = makeRunCurves(model);
  const costs = element("p", { class: "qp-costs" });
  const node = element("div", { class: "qp-numbers" }, table, curves.node, costs);
  const update = () => {
    const [run, plane] = [model.get("run"), model.get("plane")];
    body.replaceChildren(...Object.keys(PANELS).map((name) => {
      const frame = model.get(`${name}_frame`);
      const title = name === "baseline" ? `Classical: ${plane.baseline ?? ""}` : PANELS[name];
      return element("tr", { "data-model": name }, element("th", { scope: "row" }, title),
        ...[percent(frame.train), percent(frame.test), run.parameters?.[name] ?? "–"].map((text) => element("td", {}, text)));
    }));
    curves.update();
    const circuits = (run.hardware_circuits ?? 0).toLocaleString("en");
    const shots = run.shots ? ` of ${run.shots.toLocaleString("en")} shots each` : "";
    costs.textContent = `${duration(run.seconds_per_step)} per step here. A quantum computer would run ` +
      `${circuits} circuits${shots} per step, ${(run.circuits_so_far ?? 0).toLocaleString("en")} so far.`;
  };
  return { node, update };
}
