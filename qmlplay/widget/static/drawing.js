// Data drawn by clicking: samples of up to four classes, by pointer or by the arrow keys.

function makeDrawing(model, send, view) {
  let mode = 0; // the class that a click draws, "erase", or "look" for the inspector
  let cross = { x: 0, y: 0 }; // where the arrow keys are
  const begin = element("button", { type: "button", onclick: () => send({ action: "change", name: "dataset", value: "drawn" }) }, "Draw your own data");
  const tool = (value, ...label) => element("button", { type: "button", "data-mode": value, "aria-pressed": "false", onclick: () => choose(value) }, ...label);
  const classes = model.get("options").drawn_classes;
  const tools = [
    ...classes.map(({ name, color }, k) => tool(k, element("i", { class: "qp-swatch", style: `background:${color}` }), name)),
    tool("erase", "Erase"), tool("look", "Look"),
  ];
  const action = (text, content) => element("button", { type: "button", onclick: () => send({ action: "erase", ...content }) }, text);
  const keys = element("button", { type: "button", title: "Arrow keys move the cross, Enter draws, Delete erases" }, "Draw with the arrow keys");
  const status = element("p", { class: "qp-note", role: "status" });
  const controls = element("div", {}, element("div", { class: "qp-tools", role: "group", "aria-label": "A click draws" }, ...tools),
    element("div", { class: "qp-tools" }, action("Undo", { last: true }), action("Clear", { all: true }), keys), status);
  const node = element("div", { class: "qp-drawing", role: "group", "aria-label": "Drawing data" }, begin, controls);
  const mark = element("i", { class: "qp-cross", hidden: true, "aria-hidden": "true" });

  const isDrawn = () => model.get("settings").values?.dataset === "drawn";
  const isOn = () => isDrawn() && mode !== "look";
  const choose = (value) => ((mode = value), update());
  const act = ({ x, y }) => {
    const [within, far] = [(value) => Math.min(1, Math.max(-1, value)), Math.max(Math.abs(x), Math.abs(y))];
    if (!(far <= model.get("plane").extent[1])) return say("Outside the plane nothing is drawn.");
    say("");
    send(mode === "erase" ? { action: "erase", x: within(x), y: within(y) } : { action: "draw", label: mode, x: within(x), y: within(y) });
  };
  let said = ""; // about the last click
  const say = (text) => ((said = text), update());

  keys.addEventListener("keydown", (event) => {
    const { extent } = model.get("plane");
    const moved = movedByKey(event, cross, extent.map(Math.sign));
    if (moved) cross = moved;
    else if (event.key === "Enter" || event.key === " ") isOn() ? act(cross) : say("Choose a class first.");
    else if (event.key === "Delete" || event.key === "Backspace") send({ action: "erase", ...cross });
    else return;
    event.preventDefault();
    event.stopPropagation(); // Jupyter has other plans with these keys
    update();
  });
  for (const change of ["focus", "blur"]) keys.addEventListener(change, () => update());

  const update = () => {
    const canvas = attachDrawing(node, mark, isOn, act);
    begin.hidden = isDrawn();
    controls.hidden = !isDrawn();
    if (canvas) canvas.style.cursor = isOn() ? "crosshair" : "";
    for (const button of tools) button.setAttribute("aria-pressed", String(button.dataset.mode === String(mode)));
    status.textContent = said || (isDrawn() ? model.get("plane").lacks || drawnInWords(classes, model.get("settings").values.points) : "");
    mark.hidden = !isDrawn() || node.getRootNode().activeElement !== keys;
    if (!mark.hidden && canvas?.inside) placeMark(mark, canvas, cross, model.get("plane").extent);
  };
  return { node, update };
}

// Let clicks on the large picture draw, before the inspector gets them; returns its canvas.
function attachDrawing(node, mark, isOn, act) {
  const canvas = node.closest(".qmlplay")?.querySelector(".qp-model canvas");
  if (!canvas || mark.parentElement) return canvas;
  canvas.after(mark);
  const toData = (event) => {
    const [box, { left, top, w, h }] = [canvas.getBoundingClientRect(), canvas.inside];
    const reach = 1.08; // of the plane of drawn data, to each side
    const [u, v] = [(event.clientX - box.left - left) / w, (event.clientY - box.top - top) / h];
    return { x: (2 * u - 1) * reach, y: (1 - 2 * v) * reach };
  };
  for (const kind of ["click", "pointermove"]) {
    canvas.parentElement.addEventListener(kind, (event) => {
      if (event.target !== canvas || !isOn()) return;
      event.preventDefault();
      event.stopPropagation();
      if (kind === "click" && canvas.inside) act(toData(event));
    }, true);
  }
  return canvas;
}

function placeMark(mark, canvas, { x, y }, [xLow, xHigh, yLow, yHigh]) {
  const { left, top, w, h } = canvas.inside;
  mark.style.left = `${canvas.offsetLeft + left + (w * (x - xLow)) / (xHigh - xLow)}px`;
  mark.style.top = `${canvas.offsetTop + top + (h * (yHigh - y)) / (yHigh - yLow)}px`;
}

function drawnInWords(classes, points) {
  const counts = classes.map(({ name }, k) => [name, points.filter(([label]) => label === k).length]);
  return `Drawn: ${counts.filter(([, count]) => count).map(([name, count]) => `${name} ${count}`).join(", ")}. Each click trains anew.`;
}
