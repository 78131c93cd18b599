"""What has to hold for the built site, or the build fails: it needs nothing from elsewhere.

Pages are opened from a folder, maybe without a network. So nothing on them may be loaded from
another address, every link within the site has to lead somewhere, and every public name has to be
described.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from reference_pages import FOLDER
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

__all__ = ["Page", "external_resources", "lost_links", "read_page", "setup"]

#: Attributes by which a page loads something, and does not just offer to go there.
LOADING = {"src", "srcset", "poster", "data", "action"}
LOADING_LINKS = {"stylesheet", "icon", "preload", "modulepreload", "prefetch", "manifest"}
#: What a style sheet loads from another machine: fonts, pictures, other sheets.
STYLED = re.compile(r"""(?:url\(|@import)\s*["']?((?:https?:)?//[^"')\s;]+)""")


@dataclass
class Page(HTMLParser):
    """What a page loads, where it leads, and where it can be entered.

    Parameters
    ----------
    loaded, links, ids : list of str
        Addresses as they are written, and names of anchors.
    styles : list of str
        Style sheets and styles of tags within the page.
    """

    loaded: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    styles: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what a tag loads, links and names."""
        values = {name: value or "" for name, value in attrs}
        for name in LOADING & values.keys():
            self.loaded += values[name].split(", ") if name == "srcset" else [values[name]]
        if tag == "link" and LOADING_LINKS & set(values.get("rel", "").split()):
            self.loaded.append(values.get("href", ""))
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        self.ids |= {values[name] for name in ("id", "name") if name in values}
        self.styles.append(values.get("style", ""))

    def handle_data(self, data: str) -> None:
        """Keep style sheets."""
        if self.cdata_elem == "style":
            self.styles.append(data)


def read_page(path: Path) -> Page:
    """Return what is on a page."""
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def external_resources(page: Page) -> list[str]:
    """Return the addresses on other machines from which a page loads something.

    >>> page = Page()
    >>> page.feed('<script src="https://cdn.example/x.js"></script><a href="https://a.example">')
    >>> external_resources(page)
    ['https://cdn.example/x.js']
    """
    return [
        address
        for address in page.loaded
        if address.startswith("//") or urlsplit(address).scheme not in ("", "data")
    ] + [address for style in page.styles for address in STYLED.findall(style)]


def lost_links(pages: dict[Path, Page], folder: Path) -> list[str]:
    """Return the links between pages that lead nowhere, each with its page."""
    lost = []
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            anchor = unquote(parts.fragment)
            is_known = target in pages and (not anchor or anchor in pages[target].ids)
            if not is_known and not (target.is_file() and target not in pages):
                lost.append(f"{path.relative_to(folder)}: {link}")
    return lost


def check_site(app: Sphinx, error: Exception | None) -> None:
    """Raise for what is wrong with the site that was built.

    Raises
    ------
    ExtensionError
        With every page and address.
    """
    if error is not None or app.builder.format != "html":
        return
    folder = Path(app.outdir).resolve()
    files = [path for path in folder.rglob("*.html") if "_static" not in path.parts]
    pages = {path: read_page(path) for path in files}
    wrong = [
        f"{path.relative_to(folder)} loads {address}"
        for path, page in pages.items()
        for address in external_resources(page)
    ]
    wrong += [
        f"{path.relative_to(folder)} loads {address}"
        for path in folder.rglob("*.css")
        for address in STYLED.findall(path.read_text(encoding="utf-8"))
    ]
    wrong += [f"{text} leads nowhere" for text in lost_links(pages, folder)]
    wrong += [f"no page describes {name}" for name in undescribed(app)]
    if wrong:
        raise ExtensionError("the site is not whole:\n" + "\n".join(sorted(set(wrong))))


def undescribed(app: Sphinx) -> list[str]:
    """Return the public names that have no page, and members that their class's does not name."""
    objects: dict[str, Any] = app.env.domains["py"].data["objects"]  # type: ignore[attr-defined]
    names: dict[str, str] = app.env.qmlplay_pages  # type: ignore[attr-defined]
    members: dict[str, list[str]] = app.env.qmlplay_members  # type: ignore[attr-defined]
    missing = [name for name, page in names.items() if page not in objects]
    for kind, attributes in members.items():
        text = Path(app.outdir, FOLDER, f"{kind}.html").read_text(encoding="utf-8")
        words = set(re.findall(r"\w+", text))
        missing += [f"{kind}.{name}" for name in attributes if name not in words]
    return missing


def setup(app: Sphinx) -> dict[str, Any]:
    """Check the site once it is built."""
    app.connect("build-finished", check_site)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
