"""Reading HTML in tests."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = ("meta", "img", "br", "hr")


class Page(HTMLParser):
    """Collects tags, addresses and texts, and checks that tags are closed in order."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.links, self.text, self.attributes = [], [], [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        self.links += [value for name, value in attrs if name in ("src", "href", "action")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)

    @property
    def words(self):
        """All text, with single spaces."""
        return " ".join(" ".join(self.text).split())


def assert_harmless(text):
    """Check that HTML runs no code and needs nothing from elsewhere; return it parsed."""
    page = Page(text)
    assert {"script", "link", "iframe", "object", "embed", "base", "form"}.isdisjoint(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert all(link.startswith("data:image/png;base64,") for link in page.links)
    for reference in ("http://", "https://", "url(", "@import"):
        assert reference not in text
    return page
