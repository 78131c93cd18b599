"""`qmlplay play` keeps to this computer, asks for its token, and ends what it began."""

from __future__ import annotations

import http.client
import json
import signal
import time
from urllib.parse import urlsplit

import psutil
import pytest
from browser_servers import start_play
from playground_page import PlaygroundPage
from playwright.sync_api import expect

from qmlplay.widget.settings.configuration import Configuration
from qmlplay.widget.settings.configuration_strings import to_string

PATHS = ("/", "/start.js", "/page.js", "/socket", "/nothing", "/../pyproject.toml")
SOCKET = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


def get(address, path, method="GET", **headers):
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    answer.text = "" if answer.status == 101 else answer.read().decode()
    connection.close()
    return answer


def own_cookie(address):
    parts = urlsplit(address)
    return get(address, f"/?{parts.query}").getheader("Set-Cookie").split(";")[0]


def opened_page(chromium, address):
    page = chromium.new_page()
    page.goto(address)
    page.get_by_role("button", name="Play", exact=True).wait_for()
    return PlaygroundPage(page, "play")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("token", ["", "?token=wrong", "?token=", "?token=%00", "?token=a&token=b"])
def test_no_token_no_page(play_server, path, token):
    answer = get(play_server[0], path + token)
    assert answer.status == 403
    assert "asks for its token" in answer.text
    assert answer.getheader("Set-Cookie") is None


def test_the_token_gives_a_cookie_and_leaves_the_address(play_server):
    answer = get(play_server[0], "/?" + urlsplit(play_server[0]).query)
    assert (answer.status, answer.getheader("Location")) == (302, "/")
    cookie = answer.getheader("Set-Cookie")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    page = get(play_server[0], "/", Cookie=cookie.split(";")[0])
    assert page.status == 200
    assert "unsafe" not in page.getheader("Content-Security-Policy")
    assert get(play_server[0], "/nothing", Cookie=cookie.split(";")[0]).status == 404
    assert get(play_server[0], "/", "POST", Cookie=cookie.split(";")[0]).status == 405
    assert get(play_server[0], "/", Cookie=cookie.split(";")[0][:-3] + "aaa").status == 403


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8900", "192.0.2.1", "0.0.0.0", ""])
@pytest.mark.parametrize("path", PATHS)
def test_another_host_is_refused(play_server, host, path):
    query = urlsplit(play_server[0]).query
    assert get(play_server[0], f"{path}?{query}", Host=host).status == 403
    cookie = own_cookie(play_server[0])
    assert get(play_server[0], path, Host=host, Cookie=cookie).status == 403


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "http://127.0.0.1:1", "null", "", None, "http://localhost"]
)
def test_a_page_from_elsewhere_gets_no_socket(play_server, origin):
    address = play_server[0]
    headers = SOCKET | {"Cookie": own_cookie(address)}
    own = f"http://{urlsplit(address).netloc}"
    assert get(address, "/socket", **headers, Origin=own).status == 101
    others = {} if origin is None else {"Origin": origin}
    assert get(address, "/socket", **headers, **others).status == 403
    assert get(address, "/socket", **SOCKET, Origin=own).status == 403


def test_it_listens_on_this_computer_alone(play_server):
    own = psutil.Process(play_server[1].pid)
    listening = [c for c in own.net_connections("tcp") if c.status == psutil.CONN_LISTEN]
    assert {connection.laddr.ip for connection in listening} == {"127.0.0.1"}


def test_nothing_comes_from_elsewhere(opened):
    hosts = {urlsplit(url).hostname for url in opened.requests if url.startswith(("http", "ws"))}
    assert hosts == {"127.0.0.1"}


@pytest.mark.parametrize("message", ["text", "garbage", "empty", "too long"])
def test_what_is_no_message_closes_the_socket_and_the_page_goes_on(play_server, chromium, message):
    playground = opened_page(chromium, play_server[0])
    playground.press("Step")
    playground.wait_for("Paused.")
    code = """what => new Promise(done => {
        const socket = new WebSocket(`ws://${location.host}/socket`);
        const size = {garbage: 5000, empty: 0, "too long": 6000000}[what];
        const message = size === undefined ? what : new Uint8Array(size).fill(7);
        socket.onopen = () => socket.send(message);
        socket.onclose = ({code, reason}) => done([code, reason]);
    })"""
    closed, reason = playground.page.evaluate(code, message)
    if message == "too long":  # Tornado hangs up at once: browsers seldom hear its reason, 1009
        assert closed in (1006, 1009)
    else:
        assert (closed, bool(reason)) == (1008, True)
    playground.press("Step")
    expect(playground.root.locator(".qp-count")).to_have_text("step 2")
    playground.page.close()


