// Guided experiments: choose one, load its settings, and read the answer once it was tried.

function makeExperiments(model, send) {
  const { experiments } = model.get("options");
  const select = element("select", { onchange: () => choose(select.value) });
  const titles = Object.entries(experiments).map(([value, { title, notebook }]) =>
    ({ value, label: `${chapterNumber(notebook)} · ${title}` }));
  fillSelect(select, [{ value: "", label: "Choose an experiment…" }, ...titles]);
  const [question, task, answer] = ["qp-question", "qp-task", "qp-answer"].map((name) => element("p", { class: name }));
  const variants = element("div", { class: "qp-variants", role: "group", "aria-label": "Settings of the experiment" });
  const results = element("ul", { class: "qp-results" });
  const chapter = element("p", { class: "qp-note" });
  const fold = element("details", { class: "qp-fold" }, element("summary", {}, "What you see, and why"), answer, chapter);
  const body = element("div", { class: "qp-experiment", hidden: true },
    element("div", {}, question, task), element("div", {}, variants, results), fold);
  const node = element("section", { class: "qp-card qp-experiments", "aria-label": "Guided experiments" },
    labelled("Guided experiment", select), body);

  let chosen = ""; // the experiment that is shown
  let loaded = null; // settings that this run has had from its first step on
  let seen = {}; // "name 0" → what the variant has reached
  const choose = (name) => {
    chosen = name;
    fold.open = false;
    show();
    if (name) send({ action: "experiment", name, variant: 0 });
  };
  const show = () => {
    const shown = experiments[chosen];
    select.value = chosen;
    body.hidden = !shown;
    if (!shown) return;
    [question.textContent, task.textContent, answer.textContent] = [shown.question, shown.task, shown.answer];
    variants.replaceChildren(...shown.variants.map((label, variant) => element("button", {
      type: "button", "aria-pressed": "false", onclick: () => send({ action: "experiment", name: chosen, variant }),
    }, label)));
    chapter.replaceChildren("Chapter ", ...chapterLink(shown));
  };
  const update = () => {
    const { values, experiments: matching = [] } = model.get("settings");
    const [run, frame] = [model.get("run"), model.get("model_frame")];
    if (!values) return;
    const first = matching.find(([, variant]) => variant === 0);
    if (!chosen && loaded === null && first) (chosen = first[0]), show(); // the page was opened at one
    const settings = JSON.stringify(values);
    if (loaded === null || !run.step) loaded = settings;
    const shown = experiments[chosen];
    if (!shown) return;
    const [, current = -1] = matching.find(([name]) => name === chosen) ?? [];
    [...variants.children].forEach((button, variant) => button.setAttribute("aria-pressed", String(variant === current)));
    if (current >= 0 && settings === loaded && run.step >= Math.max(1, shown.steps)) {
      seen[`${chosen} ${current}`] = `step ${frame.step}: training ${percent(frame.train)}, test ${percent(frame.test)}`;
    }
    showResults(shown, current, run.step);
  };
  const showResults = (shown, current, step) => {
    const reached = shown.variants.map((label, variant) => seen[`${chosen} ${variant}`]);
    results.replaceChildren(...shown.variants.map((label, variant) => {
      const isNow = variant === current && step > 0;
      const progress = shown.steps ? (isNow ? `step ${step} of ${shown.steps}` : `not trained yet`) : "";
      return element("li", { "data-done": reached[variant] ? "" : null }, element("b", {}, label), " ", reached[variant] ?? progress);
    }));
    results.hidden = !shown.steps;
    const isDone = shown.steps ? reached.every(Boolean) : model.get("simulators").state === "finished";
    if (isDone && fold.dataset.opened !== chosen) [fold.open, fold.dataset.opened] = [true, chosen];
  };
  return { node, update };
}

const chapterNumber = (notebook) => Number(notebook.match(/\/(\d+)/)[1]);

function chapterLink({ notebook, address }) {
  const file = element("code", {}, notebook);
  if (!address) return [`${chapterNumber(notebook)} explains it: `, file];
  return [element("a", { href: address, target: "_blank", rel: "noopener" }, `${chapterNumber(notebook)} explains it`), " (", file, ")"];
}
