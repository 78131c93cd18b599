"""Servers as processes of their own."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from urllib.parse import urlsplit


@contextmanager
def server_process(command, folder, pattern):
    """Start a server, wait until it prints its address, and yield that and the process."""
    log = folder / "server.log"
    places = {"JUPYTER_CONFIG_DIR", "JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR"}
    environment = os.environ | {place: str(folder / place.lower()) for place in places}
    environment |= {"JUPYTER_RUNTIME_DIR": str(folder / "runtime"), "JUPYTER_PLATFORM_DIRS": "1"}
    with log.open("w") as out:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=out, stderr=subprocess.STDOUT
        )
    try:
        deadline = time.monotonic() + 120
        while not (found := re.search(pattern, log.read_text())):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        wait_until_it_listens(found[0], deadline)
        yield found[0], process
    finally:
        process.terminate()
        process.wait(90)


def wait_until_it_listens(address, deadline):
    """Wait: a server says its address shortly before it listens there."""
    url = urlsplit(address)
    while True:
        try:
            socket.create_connection((url.hostname, url.port), timeout=5).close()
            return
        except ConnectionRefusedError:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def start_play(folder, *arguments):
    """Run `qmlplay play`, and yield its address with the token, and the process."""
    # Tests of other processes start servers at the same time, and would look for the same port.
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    port = str(8900 + 50 * worker)
    command = [sys.executable, "-m", "qmlplay", "play", "--no-browser", "--port", port]
    return server_process([*command, *arguments], folder, r"http://127\.0\.0\.1:\d+/\?token=[\w-]+")
