// Below the pictures: the circuit, the code, and the state as a string to share.

const TABS = { script: "This run in Python", qiskit: "Qiskit", cirq: "Cirq", pennylane: "PennyLane" };

function makeCircuit(model, send, view) {
  const holder = element("div", { class: "qp-circuit", tabindex: 0, role: "region", "aria-label": "Circuit drawing" });
  const text = element("pre", { tabindex: 0, "aria-label": "Circuit as text" });
  const legend = element("ul", { class: "qp-legend" });
  const node = element("section", { class: "qp-card" }, element("h3", {}, "The circuit"), legend, holder,
    element("details", {}, element("summary", {}, "as text"), text));
  let [drawn, room] = [null, 0];
  const update = () => {
    const circuit = model.get("circuit");
    const isDrawn = drawn === circuit && room === holder.clientWidth; // then the focus stays where it is
    if (!isDrawn) draw(circuit);
    [drawn, room] = [circuit, holder.clientWidth];
    markGates(holder, circuit, model.get("gates"), view.get("gate"));
  };
  const draw = (circuit) => {
    drawCircuit(holder, circuit);
    legend.replaceChildren(...Object.entries(circuit.kinds ?? {}).map(([kind, { fill, edge, edge_width, label }]) => {
      const style = kind === "link" ? "background:var(--link)" : `background:${fill};border:${edge_width}px solid ${edge}`;
      return element("li", {}, element("i", { class: "qp-swatch", style }), label);
    }));
    text.textContent = circuit.text ?? "";
  };
  chooseGates(holder, view);
  view.listen((changes) => "gate" in changes && update());
  return { node, update };
}

function makeCode(model, send) {
  let shown = "script";
  const code = element("code");
  const block = element("pre", { class: "qp-code", tabindex: 0, role: "region", "aria-label": "Code" }, code);
  const note = element("p", { class: "qp-note" });
  const status = element("span", { role: "status" });
  const buttons = Object.entries(TABS).map(([name, label]) =>
    element("button", { type: "button", "aria-pressed": "false", "data-tab": name, onclick: () => show(name) }, label));
  const copy = element("button", { type: "button", onclick: () => copyText(code.textContent, code, status) }, "Copy code");
  const node = element("details", { class: "qp-card" }, element("summary", {}, "Show me the code"),
    element("div", { class: "qp-tabs", role: "group", "aria-label": "Code for" }, ...buttons), note, block, copy, " ", status);
  const show = (name) => {
    shown = name;
    if (name !== "script") send({ action: "native", framework: name });
    update();
  };
  const update = () => {
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.tab === shown));
    const native = model.get("native");
    const isReady = shown === "script" || native.framework === shown;
    const text = !isReady ? "# …" : shown === "script" ? model.get("script") : native.code;
    if (code.textContent !== text) code.textContent = text;
    note.textContent = model.get("run").state === "playing"
      ? "Training goes on: pause to get the code of that moment."
      : shown !== "script"
        ? "The trained circuit for the first test sample; it needs nothing of qmlplay."
        : "It makes the same model from the same data, and prints its accuracy.";
  };
  return { node, update };
}

const LONGEST_STATE = 60000; // characters that are read; of more comes one, for Python to say so

function makeShare(model, send) {
  const own = element("input", { type: "text", readonly: true, spellcheck: "false" });
  const given = element("input", { type: "text", spellcheck: "false", autocomplete: "off" });
  const status = element("span", { role: "status" });
  const apply = () => send({ action: "restore", text: given.value.slice(0, LONGEST_STATE + 1) });
  given.addEventListener("keydown", (event) => event.key === "Enter" && apply());
  const givenRow = labelled("A string that you were given", given, "It is checked, and never run.");
  givenRow.dataset.field = "restore";
  const node = element("details", { class: "qp-card" }, element("summary", {}, "Share this state"),
    labelled("This state as a string", own),
    element("button", { type: "button", onclick: () => copyText(own.value, own, status) }, "Copy string"), " ",
    ...(model.link ? [element("button", { type: "button", onclick: () => copyText(model.link(), own, status) }, "Copy link"), " "] : []), status,
    givenRow,
    element("button", { type: "button", onclick: apply }, "Restore"));
  return { node, update: () => (own.value = model.get("share")) };
}
