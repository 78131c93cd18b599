// The controls: every one sends a change, and shows what the kernel then says.

function makeControls(model, send) {
  const controls = {};
  const { choices, ranges, fields } = model.get("options");
  const change = (name, value) => send({ action: "change", name, value });
  const setting = (name, control) => {
    controls[name] = control;
    const row = labelled(fields[name].label, control, fields[name].help);
    row.dataset.field = name;
    return row;
  };
  const select = (name) => {
    const control = element("select", { onchange: () => change(name, readChoice(control.value)) });
    fillSelect(control, choices[name]);
    return setting(name, control);
  };
  const number = (name, step = 1) => {
    const row = setting(name, makeNumber(ranges[name], step, (value) => change(name, value)));
    row.classList.add("qp-number");
    return row;
  };

  const own = makeOwnData(model, send);
  const form = element(
    "form",
    { class: "qp-settings", "aria-label": "Settings", onsubmit: (event) => event.preventDefault() },
    settingsGroup("Data", select("dataset"), makeNoiseSlider(setting, controls, change), makeFeatures(controls, fields, change),
      number("random_state"), own.node),
    settingsGroup("Circuit", select("encoding"), select("ansatz"), number("n_layers"), number("n_qubits")),
    settingsGroup("Simulator", select("backend"), select("shots"), select("noise")),
    settingsGroup("Training", select("optimizer"), number("learning_rate_init", "any"), number("max_iter"), select("baseline")),
  );
  return { form, update: () => (updateControls(controls, model), own.update()) };
}

const settingsGroup = (title, ...rows) =>
  element("details", { class: "qp-group qp-card", open: true }, element("summary", {}, title), ...rows);

// Values of a select are text; "" stands for nothing, and digits for a number.
const readChoice = (text) => (text === "" ? null : /^\d+$/.test(text) ? Number(text) : text);

function makeNumber({ low, high }, step, change) {
  const control = element("input", { type: "number", min: low, max: high, step });
  control.addEventListener("input", () => (control.dataset.edited = "true"));
  control.addEventListener("change", () => {
    delete control.dataset.edited;
    change(control.value === "" ? null : Number(control.value));
  });
  return control;
}

function makeNoiseSlider(setting, controls, change) {
  const control = element("input", { type: "range", min: 0, max: 2, step: 0.01, id: newId("noise") });
  const output = element("output", { for: control.id });
  let waiting = null;
  control.addEventListener("input", () => {
    output.textContent = control.value;
    control.dataset.edited = "true";
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      delete control.dataset.edited;
      change("data_noise", Number(control.value));
    }, 150);
  });
  controls.noiseOutput = output;
  const row = setting("data_noise", control);
  row.querySelector("label").append(" ", output);
  return row;
}

function makeFeatures(controls, fields, change) {
  const read = () => [controls.across, controls.up].map((control) => Number(control.value));
  const plane = element("select", {
    onchange: () => change("features", plane.value === "two" ? [0, 1] : null),
  });
  fillSelect(plane, [{ value: "main", label: "two main directions (PCA)" }, { value: "two", label: "two columns" }]);
  const axis = () => element("select", { onchange: () => change("features", read()) });
  Object.assign(controls, { plane, across: axis(), up: axis() });
  controls.planeRow = labelled(fields.features.label, plane, fields.features.help);
  controls.axesRow = element("div", { class: "qp-pair" },
    labelled("Horizontal", controls.across), labelled("Vertical", controls.up));
  return element("div", { "data-field": "features" }, controls.planeRow, controls.axesRow);
}

function updateControls(controls, model) {
  const { values, columns, has_data_noise: hasNoise } = model.get("settings");
  const { choices } = model.get("options");
  for (const name of ["dataset", "encoding", "ansatz", "backend", "shots", "noise", "optimizer", "baseline"]) {
    const value = values[name] ?? "";
    let offered = name === "dataset" ? [...choices.dataset, ...ownChoice(model)] : choices[name];
    if (!offered.some((choice) => String(choice.value) === String(value))) {
      offered = [...offered, { value, label: String(value) }];
    }
    fillSelect(controls[name], offered);
    controls[name].value = String(value);
  }
  for (const name of ["random_state", "n_layers", "n_qubits", "learning_rate_init", "max_iter", "data_noise"]) {
    if (!controls[name].dataset.edited) controls[name].value = values[name]; // not while it is typed
  }
  controls.data_noise.disabled = !hasNoise;
  controls.noiseOutput.textContent = hasNoise ? controls.data_noise.value : "none to choose";
  controls.planeRow.hidden = columns.length <= 2;
  controls.axesRow.hidden = columns.length <= 2 || !values.features;
  controls.plane.value = values.features ? "two" : "main";
  if (values.features) {
    const names = columns.map((label, value) => ({ value, label }));
    ["across", "up"].forEach((name, i) => {
      fillSelect(controls[name], names);
      controls[name].value = values.features[i];
    });
  }
}
