"""The user overrules reading: which block is the program, every alternative, a conversation."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from validator.cli import main
from validator.reporters import json as json_reporter

TWO_WAYS = """First:

```python
def total(items):
    return sum(items)

print(total([1]))
```

Alternatively:

```python
def total(items):
    return itms[0]

print(total([1]))
```
"""
SNIPPET = "Read it:\n\n```python\napp.config.load(path)\n```\n"
PLAIN = ("--sandbox", "none", "--offline")


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("ways.md").write_text(TWO_WAYS)
    Path("snippet.md").write_text(SNIPPET)


def reports(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict]:
    main([*arguments, "--format", "json", *PLAIN])
    out = capsys.readouterr().out
    if out.startswith("{\n"):
        return [json.loads(out)]
    return [json.loads(line) for line in out.splitlines()]


def test_the_decision_is_in_the_report(capsys):
    (report,) = reports(capsys, "ways.md")
    decision = report["submission"]["decision"]
    assert (decision["kind"], decision["confidence"]) == ("alternatives", "likely")
    assert [(b["number"], b["role"], b["reply_lines"], b["path"]) for b in decision["blocks"]] == [
        (1, "program", [4, 7], "main.py"),
        (2, "alternative", [13, 16], None),
    ]
    assert set(decision["blocks"][0]) == set(
        json_reporter.schema()["$defs"]["submission"]["properties"]["decision"]["properties"][
            "blocks"
        ]["items"]["properties"]
    )


def test_the_block_asked_for_is_judged(capsys):
    (report,) = reports(capsys, "ways.md", "--block", "2")
    assert "RV206" in [finding["code"] for finding in report["findings"]]
    assert report["submission"]["decision"]["reason"] == "block 2, as asked for"


def test_every_alternative_is_a_report_of_its_own(capsys):
    first, second = reports(capsys, "ways.md", "--alternatives")
    assert [finding["code"] for finding in first["findings"]] == []
    assert "RV206" in [finding["code"] for finding in second["findings"]]


def test_the_alternatives_are_written_apart(capsys):
    assert main(["extract", "ways.md", "--alternatives", "--write", "out"]) == 0
    assert "sum(items)" in Path("out/reply-1/main.py").read_text()
    assert "itms[0]" in Path("out/reply-2/main.py").read_text()


def test_the_command_to_copy_keeps_the_block(capsys):
    main(["ways.md", "--block", "2", *PLAIN])
    out = capsys.readouterr().out
    assert "  reading   block 2, as asked for; set aside: block 1\n" in out
    assert "validate --format prompt --block 2 ways.md" in out


def test_pieces_of_code_are_inconclusive_until_asked_for(capsys):
    assert main(["snippet.md", *PLAIN]) == 3
    assert "pieces of code and no program: its code works with `app`" in (
        " ".join(capsys.readouterr().out.split())
    )
    (report,) = reports(capsys, "snippet.md", "--block", "1")
    assert report["verdict"] == "failed"


def test_a_conversation_is_named_by_its_file_and_its_turns(capsys):
    turns = [
        {"role": "user", "content": "sum"},
        {"role": "assistant", "content": "```python\ndef total(items):\n    return su"},
        {"role": "user", "content": "go on"},
        {"role": "assistant", "content": "```python\nm(itms)\n\nprint(total([1]))\n```\n"},
    ]
    Path("chat.json").write_text(json.dumps({"messages": turns}))
    main(["chat.json", *PLAIN])
    out = capsys.readouterr().out
    assert out.startswith("chat.json\n")
    assert "from chat.json turn 2 line 2 to chat.json turn 4 line 4" in out
    assert "validate --format prompt chat.json" in out


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (
            ["ways.md", "--block", "3"],
            "validate: there is no block 3: the reply has blocks 1 to 2\n",
        ),
        (
            ["ways.md", "snippet.md", "--block", "1"],
            "validate: --block is about one reply; these are several\n",
        ),
    ],
)  # fmt: skip
def test_a_block_that_cannot_be_meant_is_said_in_one_line(arguments, line, capsys):
    assert main([*arguments, *PLAIN]) == 2
    assert capsys.readouterr().err == line


@pytest.mark.parametrize("number", ["0", "x", "1,", "-1"])
def test_a_block_is_a_number(number, capsys):
    with pytest.raises(SystemExit) as left:
        main(["ways.md", f"--block={number}"])
    assert left.value.code == 2
