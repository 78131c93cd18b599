// The picture of the growing state: where everything stands, and how it is drawn on a canvas.

const [GATE, NAME] = [15, 18]; // width of a gate, height of the name of a block

// Gates of a block in columns, each as far left as its qubits are free.
function gateColumns(gates) {
  const free = {};
  const columns = gates.map((symbols) => {
    const qubits = symbols.map(({ qubit }) => qubit);
    const span = [];
    for (let q = Math.min(...qubits); q <= Math.max(...qubits); q++) span.push(q);
    const column = Math.max(0, ...span.map((q) => free[q] ?? 0));
    for (const q of span) free[q] = column + 1;
    return column;
  });
  return { columns, n: Math.max(0, ...Object.values(free)) };
}

// The number of the layer: "ansatz 2" → 2.
const layerOf = ({ name }) => name.replace(/^\D*/, "");

// Blocks from left to right, in as many rows as the width asks for; the readout stands last.
function growthLayout(growth, nClasses, width) {
  const n = growth.n_qubits;
  const map = n <= 4 ? 50 : n <= 6 ? 40 : 34;
  const [left, apart, readout] = [30, map + 20, 176];
  const rowHeight = NAME + n * apart + 10;
  let [x, row] = [left, 0];
  const startRow = (needed) => x + needed > width && x > left && ([x, row] = [left, row + 1]);
  const place = (needed) => {
    startRow(needed);
    const at = x;
    x += needed;
    return at;
  };
  const sized = growth.blocks.map((block) => {
    const { columns, n: nColumns } = gateColumns(block.gates);
    const before = nColumns * GATE + 8;
    return { block, columns, before, needed: Math.max(before + map + 16, 6.8 * block.name.length + 10) };
  });
  const blocks = sized.map(({ block, columns, before, needed }) => {
    const layer = sized.filter((other) => layerOf(other.block) === layerOf(block));
    if (layer[0].block === block) startRow(layer.reduce((sum, other) => sum + other.needed, 0)); // kept together
    const start = place(needed);
    return { block, columns, row, x: start, mapX: start + before, end: start + needed };
  });
  const readoutX = place(readout);
  const y = (row_, qubit) => row_ * rowHeight + NAME + qubit * apart + apart / 2 - 4;
  const right = Math.max(readoutX + readout, ...blocks.map(({ end }) => end));
  const height = Math.max((row + 1) * rowHeight, y(row, 0) - ABOVE + readoutHeight(growth, nClasses) + 2);
  return { n, map, left, blocks, readout: { x: readoutX, row, width: readout }, y, rows: row + 1, width: right, height };
}

// A place on a small map as a point of the plane.
function placeOnMap({ blocks, map, n, y }, [xLow, xHigh, yLow, yHigh], px, py) {
  for (const { mapX, row } of blocks) {
    for (let q = 0; q < n; q++) {
      const [u, v] = [(px - mapX) / map, (py - (y(row, q) - map / 2)) / map];
      if (u >= 0 && u <= 1 && v >= 0 && v <= 1) return { x: xLow + u * (xHigh - xLow), y: yHigh - v * (yHigh - yLow) };
    }
  }
  return null;
}

function drawGrowth(canvas, layout, growth, maps, plane, kinds, point) {
  canvas.style.width = `${layout.width}px`;
  canvas.style.height = `${layout.height}px`;
  const [ctx] = context(canvas);
  drawWires(ctx, layout);
  layout.blocks.forEach((place, k) => {
    ctx.fillStyle = color("quiet");
    ctx.textAlign = "left";
    ctx.font = "600 11.5px system-ui, sans-serif";
    ctx.fillText(place.block.name, place.x, layout.y(place.row, 0) - layout.map / 2 - 8);
    place.block.gates.forEach((symbols, i) => drawSmallGate(ctx, symbols, place.x + GATE * (place.columns[i] + 0.5), (q) => layout.y(place.row, q), kinds));
    drawTies(ctx, layout, place, growth, k);
    drawMaps(ctx, layout, place, growth, maps, k, plane, point);
  });
  drawReadout(ctx, layout, growth, plane);
}

function drawWires(ctx, { n, left, blocks, readout, y, rows }) {
  ctx.font = "600 12px system-ui, sans-serif";
  for (let row = 0; row < rows; row++) {
    const ends = blocks.filter((place) => place.row === row).map(({ end }) => end);
    const end = row === readout.row ? readout.x + 26 : Math.max(...ends);
    for (let q = 0; q < n; q++) {
      ctx.fillStyle = color("ink");
      ctx.textAlign = "left";
      ctx.fillText(`q${q}`, 2, y(row, q) + 4);
      stroke(ctx, [[left - 8, y(row, q)], [end, y(row, q)]], color("wire"), 1);
    }
  }
}

function stroke(ctx, points, style, width) {
  ctx.strokeStyle = style;
  ctx.lineWidth = width;
  ctx.beginPath();
  points.forEach(([x, y]) => ctx.lineTo(x, y));
  ctx.stroke();
}

