"""What packages tell, in JSON v1: the whole of it, and described by the schema."""

from __future__ import annotations

import json as standard_json
from dataclasses import replace

from jsonschema import Draft202012Validator
from reporter_samples import worm
from test_reporters_json import closed

from validator.facts import (
    Pin,
    Undeclared,
    Unfit,
    Unprovided,
    Unresolved,
    UnresolvedReason,
    Vulnerability,
)
from validator.findings import Verdict
from validator.reporters import json, text


def test_what_is_only_not_built_is_asked_for_again_with_the_flag_that_builds_it() -> None:
    report = worm()
    before = report.resolution
    assert before is not None
    row = Unresolved(before.requirements[0], UnresolvedReason.SOURCE_ONLY, "why")
    resolution = replace(before, unresolved=(row,), undeclared=())
    line = str(before.requirements[0])
    for builds, told in ((False, True), (True, False)):
        unsure = replace(
            report,
            findings=(),
            verdict=Verdict.INCONCLUSIVE,
            reason="why",
            resolution=replace(resolution, builds=builds),
        )
        page = text.render(unsure)
        assert ("validate --build-sdists" in page) is told
        assert (f"a requirements.txt that installs: {line}" in page) is told


def test_everything_packages_tell_is_there_and_described() -> None:
    report = worm()
    before = report.resolution
    assert before is not None
    requirement = before.requirements[0]
    weak = Vulnerability("PYSEC-1", ("CVE-2024-1",), "Lets anyone in.", ("3.1",))
    resolution = replace(
        before,
        cutoff="2026-11-15",
        pins=(
            Pin("a", "1", "0" * 64, "a.whl", (), "https://x/a.whl", (weak,)),
            Pin("b", "1", "0" * 64, "b.whl", ("a",)),
        ),
        undeclared=(Undeclared("c", "main.py", 1, None, False, ("d",), "c holds e", ("a",)),),
        unfit=(Unfit("a", "1", "a.whl", "'x' is a link"),),
        unprovided=(Unprovided("f", "main.py", 2, True, ("g",)),),
        unresolved=tuple(
            Unresolved(requirement, reason, "why", nearest_below="1", nearest_above="2")
            for reason in UnresolvedReason
        ),
    )
    told = standard_json.loads(json.render(replace(report, resolution=resolution)))

    Draft202012Validator(closed(json.schema())).validate(told)
    said = told["resolution"]
    assert said["cutoff"] == "2026-11-15"
    assert [(each["url"], each["vulnerabilities"]) for each in said["pins"]] == [
        (
            "https://x/a.whl",
            [
                {
                    "id": "PYSEC-1",
                    "aliases": ["CVE-2024-1"],
                    "summary": "Lets anyone in.",
                    "fixed_in": ["3.1"],
                }
            ],
        ),
        (None, None),
    ]
    (undeclared,) = said["undeclared"]
    assert [undeclared[name] for name in ("candidates", "note", "brought_by")] == [
        ["d"],
        "c holds e",
        ["a"],
    ]
    assert said["unfit"] == [
        {"name": "a", "version": "1", "filename": "a.whl", "why": "'x' is a link"}
    ]
    assert said["unprovided"] == [
        {"module": "f", "path": "main.py", "line": 2, "optional": True, "candidates": ["g"]}
    ]
    assert {(each["nearest_below"], each["nearest_above"]) for each in said["unresolved"]} == {
        ("1", "2")
    }
