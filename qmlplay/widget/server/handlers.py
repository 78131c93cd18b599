"""Answers of the server: the page, its files, and the socket of every open page."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from tornado.web import HTTPError, RequestHandler
from tornado.websocket import WebSocketHandler

from qmlplay.widget.server.access import Access
from qmlplay.widget.server.messages import unpack
from qmlplay.widget.server.page_runs import PageRun, Runs

__all__ = ["FileHandler", "SocketHandler"]

_DAYS = 30.0
_MOST_REASON = 120  # bytes, and three of an ellipsis: the protocol has 123
_REFUSED = (
    "This playground asks for its token. Open the address that “qmlplay play” printed in the "
    "terminal; what follows # in yours may be added at its end."
)


def _reason(error: Exception) -> str:
    """Return what is wrong, in as many bytes as the end of a socket has room for."""
    text = str(error) or type(error).__name__
    short = text.encode(errors="replace")[:_MOST_REASON].decode(errors="ignore")
    return text if short == text else f"{short}…"


class _Guarded(RequestHandler):
    """A handler for requests to this server by its name, with the cookie that the token gives."""

    @property
    def access(self) -> Access:
        """Who may ask."""
        access: Access = self.settings["access"]
        return access

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        self.set_header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("Cross-Origin-Resource-Policy", "same-origin")
        self.set_header("Cross-Origin-Opener-Policy", "same-origin")

    def prepare(self) -> None:
        if not self.access.is_own_host(self.request.headers.get("Host", "")):
            raise HTTPError(403, reason="Another host")
        if not self.has_cookie:
            self.refuse()

    @property
    def has_cookie(self) -> bool:
        """Whether this browser has shown the token."""
        shown = self.get_signed_cookie(self.access.cookie_name, max_age_days=_DAYS)
        return shown is not None

    def refuse(self) -> None:
        """End a request without the token."""
        self.set_status(403)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(_REFUSED)

    def write_error(self, status_code: int, **_: Any) -> None:
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(f"{status_code}: {self._reason}")


class FileHandler(_Guarded):
    """Gives the page and the files that belong to it, and takes the token."""

    def prepare(self) -> None:
        """Take the token of an address and give a cookie: it does not stay in the address."""
        token = self.get_query_argument("token", None)
        is_ours = self.access.is_own_host(self.request.headers.get("Host", ""))
        if token is not None and is_ours and self.access.admits(token):
            self.set_signed_cookie(
                self.access.cookie_name, "shown", expires_days=None, httponly=True, samesite="Lax"
            )
            self.set_header("Cache-Control", "no-store")
            self.redirect("/")
            return
        super().prepare()

    def get(self, path: str) -> None:
        """Answer with a file."""
        files: Mapping[str, Callable[[], tuple[str, str]]] = self.settings["files"]
        if path not in files:
            raise HTTPError(404, reason="No such file")
        kind, content = files[path]()
        self.set_header("Content-Type", f"{kind}; charset=utf-8")
        self.set_header("Content-Security-Policy", self.access.policy)
        self.set_header("Cache-Control", "no-cache")
        self.finish(content)


class SocketHandler(_Guarded, WebSocketHandler):
    """The socket of one open page."""

    run: PageRun | None = None

    @property
    def runs(self) -> Runs:
        """All runs."""
        runs: Runs = self.settings["runs"]
        return runs

    def check_origin(self, origin: str) -> bool:
        """Return whether a page of this server asks; others get no socket."""
        return self.access.is_own_origin(origin, self.request.headers.get("Host", ""))

    async def get(self, *arguments: Any, **options: Any) -> None:
        """Open the socket; a request without an origin is no browser's."""
        if "Origin" not in self.request.headers:
            raise HTTPError(403, reason="No origin")
        await super().get(*arguments, **options)

    def open(self, *arguments: Any, **options: Any) -> None:
        """Let small messages go at once, and not wait for others that go with them."""
        self.set_nodelay(True)

    async def on_message(self, message: str | bytes) -> None:
        """Take a message: the first says whose page this is, all others are requests."""
        try:
            content, buffers = unpack(message)
            if self.run is None:
                self.run = await self.runs.open(content, self)
                if self.ws_connection is None:  # closed meanwhile
                    self.on_close()
            else:
                await self.run.request(content, buffers)
        except (ValueError, TypeError, OSError, ImportError) as error:
            self.close(1008, _reason(error))
        except asyncio.CancelledError:  # the server ends
            self.close(1001)

    def on_close(self) -> None:
        """Note that the page is gone."""
        if self.run is not None:
            self.runs.leave(self.run, self)
