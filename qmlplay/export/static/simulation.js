// The model itself: features → angles → state vector → expectations → decision values.
//
// A state of n qubits is 2**n amplitudes, real parts and imaginary parts; qubit 0 is the most
// significant bit of an amplitude's index. All numbers are doubles.

function makeModel(plan) {
  const expectations = { circuit: makeCircuit, fourier: makePolynomial }[plan.form.type](plan);

  // Features in the units of the training data → one decision value per output.
  function decisions(features) {
    const radians = toRadians(plan.scaling, features);
    const values = expectations(radians, toProducts(plan.angles, radians));
    return plan.readout.bias.map((bias, output) =>
      values.reduce((sum, value, k) => sum + value * plan.readout.scale[k][output], bias));
  }

  return { decisions, answer: (features) => toAnswer(plan, decisions(features)) };
}

// Far outliers are held at a limit, as in training; then center ± half_range becomes ±π/2.
function toRadians({ center, half_range, low, high, farthest }, features) {
  return features.map((value, i) => {
    const held = Math.min(Math.max(value, low[i] ?? -Infinity), high[i] ?? Infinity);
    const radians = ((held - center[i]) / half_range[i]) * (Math.PI / 2);
    return Math.min(Math.max(radians, -farthest), farthest);
  });
}

// Angles are sums of products of factors; a factor is ± a feature in radians + a shift.
function toProducts({ features, signs, shifts, products }, radians) {
  const factors = features.map((feature, k) => signs[k] * radians[feature] + shifts[k]);
  return products.map((which) => which.reduce((product, k) => product * (factors[k] ?? 1), 1));
}

const dot = (row, values) => row.reduce((sum, factor, k) => sum + factor * values[k], 0);

// Expectations Σ cosines · cos(frequencies · products) + sines · sin(frequencies · products).
function makePolynomial({ form: { frequencies, cosines, sines }, observables }) {
  return (radians, products) => {
    const values = observables.map(() => 0);
    frequencies.forEach((row, term) => {
      const phase = dot(row, products);
      const [cosine, sine] = [Math.cos(phase), Math.sin(phase)];
      values.forEach((_, k) => (values[k] += cosine * cosines[term][k] + sine * sines[term][k]));
    });
    return values;
  };
}

// Expectations by a state vector, step by step.
function makeCircuit({ form, angles: { coefficients }, observables }) {
  const size = 2 ** form.n_qubits;
  const state = { re: new Float64Array(size), im: new Float64Array(size) };
  const steps = form.steps.map((step) => STEPS[step.type](step, size));
  const sums = observables.map((observable) =>
    Object.entries(typeof observable === "string" ? { [observable]: 1 } : observable)
      .map(([letters, coefficient]) => ({ coefficient, pauli: makePauli(letters) })));
  return (radians, products) => {
    const angles = coefficients.map((row) => dot(row, products));
    begin(state, form, radians);
    for (const step of steps) step(state, angles);
    return sums.map((terms) =>
      terms.reduce((sum, { coefficient, pauli }) => sum + coefficient * expectation(state, pauli), 0));
  };
}

// The state before the first step; where `start` is null, the features themselves at norm 1.
function begin({ re, im }, { start, n_amplitudes }, radians) {
  re.fill(0);
  im.fill(0);
  if (start !== null) {
    start.forEach(([a, b], k) => ([re[k], im[k]] = [a, b]));
    return;
  }
  const norm = Math.hypot(...radians.slice(0, n_amplitudes));
  for (let k = 0; k < n_amplitudes; k++) re[k] = radians[k] / norm;
}

// What may be done to a state; a window is `width` neighboring qubits from `first` on.
const STEPS = { matrix: makeMatrix, moves: makeMoves, phases: makePhases };

