// Small builders for the page: elements, labelled controls, clipboard.

let lastId = 0;
const newId = (name) => `qmlplay-${name}-${++lastId}`;

const FOCUSABLE = ["button", "input", "select", "summary"];

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  // Keeps JupyterLab's shortcuts, which it looks up from where the focus is, away from the keys.
  if (FOCUSABLE.includes(tag) || "tabindex" in attributes) node.dataset.lmSuppressShortcuts = "true";
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "style") node.style.cssText = value; // which a strict security policy allows
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

// A control under its own label; `help` is read out with it.
function labelled(text, control, help) {
  control.id ||= newId("control");
  const row = element("div", { class: "qp-field" }, element("label", { for: control.id }, text), control);
  if (help) {
    const hint = element("small", { id: `${control.id}-help` }, help);
    control.setAttribute("aria-describedby", hint.id);
    row.append(hint);
  }
  return row;
}

function fillSelect(select, choices) {
  const wanted = JSON.stringify(choices);
  if (select.dataset.choices === wanted) return;
  select.dataset.choices = wanted;
  select.replaceChildren(
    ...choices.map(({ value, label, disabled }) => element("option", { value, disabled }, label)),
  );
}

// Copy text; where the browser forbids it, select it so that Ctrl+C does.
async function copyText(text, shown, status) {
  try {
    await navigator.clipboard.writeText(text);
    status.textContent = "Copied.";
  } catch {
    if (shown.select) shown.select();
    else getSelection().selectAllChildren(shown);
    status.textContent = "Selected: press Ctrl+C to copy.";
  }
  setTimeout(() => (status.textContent = ""), 4000);
}

// Numbers that came as bytes.
const bytesOf = (view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

const several = (n, word, plural = `${word}s`) => `${n} ${n === 1 ? word : plural}`;

const percent = (share) => (share == null ? "–" : `${(100 * share).toFixed(1)} %`);

function duration(seconds) {
  if (seconds == null) return "–";
  if (seconds < 0.01) return `${(1000 * seconds).toFixed(1)} ms`;
  return seconds < 1 ? `${(1000 * seconds).toFixed(0)} ms` : `${seconds.toFixed(1)} s`;
}