def test_a_page_at_rest_is_quiet(play_server, chromium):
    page, sent = chromium.new_page(), []

    def note(message):
        sent.append(message)

    page.on("websocket", lambda socket: socket.on("framesent", note))
    page.goto(play_server[0])
    playground = PlaygroundPage(page, "play")
    playground.wait_for("Ready.")
    page.wait_for_timeout(1000)
    del sent[:]
    page.wait_for_timeout(6000)
    assert 1 <= len(sent) <= 3  # whether Python lives is asked every five seconds
    page.close()


def test_ctrl_c_ends_everything(tmp_path, chromium):
    table = "".join(f"{i % 3},{i % 5},{'ab'[i % 2]}\n" for i in range(30))
    (tmp_path / "own table.csv").write_text(f"size,mass,kind\n{table}")
    with start_play(tmp_path, "own table.csv", "--target", "kind") as (address, process):
        page = opened_page(chromium, address)
        assert page.root.get_by_label("Dataset", exact=True).input_value() == "own data"
        page.press("Play")
        page.wait_for("Training.")
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        page.wait_for("Connection lost.")
        page.page.close()


def test_a_closed_page_ends_training(play_server, chromium):
    playground = opened_page(chromium, play_server[0])
    playground.choose("Speed", "2 steps/s")
    playground.press("Play")
    playground.wait_for("Training.")
    address, remembered = playground.page.evaluate("[location.href, {...sessionStorage}]")
    remembered.pop("qmlplay-left", None)
    playground.page.close(run_before_unload=True)
    time.sleep(10)  # twice as long as a reload may take
    page = chromium.new_page()
    page.goto(play_server[0])
    page.goto("about:blank")
    page.add_init_script(f"Object.assign(sessionStorage, {json.dumps(remembered)})")
    page.goto(address)
    again = PlaygroundPage(page, "play")
    again.wait_for("Training.")  # it goes on for whom comes back
    steps = again.steps()
    assert 8 <= steps <= 16  # of about 24
    page.close()


def test_a_reload_keeps_the_settings_and_the_training(play_server, chromium):
    playground = opened_page(chromium, play_server[0])
    playground.choose("Dataset", "Circles")
    playground.fill("Iterations", "1000")
    playground.press("Play")
    playground.wait_for("Training.")
    for _ in range(3):
        before = playground.steps()
        playground.page.reload()
        playground.wait_for("Training.")
        assert before <= playground.steps() < before + 200
    assert playground.root.get_by_label("Dataset", exact=True).input_value() == "circles"
    playground.choose("Dataset", "XOR")
    playground.page.reload()  # at once
    expect(playground.root.get_by_label("Dataset", exact=True)).to_have_value("xor")
    playground.press("Pause")
    playground.wait_for("Paused.")
    step = f"step {playground.steps() + 1}"
    playground.press("Step")
    expect(playground.root.locator(".qp-count")).to_have_text(step)
    playground.page.reload()  # before the address says it
    expect(playground.root.locator(".qp-count")).to_have_text(step)
    playground.page.close()


def test_back_and_forward(play_server, chromium):
    playground = opened_page(chromium, play_server[0])
    page, dataset = playground.page, playground.root.get_by_label("Dataset", exact=True)
    page.wait_for_function("location.hash.length > 100")
    first = page.evaluate("location.hash")
    for name in ("Circles", "Spirals"):
        before = page.evaluate("location.hash")
        playground.choose("Dataset", name)
        page.wait_for_function("old => location.hash !== old", arg=before)
        time.sleep(1.5)  # what changes in one second is one step back
    page.go_back()
    expect(dataset).to_have_value("circles")
    page.go_back()
    expect(dataset).to_have_value("moons")
    assert page.evaluate("location.hash") == first
    page.go_forward()
    expect(dataset).to_have_value("circles")
    page.close()


BAD = [
    "__import__('os')",
    "%E0%A4%A",
    "<img src=x onerror=alert(1)>",
    "qmlplay9.eyJhIjoxfQ.00000000",
]


HUGE = ["x" * 70_000, "x" * 500_000, '"' * 150_000, "日" * 50_000]


