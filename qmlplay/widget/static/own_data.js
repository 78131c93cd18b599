// The user's own table: a file, the column with the labels, and what was recognised.

function ownChoice(model) {
  const { own } = model.get("settings");
  return own?.name ? [{ value: "own data", label: `Own data: ${own.name}` }] : [];
}

function makeOwnData(model, send) {
  const { suffixes, max_bytes: limit, fields } = model.get("options");
  const input = element("input", { type: "file", accept: suffixes });
  input.addEventListener("change", async () => {
    const [file] = input.files;
    if (!file) return;
    // Only what is small enough is sent; the kernel then says what is wrong with the rest.
    const content = file.size > limit ? null : await file.arrayBuffer();
    send({ action: "upload", name: file.name, size: file.size }, content ? [content] : []);
    input.value = "";
  });
  const target = element("select", {
    onchange: () => target.value && send({ action: "target", value: target.value }),
  });
  const fileRow = labelled(fields.own_data.label, input,
    `CSV, TSV, Excel or Parquet: a column with the labels, others with numbers, text or dates. ${fields.own_data.help}`);
  const targetRow = labelled("Column with the labels", target);
  [fileRow.dataset.field, targetRow.dataset.field] = ["upload", "target"];
  const recognized = element("p", { class: "qp-note qp-recognized" });
  const node = element("div", {}, fileRow, targetRow, recognized);
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
