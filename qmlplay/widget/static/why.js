// The loss along a weight of the chosen gate, with the expectations that it comes from.

// Colour-blind readers can tell them apart, also from the mark of what is now.
const lineColor = (i) => ["accent", "link", "plus", "quiet"].map(color)[i % 4];

function makeWhy(model, send, view) {
  const tabs = element("div", { class: "qp-tabs", role: "group", "aria-label": "Along which weight" });
  const [loss, expectation] = ["qp-why-loss", "qp-why-expectation"].map((name) => element("canvas", { class: `qp-loss ${name}`, role: "img" }));
  const legend = element("ul", { class: "qp-legend" });
  const sentence = element("p", { class: "qp-sentence" });
  const note = element("p", { class: "qp-note" });
  const node = element("section", { class: "qp-card qp-why", "aria-label": "Why this angle", hidden: true },
    element("h3", {}, "Why this angle"), tabs,
    element("div", { class: "qp-curves" }, element("figure", {}, element("figcaption", {}, "Training loss"), loss),
      element("figure", {}, element("figcaption", {}, "Mean expectations"), expectation)), legend, sentence, note);
  let chosen = 0;
  // While it trains the buttons stay, so that the focus does.
  const nameTabs = (names) => {
    if (tabs.textContent !== names.join("")) {
      tabs.replaceChildren(...names.map((name, i) => element("button", { type: "button", onclick: () => ((chosen = i), update()) }, name)));
    }
    [...tabs.children].forEach((button, i) => button.setAttribute("aria-pressed", String(i === chosen)));
  };
  const update = () => {
    const [seen, gates, place] = [model.get("gate_view"), model.get("gates"), view.get("gate")];
    if (place === null) return (node.hidden = true);
    if (!showPart(node, seen.gate === place, model)) return;
    const { slices } = seen;
    node.hidden = !slices.length; // a gate without weights
    if (node.hidden) return;
    chosen = Math.min(chosen, slices.length - 1);
    tabs.hidden = slices.length < 2;
    nameTabs(slices.map(({ weight }) => `w${weight}`));
    const slice = slices[chosen];
    const gradient = gates.gradients?.[slice.weight] ?? 0;
    drawLossSlice(loss, slice, gradient);
    drawExpectationSlice(expectation, slice);
    loss.setAttribute("aria-label", `Training loss along w${slice.weight}: now ${number(atValue(slice, slice.losses))}, lowest ${number(Math.min(...slice.losses))}`);
    expectation.setAttribute("aria-label", `Mean expectations along w${slice.weight}: ${slice.observables.map((name, i) => `${name} now ${number(atValue(slice, slice.expectations[i]), 3)}`).join(", ")}`);
    legend.replaceChildren(...sliceLegend(slice));
    sentence.textContent = slice.sentence;
    const runs = slice.n_runs === 1 ? "once" : `${slice.n_runs} times`;
    note.textContent = `Exact, without shots and device noise: the circuit was run ${runs} for each of the ${seen.n_samples} training samples, in one batch. All other weights stay as they are` +
      (slice.period ? `; everything repeats after ${number(slice.period, 2)}.` : ".");
  };
  view.listen((changes) => "gate" in changes && update());
  return { node, update };
}

// The value of a curve where the weight is now, in a straight line between its points.
function atValue({ values, value }, curve) {
  const at = ((value - values[0]) / (values[values.length - 1] - values[0])) * (values.length - 1);
  const i = Math.min(values.length - 2, Math.max(0, Math.floor(at)));
  return curve[i] + (at - i) * (curve[i + 1] - curve[i]);
}

const pairs = (xs, ys) => xs.map((x, i) => [x, ys[i]]);

function drawLossSlice(canvas, slice, gradient) {
  const here = atValue(slice, slice.losses);
  const [least, most] = [Math.min(...slice.losses), Math.max(...slice.losses)];
  const room = 0.08 * (most - least || 0.01);
  const reach = (slice.high - slice.low) / 8;
  const tangent = [-reach, reach].map((step) => [slice.value + step, here + gradient * step]);
  drawCurves(canvas, [
    { points: pairs(slice.values, slice.losses), stroke: color("ink") },
    { points: tangent, stroke: color("focus"), width: 3 },
  ], {
    low: least - room, high: most + room, left: slice.low, right: slice.high, across: `w${slice.weight}`, up: "log-loss",
    decorate: (ctx, x, y) => markHere(ctx, x(slice.value), y(here)),
  });
}

function drawExpectationSlice(canvas, slice) {
  const curves = slice.expectations.map((row, i) => ({
    points: pairs(slice.values, row), stroke: lineColor(i), dash: i < 4 ? [] : [5, 3],
  }));
  const decorate = (ctx, x, y) => {
    slice.expectations.forEach((row, i) => {
      markHere(ctx, x(slice.value), y(atValue(slice, row)));
      ctx.strokeStyle = lineColor(i);
      for (const [, value] of slice.shift_points) square(ctx, x(value), y(atValue({ ...slice, value }, row)));
    });
  };
  const all = slice.expectations.flat();
  const [low, high] = [Math.min(-0.05, ...all), Math.max(0.05, ...all)];
  const room = 0.08 * (high - low);
  drawCurves(canvas, curves, { low: low - room, high: high + room, left: slice.low, right: slice.high, across: `w${slice.weight}`, up: "mean expectation", decorate });
}

function markHere(ctx, x, y) {
  ctx.fillStyle = color("surface");
  disc(ctx, x, y, 6.5);
  ctx.fillStyle = color("focus");
  disc(ctx, x, y, 4.5);
}

function square(ctx, x, y) {
  ctx.fillStyle = color("surface");
  ctx.lineWidth = 2;
  ctx.beginPath();
  ctx.rect(x - 4, y - 4, 8, 8);
  ctx.fill();
  ctx.stroke();
}

function sliceLegend({ observables, shift_points: shifts }) {
  const entry = (kind, style, text) => element("li", {}, element("i", { class: `qp-${kind}`, style }), text);
  const entries = observables.map((name, i) =>
    entry("line", `border-top: 3px ${i < 4 ? "solid" : "dashed"} ${lineColor(i)}`, `${name}, mean of the training samples`));
  entries.push(entry("here", "", "as it is now"), entry("line", "border-top: 3px solid var(--focus)", "its slope, the gradient"));
  if (shifts.length) entries.push(entry("square", "", `parameter-shift points: slope = ${shiftRule(shifts)}`));
  return entries;
}

// The rule in numbers: half the difference, say, or more terms.
function shiftRule(shifts) {
  return shifts.map(([coefficient, value], i) => {
    const sign = coefficient < 0 ? "−" : i ? "+" : "";
    return `${i ? " " : ""}${sign}${i || coefficient < 0 ? " " : ""}${plain(Math.abs(coefficient))}·E(${number(value, 2)})`;
  }).join("");
}
