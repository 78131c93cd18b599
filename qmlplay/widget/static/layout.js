// The layout: which part stands in which column, by the width that the page has.

// From so many pixels on; the columns from left to right, the parts in each from top to bottom.
const LAYOUTS = [
  { name: "narrow", least: 0, columns: ["pictures circuit gate growth why settings inspector scores simulators code share"] },
  { name: "medium", least: 760, columns: ["settings", "pictures circuit gate growth why inspector scores simulators code share"] },
  { name: "wide", least: 1180, columns: ["settings", "circuit gate growth why inspector", "pictures scores simulators code share"] },
  { name: "widest", least: 2000, columns: ["settings", "circuit gate growth why", "pictures scores", "inspector simulators code share"] },
];

// Parts are read, and reached by the Tab key, in the order in which they are seen.
function makeLayout(parts) {
  const node = element("div", { class: "qp-layout" });
  let shown = null;
  const arrange = (pixels) => {
    const layout = LAYOUTS.findLast(({ least }) => pixels >= least);
    if (layout === shown) return;
    const focused = node.getRootNode().activeElement;
    const isNarrow = layout === LAYOUTS[0];
    if (isNarrow !== (shown === LAYOUTS[0])) foldGroups(parts.settings, isNarrow);
    shown = layout;
    node.dataset.width = layout.name;
    node.replaceChildren(...layout.columns.map((names) =>
      element("div", { class: "qp-column" }, ...names.split(" ").map((name) => parts[name]))));
    if (node.contains(focused)) focused.focus({ preventScroll: true }); // moving took it away
  };
  return { node, arrange };
}

// A part whose content is still to come keeps its place, unseen: else all that stands below it would
// jump up and down again, and a click would miss.
function showPart(node, isThere, model) {
  const isComing = !isThere && !["waiting", "failed"].includes(model.get("run").state);
  node.hidden = !isThere && !isComing;
  node.classList.toggle("qp-coming", isComing);
  return isThere;
}

// Groups of settings are folded on small screens, where the pictures come first.
function foldGroups(settings, isNarrow) {
  for (const group of settings.querySelectorAll("details.qp-group")) group.open = !isNarrow;
}
