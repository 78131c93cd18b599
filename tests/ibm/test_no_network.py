"""The guard on sockets does its job, so that the other tests mean what they say."""

from __future__ import annotations

import _socket
import contextlib
import socket
import urllib.request

import pytest
from loopback import NetworkTouchedError

ELSEWHERE = ("192.0.2.1", 443)  # an address kept for documentation, RFC 5737


@pytest.fixture
def expected(network):
    """Forget the attempts that a test here makes on purpose."""
    yield network
    network.clear()


@pytest.mark.parametrize("kind", [socket.socket, _socket.socket])
def test_no_socket_leaves_this_machine(kind, expected):
    opened = kind(socket.AF_INET, socket.SOCK_STREAM)
    try:
        with pytest.raises(NetworkTouchedError, match=r"192\.0\.2\.1"):
            opened.connect(ELSEWHERE)
    finally:
        opened.close()
    assert len(expected) == 1


def test_no_datagram_leaves_this_machine(expected):
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened,
        pytest.raises(NetworkTouchedError),
    ):
        opened.sendto(b"", ELSEWHERE)


def test_no_name_is_looked_up(expected):
    with pytest.raises(NetworkTouchedError, match=r"iam\.cloud\.ibm\.com"):
        urllib.request.urlopen("https://iam.cloud.ibm.com/identity/token", timeout=1)


def test_an_attempt_is_remembered_though_it_was_hidden(expected):
    with contextlib.suppress(BaseException):  # a library that swallows everything
        socket.getaddrinfo("cloud.ibm.com", 443)
    assert expected == ["socket.getaddrinfo: ('cloud.ibm.com', 443, 0, 0, 0)"]


def test_the_client_of_ibm_is_held_back_too(expected, monkeypatch):
    runtime = pytest.importorskip("qiskit_ibm_runtime")
    monkeypatch.setenv("QISKIT_IBM_TOKEN", "a key that must not leave this machine")
    with pytest.raises(NetworkTouchedError, match=r"iam\.cloud\.ibm\.com"):
        runtime.QiskitRuntimeService(channel="ibm_quantum_platform", instance="auto")


def test_loopback_is_reached():
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname(), timeout=5) as client,
        server.accept()[0] as accepted,
    ):
        client.sendall(b"x")
        assert accepted.recv(1) == b"x"
