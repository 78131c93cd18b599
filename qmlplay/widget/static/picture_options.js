// What is drawn on the plane: test data, errors, whole classes; and the legend that says so.

function makePictureOptions(view) {
  const box = (name, text) => {
    const control = element("input", { type: "checkbox", id: newId(name), onchange: () => view.set({ [name]: control.checked }) });
    control.checked = view.get(name);
    return element("span", { class: "qp-check" }, control, element("label", { for: control.id }, text));
  };
  return element("div", { class: "qp-options", role: "group", "aria-label": "What the pictures show" },
    box("showTest", "Test data"), box("showErrors", "Errors"), box("discrete", "Whole classes"));
}

function pictureLegend(plane, frame, view) {
  const { class_names: names = [], colors } = plane;
  const sign = (kind, style) => element("i", { class: `qp-${kind}`, style });
  const picture = frame.picture ?? {};
  const entries = names.map((label, i) => [sign("swatch", `background:${colors[i]}`), label]);
  entries.push([sign("dot"), "training sample"]);
  if (view.get("showTest")) entries.push([sign("triangle"), "test sample"]);
  if (view.get("showErrors") && (frame.wrong || !frame.resolution)) entries.push([sign("error-mark"), "taken for another class"]);
  entries.push([sign("line", "border-top: 2px solid var(--ink)"), "the model changes its mind"]);
  if (picture.shots && frame.flips?.byteLength) {
    entries.push([sign("speckle"), `one draw of ${picture.shots.toLocaleString("en")} shots at every point`],
      [sign("line", "border-top: 2px solid var(--quiet)"), "between these: at least 1 draw in 20 decides otherwise"]);
  }
  return entries.map(([mark, text]) => element("li", {}, mark, text));
}

// What the picture of the quantum model leaves out, in a sentence; empty where that is nothing.
function pictureNote(frame, view) {
  const { shots, noise, is_resolved: resolved } = frame.picture ?? {};
  const parts = [];
  if (!view.get("discrete") && frame.resolution) parts.push("The stronger the colour, the surer the model.");
  if (shots) parts.push("Colours and line are those of exact probabilities" + (frame.flips?.byteLength ? "; the speckles are shot noise." : ", without shot noise."));
  if (noise === "left out") parts.push("The device noise is left out of the picture, as it would take too long; it is in the accuracies.");
  if (resolved === false) parts.push("The boundary may be finer than this picture.");
  return parts.join(" ");
}

// Draw again and again while there is shot noise to see, unless less motion is asked for.
function flickering(canvas, frameNow, redraw) {
  const timer = setInterval(() => {
    if (!canvas.isConnected) return clearInterval(timer);
    const isSeen = frameNow().flips?.byteLength && !document.hidden;
    if (isSeen && !matchMedia("(prefers-reduced-motion: reduce)").matches) redraw();
  }, 400);
}
