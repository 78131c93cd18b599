// The page of `qmlplay play`: the widget's model over a WebSocket, as anywidget has it over a kernel.

import page from "./page.js";
import { followAddress, inAddress } from "./address.js";

// Kept for this tab: a reload finds them, and a duplicated tab has a copy.
const RUN = "qmlplay-run";
// The last two that were written here, to know what the user has changed: a reload that has begun
// loads the one before.
const ADDRESS = "qmlplay-address";
const LEFT = "qmlplay-left"; // set while a page is being left, so not in a copy of one that is open
const [AGAIN, LONGEST] = [1000, 5000]; // milliseconds between two tries to connect

function pack(content, buffers) {
  const parts = buffers.map((buffer) => new Uint8Array(buffer.buffer ?? buffer, buffer.byteOffset ?? 0, buffer.byteLength));
  const text = new TextEncoder().encode(JSON.stringify({ ...content, sizes: parts.map((part) => part.length) }));
  const message = new Uint8Array(4 + text.length + parts.reduce((sum, part) => sum + part.length, 0));
  new DataView(message.buffer).setUint32(0, text.length);
  let start = 4;
  for (const part of [text, ...parts]) {
    message.set(part, start);
    start += part.length;
  }
  return message; // no Blob: that would be sent later, and not at all when the page is left
}

function unpack(message) {
  const length = new DataView(message).getUint32(0);
  const content = JSON.parse(new TextDecoder().decode(new Uint8Array(message, 4, length)));
  let start = 4 + length;
  content.buffers = content.sizes.map((size) => new DataView(message, (start += size) - size, size));
  return content;
}

// Traits, listeners and messages, in anywidget's words.
function makeModel(post) {
  const state = {};
  const listeners = new Map(); // event → callbacks
  const tell = (event, ...values) => [...(listeners.get(event) ?? [])].forEach((callback) => callback(...values));
  const on = (event, callback) => {
    if (!listeners.has(event)) listeners.set(event, new Set());
    listeners.get(event).add(callback);
  };
  const off = (event, callback) => {
    for (const [name, callbacks] of listeners) {
      if (event && name !== event) continue;
      if (callback) callbacks.delete(callback);
      else callbacks.clear();
    }
  };
  const take = (changes) => {
    Object.assign(state, changes);
    for (const name of Object.keys(changes)) tell(`change:${name}`);
    tell("change");
  };
  return {
    model: {
      get: (name) => state[name],
      set: (name, value) => take({ [name]: value }),
      save_changes: () => {},
      on,
      off,
      send: (content, callbacks, buffers = []) => post(content, buffers),
    },
    take,
    tell,
  };
}

function connect(onMessage, onOpen, onLost) {
  let [socket, wait] = [null, AGAIN];
  const open = () => {
    const mine = (socket = new WebSocket(`ws://${location.host}/socket`));
    mine.binaryType = "arraybuffer";
    mine.addEventListener("open", () => {
      wait = AGAIN;
      onOpen();
    });
    mine.addEventListener("message", ({ data }) => onMessage(unpack(data)));
    mine.addEventListener("close", ({ reason }) => {
      onLost(reason);
      setTimeout(open, wait);
      wait = Math.min(1.3 * wait, LONGEST);
    });
  };
  const post = (content, buffers = []) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(pack(content, buffers));
  };
  return { open, post };
}

// What the tab knows of its run, also after a reload.
function makeMemory() {
  const isReload = sessionStorage.getItem(LEFT) !== null;
  sessionStorage.removeItem(LEFT);
  window.addEventListener("pagehide", () => sessionStorage.setItem(LEFT, "yes"));
  window.addEventListener("pageshow", () => sessionStorage.removeItem(LEFT));
  return { isReload, get: (name) => sessionStorage.getItem(name), set: (name, text) => sessionStorage.setItem(name, text) };
}

function start() {
  const main = document.getElementById("page");
  const memory = makeMemory();
  let [isShown, isOpen, hasLeft] = [false, false, memory.isReload];
  const hello = () => {
    const configuration = inAddress() || null;
    const isEdited = configuration !== null && !(memory.get(ADDRESS) ?? "").split(" ").includes(configuration);
    connection.post({ run: memory.get(RUN), has_left: hasLeft, configuration, is_edited: isEdited });
    hasLeft = true; // from now on the run is this page's
  };
  const remember = (text) => {
    const [last] = (memory.get(ADDRESS) ?? "").split(" ");
    if (text !== last) memory.set(ADDRESS, `${text} ${last}`);
  };
  const show = () => {
    isShown = true;
    main.replaceChildren();
    const send = (content) => connection.post(content);
    model.link = followAddress(model, send, remember);
    page.render({ model, el: main });
  };
  const receive = ({ run, state, paths, contents, buffers }) => {
    if (run) return memory.set(RUN, run);
    paths.forEach((path, i) => {
      const holder = path.slice(0, -1).reduce((value, key) => value[key], state);
      holder[path[path.length - 1]] = buffers[i];
    });
    take(state);
    if (!isShown) show();
    if (!isOpen) tell("connection", "open"); // no more than once: it is answered
    isOpen = true;
    for (const content of contents) tell("msg:custom", content, []);
  };
  const lost = (reason) => {
    isOpen = false;
    if (isShown) tell("connection", "lost", reason);
    else document.getElementById("starting").textContent = `No connection: ${reason || "the server does not answer"}.`;
  };
  const connection = connect(receive, hello, lost);
  const { model, take, tell } = makeModel(connection.post);
  connection.open();
}

start();
