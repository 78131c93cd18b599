// Whether Python still answers: never "Ready." over a server or a kernel that is gone.

const SILENCE = 20000; // milliseconds without an answer, after which it counts as lost

function makeConnection(model, send, view) {
  const id = newId("view");
  const text = element("span");
  const node = element("div", { class: "qp-message qp-connection", role: "alert", hidden: true }, text);
  let waiting = null;
  const answered = () => {
    clearTimeout(waiting);
    waiting = null;
    show("");
  };
  const show = (reason) => {
    node.hidden = !reason;
    if (text.textContent !== reason) text.textContent = reason;
    if (view.get("lost") !== Boolean(reason)) view.set({ lost: Boolean(reason) });
  };
  const isBusy = "Connection lost: Python is busy with something else, or has ended. If it has, run the cell again.";
  const pulse = () => {
    waiting ??= setTimeout(() => show(isBusy), SILENCE);
    try {
      Promise.resolve(send({ action: "alive", view: id })).catch(() => show(isBusy));
    } catch {
      show(isBusy); // a kernel that is known to be dead takes no message
    }
  };
  const gone = () => send({ action: "gone", view: id });
  model.on("msg:custom", (content) => content?.alive === id && answered());
  // The page of `qmlplay play` knows at once, by its socket.
  model.on("connection", (state, reason) => {
    if (state === "open") pulse();
    else show(`Connection lost: ${reason || "the server has ended, or was stopped. This page goes on when it is back"}.`);
    if (state === "open") show("");
  });
  const timer = setInterval(pulse, 5000);
  window.addEventListener("pagehide", gone);
  pulse();
  const end = () => {
    clearInterval(timer);
    clearTimeout(waiting);
    window.removeEventListener("pagehide", gone);
    gone();
  };
  return { node, end };
}
