"""Access to the server: for a browser on this computer that has shown the token once."""

from __future__ import annotations

from hmac import compare_digest

from qmlplay.address import Address

__all__ = ["Access"]

_HOSTS = ("127.0.0.1", "localhost")


class Access:
    """The tokens of a server, and the names that are its own.

    Parameters
    ----------
    address : Address
    """

    def __init__(self, address: Address) -> None:
        self._address, self.port = address, address.port
        self.cookie_name = f"qmlplay-{self.port}"
        self._is_ticket_used = False

    def admits(self, token: str) -> bool:
        """Return whether a token is the server's; the ticket is so once."""
        given = token.encode()
        if compare_digest(given, self._address.ticket.encode()) and not self._is_ticket_used:
            self._is_ticket_used = True
            return True
        return compare_digest(given, self._address.token.encode())

    def is_own_host(self, host: str) -> bool:
        """Return whether a Host header names this server, and no other name of this computer."""
        return host in {f"{name}:{self.port}" for name in _HOSTS}

    def is_own_origin(self, origin: str, host: str) -> bool:
        """Return whether a request comes from the server's own page."""
        return origin == f"http://{host}" and self.is_own_host(host)

    @property
    def policy(self) -> str:
        """The Content-Security-Policy: nothing from elsewhere, no code but the files here."""
        sockets = " ".join(f"ws://{name}:{self.port}" for name in _HOSTS)
        return (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
            f"connect-src 'self' {sockets}; base-uri 'none'; form-action 'none'; "
            "frame-ancestors 'none'"
        )
