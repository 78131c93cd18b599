// Names for the arrows that fold the lists of pages, which the theme gives none.
document.addEventListener("DOMContentLoaded", () => {
  for (const summary of document.querySelectorAll("nav details > summary")) {
    const page = summary.closest("li")?.querySelector("a");
    if (page && !summary.textContent.trim()) {
      summary.setAttribute("aria-label", `Pages below ${page.textContent.trim()}`);
    }
  }
});