@pytest.mark.parametrize("bad", [*BAD, "qmlplay2.eyJhIjoxfQ.015abd7f", *HUGE], ids=str.__len__)
def test_a_bad_address_is_refused_and_the_old_state_kept(play_server, chromium, bad):
    playground = opened_page(chromium, play_server[0])
    page = playground.page
    page.on("dialog", lambda dialog: pytest.fail("code of the address ran"))
    playground.fill("Layers", "2")
    playground.press("Step")
    playground.wait_for("Paused.")
    page.wait_for_function("text => location.hash === '#' + text", arg=to_string(TWO_LAYERS, 1))
    for _ in range(2):
        page.evaluate("bad => { location.hash = bad; }", bad)
        expect(playground.root.get_by_role("alert").locator("visible=true")).not_to_be_empty()
        page.wait_for_function("text => location.hash === '#' + text", arg=to_string(TWO_LAYERS, 1))
    assert playground.steps() == 1
    page.close()
    page = chromium.new_page()  # and as the first address of a tab
    page.goto(f"{play_server[0]}#{bad}")
    playground = PlaygroundPage(page, "play")
    expect(playground.root.get_by_role("alert").locator("visible=true")).not_to_be_empty()
    page.wait_for_function("text => location.hash === '#' + text", arg=to_string(Configuration()))
    page.close()


TWO_LAYERS = Configuration(n_layers=2)


def test_a_link_brings_settings_and_training(play_server, chromium):
    playground = opened_page(chromium, f"{play_server[0]}#{to_string(TWO_LAYERS, 5)}")
    expect(playground.root.locator(".qp-count")).to_have_text("step 5")
    expect(playground.root.get_by_label("Layers", exact=True)).to_have_value("2")
    assert "token" not in playground.page.evaluate("location.href")
    playground.page.close()


def test_two_tabs_and_a_duplicate_train_for_themselves(play_server, chromium):
    first = opened_page(chromium, play_server[0])
    second = opened_page(chromium, play_server[0])
    first.choose("Dataset", "Circles")
    first.press("Step")
    first.wait_for("Paused.")
    first.page.wait_for_timeout(500)
    with chromium.expect_page() as opening:  # with a copy of the tab's memory, as a duplicate has
        first.page.evaluate("open(location.href)")
    copy = PlaygroundPage(opening.value, "play")
    expect(copy.root.locator(".qp-count")).to_have_text("step 1")
    copy.choose("Dataset", "XOR")
    expect(copy.root.locator(".qp-count")).to_have_text("step 0")
    shown = [
        p.root.get_by_label("Dataset", exact=True).input_value() for p in (first, second, copy)
    ]
    assert shown == ["circles", "moons", "xor"]
    assert first.steps() == 1
    for playground in (first, second, copy):
        playground.page.close()


def test_a_server_that_is_killed_and_comes_back(tmp_path, chromium, monkeypatch):
    monkeypatch.setenv("QMLPLAY_HOME", str(tmp_path / "home"))
    with start_play(tmp_path) as (address, process):
        playground = opened_page(chromium, address)
        playground.choose("Dataset", "Circles")
        playground.press("Play")
        playground.wait_for("Training.")
        playground.page.wait_for_timeout(1000)
        process.kill()
        playground.wait_for("Connection lost.")
        expect(playground.root.get_by_role("alert").locator("visible=true")).to_contain_text("lost")
    with start_play(tmp_path, "--port", str(urlsplit(address).port)) as (again, _):
        assert urlsplit(again).port == urlsplit(address).port
        playground.root.locator(".qp-status", has_not_text="Connection lost.").wait_for()
        assert playground.root.get_by_label("Dataset", exact=True).input_value() == "circles"
        playground.press("Step")
        playground.wait_for("Paused.")
        playground.page.close()


def test_no_errors_in_the_console(play_server, chromium):
    page, said = chromium.new_page(), []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(play_server[0])
    playground = PlaygroundPage(page, "play")
    playground.press("Play")
    playground.wait_for("Training.")
    playground.choose("Dataset", "Iris flowers")
    playground.fill("Layers", "99")
    page.reload()
    playground.wait_for("Training.")
    page.close()
    assert said == []


def test_a_closed_jupyterlab_page_ends_training(lab, chromium):
    page = chromium.new_page()
    notebook = lab.open(page)
    page.locator("section.qmlplay").get_by_label("Speed").select_option(label="2 steps/s")
    page.get_by_role("button", name="Play", exact=True).click()
    page.locator(".qp-count", has_text="step 2").wait_for()
    page.close(run_before_unload=True)
    again = chromium.new_page()
    again.goto(lab.address_of(notebook))
    again.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").first.wait_for()
    time.sleep(7)
    cell = again.locator(".jp-Notebook .jp-CodeCell .cm-content").last
    cell.click()
    again.keyboard.type("print(widget.session.state, widget.session.training.step)")
    again.keyboard.press("Shift+Enter")
    output = again.locator(".jp-OutputArea-output pre", has_text="paused").last
    output.wait_for()
    assert int(output.inner_text().split()[1]) < 30
    again.close()
    lab.end(notebook)
