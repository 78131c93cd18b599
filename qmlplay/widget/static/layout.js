// The layout: which part stands where, by the width that the page has.

// From so many pixels on: one column, settings beside the rest, the circuit beside the plane, and all beside each other.
const WIDTHS = [["narrow", 0], ["medium", 760], ["wide", 1180], ["widest", 2000]];

// Parts in the order in which they are read and reached by the Tab key.
const ORDERS = {
  narrow: ["output", "stage", "settings", "below"],
  medium: ["settings", "output", "stage", "below"],
  wide: ["settings", "stage", "output", "below"],
  widest: ["settings", "stage", "output", "below"],
};

function makeLayout(parts) {
  const node = element("div", { class: "qp-layout" });
  let shown = null;
  const arrange = (pixels) => {
    const [name] = WIDTHS.findLast(([, least]) => pixels >= least);
    if (name === shown) return;
    const focused = node.getRootNode().activeElement;
    const isNarrow = name === "narrow";
    if (isNarrow !== (shown === "narrow")) foldGroups(parts.settings, isNarrow);
    shown = name;
    node.dataset.width = name;
    node.append(...ORDERS[name].map((part) => parts[part]));
    if (node.contains(focused)) focused.focus({ preventScroll: true }); // moving took it away
  };
  return { node, arrange };
}

// Groups of settings are folded on small screens, where the pictures come first.
function foldGroups(settings, isNarrow) {
  for (const group of settings.querySelectorAll("details.qp-group")) group.open = !isNarrow;
}