// A matrix on a window.
function makeMatrix({ first, width, matrix }, size) {
  const rows = 2 ** width;
  const after = size / 2 ** first / rows;
  const re = matrix.map((row) => Float64Array.from(row, ([a]) => a));
  const im = matrix.map((row) => Float64Array.from(row, ([, b]) => b));
  const [oldRe, oldIm] = [new Float64Array(rows), new Float64Array(rows)];
  return (state) => {
    for (let block = 0; block < size; block += rows * after) {
      for (let base = block; base < block + after; base++) {
        for (let k = 0; k < rows; k++) {
          oldRe[k] = state.re[base + k * after];
          oldIm[k] = state.im[base + k * after];
        }
        for (let j = 0; j < rows; j++) {
          const [rowRe, rowIm] = [re[j], im[j]];
          let sumRe = 0;
          let sumIm = 0;
          for (let k = 0; k < rows; k++) {
            sumRe += rowRe[k] * oldRe[k] - rowIm[k] * oldIm[k];
            sumIm += rowRe[k] * oldIm[k] + rowIm[k] * oldRe[k];
          }
          state.re[base + j * after] = sumRe;
          state.im[base + j * after] = sumIm;
        }
      }
    }
  };
}

// Amplitudes change places and phases: new[j] = phases[j] · old[source[j]].
function makeMoves({ source, phases }) {
  return (state) => {
    const [re, im] = [state.re.slice(), state.im.slice()];
    source.forEach((k, j) => {
      const [a, b] = phases[j];
      state.re[j] = a * re[k] - b * im[k];
      state.im[j] = a * im[k] + b * re[k];
    });
  };
}

// The rotations by data: factors exp(−i(Σ eigenvalues · angles + constants)) of a window's states.
function makePhases({ first, width, angles: which, eigenvalues, constants }, size) {
  const rows = 2 ** width;
  const after = size / 2 ** first / rows;
  return (state, angles) => {
    for (let row = 0; row < rows; row++) {
      const phase = which.reduce((sum, angle, k) => sum + eigenvalues[k][row] * angles[angle], constants[row]);
      const [cosine, sine] = [Math.cos(phase), Math.sin(phase)];
      for (let block = row * after; block < size; block += rows * after) {
        for (let k = block; k < block + after; k++) {
          const [re, im] = [state.re[k], state.im[k]];
          state.re[k] = cosine * re + sine * im;
          state.im[k] = cosine * im - sine * re;
        }
      }
    }
  };
}

// A Pauli string P as (Pψ)[k] = (−i)**nY · (−1)**(ones in k & signs) · ψ[k ^ flips].
function makePauli(letters) {
  const bit = (qubit) => 1 << (letters.length - 1 - qubit);
  const mask = (which) =>
    [...letters].reduce((bits, letter, qubit) => (which.includes(letter) ? bits | bit(qubit) : bits), 0);
  return { flips: mask("XY"), signs: mask("YZ"), nY: [...letters].filter((letter) => letter === "Y").length };
}

function parity(bits) {
  let odd = 0;
  for (; bits; bits &= bits - 1) odd ^= 1;
  return odd;
}

// (−i)**n as a real and an imaginary part.
const POWERS = [[1, 0], [0, -1], [-1, 0], [0, 1]];

// The real part of ⟨ψ|P|ψ⟩.
function expectation({ re, im }, { flips, signs, nY }) {
  const [a, b] = POWERS[nY % 4];
  let sum = 0;
  for (let k = 0; k < re.length; k++) {
    const j = k ^ flips;
    const partRe = re[k] * re[j] + im[k] * im[j];
    const partIm = re[k] * im[j] - im[k] * re[j];
    const value = a * partRe - b * partIm;
    sum += parity(k & signs) ? -value : value;
  }
  return sum;
}

// Decision values → class probabilities and the most probable class, or numbers in the target's units.
function toAnswer({ classes, targets }, decisions) {
  if (targets) {
    return { decisions, values: decisions.map((value, k) => targets.center[k] + targets.scale[k] * value) };
  }
  const isPair = decisions.length === 1;
  const label = isPair ? Number(decisions[0] > 0) : decisions.indexOf(Math.max(...decisions));
  return { decisions, probabilities: isPair ? logistic(decisions[0]) : softmax(decisions), label, name: classes[label] };
}

const logistic = (odds) => [1 / (1 + Math.exp(odds)), 1 / (1 + Math.exp(-odds))];

function softmax(decisions) {
  const largest = Math.max(...decisions);
  const weights = decisions.map((value) => Math.exp(value - largest));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}
