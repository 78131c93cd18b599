// What a user gives, a value per column: a number, null for a gap, or the place of a category.

// Columns → the numbers that the model was trained on.
function toFeatures({ inputs, maps }, values) {
  const numbers = inputs.flatMap((input, i) => columnNumbers(input, values[i]));
  return maps.reduce(applyMap, numbers);
}

function columnNumbers(input, value) {
  if (input.kind === "category") return input.choices[value].numbers;
  const filled = value === null ? input.median : value;
  return input.marks_gaps ? [filled, value === null ? 1 : 0] : [filled];
}

// (numbers − center) · matrix
function applyMap(numbers, { center, matrix }) {
  return matrix[0].map((_, k) =>
    numbers.reduce((sum, value, i) => sum + (value - center[i]) * matrix[i][k], 0));
}

// The text of a cell or a field → a value, or an error that says what is allowed.
function readValue(input, text) {
  const cell = text.trim();
  if (input.kind === "category") {
    if (cell === "") return input.gap;
    const place = input.choices.findIndex(({ label }) => label === cell);
    if (place >= 0) return place;
    throw new Error(`“${cell}” is no choice of ${input.name}: ${input.choices.map((c) => c.label).join(", ")}`);
  }
  if (cell === "" && input.median !== null) return null;
  const value = cell === "" ? NaN : Number(cell);
  if (!Number.isFinite(value)) throw new Error(`“${cell}” is no number for ${input.name}`);
  return value;
}

// Sliders, number fields and choices; `onChange` gets nothing, `values` has what is set.
function makeControls(inputs, onChange) {
  const values = inputs.map((input) => input.start);
  const controls = inputs.map((input, i) => ({
    field: document.getElementById(`field-${i}`),
    slider: document.getElementById(`slider-${i}`),
    note: document.getElementById(`note-${i}`),
  }));

  function show(i) {
    const { field, slider, note } = controls[i];
    if (inputs[i].kind === "category") {
      field.value = String(values[i]);
      return;
    }
    if (document.activeElement !== field) field.value = values[i] === null ? "" : shown(inputs[i], values[i]);
    slider.value = String(values[i] ?? inputs[i].median);
    field.removeAttribute("aria-invalid");
    note.textContent = remark(inputs[i], values[i]);
  }

  function set(i, value) {
    values[i] = value;
    show(i);
    onChange();
  }

  function refuse(i, message) {
    controls[i].field.setAttribute("aria-invalid", "true");
    controls[i].note.textContent = message;
  }

  controls.forEach(({ field, slider }, i) => {
    if (inputs[i].kind === "category") {
      field.addEventListener("change", () => set(i, Number(field.value)));
      return;
    }
    slider.addEventListener("input", () => set(i, Number(slider.value)));
    field.addEventListener("input", () => {
      try {
        set(i, readValue(inputs[i], field.validity.badInput ? "what is typed" : field.value));
      } catch (error) {
        refuse(i, error.message);
      }
    });
    field.addEventListener("blur", () => show(i));
  });
  return { values, set, reset: () => inputs.forEach((input, i) => set(i, input.start)) };
}

// A number with the decimals of its slider's step, or all that it has where it was typed.
function shown({ step }, value) {
  const rounded = Number(value.toPrecision(12));
  return Math.abs(rounded / step - Math.round(rounded / step)) < 1e-9 ? String(rounded) : String(value);
}

function remark({ low, high, held_low, held_high, median }, value) {
  if (value === null) return `a gap: the model takes the median, ${median}`;
  if (held_low !== null && value < held_low) return `counts as ${held_low}, where training ended`;
  if (held_high !== null && value > held_high) return `counts as ${held_high}, where training ended`;
  return value < low || value > high ? "outside the range of training: the answer is a guess" : "";
}
