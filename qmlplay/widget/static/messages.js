// Messages: in the toolbar, which stays in view, and beside the field that they are about.

function makeMessage(model, send) {
  const text = element("span");
  const close = element("button", { type: "button", onclick: () => send({ action: "dismiss" }) }, "Dismiss");
  const node = element("div", { class: "qp-message", hidden: true }, text, close);
  const region = element("div", { role: "alert" }, node);
  const update = () => {
    const message = model.get("message");
    node.hidden = !message.text;
    node.dataset.kind = message.kind ?? "";
    if (text.textContent !== (message.text ?? "")) text.textContent = message.text ?? "";
    showBesideField(region.closest(".qmlplay"), message);
  };
  return { node: region, update };
}

// Rows with data-field="…" show what is wrong with theirs; it is read out with their control.
function showBesideField(page, { text, kind, field }) {
  for (const row of page.querySelectorAll("[data-field]")) {
    const control = row.querySelector("select, input, button");
    const told = kind === "error" && field === row.dataset.field ? text : "";
    let note = row.querySelector(":scope > .qp-wrong");
    if (!note && !told) continue;
    if (!note) row.append((note = element("p", { class: "qp-wrong", id: newId("wrong") })));
    note.textContent = told;
    note.hidden = !told;
    describeBy(control, note.id, Boolean(told));
  }
}

function describeBy(control, id, isThere) {
  const ids = new Set((control?.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean));
  if (isThere) ids.add(id);
  else ids.delete(id);
  control?.setAttribute("aria-describedby", [...ids].join(" "));
}
