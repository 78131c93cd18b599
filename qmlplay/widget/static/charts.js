// The plane: a model's probabilities, the samples, and axes with their numbers.

const rgb = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));

// A canvas of its CSS size, sharp on any screen; coordinates are CSS pixels.
function context(canvas) {
  const ratio = Math.max(2, window.devicePixelRatio || 1);
  const [width, height] = [canvas.clientWidth || 300, canvas.clientHeight || 300];
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h];
  const ctx = canvas.getContext("2d");
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  ctx.clearRect(0, 0, width, height);
  ctx.font = "12px system-ui, sans-serif";
  return [ctx, width, height];
}

// About `count` round numbers from low to high, each with its text.
function ticks(low, high, count = 4) {
  const rough = (high - low) / count || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) || 10);
  const found = [];
  for (let i = Math.ceil(low / step); i * step <= high; i++) found.push(i * step);
  const texts = tickTexts(found, Math.floor(Math.log10(step)));
  return found.map((value, i) => [value, texts[i].replaceAll("-", "−")]);
}

// Numbers with the digits that tell neighbours apart, as powers of ten where that is shorter.
function tickTexts(values, power) {
  const digitsOf = (value) => Math.max(0, Math.floor(Math.log10(Math.abs(value))) - power);
  const plain = values.map((value) => value.toFixed(Math.min(Math.max(0, -power), 100)));
  const short = values.map((value) => (value ? value.toExponential(Math.min(digitsOf(value), 100)).replace("e+", "e") : "0"));
  const longest = (texts) => Math.max(0, ...texts.map((text) => text.replace("-", "").length));
  return longest(plain) <= Math.max(6, longest(short)) ? plain : short;
}

const widest = (ctx, marks) => Math.max(0, ...marks.map(([, text]) => ctx.measureText(text).width));

// The shading: the predicted class's colour, paler the less sure the model is, or whole classes.
// With `flicker`, points take the colour of what a draw of so many shots decides there.
function shading(frame, colors, size, { discrete = false, flicker = false } = {}) {
  const bytes = bytesOf(frame.probabilities);
  const { resolution: n, low = 0, high = 1 } = frame;
  const k = bytes.length / (n * n);
  const palette = colors.slice(0, k).map(rgb);
  const surface = rgb(color("surface"));
  const [winners, image] = [new Uint8Array(size * size), new ImageData(size, size)];
  const [scale, hasSteps] = [(n - 1) / (size - 1), frame.picture?.has_steps];
  const flipped = flicker && frame.flips?.byteLength ? bytesOf(frame.flips).map((share) => 255 * Math.random() < share) : null;
  const { data } = image;
  for (let y = 0, place = 0; y < size; y++) {
    const top = Math.min(n - 2, Math.floor(y * scale));
    const v = hasSteps ? Math.round(y * scale - top) : y * scale - top;
    for (let x = 0; x < size; x++, place++) {
      const left = Math.min(n - 2, Math.floor(x * scale));
      const u = hasSteps ? Math.round(x * scale - left) : x * scale - left;
      let best = -1, second = -1, winner = 0, rival = 0;
      for (let c = 0, at = (top * n + left) * k; c < k; c++, at++) {
        const p = (1 - v) * ((1 - u) * bytes[at] + u * bytes[at + k]) + v * ((1 - u) * bytes[at + n * k] + u * bytes[at + n * k + k]);
        if (p > best) {
          second = best; rival = winner; best = p; winner = c;
        } else if (p > second) {
          second = p; rival = c;
        }
      }
      const sure = discrete ? 1 : Math.max(0, ((low + ((high - low) * best) / 255) * k - 1) / (k - 1));
      winners[place] = winner;
      const isFlipped = flipped !== null && flipped[Math.round(y * scale) * n + Math.round(x * scale)];
      const strength = isFlipped ? 0.6 : 0.12 + 0.58 * sure; // near the boundary colours are pale
      const paint = palette[isFlipped ? rival : winner];
      data[4 * place] = surface[0] + strength * (paint[0] - surface[0]);
      data[4 * place + 1] = surface[1] + strength * (paint[1] - surface[1]);
      data[4 * place + 2] = surface[2] + strength * (paint[2] - surface[2]);
      data[4 * place + 3] = 255;
    }
  }
  if (flipped) outline(image, uncertain(frame, size), size, "quiet");
  outline(image, winners, size, "ink");
  return image;
}

// Where at least one draw in twenty decides otherwise.
function uncertain({ flips, resolution: n }, size) {
  const bytes = bytesOf(flips);
  const [scale, within] = [(n - 1) / (size - 1), new Uint8Array(size * size)];
  for (let y = 0, place = 0; y < size; y++) {
    const top = Math.min(n - 2, Math.floor(y * scale));
    const v = y * scale - top;
    for (let x = 0; x < size; x++, place++) {
      const left = Math.min(n - 2, Math.floor(x * scale));
      const [u, at] = [x * scale - left, top * n + left];
      const above = (1 - u) * bytes[at] + u * bytes[at + 1];
      const below = (1 - u) * bytes[at + n] + u * bytes[at + n + 1];
      within[place] = (1 - v) * above + v * below >= 0.05 * 255;
    }
  }
  return within;
}

