// Looking at points of a picture: by pointer, by a tap and by the arrow keys.

const BETWEEN = 30; // milliseconds from one question to the next

// Asks for the state at the place under the pointer. `toData(x, y)` takes pixels of the canvas and
// returns { x, y } of the plane or { sample, part }, or null beside it. A click holds the place.
function attachInspection(canvas, toData, view, send) {
  const ask = throttled((place) => send({ action: "inspect", ...place }));
  const look = (event, isHeld) => {
    const box = canvas.getBoundingClientRect();
    const place = toData(event.clientX - box.left, event.clientY - box.top);
    if (!place) return;
    view.set({ point: place, held: isHeld, moved: null });
    ask(place);
  };
  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerType !== "touch" && !view.get("held")) look(event, false);
  });
  canvas.addEventListener("click", (event) => {
    if (!event.defaultPrevented) look(event, event.detail > 0 && !view.get("held"));
  });
}

// Lets the large picture be inspected; returns what puts a ring around the point that is looked at.
function inspectPlane(canvas, model, send, view) {
  const toData = (px, py) => {
    const [plane, { left, top, w, h }] = [model.get("plane"), canvas.inside ?? {}];
    const [u, v] = [(px - left) / w, (py - top) / h];
    if (!(u >= 0 && u <= 1 && v >= 0 && v <= 1)) return null;
    const [xLow, xHigh, yLow, yHigh] = plane.extent;
    const place = { x: xLow + u * (xHigh - xLow), y: yHigh - v * (yHigh - yLow) };
    return nearSample(plane, shownParts(view), place, w / (xHigh - xLow), h / (yHigh - yLow));
  };
  attachInspection(canvas, toData, view, send);
  const ring = element("i", { class: "qp-ring", hidden: true, "aria-hidden": "true" });
  canvas.after(ring);
  return () => {
    const [point, { extent }, inside] = [model.get("point"), model.get("plane"), canvas.inside];
    ring.hidden = point.x === undefined || !inside;
    if (ring.hidden) return;
    const [xLow, xHigh, yLow, yHigh] = extent;
    ring.style.left = `${canvas.offsetLeft + inside.left + (inside.w * (point.x - xLow)) / (xHigh - xLow)}px`;
    ring.style.top = `${canvas.offsetTop + inside.top + (inside.h * (yHigh - point.y)) / (yHigh - yLow)}px`;
  };
}

// At most one call in BETWEEN milliseconds, the last one always.
function throttled(call) {
  let [next, timer, last] = [0, null, null];
  return (value) => {
    last = value;
    if (timer) return;
    const now = () => {
      [timer, next] = [null, performance.now() + BETWEEN];
      call(last);
    };
    const wait = next - performance.now();
    if (wait > 0) timer = setTimeout(now, wait);
    else now();
  };
}

// Arrow keys move a point by a fiftieth of the plane, with Shift by a tenth.
function movedByKey(event, { x, y }, [xLow, xHigh, yLow, yHigh]) {
  const step = event.shiftKey ? 0.1 : 0.02;
  const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key] ?? [0, 0];
  if (!dx && !dy) return null;
  const within = (value, low, high) => Math.min(high, Math.max(low, value));
  return {
    x: within(x + dx * step * (xHigh - xLow), xLow, xHigh),
    y: within(y + dy * step * (yHigh - yLow), yLow, yHigh),
  };
}

// The sample within `reach` pixels of a place, of the parts that are shown, or the place itself.
function nearSample(plane, parts, place, pixelsX, pixelsY, reach = 7) {
  let best = null;
  for (const part of parts) {
    plane[part].X.forEach(([x, y], sample) => {
      const distance = Math.hypot((x - place.x) * pixelsX, (y - place.y) * pixelsY);
      if (distance <= reach && distance < (best?.distance ?? Infinity)) best = { sample, part, distance };
    });
  }
  return best ? { sample: best.sample, part: best.part } : place;
}
