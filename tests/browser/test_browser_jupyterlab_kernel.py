"""A kernel that dies while the playground is shown in JupyterLab."""

from __future__ import annotations

from playground_page import PlaygroundPage


def test_a_dead_kernel_is_said(lab, chromium):
    page = chromium.new_page()
    lab.open(page)
    playground = PlaygroundPage(page, "jupyterlab")
    playground.press("Play")
    playground.wait_for("Training.")
    page.keyboard.press("Escape")
    page.evaluate("""async () => {
        const token = JSON.parse(document.getElementById("jupyter-config-data").text).token;
        const headers = {Authorization: `token ${token}`};
        const kernels = await (await fetch("/api/kernels", {headers})).json();
        for (const {id} of kernels) {
            await fetch(`/api/kernels/${id}`, {method: "DELETE", headers});
        }
    }""")
    playground.wait_for("Connection lost.")
    page.close()
