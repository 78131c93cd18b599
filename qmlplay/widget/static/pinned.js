// Keeps the toolbar in view. `position: sticky` does that on a page of its own, but fails where an
// ancestor clips without scrolling, as an output of Jupyter does: there the bar is moved by hand.

const isClipping = (node) => getComputedStyle(node).overflowY !== "visible";

function ancestorsOf(node) {
  const parent = node.assignedSlot ?? node.parentElement ?? node.getRootNode().host;
  return parent ? [parent, ...ancestorsOf(parent)] : [];
}

function keepInView(bar, page) {
  const isInside = (node) => ![document.body, document.documentElement].includes(node);
  let down = 0; // pixels from where the bar stands by itself
  const move = () => {
    const clipping = ancestorsOf(page).filter((node) => isInside(node) && isClipping(node)); // it may have been moved
    if (!clipping.length) return; // the style sheet does it
    bar.style.position = "relative";
    const top = bar.getBoundingClientRect().top - down;
    const seen = Math.max(0, ...clipping.map((node) => node.getBoundingClientRect().top + node.clientTop));
    const room = page.getBoundingClientRect().bottom - top - bar.offsetHeight - 100; // not beyond the page's end
    down = Math.max(0, Math.min(seen - top, room));
    bar.style.transform = down ? `translateY(${down}px)` : "";
    bar.classList.toggle("qp-pinned", down > 0);
  };
  const options = { capture: true, passive: true }; // whichever ancestor scrolls
  const resized = new ResizeObserver(move); // no scrolling tells of a page that grows or shrinks
  resized.observe(page);
  document.addEventListener("scroll", move, options);
  window.addEventListener("resize", move);
  return () => {
    resized.disconnect();
    document.removeEventListener("scroll", move, options);
    window.removeEventListener("resize", move);
  };
}