// A line where something changes from one point to the next.
function outline({ data }, values, size, name) {
  const [red, green, blue] = rgb(color(name));
  for (let y = 0; y < size - 1; y++) {
    for (let x = 0, place = y * size; x < size - 1; x++, place++) {
      if (values[place] === values[place + 1] && values[place] === values[place + size]) continue;
      data[4 * place] = red;
      data[4 * place + 1] = green;
      data[4 * place + 2] = blue;
    }
  }
}

const field = document.createElement("canvas");

function drawPlane(canvas, plane, frame, { small = false, view = makeView() } = {}) {
  if (!plane.extent) return;
  const [ctx, width, height] = context(canvas);
  const [xLow, xHigh, yLow, yHigh] = plane.extent;
  const up = ticks(yLow, yHigh, 5);
  const [left, bottom, top, right] = small ? [2, 2, 2, 2] : [Math.max(44, widest(ctx, up) + 26), 42, 10, 8];
  const [w, h] = [width - left - right, height - top - bottom];
  canvas.inside = { left, top, w, h }; // for those who ask what the pointer is on
  const x = (value) => left + ((value - xLow) / (xHigh - xLow)) * w;
  const y = (value) => top + ((yHigh - value) / (yHigh - yLow)) * h;
  ctx.fillStyle = color("ground");
  ctx.fillRect(left, top, w, h);
  if (frame && frame.resolution) {
    const size = small ? 200 : 420; // points along each side of the shading
    field.width = field.height = size;
    field.getContext("2d").putImageData(shading(frame, plane.colors, size, { discrete: view.get("discrete"), flicker: !small }), 0, 0);
    ctx.imageSmoothingEnabled = true;
    ctx.drawImage(field, left, top, w, h);
  }
  drawPoints(ctx, plane, x, y, small ? 2.2 : 3.6, shownParts(view));
  if (frame?.wrong && view.get("showErrors")) ringErrors(ctx, plane, frame.wrong, x, y, small ? 3.6 : 6, shownParts(view));
  ctx.strokeStyle = color("wire");
  ctx.lineWidth = 1;
  ctx.strokeRect(left + 0.5, top + 0.5, w - 1, h - 1);
  if (small) return;
  drawAxes(ctx, plane, x, y, up, { left, top, w, h, height });
  if (!frame?.resolution) hint(ctx, left + w / 2, top + h - 14, w, plane.lacks ? "Click to draw samples." : "Press Play: the model learns to tell the classes apart.");
}

function hint(ctx, x, y, room, text) {
  const width = Math.min(room, ctx.measureText(text).width + 20);
  ctx.fillStyle = `${color("surface")}dd`;
  ctx.fillRect(x - width / 2, y - 16, width, 24);
  ctx.fillStyle = color("ink");
  ctx.fillText(text, x, y, width - 12);
}

const shownParts = (view) => (view.get("showTest") ? ["train", "test"] : ["train"]);

function drawPoints(ctx, plane, x, y, size, parts) {
  ctx.lineWidth = 0.7;
  for (const part of parts) {
    const { X, labels } = plane[part];
    X.forEach(([a, b], i) => {
      ctx.fillStyle = plane.colors[labels[i]];
      ctx.strokeStyle = color(part === "train" ? "surface" : "ink");
      ctx.beginPath();
      if (part === "train") ctx.arc(x(a), y(b), size, 0, 2 * Math.PI);
      else triangle(ctx, x(a), y(b), 1.35 * size);
      ctx.fill();
      ctx.stroke();
    });
  }
}

// A ring around each sample that the model takes for another class.
function ringErrors(ctx, plane, wrong, x, y, radius, parts) {
  for (const part of parts) {
    for (const row of wrong[part] ?? []) {
      const sample = plane[part].X[row];
      if (!sample) continue; // the data have just changed
      for (const [name, width] of [["surface", radius / 2], ["ink", radius / 4]]) {
        ctx.strokeStyle = color(name);
        ctx.lineWidth = width;
        ctx.beginPath();
        ctx.arc(x(sample[0]), y(sample[1]), radius, 0, 2 * Math.PI);
        ctx.stroke();
      }
    }
  }
}

function triangle(ctx, x, y, size) {
  ctx.moveTo(x, y - size);
  ctx.lineTo(x + 0.9 * size, y + 0.7 * size);
  ctx.lineTo(x - 0.9 * size, y + 0.7 * size);
  ctx.closePath();
}

// Numbers below an axis, none of which goes beyond the right edge.
function writeAlong(ctx, marks, x, y, edge) {
  for (const [value, text] of marks) ctx.fillText(text, Math.min(x(value), edge - ctx.measureText(text).width / 2), y);
}

function drawAxes(ctx, plane, x, y, up, { left, top, w, h, height }) {
  const [xLow, xHigh] = plane.extent;
  ctx.fillStyle = color("quiet");
  ctx.textAlign = "center";
  writeAlong(ctx, ticks(xLow, xHigh, 5), x, top + h + 16, left + w + 8);
  ctx.textAlign = "right";
  for (const [value, text] of up) ctx.fillText(text, left - 6, y(value) + 4);
  ctx.fillStyle = color("ink");
  ctx.textAlign = "center";
  ctx.fillText(plane.axes[0], left + w / 2, height - 6, w);
  ctx.save();
  ctx.translate(11, top + h / 2);
  ctx.rotate(-Math.PI / 2);
  ctx.fillText(plane.axes[1], 0, 0, h);
  ctx.restore();
}
