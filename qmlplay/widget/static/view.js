// What the page alone decides: which gate and which point are looked at, and what is drawn.

function makeView() {
  const values = {
    gate: null, // index into circuit.gates
    point: null, // { x, y } or { sample, part }
    held: false, // whether the point stays when the pointer moves
    moved: null, // where arrow keys have moved the point to, until Python answers
    basis: "Z", // of the small maps
    showTest: true,
    showErrors: true,
    discrete: false, // whole classes in place of probabilities
    lost: false, // whether Python does not answer any more
  };
  const listeners = new Set();
  const set = (changes) => {
    Object.assign(values, changes);
    for (const listener of listeners) listener(changes);
  };
  return { get: (name) => values[name], set, listen: (listener) => listeners.add(listener) };
}
