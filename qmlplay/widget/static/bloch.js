// Bloch spheres of every qubit after every block, with bars of the amplitudes below.

const [CELL, TALL, BARS, HEAD] = [102, 112, 92, 20]; // a sphere's width and height; heights of bars and names
const [AZIMUTH, ELEVATION] = [(25 * Math.PI) / 180, (18 * Math.PI) / 180];

// As seen from the front: x to the lower left, y to the right, z up; of a sphere of radius 1.
function projected([x, y, z]) {
  const right = Math.cos(AZIMUTH) * y - Math.sin(AZIMUTH) * x;
  const near = Math.cos(AZIMUTH) * x + Math.sin(AZIMUTH) * y;
  return [right, -(Math.cos(ELEVATION) * z - Math.sin(ELEVATION) * near)];
}

function drawStates(canvas, width, growth, point, plane) {
  const hasPoint = point.x !== undefined && point.blocks.length === growth.blocks.length;
  const [n, dots] = [growth.n_qubits, signedBytesOf(growth.dots)];
  const height = HEAD + TALL * n + (hasPoint ? BARS : 0);
  const across = statesAcross(growth.blocks.length, width, height);
  canvas.style.width = `${24 + CELL * across}px`;
  canvas.style.height = `${height * Math.ceil(growth.blocks.length / across)}px`;
  const [ctx] = context(canvas);
  const radius = CELL / 2 - 15;
  growth.blocks.forEach(({ name }, k) => {
    const [middle, top] = [24 + CELL * ((k % across) + 0.5), height * Math.floor(k / across)];
    label(ctx, name, middle, top + 13, "center", "600 11.5px");
    for (let q = 0; q < n; q++) {
      if (k % across === 0) label(ctx, `q${q}`, 2, top + HEAD + TALL * q + 56, "left", "600 12px");
      const center = [middle, top + HEAD + TALL * q + 50];
      drawBall(ctx, center, radius);
      drawDots(ctx, center, radius, growth, dots, k, q, plane.colors, hasPoint ? 0.3 : 0.6);
      if (!hasPoint) continue;
      drawArrow(ctx, center, radius, point.blocks[k].bloch[q]);
      label(ctx, `length ${decimal(point.blocks[k].lengths[q])}`, middle, top + HEAD + TALL * (q + 1) - 4, "center", "11px");
    }
    if (hasPoint) drawBars(ctx, middle - CELL / 2 + 6, top + HEAD + TALL * n + 6, CELL - 12, BARS - 36, point.blocks[k].bars);
  });
}

// Blocks side by side: as many as fit, all of them where so many rows would be too tall.
function statesAcross(nBlocks, width, height) {
  const fitting = Math.max(1, Math.floor((width - 24) / CELL));
  const rows = Math.ceil(nBlocks / fitting);
  return rows * height <= 700 ? Math.ceil(nBlocks / rows) : nBlocks;
}

function label(ctx, text, x, y, align, font) {
  ctx.font = `${font} system-ui, sans-serif`;
  ctx.textAlign = align;
  ctx.fillStyle = color("ink");
  ctx.fillText(text, x, y, CELL - 4);
}

function drawBall(ctx, [x, y], radius) {
  ctx.fillStyle = color("ground");
  ctx.strokeStyle = color("edge");
  ctx.lineWidth = 1;
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, 2 * Math.PI);
  ctx.fill();
  ctx.stroke();
  ctx.strokeStyle = color("wire");
  ctx.lineWidth = 0.7;
  ctx.beginPath();
  ctx.ellipse(x, y, radius, radius * Math.sin(ELEVATION), 0, 0, 2 * Math.PI);
  ctx.stroke();
  for (const [name, axis] of [["x", [1, 0, 0]], ["y", [0, 1, 0]], ["0", [0, 0, 1]], ["1", [0, 0, -1]]]) {
    const [right, down] = projected(axis);
    stroke(ctx, [[x, y], [x + radius * right, y + radius * down]], color("wire"), 0.6);
    ctx.font = "10px system-ui, sans-serif";
    ctx.textAlign = "center";
    ctx.fillStyle = color("quiet");
    ctx.fillText(name, x + (radius + 7) * right * (name === "x" ? 1.25 : 1), y + (radius + 7) * down + 3.5);
  }
}

function drawDots(ctx, [x, y], radius, growth, dots, k, q, colors, opacity) {
  const [n, nDots] = [growth.n_qubits, growth.labels.length];
  ctx.globalAlpha = opacity;
  for (let i = 0; i < nDots; i++) {
    const at = ((k * nDots + i) * n + q) * 3;
    const [right, down] = projected([dots[at] / 127, dots[at + 1] / 127, dots[at + 2] / 127]);
    ctx.fillStyle = colors[growth.labels[i]];
    ctx.fillRect(x + radius * right - 1, y + radius * down - 1, 2.2, 2.2);
  }
  ctx.globalAlpha = 1;
}

function drawArrow(ctx, [x, y], radius, vector) {
  const at = (v) => {
    const [right, down] = projected(v);
    return [x + radius * right, y + radius * down];
  };
  const [foot, tip] = [at([vector[0], vector[1], 0]), at(vector)];
  ctx.setLineDash([2, 2]); // to the plane of the equator, so that depth is seen
  stroke(ctx, [[x, y], foot, tip], color("quiet"), 0.8);
  ctx.setLineDash([]);
  stroke(ctx, [[x, y], tip], color("ink"), 2.2);
  ctx.fillStyle = color("focus");
  ctx.strokeStyle = color("ink");
  ctx.lineWidth = 1.2;
  ctx.beginPath();
  ctx.arc(...tip, 3.6, 0, 2 * Math.PI);
  ctx.fill();
  ctx.stroke();
}

function drawBars(ctx, left, top, width, height, bars) {
  const each = width / bars.length;
  stroke(ctx, [[left, top + height], [left + width, top + height]], color("edge"), 1);
  bars.forEach(({ bits, probability, phase }, i) => {
    const tall = Math.max(0.5, height * probability);
    ctx.fillStyle = phase === null ? color("quiet") : `hsl(${(phase * 180) / Math.PI} 62% 52%)`;
    ctx.fillRect(left + each * i + 1, top + height - tall, Math.max(1, each - 2), tall);
    if (bars.length > 8) return;
    const [x, y] = [left + each * (i + 0.5), top + height + 12];
    if (bars.length <= 4) return label(ctx, bits, x, y, "center", "10px");
    ctx.save(); // upright, where there is no room beside each other
    ctx.translate(x + 3, y - 8);
    ctx.rotate(Math.PI / 2);
    label(ctx, bits, 0, 6, "left", "9px");
    ctx.restore();
  });
}
