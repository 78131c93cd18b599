// The page of `qmlplay play`: the widget's model over a WebSocket, as anywidget has it over a kernel.

import page from "./page.js";

const KEY = "qmlplay-run"; // of this tab: a reload keeps it, and a duplicated tab copies it
const LEFT = "qmlplay-left"; // set while a page is being left, so not in a copy of one that is open
const AGAIN = 1000; // milliseconds between two tries to connect

function pack(content, buffers) {
  const sizes = buffers.map((buffer) => buffer.byteLength);
  const text = new TextEncoder().encode(JSON.stringify({ ...content, sizes }));
  const length = new DataView(new ArrayBuffer(4));
  length.setUint32(0, text.length);
  return new Blob([length, text, ...buffers]);
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
  let socket = null;
  const open = () => {
    socket = new WebSocket(`ws://${location.host}/socket`);
    socket.binaryType = "arraybuffer";
    const mine = socket;
    socket.addEventListener("open", onOpen);
    socket.addEventListener("message", ({ data }) => onMessage(unpack(data)));
    socket.addEventListener("close", ({ code, reason }) => {
      if (mine !== socket) return;
      onLost(reason);
      if (code !== 4001) setTimeout(open, AGAIN);
    });
  };
  const post = (content, buffers) => {
    if (socket?.readyState === WebSocket.OPEN) socket.send(pack(content, buffers));
  };
  return { open, post };
}

function start() {
  const main = document.getElementById("page");
  const hash = () => decodeURIComponent(location.hash.slice(1));
  let shown = false;
  let hasLeft = sessionStorage.getItem(LEFT) !== null;
  sessionStorage.removeItem(LEFT);
  const hello = () => {
    connection.post({ run: sessionStorage.getItem(KEY), has_left: hasLeft, configuration: hash() || null }, []);
    hasLeft = false;
  };
  const receive = ({ run, state, paths, contents, buffers }) => {
    if (run) return sessionStorage.setItem(KEY, run);
    paths.forEach((path, i) => {
      const holder = path.slice(0, -1).reduce((value, key) => value[key], state);
      holder[path[path.length - 1]] = buffers[i];
    });
    take(state);
    if (!shown) {
      shown = true;
      main.replaceChildren();
      page.render({ model, el: main });
    }
    tell("connection", "open");
    for (const content of contents) tell("msg:custom", content, []);
  };
  const connection = connect(receive, hello, (reason) => tell("connection", "lost", reason));
  const { model, take, tell } = makeModel(connection.post);
  window.addEventListener("pagehide", () => sessionStorage.setItem(LEFT, "yes"));
  window.addEventListener("pageshow", () => sessionStorage.removeItem(LEFT));
  connection.open();
}

start();
