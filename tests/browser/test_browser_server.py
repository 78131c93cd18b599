"""`qmlplay play` keeps to this computer, asks for its token, and ends what it began."""

from __future__ import annotations

import http.client
import signal
import time
from urllib.parse import urlsplit

import psutil
import pytest
from browser_servers import start_play

PATHS = ("/voila/render/playground.ipynb", "/api/kernels", "/api/contents")


def get(address, path, **headers):
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("token", ["", "?token=wrong", "?token="])
def test_no_token_no_page(play_server, path, token):
    answer = get(play_server[0], path + token)
    assert answer.status in (302, 403)
    if answer.status == 302:
        assert answer.getheader("Location").startswith("/login")


def test_with_the_token(play_server):
    query = urlsplit(play_server[0]).query
    assert get(play_server[0], f"/api/kernels?{query}").status == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8900", "192.0.2.1", "0.0.0.0"])
@pytest.mark.parametrize("path", PATHS)
def test_another_host_is_refused(play_server, host, path):
    query = urlsplit(play_server[0]).query
    assert get(play_server[0], f"{path}?{query}", Host=host).status == 403


def test_it_listens_on_this_computer_alone(play_server):
    own = psutil.Process(play_server[1].pid)
    listening = [c for c in own.net_connections("tcp") if c.status == psutil.CONN_LISTEN]
    assert {connection.laddr.ip for connection in listening} == {"127.0.0.1"}


def test_nothing_comes_from_elsewhere(opened):
    hosts = {urlsplit(url).hostname for url in opened.requests if url.startswith(("http", "ws"))}
    assert hosts == {"127.0.0.1"}


def test_ctrl_c_ends_everything(tmp_path, chromium, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    table = "".join(f"{i % 3},{i % 5},{'ab'[i % 2]}\n" for i in range(30))
    (tmp_path / "own table.csv").write_text(f"size,mass,kind\n{table}")
    with start_play(tmp_path, "own table.csv", "--target", "kind") as (address, process):
        page = chromium.new_page()
        page.goto(address)
        page.get_by_role("button", name="Play", exact=True).wait_for()
        assert page.get_by_label("Dataset", exact=True).input_value() == "own data"
        children = psutil.Process(process.pid).children(recursive=True)
        assert children
        process.send_signal(signal.SIGINT)
        assert process.wait(90) == 0
        page.close()
    psutil.wait_procs(children, timeout=90)
    assert not any(child.is_running() for child in children)
    assert not list((tmp_path / "tmp").glob("qmlplay-*"))


def test_a_closed_page_ends_its_kernel(play_server, chromium):
    def kernels():
        return {child.pid for child in psutil.Process(play_server[1].pid).children(recursive=True)}

    before = kernels()
    page = chromium.new_page()
    page.goto(play_server[0])
    page.get_by_role("button", name="Play", exact=True).click()
    assert len(kernels() - before) >= 1
    page.close(run_before_unload=True)
    deadline = time.monotonic() + 30
    while kernels() - before and time.monotonic() < deadline:
        time.sleep(0.2)
    assert kernels() <= before


def test_a_closed_jupyterlab_page_ends_training(lab_server, chromium):
    page = chromium.new_page()
    page.goto(lab_server[0])
    page.locator(".jp-Notebook .jp-CodeCell .jp-InputArea-editor").first.click()
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").first.wait_for()
    page.keyboard.press("Shift+Enter")
    page.get_by_role("button", name="Play", exact=True).wait_for()
    page.locator("section.qmlplay").get_by_label("Speed").select_option(label="2 steps/s")
    page.get_by_role("button", name="Play", exact=True).click()
    page.locator(".qp-count", has_text="step 2").wait_for()
    page.close(run_before_unload=True)
    again = chromium.new_page()
    again.goto(lab_server[0].replace("reset&", ""))
    again.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").first.wait_for()
    time.sleep(2)
    cell = again.locator(".jp-Notebook .jp-CodeCell .cm-content").last
    cell.click()
    again.keyboard.type("print(widget.session.state, widget.session.training.step)")
    again.keyboard.press("Shift+Enter")
    output = again.locator(".jp-OutputArea-output pre", has_text="paused").last
    output.wait_for()
    assert int(output.inner_text().split()[1]) < 20
    again.close()
