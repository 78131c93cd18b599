// The page: what is set, what the model answers, and whether it answers as it did in Python.

const plan = JSON.parse(document.getElementById("plan").textContent);
const model = makeModel(plan);
const answerOf = (values) => model.answer(toFeatures(plan, values));

const controls = makeControls(plan.inputs, () => update());
document.getElementById("reset").addEventListener("click", controls.reset);
const canvas = document.getElementById("picture");
let colors = makePaint(plan);
const picture = canvas && makePicture(canvas, plan.inputs, { axes: plan.axes, evaluate: answerOf, controls, paint: () => colors, onAnswers: showEnds });
makeRows(plan, answerOf);

function update() {
  const answer = answerOf(controls.values);
  plan.targets ? showNumbers(answer) : showClasses(answer);
  picture?.redraw();
}

function showClasses({ probabilities, label }) {
  showAnswer(plan.names[label], percent(probabilities[label]));
  probabilities.forEach((p, k) => {
    document.getElementById(`bar-${k}`).style.width = `${100 * p}%`;
    document.getElementById(`share-${k}`).textContent = percent(p);
    document.getElementById(`class-${k}`).classList.toggle("is-first", k === label);
  });
}

function showNumbers({ values }) {
  showAnswer(values.map((value) => Number(value.toPrecision(6))).join("; "), "");
}

// Names stand in an element of their own: one that is written from right to left moves no other text.
function showAnswer(name, share) {
  document.getElementById("answer-name").textContent = name;
  document.getElementById("answer-share").textContent = share;
}

// The smallest and the largest number in the picture, beside their colours.
function showEnds(answers) {
  if (!plan.targets) return;
  const { low, high } = colors.ends(answers);
  document.getElementById("ramp-ends").textContent = `from ${Number(low.toPrecision(4))} to ${Number(high.toPrecision(4))}`;
}

const percent = (p) => `${(100 * p).toFixed(1)} %`;

// Rows whose answers Python wrote into the page.
function difference({ rows, decisions }) {
  const differences = rows.flatMap((row, i) =>
    model.decisions(toFeatures(plan, row)).map((value, k) => Math.abs(value - decisions[i][k])));
  return Math.max(...differences);
}

function showCheck() {
  const largest = difference(plan.check);
  document.getElementById("check").textContent = largest <= plan.check.tolerance
    ? `Checked just now: on ${plan.check.rows.length} rows this page and Python differ by ${largest.toExponential(1)} at most.`
    : `Do not trust this page: it differs from Python by ${largest.toExponential(1)}.`;
}

for (const [k, id] of [[0, "axis-0"], [1, "axis-1"]]) {
  document.getElementById(id)?.addEventListener("change", () => {
    const chosen = ["axis-0", "axis-1"].map((name) => Number(document.getElementById(name).value));
    if (chosen[0] === chosen[1]) { // the other axis takes what this one had
      chosen[1 - k] = picture.axes()[k];
      document.getElementById(`axis-${1 - k}`).value = String(chosen[1 - k]);
    }
    picture.setAxes(chosen);
  });
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  colors = makePaint(plan);
  picture?.draw();
});

showCheck();
controls.reset();

// For programs: rows of values, one per column, → answers.
window.qmlplay = { predict: (rows) => rows.map((row) => answerOf(row)) };
