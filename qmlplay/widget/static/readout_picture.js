// The end of the circuit: what is measured, and the readout that makes classes of it.

const ABOVE = 14; // pixels from the top of the readout to the first wire

function drawReadout(ctx, { n, y, readout }, growth, plane) {
  const [x, row] = [readout.x + 26, readout.row];
  const top = y(row, 0) - ABOVE;
  const measured = measuredQubits(growth.observables);
  const lines = readoutLines(growth);
  const names = plane.class_names ?? [];
  const height = Math.max(y(row, n - 1) - y(row, 0) + 2 * ABOVE, readoutHeight(growth, names.length));
  for (let q = 0; q < n; q++) {
    if (!measured.has(q)) continue;
    stroke(ctx, [[x, y(row, q)], [x + 26, y(row, q)]], color("wire"), 3);
    drawMeter(ctx, x - 10, y(row, q));
  }
  ctx.fillStyle = color("raised");
  ctx.strokeStyle = color("edge");
  ctx.lineWidth = 1.2;
  ctx.beginPath();
  ctx.rect(x + 26, top, readout.width - 60, height);
  ctx.fill();
  ctx.stroke();
  ctx.textAlign = "left";
  ctx.fillStyle = color("ink");
  ctx.font = "600 12px system-ui, sans-serif";
  ctx.fillText("readout", x + 34, top + 17);
  ctx.font = "11.5px system-ui, sans-serif";
  lines.forEach((text, i) => ctx.fillText(text, x + 34, top + 33 + 15 * i, readout.width - 74));
  names.forEach((name, k) => {
    const base = top + 35 + 15 * (lines.length + k);
    ctx.fillStyle = plane.colors[k];
    ctx.fillRect(x + 34, base - 9, 9, 9);
    ctx.fillStyle = color("ink");
    ctx.fillText(cutText(ctx, name, readout.width - 88), x + 48, base);
  });
}

// The height that its lines need.
const readoutHeight = (growth, nClasses) => 15 * (readoutLines(growth).length + nClasses) + 26;

// A name in so many pixels: cut where it is longer.
function cutText(ctx, text, width) {
  if (ctx.measureText(text).width <= width) return text;
  const letters = [...text];
  while (letters.length > 1 && ctx.measureText(`${letters.join("")}…`).width > width) letters.pop();
  return `${letters.join("")}…`;
}

// "0.93 · ⟨Z0⟩" for every observable, "+ 0.10" for the bias; only counts where there are many.
function readoutLines({ observables, scale, bias }) {
  if (bias.length > 1 || observables.length > 4) {
    return [`${observables.length} expectations`, `× ${observables.length * bias.length} scales`, `+ ${bias.length} ${bias.length > 1 ? "biases" : "bias"} →`];
  }
  const terms = observables.map((name, i) => `${signedDecimal(scale[i][0], i === 0)} · ⟨${name}⟩`);
  return [...terms, `${signedDecimal(bias[0])} → log-odds`];
}

const signedDecimal = (value, isFirst = false) =>
  value < 0 ? `− ${decimal(-value)}` : isFirst ? decimal(value) : `+ ${decimal(value)}`;

const measuredQubits = (observables) => new Set(observables.flatMap((name) => (name.match(/[XYZ]\d+/g) ?? []).map((factor) => Number(factor.slice(1)))));

function drawMeter(ctx, x, y) {
  ctx.fillStyle = color("surface");
  ctx.strokeStyle = color("ink");
  ctx.lineWidth = 1.3;
  ctx.beginPath();
  ctx.rect(x - 11, y - 10, 22, 20);
  ctx.fill();
  ctx.stroke();
  ctx.beginPath();
  ctx.arc(x, y + 5, 7, 1.08 * Math.PI, 1.92 * Math.PI);
  ctx.stroke();
  stroke(ctx, [[x, y + 5], [x + 5, y - 6]], color("ink"), 1.3);
}
