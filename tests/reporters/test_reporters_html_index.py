"""Many reports as one page: what they come to, and every reply as a row."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from infected import PAYLOADS, infected
from pages import Element, check, parsed

from validator.cli import main
from validator.findings import Severity, Verdict
from validator.reporters.html import index
from validator.summary import Row, summarise

if TYPE_CHECKING:
    from pathlib import Path

CUT = ("RV102", "truncated-reply", Severity.ERROR)
NO_WHEEL = ("RV304", "no-wheel", Severity.ERROR)
UNUSED = ("F401", "unused-import", Severity.NOTE)


def row(name: str, verdict: Verdict, *findings: tuple[str, str, Severity], **more: object) -> Row:
    plain = Row(name, verdict, None, findings, None, 1.5, "script", f"a.jsonl line {name}")
    return replace(plain, **more)  # type: ignore[arg-type]


ROWS = (
    row("1", Verdict.PASSED, UNUSED, model="llama", page="replies/000001.html"),
    row("2", Verdict.FAILED, CUT, NO_WHEEL, CUT, model="llama", page="replies/a b#c.html"),
    row("3", Verdict.FAILED, CUT, model="qwen", same_as="2"),
    row("4", Verdict.INCONCLUSIVE, reason="no jail can be made here", kind=None),
)


def cells(table: Element) -> list[list[str]]:
    return [
        [cell.text for cell in each.all() if cell.tag in ("th", "td")] for each in table.all("tr")
    ]


def test_it_says_what_many_replies_come_to() -> None:
    root = check(index(ROWS, summarise(ROWS)))
    assert root.one("title").text == "1 of 4 replies passed"
    top = root.one("section", id="verdict")
    assert top.one("p", class_="why").text == (
        "That is 25 %; 2 failed, 1 inconclusive, 1 repeated another."
    )
    assert [each[:2] for each in cells(top.one("table"))[1:]] == [
        ["\N{CHECK MARK} passed", "1 (25 %)"],
        ["\N{MULTIPLICATION X} failed", "2 (50 %)"],
        ["? inconclusive", "1 (25 %)"],
    ]


def test_faults_and_models_are_tables_with_a_drawing() -> None:
    root = check(index(ROWS, summarise(ROWS)))
    faults = root.one("section", id="faults")
    assert [each[:2] for each in cells(faults.one("table"))[1:]] == [
        ["\N{MULTIPLICATION X} error RV102 truncated-reply", "2 (50 %)"],
        ["\N{MULTIPLICATION X} error RV304 no-wheel", "1 (25 %)"],
        ["i note F401 unused-import", "1 (25 %)"],
    ]
    assert [each.attributes["width"] for each in faults.all("rect")] == ["500.0", "250.0", "250.0"]
    models = root.one("section", id="models")
    assert [each[:2] for each in cells(models.one("table"))[1:]] == [
        ["llama 1 failed truncated-reply 50 %, no-wheel 50 %", "1 of 2 (50 %)"],
        ["(not said) 1 inconclusive", "0 of 1 (0 %)"],
        ["qwen 1 failed truncated-reply 100 %", "0 of 1 (0 %)"],
    ]
    drawn = models.all("svg")[0].all("rect")
    assert [(each.attributes["class"], each.attributes["x"]) for each in drawn] == [
        ("passed", "0.0"),
        ("failed", "500.0"),
        ("inconclusive", "1000.0"),
    ]


def test_every_reply_is_a_row_that_leads_to_its_page() -> None:
    table = check(index(ROWS, summarise(ROWS))).one("table", id="rows")
    assert cells(table) == [
        ["Reply", "Verdict", "Faults", "Model", "Kind", "Time"],
        ["1", "\N{CHECK MARK} passed", "F401 unused-import", "llama", "script", "1.5 s"],
        [
            "2", "\N{MULTIPLICATION X} failed", "RV102 truncated-reply, RV304 no-wheel", "llama",
            "script", "1.5 s",
        ],
        [
            "3 the same as 2", "\N{MULTIPLICATION X} failed", "RV102 truncated-reply", "qwen",
            "script", "1.5 s",
        ],
        ["4", "? inconclusive no jail can be made here", "", "", "", "1.5 s"],
    ]  # fmt: skip
    assert [each.attributes["href"] for each in table.all("a")] == [
        "replies/000001.html", "replies/a%20b%23c.html",
    ]  # fmt: skip


def test_what_nobody_said_has_no_column_and_no_number() -> None:
    alone = (row("a/b.md", Verdict.PASSED),)
    root = check(index(alone, summarise(alone)))
    assert root.one("section", id="verdict").one("p", class_="why").text == "That is 100 %."
    assert cells(root.one("table", id="rows"))[0] == ["Reply", "Verdict", "Faults", "Kind", "Time"]
    assert [each.attributes["id"] for each in root.all("select")] == [
        "filter-verdict", "filter-fault",
    ]  # fmt: skip


def test_no_replies_are_a_page_too() -> None:
    root = check(index((), summarise(())))
    assert root.one("h1").text == "0 of 0 replies passed"
    assert root.all("section", id="faults") == []


@pytest.mark.parametrize(
    ("passed", "of", "said"),
    [(0, 1000, "0 %"), (1, 1000, "< 1 %"), (999, 1000, "> 99 %"), (1000, 1000, "100 %")],
)
def test_nearly_all_is_not_all(passed: int, of: int, said: str) -> None:
    rows = tuple(row(str(n), Verdict.PASSED if n < passed else Verdict.FAILED) for n in range(of))
    top = parsed(index(rows, summarise(rows))).one("section", id="verdict")
    assert top.one("p", class_="why").text.startswith(f"That is {said}")


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_in_any_field_becomes_part_of_the_page(payload: str) -> None:
    rows = tuple(
        replace(infected(each, payload), page=each.page and "replies/1.html") for each in ROWS
    )
    root = check(index(rows, summarise(rows)))
    assert [each.attributes["id"] for each in root.all("section")] == [
        "verdict", "faults", "models", "replies",
    ]  # fmt: skip
    assert len(root.one("table", id="rows").one("tbody").all("tr")) == 4


def test_several_replies_make_a_folder_whose_pages_lead_to_each_other(tmp_path: Path) -> None:
    replies = [tmp_path / "a.md", tmp_path / "b <b>.md"]
    for reply in replies:
        reply.write_text(f"```python\nprint('{len(reply.name)}')\n```\n", encoding="utf-8")
    site = tmp_path / "site"
    flags = ["--sandbox", "none", "--offline", "--format", "html", "--output", str(site)]
    assert main([*map(str, replies), *flags]) == 3
    listed = check((site / "index.html").read_text(encoding="utf-8")).one("table", id="rows")
    assert [each.text for each in listed.all("a")] == [str(each) for each in replies]
    for link, reply in zip(listed.all("a"), replies, strict=True):
        file = site / (link.attributes["href"] or "")
        shown = check(file.read_text(encoding="utf-8"))
        assert shown.one("h1").text == str(reply)
        (back,) = [each for each in shown.all("a") if each.text == "All replies"]
        assert (file.parent / (back.attributes["href"] or "")).resolve() == site / "index.html"


def test_one_reply_makes_one_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reply = tmp_path / "a.md"
    reply.write_text("```python\nprint('é')\n```\n", encoding="utf-8")
    assert main([str(reply), "--sandbox", "none", "--offline", "--format", "html"]) == 3
    shown = check(capsys.readouterr().out)
    assert shown.one("p", class_="stamp").text == "? inconclusive"