function drawSmallGate(ctx, symbols, x, y, kinds) {
  const ys = symbols.map(({ qubit }) => y(qubit));
  if (ys.length > 1) stroke(ctx, [[x, Math.min(...ys)], [x, Math.max(...ys)]], color("link"), 2);
  symbols.forEach(({ text, kind }, i) => {
    if (kind === "link") return drawSmallLink(ctx, x, ys[i], text);
    const { fill, edge, ink } = kinds[kind];
    ctx.fillStyle = fill;
    ctx.strokeStyle = edge;
    ctx.lineWidth = 1.2;
    ctx.beginPath();
    ctx.rect(x - 6, ys[i] - 9, 12, 18);
    ctx.fill();
    ctx.stroke();
    ctx.fillStyle = ink;
    ctx.textAlign = "center";
    ctx.font = "10px system-ui, sans-serif";
    ctx.fillText(shortName(text), x, ys[i] + 3.5, 11);
  });
}

// The letter of the axis of a rotation: RY(w3·x0) → Y; the name of any other gate.
const shortName = (text) => text.replace(/\(.*$/s, "").replace(/^R(?=[XYZ])/, "");

function drawSmallLink(ctx, x, y, text) {
  ctx.fillStyle = color("link");
  ctx.beginPath();
  if (text === "●") {
    ctx.arc(x, y, 3.5, 0, 2 * Math.PI);
    return ctx.fill();
  }
  if (text === "×") {
    stroke(ctx, [[x - 4, y - 4], [x + 4, y + 4]], color("link"), 2);
    return stroke(ctx, [[x - 4, y + 4], [x + 4, y - 4]], color("link"), 2);
  }
  ctx.fillStyle = color("surface");
  ctx.arc(x, y, 6, 0, 2 * Math.PI);
  ctx.fill();
  ctx.strokeStyle = color("link");
  ctx.lineWidth = 1.6;
  ctx.stroke();
  stroke(ctx, [[x - 6, y], [x + 6, y]], color("link"), 1.6);
  stroke(ctx, [[x, y - 6], [x, y + 6]], color("link"), 1.6);
}

// Neighbours are tied from map to map, others by an arc beside the maps.
function drawTies(ctx, { map, y }, { mapX, row }, growth, k) {
  ctx.strokeStyle = color("link");
  ctx.lineCap = "round";
  growth.pairs.forEach(([a, b], i) => {
    const strength = growth.entanglement[k][i];
    if (strength < 0.003) return;
    ctx.lineWidth = Math.max(0.8, 12 * strength);
    const [from, to] = [y(row, a), y(row, b)];
    ctx.beginPath();
    if (b === a + 1) {
      ctx.moveTo(mapX + map / 2, from);
      ctx.lineTo(mapX + map / 2, to);
    } else {
      const right = mapX + map - 3;
      ctx.moveTo(right, from);
      ctx.bezierCurveTo(right + 17, from + 12, right + 17, to - 12, right, to);
    }
    ctx.stroke();
  });
  ctx.lineCap = "butt";
}

const tile = document.createElement("canvas");

function drawMaps(ctx, { n, map, y }, { mapX, row }, growth, maps, k, plane, point) {
  const side = growth.resolution;
  const [minus, zero, plus] = ["minus", "surface", "plus"].map((name) => rgb(color(name)));
  tile.width = tile.height = side;
  for (let q = 0; q < n; q++) {
    const image = new ImageData(side, side);
    const start = (k * n + q) * side * side;
    for (let i = 0; i < side * side; i++) {
      const value = maps[start + i] / 127.5 - 1;
      const end = value < 0 ? minus : plus;
      for (let c = 0; c < 3; c++) image.data[4 * i + c] = zero[c] + Math.abs(value) * (end[c] - zero[c]);
      image.data[4 * i + 3] = 255;
    }
    tile.getContext("2d").putImageData(image, 0, 0);
    const top = y(row, q) - map / 2;
    ctx.imageSmoothingEnabled = true;
    ctx.drawImage(tile, mapX, top, map, map);
    ctx.strokeStyle = color("edge");
    ctx.lineWidth = 1;
    ctx.strokeRect(mapX + 0.5, top + 0.5, map - 1, map - 1);
    ctx.fillStyle = color("line");
    ctx.fillRect(mapX, top + map + 2, map, 4);
    ctx.fillStyle = color("ink");
    ctx.fillRect(mapX, top + map + 2, map * growth.lengths[k][q], 4);
    if (point.x !== undefined) drawPlace(ctx, plane.extent, point, mapX, top, map);
  }
}

function drawPlace(ctx, [xLow, xHigh, yLow, yHigh], point, left, top, size) {
  const [x, y] = [left + (size * (point.x - xLow)) / (xHigh - xLow), top + (size * (yHigh - point.y)) / (yHigh - yLow)];
  ctx.beginPath();
  ctx.arc(x, y, 3.5, 0, 2 * Math.PI);
  ctx.strokeStyle = color("surface");
  ctx.lineWidth = 3;
  ctx.stroke();
  ctx.strokeStyle = color("ink");
  ctx.lineWidth = 1.5;
  ctx.stroke();
}
