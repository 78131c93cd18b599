// Names for what the theme and the gallery leave without: arrows that fold lists of pages, and
// links that lie over a picture.
document.addEventListener("DOMContentLoaded", () => {
  for (const summary of document.querySelectorAll("nav details > summary")) {
    const page = summary.closest("li")?.querySelector("a");
    if (page && !summary.textContent.trim()) {
      summary.setAttribute("aria-label", `Pages below ${page.textContent.trim()}`);
    }
  }
  for (const link of document.querySelectorAll(".sphx-glr-thumbcontainer a")) {
    link.setAttribute("aria-label", link.textContent.trim());
  }
});
