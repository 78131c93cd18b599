// Light or dark: as the page around is, or as its reader has chosen; `color` is for canvases.

const STORED_SCHEME = "qmlplay-scheme";
const scheme = { choice: "auto", shown: "light", listeners: new Set() };
const color = (name) => PAGE_COLORS[scheme.shown][name];

// The mark of Jupyter, VS Code, marimo, Colab or a plain page; what the system asks for otherwise.
function schemeAround() {
  for (const node of [document.body, document.documentElement]) {
    const { jpThemeLight, theme, jpThemeName, vscodeThemeKind } = node.dataset;
    const mark = `${theme ?? node.getAttribute("theme") ?? jpThemeName ?? ""} ${vscodeThemeKind ?? ""} ${node.className}`;
    if (jpThemeLight) return jpThemeLight === "false" ? "dark" : "light";
    if (/(^|[\s-])light(\s|$)/.test(mark)) return "light";
    if (/(^|[\s-])(dark|vscode-high-contrast)(\s|$)/.test(mark)) return "dark";
  }
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

function applyScheme() {
  const shown = scheme.choice === "auto" ? schemeAround() : scheme.choice;
  if (shown === scheme.shown) return;
  scheme.shown = shown;
  for (const listener of scheme.listeners) listener(shown);
}

function storedScheme() {
  try {
    return localStorage.getItem(STORED_SCHEME) ?? "auto";
  } catch {
    return "auto"; // a page that may not keep anything
  }
}

function chooseScheme(choice) {
  scheme.choice = choice;
  try {
    localStorage.setItem(STORED_SCHEME, choice);
  } catch {
    // It holds as long as the page is open.
  }
  applyScheme();
}

// Calls `listener` at every change from now on; returns what ends that.
function followScheme(listener) {
  scheme.choice = storedScheme();
  const system = matchMedia("(prefers-color-scheme: dark)");
  const marks = new MutationObserver(applyScheme);
  const attributes = { attributes: true, attributeFilter: ["class", "theme", "data-theme", "data-jp-theme-light", "data-vscode-theme-kind"] };
  for (const node of [document.documentElement, document.body]) marks.observe(node, attributes);
  system.addEventListener("change", applyScheme);
  scheme.listeners.add(listener);
  applyScheme();
  listener(scheme.shown);
  return () => {
    marks.disconnect();
    system.removeEventListener("change", applyScheme);
    scheme.listeners.delete(listener);
  };
}

function makeSchemeSwitch() {
  const control = element("select", { onchange: () => chooseScheme(control.value) });
  fillSelect(control, [["auto", "automatic"], ["light", "light"], ["dark", "dark"]].map(([value, label]) => ({ value, label })));
  control.value = storedScheme();
  return labelled("Colours", control);
}
