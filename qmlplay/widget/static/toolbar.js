// The toolbar: play, step, reset, and how the training goes; it stays in view.

const STATES = {
  ready: "Ready.",
  playing: "Training.",
  pausing: "Pausing…",
  paused: "Paused.",
  finished: "Finished.",
  failed: "Stopped by an error.",
  waiting: "Waiting for samples.",
};
const SLOW = 1; // seconds of a step from which on its progress is shown

function makeToolbar(model, send, view) {
  const button = (text, action, extra = {}) =>
    element("button", { type: "button", onclick: () => send({ action }), ...extra }, text);
  const play = makePlay(send);
  const step = button("Step", "step", { title: "One training step more" });
  const reset = button("Reset", "reset", { title: "Back to the first weights" });
  const cancel = button("Cancel the step", "cancel", { class: "qp-cancel", hidden: true });
  const speed = element("select", { onchange: () => send({ action: "speed", value: Number(speed.value) }) });
  fillSelect(speed, model.get("options").speeds);
  const progress = makeProgress();
  const patience = makePatience();
  const node = element("div", { class: "qp-toolbar", role: "group", "aria-label": "Training" },
    play.node, step, reset, cancel, progress.node, labelled("Speed", speed));
  const update = () => {
    const run = model.get("run");
    const isLong = isAtWork(run) && (isSlow(run) || patience.isAtEnd(run, update));
    play.update(run.state);
    progress.update(run, { isLong, isLost: view.get("lost"), hasPicture: model.get("model_frame").resolution });
    cancel.hidden = !isLong;
    speed.value = String(run.speed);
    for (const control of node.querySelectorAll("button, select")) control.disabled = view.get("lost");
  };
  view.listen((changes) => "lost" in changes && update());
  return { node, update };
}

const isAtWork = (run) => ["playing", "pausing"].includes(run.state);
const isSlow = (run) => Math.max(run.seconds_per_step ?? 0, run.forecast_seconds ?? 0) >= SLOW;

// Whether a step goes on for a while: it may be long before anybody knows how long.
function makePatience() {
  let [heard, since, timer] = ["", 0, null];
  const isAtEnd = ({ state, step }, again) => {
    const news = `${state} ${step}`;
    if (news !== heard) [heard, since] = [news, performance.now()];
    const rest = 1000 * SLOW - (performance.now() - since);
    clearTimeout(timer);
    if (rest > 0) timer = setTimeout(again, rest + 10);
    return rest <= 0;
  };
  return { isAtEnd };
}

function makePlay(send) {
  const node = element("button", { type: "button", class: "qp-primary" }, "Play");
  const show = (action) => {
    const text = action === "play" ? "Play" : "Pause";
    if (node.textContent !== text) node.textContent = text;
    node.dataset.action = action;
  };
  node.addEventListener("click", () => {
    const { action } = node.dataset;
    show(action === "play" ? "pause" : "play"); // at once; the kernel confirms
    send({ action });
  });
  return { node, update: (state) => show(state === "playing" ? "pause" : "play") };
}

// What it does, how far it is, and how long that takes.
function makeProgress() {
  const status = element("p", { class: "qp-status", role: "status", "aria-live": "polite" });
  const count = element("span", { class: "qp-count" });
  const limit = element("span", { class: "qp-limit" });
  const forecast = element("span", { class: "qp-forecast" });
  const bar = element("progress", { max: 1, "aria-label": "Progress of this training step", hidden: true });
  const node = element("div", { class: "qp-progress" }, status, element("p", {}, count, " ", limit), forecast, bar);
  const update = (run, { isLong, isLost, hasPicture }) => {
    status.dataset.state = run.state;
    const text = isLost ? "Connection lost." : (STATES[run.state] ?? "");
    if (status.textContent !== text) status.textContent = text;
    count.textContent = `step ${run.step ?? 0}`;
    limit.textContent = run.step > run.max_steps ? `beyond ${run.max_steps}` : `of ${run.max_steps ?? "–"}`;
    const seconds = run.step ? run.seconds_per_step : run.forecast_seconds;
    const isFirst = !hasPicture && run.state !== "failed";
    forecast.textContent = seconds != null ? `about ${roughly(seconds)} a step` : isFirst ? "first picture under way…" : "";
    forecast.classList.toggle("qp-slow", seconds >= SLOW);
    bar.hidden = !isLong;
    if (run.progress) bar.value = run.progress;
    else bar.removeAttribute("value"); // at work, nobody knows how far
  };
  return { node, update };
}

// "about 30 s" says as much as "29.6 s", and does not flicker.
function roughly(seconds) {
  if (seconds >= 90) return `${Math.round(seconds / 60)} min`;
  const digits = (value) => Number(value.toPrecision(1 + (value >= 10)));
  return seconds >= 1 ? `${digits(seconds)} s` : `${Math.max(1, digits(1000 * seconds))} ms`;
}
