"""Reports as JUnit XML: one test case a reply, for whatever shows test results.

There is no one schema; what stands here is what Jenkins, GitLab and GitHub's viewers have in
common (`testsuites`, `testsuite`, `testcase`, `failure`, `error`, `skipped`, `properties`).
"""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from validator.findings import Severity, Verdict
from validator.reporters import excerpt
from validator.reporters.untrusted import one_line, visible
from validator.rules.noise import clean, strip_noise

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from validator.findings import Finding, Report

OUTPUT_BYTES = 64 * 1024
"""The last of each stream; a CI server keeps every report it was ever given."""
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no way to say, not even escaped."""
_SUITE = "Reply Validator"


def render_all(reports: Sequence[Report]) -> str:
    """Return one suite with a case for each report, in ASCII.

    A reply that failed is a failure; one we could not judge in full is an error, so that no build
    takes it for a pass; one that is inconclusive by its own doing is skipped, with the reason.
    """
    suites = Element("testsuites")
    suite = SubElement(suites, "testsuite", name=_SUITE)
    for report in reports:
        suite.append(_case(report))
    for element in (suites, suite):
        for name, value in _counts(suite).items():
            element.set(name, value)
    indent(suites)
    text: str = tostring(suites, encoding="us-ascii", xml_declaration=True).decode("ascii")
    return text + "\n"


def _counts(suite: Element) -> dict[str, str]:
    cases = suite.findall("testcase")
    tags = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    counts = {name: sum(case.find(tag) is not None for case in cases) for name, tag in tags.items()}
    seconds = sum(float(case.get("time", "0")) for case in cases)
    return {
        "tests": str(len(cases)),
        **{name: str(count) for name, count in counts.items()},
        "time": f"{seconds:.3f}",
    }


def _case(report: Report) -> Element:
    path = PurePath(visible(report.submission.reply.origin))
    case = Element(
        "testcase",
        classname=_xml(path.parent.as_posix()),
        name=_xml(path.name or "-"),
        time=f"{report.seconds.total:.3f}",
    )
    _add_properties(case, report)
    _add_outcome(case, report)
    if report.run is not None:
        _add_output(case, "system-out", report.run.stdout)
        _add_output(case, "system-err", report.run.stderr)
    return case


def _add_properties(case: Element, report: Report) -> None:
    known = {
        "verdict": report.verdict.value,
        "program": report.submission.entry_point,
        "kind": None if report.run is None else report.run.plan.kind.value,
        "sandbox": None if report.run is None else report.run.backend,
        "set-aside": str(len(report.suppressed)) if report.suppressed else None,
    }
    properties = SubElement(case, "properties")
    for name, value in known.items():
        if value is not None:
            SubElement(properties, "property", name=name, value=_xml(one_line(value)))


def _add_outcome(case: Element, report: Report) -> None:
    if report.verdict is Verdict.PASSED:
        return
    if report.verdict is Verdict.FAILED:
        grave = tuple(each for each in report.findings if each.severity is not Severity.NOTE)
        worst = grave[0] if grave else None
        outcome = SubElement(case, "failure", type=worst.code if worst else "failed")
        outcome.set("message", _xml(one_line(worst.message, 600) if worst else "failed"))
        outcome.text = _xml("\n".join(_lines(report, report.findings)))
        return
    outcome = SubElement(case, "error" if report.missing else "skipped", type="inconclusive")
    outcome.set("message", _xml(one_line(report.reason or "inconclusive", 600)))
    remedies = [f"{each.stage}: {each.remedy}" for each in report.missing if each.remedy]
    outcome.text = _xml("\n".join((*remedies, *_lines(report, report.findings))))


def _lines(report: Report, findings: Iterable[Finding]) -> Iterable[str]:
    for each in findings:
        place = excerpt.place(report.submission, each.location)
        where = f"{place}: " if place else ""
        yield f"{where}{each.severity} {each.code} {each.name}: {one_line(each.message, 600)}"
        yield from (f"    seen: {one_line(words)}" for words in each.evidence[:3])
        if each.hint:
            yield f"    hint: {one_line(each.hint, 600)}"


def _add_output(case: Element, name: str, data: bytes) -> None:
    text = strip_noise(clean(data[-OUTPUT_BYTES:]))
    if text.strip():
        SubElement(case, name).text = _xml(text)


def _xml(text: str) -> str:
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
