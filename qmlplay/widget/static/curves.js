// Curves: lines over an axis each way, as of losses over steps or of a loss along a weight.

// Lines of points [x, y]; each may have a dash, dots, and a name that is written at its end.
function drawCurves(canvas, curves, { low, high, left: start, right: end, across, up, decorate = () => {} }) {
  const [ctx, width, height] = context(canvas);
  const rows = ticks(low, high, 4);
  const [left, bottom, top, right] = [Math.max(58, widest(ctx, rows) + 26), 36, 8, 12];
  const [w, h] = [width - left - right, height - top - bottom];
  const x = (value) => left + ((value - start) / (end - start || 1)) * w;
  const y = (value) => top + (1 - (value - low) / (high - low || 1)) * h;
  drawGrid(ctx, x, y, rows, { start, end, left, top, w, h });
  ctx.fillStyle = color("ink");
  ctx.textAlign = "center";
  ctx.fillText(across, left + w / 2, height - 5);
  ctx.save();
  ctx.translate(11, top + h / 2);
  ctx.rotate(-Math.PI / 2);
  ctx.fillText(up, 0, 0);
  ctx.restore();
  ctx.save();
  ctx.beginPath();
  ctx.rect(left - 4, top - 4, w + 8, h + 8);
  ctx.clip();
  for (const curve of curves) drawCurve(ctx, x, y, curve);
  decorate(ctx, x, y, { left, top, w, h });
  ctx.restore();
}

function drawGrid(ctx, x, y, rows, { start, end, left, top, w, h }) {
  ctx.lineWidth = 1;
  ctx.strokeStyle = color("line");
  ctx.fillStyle = color("quiet");
  ctx.textAlign = "right";
  for (const [value, text] of rows) {
    ctx.beginPath();
    ctx.moveTo(left, y(value));
    ctx.lineTo(left + w, y(value));
    ctx.stroke();
    ctx.fillText(text, left - 6, y(value) + 4);
  }
  ctx.textAlign = "center";
  writeAlong(ctx, ticks(start, end, 5), x, top + h + 15, left + w + 12);
}

function drawCurve(ctx, x, y, { points, stroke, dash = [], width = 2, dots = false }) {
  ctx.strokeStyle = ctx.fillStyle = stroke;
  ctx.lineWidth = width;
  ctx.setLineDash(dash);
  ctx.beginPath();
  for (const [a, b] of points) if (Number.isFinite(b)) ctx.lineTo(x(a), y(b));
  ctx.stroke();
  ctx.setLineDash([]);
  if (!dots && points.length !== 1) return;
  for (const [a, b] of points) disc(ctx, x(a), y(b), 2);
}

function disc(ctx, x, y, radius) {
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, 2 * Math.PI);
  ctx.fill();
}

// Loss and accuracy over the steps, on training and on test data.
function makeRunCurves(model) {
  const colors = model.get("options").kind_colors;
  const chart = (label) => element("canvas", { class: "qp-loss", role: "img", "aria-label": label });
  const [loss, accuracy] = [chart("Loss over the steps"), chart("Accuracy over the steps")];
  const entry = (text, style, name) =>
    element("li", {}, element("i", { class: "qp-line", style: `border-top: 3px ${style} ${colors[name]}` }), text);
  const legend = element("ul", { class: "qp-legend" },
    entry("quantum model, training", "solid", "model"), entry("quantum model, test", "dotted", "model"),
    entry("ansatz without entanglement, training", "dashed", "ablation"));
  const node = element("div", { class: "qp-curves" },
    element("figure", {}, element("figcaption", {}, "Log-loss"), loss),
    element("figure", {}, element("figcaption", {}, "Accuracy"), accuracy), legend,
    element("p", { class: "qp-note" }, "Training loss: of every step, as the optimiser saw it. " +
      "Test loss and accuracy: where there is a dot, after a step that was drawn; the others were not evaluated."));
  const update = () => {
    const [run, frame, ablation] = ["run", "model_frame", "ablation_frame"].map((name) => model.get(name));
    const curve = frame.curve ?? [];
    const column = (i, rows = curve) => rows.map((row) => [row[0], row[i]]);
    const perStep = (losses) => (losses ?? []).map((value, i) => [i, value]); // before step i + 1
    const last = Math.max(10, run.step ?? 0, ...curve.map(([step]) => step));
    const range = { left: 0, right: Math.max(last, Math.min(run.max_steps ?? 100, 2 * last)), across: "training step" };
    const losses = [
      { points: perStep(run.ablation_losses), stroke: colors.ablation, dash: [6, 4] },
      { points: perStep(run.losses), stroke: colors.model },
      { points: column(2), stroke: colors.model, dash: [2, 4], dots: true },
    ];
    const all = losses.flatMap(({ points }) => points.map(([, value]) => value)).filter(Number.isFinite);
    drawCurves(loss, losses, { ...range, low: 0, high: all.length ? 1.05 * Math.max(...all) : 1, up: "log-loss" });
    const accuracies = [
      { points: column(3, ablation.curve ?? []), stroke: colors.ablation, dash: [6, 4] },
      { points: column(3), stroke: colors.model, dots: true },
      { points: column(4), stroke: colors.model, dash: [2, 4], dots: true },
    ];
    const least = Math.min(0.5, ...accuracies.flatMap(({ points }) => points.map(([, value]) => value)));
    drawCurves(accuracy, accuracies, { ...range, low: least, high: 1, up: "accuracy" });
    const now = run.losses?.length ? run.losses[run.losses.length - 1].toFixed(4) : "none yet";
    loss.setAttribute("aria-label", `Training loss, now ${now} after ${run.step} steps; test loss ${number(frame.test_loss)}`);
    accuracy.setAttribute("aria-label", `Accuracy, now ${percent(frame.train)} in training and ${percent(frame.test)} on test data`);
  };
  return { node, update };
}

const number = (value, digits = 4) => (value == null ? "–" : value.toFixed(digits).replace("-", "−"));
