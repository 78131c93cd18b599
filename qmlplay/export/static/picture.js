// The picture: answers over the plane of two columns, or along one, and the point that is set.

const FRAME = 12; // milliseconds of computing before the page may react again
const GRIDS = { 1: [[33, 1], [257, 1]], 2: [[8, 8], [24, 24], [72, 72]] }; // coarse, then finer

function makePicture(canvas, inputs, { axes, evaluate, controls, paint, onAnswers }) {
  let [asked, answers] = ["", null];

  // All that the answers depend on, but the columns that are axes.
  const surroundings = () =>
    JSON.stringify([axes, controls.values.map((value, i) => (axes.includes(i) ? null : value))]);

  function redraw() {
    if (surroundings() !== asked) {
      asked = surroundings();
      compute(asked, 0);
    }
    draw();
  }

  // One grid after the other, in slices of time, unless something else is asked by then.
  function compute(question, level) {
    const [columns, rows] = GRIDS[axes.length][level];
    const values = [...controls.values];
    const results = [];
    const slice = () => {
      if (question !== asked) return;
      const end = performance.now() + FRAME;
      while (results.length < columns * rows && performance.now() < end) {
        const cell = [results.length % columns, Math.floor(results.length / columns)];
        axes.forEach((i, k) => (values[i] = cellValue(inputs[i], cell[k], [columns, rows][k])));
        results.push(evaluate(values));
      }
      if (results.length < columns * rows) return void setTimeout(slice);
      answers = { results, columns, rows };
      canvas.dataset.cells = columns;
      onAnswers(results);
      draw();
      if (level + 1 < GRIDS[axes.length].length) setTimeout(() => compute(question, level + 1));
    };
    slice();
  }

  function draw() {
    const { width, height } = canvas.getBoundingClientRect();
    const ratio = window.devicePixelRatio || 1;
    [canvas.width, canvas.height] = [Math.round(width * ratio), Math.round(height * ratio)];
    const context = canvas.getContext("2d");
    context.scale(ratio, ratio);
    if (!answers || !width) return;
    const point = axes.map((i) => fraction(inputs[i], controls.values[i] ?? inputs[i].median));
    (axes.length === 2 ? drawPlane : drawCurves)(context, { width, height }, answers, paint(), point);
  }

  function move(event) {
    if (!event.buttons) return;
    const box = canvas.getBoundingClientRect();
    const at = [(event.clientX - box.left) / box.width, 1 - (event.clientY - box.top) / box.height];
    axes.forEach((i, k) => controls.set(i, snapped(inputs[i], at[k])));
  }
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    move(event);
  });
  canvas.addEventListener("pointermove", move);
  new ResizeObserver(draw).observe(canvas);
  return { redraw, draw, axes: () => axes, setAxes: (chosen) => ((axes = chosen), redraw()) };
}

const fraction = ({ low, high }, value) => Math.min(Math.max((value - low) / (high - low), 0), 1);
const cellValue = ({ low, high }, cell, count) =>
  low + (high - low) * (count === 1 ? 0 : (cell + 0.5) / count);

// The value of a slider's step at a fraction of its range.
function snapped({ low, high, step }, at) {
  const steps = Math.round((Math.min(Math.max(at, 0), 1) * (high - low)) / step);
  return Number(Math.min(low + steps * step, high).toPrecision(12));
}

// Cells in their colours, the second column upwards, and lines where the class changes.
function drawPlane(context, { width, height }, { results, columns, rows }, paint, [x, y]) {
  const grid = document.createElement("canvas");
  [grid.width, grid.height] = [columns, rows];
  const pixels = new ImageData(columns, rows);
  const colors = paint.cells(results);
  colors.forEach((color, k) => {
    const row = rows - 1 - Math.floor(k / columns);
    pixels.data.set([...color, 255], 4 * (row * columns + (k % columns)));
  });
  grid.getContext("2d").putImageData(pixels, 0, 0);
  context.imageSmoothingEnabled = columns > 8;
  context.drawImage(grid, 0, 0, width, height);
  context.strokeStyle = paint.ink;
  context.lineWidth = 1.2;
  context.beginPath();
  for (const line of borders(results, columns, rows)) {
    line.forEach(([column, row], end) => {
      const at = [((column + 0.5) / columns) * width, (1 - (row + 0.5) / rows) * height];
      end ? context.lineTo(...at) : context.moveTo(...at);
    });
  }
  context.stroke();
  drawPoint(context, x * width, (1 - y) * height);
}

// Lines along which two classes are equally probable, and no other is more so.
function borders(results, columns, rows) {
  if (!results[0].probabilities) return [];
  const classes = results[0].probabilities.map((_, k) => k);
  return classes.slice(classes.length === 2 ? 1 : 0).flatMap((k) =>
    zeroLines(results.map(({ probabilities }) => margin(probabilities, k)), columns, rows));
}

const margin = (probabilities, k) => probabilities[k] - Math.max(...probabilities.filter((_, other) => other !== k));

// Where values at the corners of every square of four cells change sign, interpolated.
function zeroLines(values, columns, rows) {
  const lines = [];
  for (let row = 0; row + 1 < rows; row++) {
    for (let column = 0; column + 1 < columns; column++) {
      const corners = [[column, row], [column + 1, row], [column + 1, row + 1], [column, row + 1]];
      const points = corners.flatMap(([c, r], k) => {
        const [nextC, nextR] = corners[(k + 1) % 4];
        const [here, there] = [values[r * columns + c], values[nextR * columns + nextC]];
        if (here > 0 === there > 0) return [];
        const share = here / (here - there);
        return [[c + share * (nextC - c), r + share * (nextR - r)]];
      });
      for (let k = 0; k + 1 < points.length; k += 2) lines.push([points[k], points[k + 1]]);
    }
  }
  return lines;
}

// A curve per output over the one column: probabilities from 0 to 1, or numbers in their range.
function drawCurves(context, { width, height }, { results, columns }, paint, [x]) {
  const { curves, low, high } = paint.curves(results);
  const up = (value) => height - 8 - ((value - low) / (high - low || 1)) * (height - 16);
  curves.forEach(({ color, values }) => {
    context.strokeStyle = color;
    context.lineWidth = 2.5;
    context.beginPath();
    values.forEach((value, k) => context.lineTo(((k + 0.5) / columns) * width, up(value)));
    context.stroke();
  });
  context.strokeStyle = paint.ink;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(x * width, 0);
  context.lineTo(x * width, height);
  context.stroke();
  const nearest = Math.min(Math.floor(x * columns), columns - 1);
  curves.forEach(({ values }) => drawPoint(context, x * width, up(values[nearest])));
}

function drawPoint(context, x, y) {
  for (const [radius, color] of [[9, "#000000"], [7.5, "#ffffff"], [4, "#000000"]]) {
    context.fillStyle = color;
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fill();
  }
}
