from __future__ import annotations

import json as standard_json
from dataclasses import replace
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from reporter_samples import SAMPLES, hello, run, worm

from validator.facts import Frame, Limits, Observation, Part, Reply, Traceback
from validator.findings import Report, Verdict
from validator.reading import read
from validator.reporters import json
from validator.rules import Evidence, judge


def closed(schema: Any) -> Any:
    """Return the schema with every described object closed, so that no field goes undescribed."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: closed(value) for key, value in schema.items()}
    open_on_purpose = set(inner.get("properties", {})) == {"kind"}  # an observation
    if "properties" in inner and not open_on_purpose:
        inner["unevaluatedProperties"] = False
    if inner.get("allOf") or "$defs" not in inner:
        return inner
    # What others extend by allOf cannot be closed where it stands.
    inner["$defs"]["location"].pop("unevaluatedProperties")
    return inner


def parsed(report: Any) -> Any:
    return standard_json.loads(json.render(report))


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(json.schema())


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_report_is_valid_and_wholly_described(sample: str) -> None:
    Draft202012Validator(closed(json.schema())).validate(parsed(SAMPLES[sample]()))


def test_a_field_the_schema_lacks_would_be_noticed() -> None:
    report = parsed(worm())
    report["findings"][0]["surprise"] = 1
    assert not Draft202012Validator(closed(json.schema())).is_valid(report)
    assert Draft202012Validator(json.schema()).is_valid(report), "readers are told to ignore it"


def test_what_reading_did_and_a_fix_settles_is_told_by_both() -> None:
    text = "```python\ndef main():\n    pass\n\nif name == 'main':\n    main()\n```\n"
    submission = read(Reply((Part(text, "reply.md"),)))
    findings = judge(Evidence(submission)).findings
    report = parsed(Report(submission, Verdict.FAILED, None, findings=findings))

    Draft202012Validator(closed(json.schema())).validate(report)
    (finding,) = report["findings"]
    assert finding["fix"]["settles"] == report["submission"]["recoveries"] != []


@pytest.mark.parametrize(
    "path",
    [
        ["version", "verdict", "reason", "submission", "resolution", "run", "findings", "seconds"],
        ["submission.origin", "submission.entry_point", "submission.requirements"],
    ],
)
def test_the_fields_promised_first_are_there(path: list[str]) -> None:
    report = parsed(worm())
    for dotted in path:
        value = report
        for name in dotted.split("."):
            value = value[name]


def test_a_finding_is_told_by_file_by_reply_and_by_part() -> None:
    found = parsed(SAMPLES["conversation"]())["findings"][1]
    assert (found["path"], found["line"], found["column"]) == ("main.py", 5, 11)
    assert found["reply_line"] == 6
    assert found["reply_place"] == {"part": "turn-2.md", "line": 1}


def test_stages_that_were_not_done_are_null() -> None:
    report = parsed(SAMPLES["conversation"]())
    assert report["resolution"] is None
    assert report["run"] is None
    assert report["seconds"]["sandbox"] is None
    assert report["missing"][0]["stage"] == "packages"


def test_output_keeps_its_words_and_loses_only_what_is_no_text() -> None:
    report = replace(hello(), run=run(stdout=b"caf\xc3\xa9 \x1b[31m\xff\x00", stdout_bytes=12))
    rendered = json.render(report)
    assert standard_json.loads(rendered)["run"]["stdout"] == "café \x1b[31m\ufffd\x00"
    assert rendered.isascii()
    assert "\x1b" not in rendered


def test_figures_that_are_none_and_nests_without_end_are_null() -> None:
    nest: Any = []
    for _ in range(500):
        nest = [nest]
    fields = {"count": float("nan"), "deep": nest, "half": "\ud83d", "kind": "forged"}
    seen = parsed(replace(hello(), run=run(observations=(Observation("frames", fields),))))
    observation = seen["run"]["observations"][0]
    assert observation["kind"] == "frames"
    assert observation["count"] is None
    assert observation["half"] == "?"


def test_a_stack_taken_at_the_deadline_is_there() -> None:
    stack = Traceback("", "", (Frame("main.py", 3, "<module>"),))
    report = parsed(replace(hello(), run=run(stacks=(stack,), wall_seconds=Limits().wall_seconds)))
    assert report["run"]["stacks"] == [
        {
            "type": "",
            "message": "",
            "frames": [{"path": "main.py", "line": 3, "function": "<module>"}],
        }
    ]


def test_the_same_report_gives_the_same_bytes() -> None:
    one = Observation("frames", {"count": 1, "hash": "a"})
    other = Observation("frames", {"hash": "a", "count": 1})
    first = json.render(replace(hello(), run=run(observations=(one,))))
    assert first == json.render(replace(hello(), run=run(observations=(other,))))
