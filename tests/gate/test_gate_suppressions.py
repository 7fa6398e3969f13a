"""Comments that set findings aside: where they are honoured, and where they must not be."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from gate_reports import crash, report
from hypothesis import given
from hypothesis import strategies as st

from validator.arguments import parse
from validator.commands import flags
from validator.facts import Part, Reply, Run
from validator.findings import Report, SetAside, Verdict
from validator.reading import read
from validator.reporters import json as json_reporter
from validator.reporters import text
from validator.rules.suppressions import comments_in

EARLY = """Here:

```python
greet(){comment}

def greet():
    print("hi")
```
"""


def judged(text: str, *, allowed: bool = True) -> Report:
    """Judge a reply whose program crashes where it calls what is not defined yet."""
    lines = text.partition("```python\n")[2].split("\n")
    at = next(number for number, line in enumerate(lines, 1) if line.startswith("greet()"))
    return report(text, crashed(at), suppressions=allowed)


def crashed(line: int) -> Run:
    return crash(line, "NameError", "name 'greet' is not defined")


def codes(found: Report) -> list[str]:
    return [each.code for each in found.findings]


def why_idle(found: Report) -> str:
    (note,) = (each for each in found.findings if each.code == "RV110")
    return note.message.rpartition(": ")[2]


@pytest.mark.parametrize(
    "text",
    [
        EARLY.replace("{comment}", "  # validator: ignore[RV204] shown on purpose"),
        EARLY.replace("{comment}", "  # validator: ignore[RV204] because shown on purpose"),
        EARLY.replace("{comment}", "  # validator:ignore[use-before-definition]: shown on purpose"),
        EARLY.replace("{comment}", "").replace(
            "greet()\n\n", "# validator: ignore[RV401, RV204] — shown on purpose\ngreet()\n\n"
        ),
        EARLY.replace("{comment}", "").replace(
            "Here:", "<!-- validator: ignore[RV204] shown on purpose -->"
        ),
        EARLY.replace("{comment}", "")
        + "\n<!-- validator: ignore-file[RV204] shown on purpose -->",
    ],
    ids=["same line", "because", "by its name", "line above", "next block", "whole reply"],
)
def test_a_comment_with_a_reason_sets_a_finding_aside(text: str) -> None:
    found = judged(text)
    line = next(n for n, each in enumerate(text.split("\n"), 1) if "validator:" in each)
    (aside,) = found.suppressed
    assert aside.code == "RV204"
    assert aside.set_aside == SetAside("comment", "shown on purpose", line)
    assert codes(found) == []


def test_what_was_set_aside_is_not_passed_but_excused() -> None:
    found = judged(EARLY.replace("{comment}", "  # validator: ignore[RV204] on purpose"))
    assert (found.verdict, found.reason) == (Verdict.INCONCLUSIVE, "RV204 was set aside")
    assert found.excused


def test_the_reports_say_who_set_it_aside_and_why() -> None:
    found = judged(EARLY.replace("{comment}", "  # validator: ignore[RV204] on purpose"))
    told = json.loads(json_reporter.render(found))
    jsonschema.validate(told, json_reporter.schema())
    assert told["excused"] is True
    assert told["suppressed"][0]["set_aside"] == {
        "by": "comment",
        "reason": "on purpose",
        "reply_line": 4,
    }
    shown = text.render(found)
    assert "set aside RV204 use-before-definition: reply.md:4: on purpose (comment)" in shown
    assert "INCONCLUSIVE: RV204 was set aside, and nothing else keeps it from passing" in shown


def test_what_ignore_sets_aside_is_not_excused() -> None:
    found = report(EARLY.replace("{comment}", ""), crashed(1), ignore=("RV204",))
    assert found.verdict is Verdict.INCONCLUSIVE
    assert not found.excused


def test_a_model_cannot_excuse_its_own_faults() -> None:
    text = EARLY.replace("{comment}", "  # validator: ignore[RV204] it is fine, trust me")
    found = judged("<!-- validator: ignore-file[RV204] fine -->\n" + text, allowed=False)
    assert found.verdict is Verdict.FAILED
    assert codes(found) == ["RV204", "RV110", "RV110"]
    assert found.suppressed == ()


@pytest.mark.parametrize(
    ("comment", "why"),
    [
        ("ignore[RV204]", "it gives no reason"),
        ("ignore[RV204] because", "it gives no reason"),
        ("ignore[RV204] -", "it gives no reason"),
        ("ignore on purpose", "it names no code"),
        ("ignore[] on purpose", "it names no code"),
        ("ignore[RV2] on purpose", "there is no such finding where it stands"),
        ("ignore[RV206] on purpose", "there is no such finding where it stands"),
    ],
)
def test_a_comment_that_is_not_honoured_is_told(comment: str, why: str) -> None:
    found = judged(EARLY.replace("{comment}", f"  # validator: {comment}"))
    assert codes(found) == ["RV204", "RV110"]
    assert why_idle(found) == why


def test_a_comment_two_lines_above_speaks_of_something_else() -> None:
    text = EARLY.replace("{comment}", "").replace(
        "greet()\n\n", "# validator: ignore[RV204] on purpose\n\ngreet()\n\n"
    )
    found = judged(text)
    assert codes(found) == ["RV204", "RV110"]


def test_a_comment_about_the_next_block_does_not_reach_the_one_after_it() -> None:
    aside = "<!-- validator: ignore[RV204] on purpose -->\n```sh\npython main.py\n```\n\n"
    assert "RV204" in codes(judged(aside + EARLY.replace("{comment}", "")))


def test_words_about_suppressions_are_none() -> None:
    text = "Write validator: ignore[RV204] to have it set aside.\n" + EARLY.replace("{comment}", "")
    assert codes(judged(text)) == ["RV204"]


def test_a_reply_without_code_can_be_excused() -> None:
    found = report("<!-- validator: ignore-file[RV101] a page of prose -->\n", suppressions=True)
    assert found.excused


@given(st.text(st.sampled_from("#<!->validator: ignore[RV204], reason`\n")))
def test_any_text_can_be_looked_through(text: str) -> None:
    submission = read(Reply((Part(text + "\n# validator: ignore[RV204] x", "r.md"),)))
    for comment in comments_in(submission):
        assert 1 <= comment.line <= len(submission.reply.lines)


@pytest.mark.parametrize("verb", ["repair", "batch"])
def test_a_setting_meant_for_documentation_is_not_for_models(
    verb: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("pyproject.toml").write_text(
        "[tool.validator]\nsuppressions = true\n"
        "[[tool.validator.per-path]]\npaths = ['**']\nsuppressions = true\n"
    )
    needed = {"repair": ["a.md", "--model", "http://x"], "batch": ["a.jsonl", "--out", "o.jsonl"]}
    assert flags.settings(parse(["a.md"])).for_reply("a.md").suppressions
    chosen = flags.settings(parse([verb, *needed[verb]]))
    assert not chosen.for_reply("a.md").suppressions
