// Colours of answers: of classes, or of numbers from the smallest to the largest.

function makePaint(plan) {
  const style = getComputedStyle(document.body);
  const ground = toRgb(style.getPropertyValue("--plane"));
  const ink = style.getPropertyValue("--ink");
  const paint = plan.targets ? paintNumbers(plan.colors.ramp.map(toRgb), plan.colors.line) : paintClasses(plan.colors.classes, ground);
  return { ink, ...paint };
}

const toRgb = (hex) => [1, 3, 5].map((start) => parseInt(hex.trim().slice(start, start + 2), 16));
const blend = (from, to, share) => from.map((part, k) => Math.round(part + (to[k] - part) * share));

// The most probable class's colour, paler the less sure the model is.
function paintClasses(colors, ground) {
  const rgb = colors.map(toRgb);
  return {
    cells: (answers) =>
      answers.map(({ probabilities, label }) => {
        const count = probabilities.length;
        const sure = (probabilities[label] * count - 1) / (count - 1);
        return blend(ground, rgb[label], 0.75 * sure);
      }),
    curves: (answers) => ({
      low: 0,
      high: 1,
      curves: colors.map((color, k) => ({ color, values: answers.map((a) => a.probabilities[k]) })),
    }),
  };
}

// The first target; its smallest and largest numbers in the picture are the ends of the ramp.
function paintNumbers(ramp, line) {
  const ends = (answers) => {
    const values = answers.map((answer) => answer.values[0]);
    return { values, low: Math.min(...values), high: Math.max(...values) };
  };
  return {
    cells: (answers) => {
      const { values, low, high } = ends(answers);
      return values.map((value) => {
        const at = ((value - low) / (high - low || 1)) * (ramp.length - 1);
        const left = Math.min(Math.floor(at), ramp.length - 2);
        return blend(ramp[left], ramp[left + 1], at - left);
      });
    },
    curves: (answers) => {
      const { values, low, high } = ends(answers);
      return { low, high, curves: [{ color: line, values }] };
    },
    ends,
  };
}
