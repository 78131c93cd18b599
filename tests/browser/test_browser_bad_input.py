"""Whatever is wrong with what a user gives: the page says it, and all stays as it was."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from test_browser_playing import printed_accuracies

ROWS = "".join(f"{i % 7},{i % 5},{'ab'[i % 2]}\n" for i in range(40))
WIDE = ",".join(f"c{i}" for i in range(200))
PAGE = "<!DOCTYPE html><html><body><p>a,b,kind</p></body></html>"
BAD_FILES = {
    "text": ("a,b,kind\n" + ROWS.replace("3,3,", "three,3,", 1), "such as 'three' in line 5"),
    "one class": ("a,b,kind\n" + ROWS.replace("b\n", "a\n"), "a single class"),
    "one column": ("a\n1\n2\n", "has one column"),
    "one feature": ("a,kind\n1,x\n2,y\n1,x\n3,y\n", "needs two or more"),
    "nothing": ("", "is empty"),
    "a web page": (PAGE, "is a web page (HTML) and no table"),
    "many classes": (
        "a,b,k\n" + "".join(f"{i % 3},{i % 4},k{i % 20}\n" for i in range(80)),
        "20 classes",
    ),
    "too long": ("a,b,kind\n" + ROWS * 200, "8000 rows"),
    "too big": ("a,b,kind\n" + "1,2,x\n" * 900_000, "5.4 MB"),
}


@pytest.fixture
def trained(playground):
    playground.press("Step")
    playground.wait_for("Paused.")
    return playground


@pytest.mark.parametrize("what", BAD_FILES)
def test_a_bad_file_is_refused_and_the_old_state_kept(trained, what, tmp_path):
    content, reason = BAD_FILES[what]
    before = trained.accuracies(), trained.picture(), trained.code()
    trained.upload(tmp_path / "bad.csv", content.encode())
    expect(trained.root.get_by_role("alert")).to_contain_text(reason)
    assert "bad" in trained.message()
    assert (trained.accuracies(), trained.picture(), trained.code()) == before
    trained.press("Step")
    expect(trained.root.locator(".qp-count")).to_have_text("step 2")


def test_two_hundred_columns_are_reduced_and_two_may_be_chosen(trained, tmp_path):
    rows = [[*((i * j + i * i) % 11 for j in range(200)), "ab"[i % 2]] for i in range(60)]
    lines = "".join(",".join(map(str, row)) + "\n" for row in rows)
    trained.upload(tmp_path / "wide.csv", f"{WIDE},kind\n{lines}".encode())
    expect(trained.root.get_by_role("alert")).to_contain_text("wide has 200 features")
    trained.press("Step")
    trained.wait_for("Paused.")
    trained.choose("Shown and learned from", "two columns")
    trained.choose("Vertical", "c150")
    trained.wait_for("Ready.")
    trained.wait_for_code("X[:, [0, 150]]")


def test_a_target_can_be_chosen(trained, tmp_path):
    lines = "".join(f"{'ab'[i % 2]},{i % 7},{i / 3}\n" for i in range(40))
    trained.upload(tmp_path / "first.csv", f"kind,a,b\n{lines}".encode())
    expect(trained.root.get_by_role("alert")).to_contain_text("'b' looks continuous")
    trained.choose("Column with the labels in first.csv", "kind")
    trained.wait_for("Ready.")
    expect(trained.root.get_by_role("alert")).to_contain_text("target column 'kind' (as asked for)")
    trained.wait_for_code('as_dataset("first.csv", "kind")')


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("hello", "not a configuration string"),
        ("__import__('os').system('touch hacked')", "not a configuration string"),
        ("é" * 500_000, "text of at most 60000 characters"),
        ("qmlplay2.eyJhIjoxfQ.00000000", "damaged (wrong checksum)"),
        ("qmlplay9.eyJhIjoxfQ.00000000", "version qmlplay9"),
        ("qmlplay1.eyJhIjoxfQ.015abd7f", "unknown settings: ['a']"),
    ],
)
def test_a_bad_string_is_refused(trained, text, reason):
    before = trained.accuracies(), trained.picture()
    trained.open("Share this state")
    trained.root.get_by_label("A string that you were given").fill(text)
    trained.press("Restore")
    expect(trained.root.get_by_role("alert")).to_contain_text(reason)
    assert (trained.accuracies(), trained.picture()) == before
    trained.press("Dismiss")
    expect(trained.root.locator(".qp-message:not(.qp-connection)")).to_be_hidden()


def test_numbers_out_of_range_are_refused(trained):
    trained.fill("Layers", "99")
    expect(trained.root.get_by_role("alert")).to_contain_text("from 1 to 10")
    expect(trained.root.get_by_label("Layers", exact=True)).to_have_value("4")
    assert trained.steps() == 1


def test_a_raw_table_is_taken_and_its_line_stays_on_the_page(trained, tmp_path):
    rows = "".join(
        f"{i};{'' if i % 9 == 0 else i * 7 % 40};{['dry', 'wet'][i % 2]};{['fir', 'oak'][i % 2]}\n"
        for i in range(1, 41)
    )
    trained.upload(tmp_path / "trees.data", f"Id;size;site;tree\n{rows}".encode())
    line = "trees.data: 40 rows × 4 columns, separator ';', header in line 1"
    expect(trained.root.get_by_role("alert")).to_contain_text(line)
    trained.press("Dismiss")
    expect(trained.root.locator(".qp-recognized")).to_contain_text("'Id' (counts the rows)")
    trained.choose("Shown and learned from", "two columns")
    trained.choose("Vertical", "site=wet")
    trained.wait_for("Ready.")
    trained.press("Step")
    trained.wait_for("Paused.")
    trained.wait_for_code('chosen = ["size", "site=wet"]')
    (tmp_path / "run").mkdir()
    (tmp_path / "trees.data").rename(tmp_path / "run" / "trees.data")
    assert printed_accuracies(trained.code(), tmp_path / "run") == trained.accuracies()
