// The controls: every one sends a change, and shows what the kernel then says.

function makeControls(model, send) {
  const controls = {};
  const change = (name, value) => send({ action: "change", name, value });

  const select = (name, label, help) => {
    const control = element("select", { onchange: () => change(name, readChoice(control.value)) });
    fillSelect(control, model.get("options").choices[name]);
    controls[name] = control;
    return labelled(label, control, help);
  };
  const number = (name, label, step, help) => {
    const { low, high } = model.get("options").ranges[name];
    const control = element("input", { type: "number", min: low, max: high, step });
    control.addEventListener("input", () => (control.dataset.edited = "true"));
    control.addEventListener("change", () => {
      delete control.dataset.edited;
      change(name, control.value === "" ? null : Number(control.value));
    });
    controls[name] = control;
    return labelled(label, control, help);
  };
  const group = (title, ...rows) => element("fieldset", {}, element("legend", {}, title), ...rows);

  const own = makeOwnData(model, send);
  const form = element(
    "form",
    { class: "qp-controls", "aria-label": "Settings", onsubmit: (event) => event.preventDefault() },
    group("Data", select("dataset", "Dataset"), makeNoiseSlider(controls, change), makeFeatures(controls, change),
      number("random_state", "Seed", 1, "Draws the data, the split and the first weights."), own.node),
    group("Circuit", select("encoding", "Encoding"), select("ansatz", "Ansatz"),
      number("n_layers", "Layers", 1), number("n_qubits", "Qubits", 1)),
    group("Simulator", select("backend", "Backend"), select("shots", "Shots"), select("noise", "Device noise")),
    group("Training", select("optimizer", "Optimiser", model.get("options").optimizer_help),
      number("learning_rate_init", "Learning rate", "any"), number("max_iter", "Iterations", 1),
      select("baseline", "Classical baseline")),
  );
  return { form, update: () => (updateControls(controls, model), own.update()) };
}

// Values of a select are text; "" stands for nothing, and digits for a number.
const readChoice = (text) => (text === "" ? null : /^\d+$/.test(text) ? Number(text) : text);

function makeNoiseSlider(controls, change) {
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
  Object.assign(controls, { data_noise: control, noiseOutput: output });
  const row = labelled("Noise in the data", control);
  row.querySelector("label").append(" ", output);
  return row;
}

function makeFeatures(controls, change) {
  const read = () => [controls.across, controls.up].map((control) => Number(control.value));
  const plane = element("select", {
    onchange: () => change("features", plane.value === "two" ? [0, 1] : null),
  });
  fillSelect(plane, [{ value: "main", label: "two main directions (PCA)" }, { value: "two", label: "two columns" }]);
  const axis = () => element("select", { onchange: () => change("features", read()) });
  Object.assign(controls, { plane, across: axis(), up: axis() });
  controls.planeRow = labelled("Shown and learned from", plane);
  controls.axesRow = element("div", {}, labelled("Horizontal", controls.across), labelled("Vertical", controls.up));
  return element("div", {}, controls.planeRow, controls.axesRow);
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
  controls.noiseOutput.textContent = hasNoise ? controls.data_noise.value : "measured data";
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

function ownChoice(model) {
  const { own } = model.get("settings");
  return own?.name ? [{ value: "own data", label: `Own data: ${own.name}` }] : [];
}

function makeOwnData(model, send) {
  const input = element("input", { type: "file", accept: model.get("options").suffixes });
  input.addEventListener("change", async () => {
    const [file] = input.files;
    if (!file) return;
    const limit = model.get("options").max_bytes;
    // Only what is small enough is sent; the kernel then says what is wrong with the rest.
    const content = file.size > limit ? null : await file.arrayBuffer();
    send({ action: "upload", name: file.name, size: file.size }, content ? [content] : []);
    input.value = "";
  });
  const target = element("select", {
    onchange: () => target.value && send({ action: "target", value: target.value }),
  });
  const targetRow = labelled("Column with the labels", target);
  const recognized = element("p", { class: "qp-note qp-recognized" });
  const node = element("div", {}, labelled("Your own table", input,
    "CSV, TSV, Excel or Parquet: a column with the labels, others with numbers, text or dates. " +
    "It stays on this computer."), targetRow, recognized);
  const update = () => {
    const { own } = model.get("settings");
    recognized.textContent = own?.recognized ?? "";
    recognized.hidden = !recognized.textContent;
    targetRow.hidden = !own || !own.columns.length;
    if (targetRow.hidden) return;
    targetRow.querySelector("label").textContent = `Column with the labels in ${own.file}`;
    const first = own.target ? [] : [{ value: "", label: "choose…" }];
    fillSelect(target, [...first, ...own.columns.map((value) => ({ value, label: value }))]);
    target.value = own.target;
  };
  return { node, update };
}
