"""`validate` with several names, folders and patterns: in order, each reply judged once."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from batches import HELLO, NO_CODE

from validator.cli import main
from validator.opening import find_targets, open_many


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(*names: str, text: str = NO_CODE) -> None:
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text, encoding="utf-8")


def found(*names: str) -> list[str]:
    return [target.name for target in find_targets(names)]


def validate(*arguments: str) -> int:
    return main([*arguments, "--sandbox", "none", "--offline"])


def test_a_folder_stands_for_the_markdown_and_text_in_it_sorted() -> None:
    write("d/b.md", "d/a.txt", "d/sub/c.markdown", "d/D.MD")
    write("d/main.py", "d/notes.rst", "d/requirements.txt", "d/constraints-dev.txt", "d/.hidden.md")
    write("d/.git/x.md", "d/node_modules/p/README.md", "d/venv/x.txt", "d/__pycache__/x.md")

    assert found("d") == ["d/D.MD", "d/a.txt", "d/b.md", "d/sub/c.markdown"]
    assert found("./d/") == found("d")
    # What is named is taken, wherever it is and whatever it is called.
    assert found("d/requirements.txt", "d/.git/x.md") == ["d/requirements.txt", "d/.git/x.md"]


def test_a_pattern_is_expanded_and_a_file_that_is_named_like_one_is_itself() -> None:
    write("d/a.md", "d/sub/b.md", "d/c.txt", "what[1].md")

    assert found("d/**/*.md") == ["d/a.md", "d/sub/b.md"]
    assert found("what[1].md") == ["what[1].md"]


def test_what_is_found_is_found_once_and_what_is_named_twice_is_judged_twice() -> None:
    write("d/a.md", "d/b.md")

    assert found("d/b.md", "d", "d/*.md") == ["d/b.md", "d/a.md"]
    assert found("d/a.md", "d/a.md") == ["d/a.md", "d/a.md"]


def test_a_link_in_a_folder_leads_nowhere_twice(tmp_path: Path) -> None:
    write("d/a.md")
    Path("d/loop").symlink_to(tmp_path / "d")

    assert found("d") == ["d/a.md"]


def test_what_is_no_reply_in_a_folder_is_left_out_and_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    write("d/a.md")
    write("d/empty.md", text="")
    Path("d/picture.txt").write_bytes(b"\x89PNG\0\0")

    assert validate("d", "--format", "json") == 1
    seen = capsys.readouterr()
    assert json.loads(seen.out)["submission"]["origin"] == "d/a.md"
    assert seen.err == (
        "validate: d/empty.md is empty: left out\n"
        "validate: d/picture.txt is binary, not a reply: left out\n"
    )


@pytest.mark.parametrize(
    ("name", "text", "origins"),
    [
        pytest.param("README.md", "# Replies\n\nOne each.\n", ["d/a.md"], id="about the folder"),
        pytest.param("readme.txt", "```sh\nls\n```\n", ["d/a.md"], id="shell only"),
        pytest.param("README.md", HELLO, ["d/README.md", "d/a.md"], id="a program in it"),
        pytest.param("b.md", "I cannot help with that.\n", ["d/a.md", "d/b.md"], id="a refusal"),
    ],
)
def test_a_page_about_the_folder_is_left_out_and_a_refusal_is_not(
    capsys: pytest.CaptureFixture[str], name: str, text: str, origins: list[str]
) -> None:
    write("d/a.md")
    write(f"d/{name}", text=text)

    assert [reply.origin for reply in open_many(("d",))] == origins
    # What is named is judged, whatever it is called.
    assert [reply.origin for reply in open_many((f"d/{name}",))] == [f"d/{name}"]
    assert capsys.readouterr().err == ""


def test_reports_come_in_the_order_of_the_names_and_the_same_reply_keeps_its_own_place(
    capsys: pytest.CaptureFixture[str],
) -> None:
    write("d/1.md", "d/3.md", text=HELLO)
    write("d/2.md", "d/4.md")
    write("d/5.md", text=f"{NO_CODE}\n```python\nprint((1)\n```\n")

    assert validate("d", "--format", "json", "--workers", "3") == 1
    reports = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [
        (each["submission"]["origin"], [f["code"] for f in each["findings"]]) for each in reports
    ] == [
        ("d/1.md", []),
        ("d/2.md", ["RV101"]),
        ("d/3.md", []),
        ("d/4.md", ["RV101"]),
        ("d/5.md", ["RV201"]),
    ]


def test_identical_replies_are_known_before_they_are_judged() -> None:
    write("a.md", "b.md", "c.md")
    write("d.md", text=HELLO)

    opened = open_many(["a.md", "b.md", "c.md", "d.md"])
    assert (opened.replies, list(opened.repeated.values())) == (4, [3])
    assert [reply.origin for reply in opened] == ["a.md", "b.md", "c.md", "d.md"]


def test_several_reports_end_in_what_they_come_to(capsys: pytest.CaptureFixture[str]) -> None:
    write("a.md", "b.md")

    assert validate("a.md", "b.md") == 1
    assert capsys.readouterr().out.endswith(
        "\n\n2 replies: 2 failed (1 the same as one before)\n"
        "\n"
        "errors, by the replies that have them:\n"
        "   100 %       2  RV101  no-code\n"
    )
    assert validate("a.md") == 1
    assert "1 reply" not in capsys.readouterr().out


def test_each_program_goes_to_a_folder_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    write("a.md", text=HELLO)
    write("b.md", text=HELLO.replace("hello", "good day"))

    assert validate("a.md", "b.md", "--write", "out") == 3
    assert Path("out/reply-1/main.py").read_text() == "print('hello')\n"
    assert Path("out/reply-2/main.py").read_text() == "print('good day')\n"


def test_several_pages_are_a_folder_with_an_index(capsys: pytest.CaptureFixture[str]) -> None:
    write("a.md", "b.md")

    assert validate("a.md", "b.md", "--format", "html") == 2
    assert capsys.readouterr().err == (
        "validate: several replies make a folder of pages: --output names it\n"
    )
    assert validate("a.md", "b.md", "--format", "html", "--output", "pages") == 1
    assert "replies/1.html" in Path("pages/index.html").read_text()
    assert sorted(path.name for path in Path("pages/replies").iterdir()) == ["1.html", "2.html"]
    assert validate("a.md", "--format", "html", "--output", "page.html") == 1
    assert Path("page.html").read_text().lower().startswith("<!doctype html>")


@pytest.mark.bubblewrap
def test_interrupted_it_ends_in_what_the_replies_came_to_so_far(
    sandboxes: frozenset[str],
) -> None:
    if "bubblewrap" not in sandboxes:
        pytest.skip("bubblewrap does not answer here")
    write("1.md", "2.md", text=HELLO)
    write("3.md", text=HELLO.replace("print('hello')", "while True:\n    pass"))
    process = subprocess.Popen(
        [sys.executable, "-m", "validator", "1.md", "2.md", "3.md",
         "--sandbox", "bubblewrap", "--offline", "--seconds", "60"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    seen = ""
    while "2.md\n" not in seen:  # its report is written whole
        seen += process.stdout.readline()
    time.sleep(0.5)  # until it waits for the third
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)

    assert process.returncode == 130
    assert out.endswith("\n2 replies: 2 passed (1 the same as one before)\n")
    assert err == "validate: interrupted\n"
