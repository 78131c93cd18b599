"""`qmlplay play` before a page comes: its arguments, who is let in, and what it refuses."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path
from threading import Event

import pytest

import qmlplay.__main__
from qmlplay.address import listen
from qmlplay.cli import main
from qmlplay.widget import server
from qmlplay.widget.server.access import Access
from qmlplay.widget.server.cookie_secret import cookie_secret
from qmlplay.widget.server.messages import MOST_TEXT, pack, unpack
from qmlplay.widget.server.socket_comm import SocketComm
from qmlplay.widget.settings.configuration_strings import LONGEST

sys.path.append(str(Path(__file__).parent.parent))
from cli_helpers import failure, write_trees


@pytest.fixture
def address():
    found = listen(9100)
    yield found
    found.listening.close()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["mons"], "did you mean 'moons'"),
        (["none.csv"], "no file 'none.csv'"),
        (["--configuration", "abc"], "not a configuration string"),
        (["--port", "80"], "1024<=x<=65535"),
        (["moons", "--target", "y"], "leave target out"),
        (["--target", "kind"], "say how a file is read"),
        (["--drop", "id", "--no-browser"], "say how a file is read"),
        (["notes.md"], "unknown dataset or file 'notes.md'"),
    ],
)
def test_bad_arguments(capsys, arguments, reason):
    assert reason in failure(capsys, "play", *arguments)


def test_a_bad_file(capsys, tmp_path):
    trees = write_trees(tmp_path / "trees.csv", mass="heavy")
    assert "left out: 'mass' (the same in every row)" in failure(capsys, "play", trees)


def test_without_tornado_it_says_what_to_type(capsys, monkeypatch):
    monkeypatch.setattr("qmlplay.address.find_spec", lambda name: None)
    assert 'pip install "qmlplay[play]"' in failure(capsys, "play")


def test_it_serves_what_it_was_given(capsys, tmp_path, monkeypatch):
    write_trees(tmp_path / "trees.csv")
    seen = {}

    def record(address, make):
        seen["address"], seen["widget"] = address, make(None, None)

    monkeypatch.setattr(server, "run", record)
    monkeypatch.setattr("webbrowser.open", lambda url: pytest.fail("no browser was asked for"))
    monkeypatch.chdir(tmp_path)
    main(["play", "trees.csv", "--target", "kind", "--no-browser", "--port", "9001"])
    assert 9001 <= seen["address"].port < 9051
    assert seen["widget"].data.X.shape == (24, 2)
    out = capsys.readouterr().out
    assert seen["address"].url in out
    seen["address"].listening.close()
    assert out.startswith("trees.csv: 24 rows × 3 columns, separator ','")
    seen["widget"].close()


def test_the_next_port_where_one_is_taken():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        address = listen(port)
        assert port < address.port < port + 50
        assert address.url.startswith(f"http://127.0.0.1:{address.port}/?token=")
        address.listening.close()


@pytest.mark.parametrize("token", ["", "wrong", "é", "x" * 5000])
def test_a_wrong_token_is_not_admitted(token, address):
    assert not Access(address).admits(token)


def test_the_token_of_the_browser_that_is_opened_works_once(address):
    access = Access(address)
    assert access.admits(address.ticket)
    assert not access.admits(address.ticket)
    assert access.admits(address.token)
    assert access.admits(address.token)


def test_the_key_of_cookies_is_kept_for_its_user_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("QMLPLAY_HOME", str(tmp_path / "home"))
    key, file = cookie_secret(), tmp_path / "home" / "play-secret"
    assert cookie_secret() == key
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o644)  # others may have read it
    second = cookie_secret()
    assert second != key
    file.write_bytes(b"damaged")
    assert cookie_secret() not in (key, second)
    monkeypatch.setenv("QMLPLAY_HOME", str(file))  # no folder
    assert cookie_secret() != cookie_secret()


def test_a_plain_play_begins_at_once(capsys, monkeypatch):
    opened = Event()
    monkeypatch.setattr("webbrowser.open", lambda url: opened.set())
    address = qmlplay.__main__._begun(["play", "--port", "9100"])
    assert address.url in capsys.readouterr().out
    assert opened.wait(10)
    address.listening.close()


def test_an_output_that_cannot_be_written_to_is_left_to_the_command_line(monkeypatch):
    def refuse(*words, **options):
        raise BrokenPipeError

    monkeypatch.setattr("builtins.print", refuse)
    assert qmlplay.__main__._begun(["play", "--port", "9100", "--no-browser"]) is None


@pytest.mark.parametrize(
    "words",
    [
        "",
        "compare",
        "play moons",
        "play --help",
        "play --port 80",
        "play --port",
        "play --configuration x",
        "play --no",
        "play --port 80x",
        "--no-browser play",
        "--port 9000 play",
        "play play",
        "--version",
    ],
)
def test_what_has_to_be_checked_does_not(words, capsys):
    assert qmlplay.__main__._begun(words.split()) is None
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("origin", "host", "is_own"),
    [
        ("http://127.0.0.1:9000", "127.0.0.1:9000", True),
        ("http://localhost:9000", "localhost:9000", True),
        ("http://127.0.0.1:9001", "127.0.0.1:9000", False),
        ("http://localhost:9000", "127.0.0.1:9000", False),
        ("https://127.0.0.1:9000", "127.0.0.1:9000", False),
        ("http://evil.example", "evil.example", False),
        ("http://127.0.0.1:9000.evil.example", "127.0.0.1:9000", False),
        ("http://127.0.0.1:9000/", "127.0.0.1:9000", False),
        ("http://[", "127.0.0.1:9000", False),
        ("http://[::1]:9000", "[::1]:9000", False),
        ("null", "127.0.0.1:9000", False),
        ("", "127.0.0.1:9000", False),
    ],
)
def test_own_origins(origin, host, is_own, address):
    origin, host = (text.replace(":9000", f":{address.port}") for text in (origin, host))
    assert Access(address).is_own_origin(origin, host) is is_own


def test_the_policy_allows_no_code_but_files(address):
    policy = Access(address).policy
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert policy.count(f":{address.port}") == 2


def test_messages_come_back():
    content, buffers = {"a": [1, None, "ü"], "b": {"c": 2.5}}, [b"", b"xyz", bytes(1000)]
    assert unpack(pack(content, buffers)) == (content, buffers)


def test_any_string_to_restore_fits_into_a_message():
    for letter in ('"', "\x01", "日", "\ud83d"):
        assert len(pack({"action": "restore", "text": letter * (LONGEST + 1)})) < MOST_TEXT


LONG = b'{"a": "' + b"x" * MOST_TEXT + b'", "sizes": []}'


@pytest.mark.parametrize(
    "message",
    [
        "text",
        b"",
        b"\0\0",
        bytes(range(256)) * 10,
        b"\xff" * 100,
        b"\0\0\0\2{}",
        b"\0\0\0\2[]",
        b"\0\0\0\1{",
        len(LONG).to_bytes(4, "big") + LONG,
        b"\0\0\0\x0d" + b'{"sizes":[9]}',
        b"\0\0\0\x0e" + b'{"sizes":[-1]}',
        b"\0\0\0\x0c" + b'{"sizes":{}}',
        b"\0\0\0\x0c" + b'{"sizes":[]}more',
        (90_000).to_bytes(4, "big") + b"[" * 90_000,
    ],
)
def test_what_is_no_message_of_the_page_is_refused(message):
    with pytest.raises(ValueError, match="message of the"):
        unpack(message)


def test_what_a_slow_page_gets_is_the_last_of_everything():
    woken = []
    comm = SocketComm(lambda: woken.append(True))
    update = {"method": "update", "buffer_paths": []}
    comm.send(update | {"state": {"run": {"step": 1}, "share": "a", "_esm": "code"}})
    frame = {"state": {"frame": {"step": 1}}, "buffer_paths": [["frame", "p"]]}
    comm.send(update | frame, [b"old"])
    comm.send(update | frame | {"state": {"frame": {"step": 2}}}, [b"new"])
    comm.send(update | {"state": {"run": {"step": 2}}})
    comm.send({"method": "custom", "content": {"alive": "one"}})
    content, buffers = comm.take()
    assert content["state"] == {"run": {"step": 2}, "share": "a", "frame": {"step": 2}}
    assert (content["paths"], buffers) == ([["frame", "p"]], [b"new"])
    assert content["contents"] == [{"alive": "one"}]
    assert json.dumps(content)
    assert comm.take() is None
    assert len(woken) == 5


@pytest.mark.slow
def test_twenty_tabs_leave_no_thread_and_no_memory():
    script = Path(__file__).with_name("twenty_tabs.py")
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, done.stderr
    grown, n_threads = map(int, done.stdout.split())
    assert n_threads == 0
    assert grown < 300_000  # bytes, of sixty tabs; a run that is kept has about 200 000
