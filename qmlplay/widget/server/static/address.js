// The address: what follows # is the state as a string, so that links, reloads, back and forward work.

const BETWEEN = 300; // milliseconds between two changes of the address: browsers count them
const ONE_CHANGE = 1000; // changes in so many milliseconds, as of a slider, are one step back
const RESTORING = 1500; // milliseconds that an address of the user's is left alone

const LONGEST = 60000; // characters that are read; of more comes one, for the server to say so

export const inAddress = () => {
  const text = location.hash.slice(1);
  try {
    return decodeURIComponent(text).slice(0, LONGEST + 1);
  } catch {
    return text.slice(0, LONGEST + 1); // not even an address; the server says why it is refused
  }
};

// Follow the model in the address, and the user's changes of it in the model.
export function followAddress(model, send, onWritten) {
  let [written, settings, pushed, timer] = ["", null, 0, null];
  const write = () => {
    clearTimeout(timer);
    timer = null;
    const text = model.get("share");
    const now = JSON.stringify(model.get("settings").values);
    if (text && text !== inAddress()) {
      const isStep = settings !== null && now !== settings && Date.now() - pushed > ONE_CHANGE;
      history[isStep ? "pushState" : "replaceState"](null, "", `#${text}`);
      if (isStep) pushed = Date.now();
    }
    [written, settings] = [text, now];
    onWritten(text);
  };
  const follow = () => (timer ??= setTimeout(write, BETWEEN));
  const restore = () => {
    const text = inAddress();
    if (text === written) return;
    if (!text) return follow();
    settings = null; // what comes of it is not one more step
    clearTimeout(timer); // nothing of before is written over it, as where "back" is pressed twice
    timer = setTimeout(write, RESTORING);
    send({ action: "dismiss" }); // so that the same error is news again
    send({ action: "restore", text });
  };
  model.on("change:share", follow);
  model.on("change:message", () => model.get("message").kind === "error" && follow()); // the old state is kept
  window.addEventListener("hashchange", restore);
  write();
  return () => (write(), location.href);
}
