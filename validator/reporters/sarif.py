"""Reports as one SARIF 2.1.0 log: what code scanners read and editors show.

Regions are those of the reply's own file. Results that `select` and `ignore` set aside are left
out, because scanners that know no suppressions would show them; those that a comment or a baseline
set aside are in it, as suppressed, with the reason.
"""

from __future__ import annotations

import json
from pathlib import PurePath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from validator import __version__, rules
from validator.findings import Verdict
from validator.fingerprints import VERSION, fingerprints
from validator.reporters.places import FilePlace, in_file, named
from validator.reporters.replacing import replacements
from validator.reporters.untrusted import one_line, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from validator.findings import Finding, Fix, Location, Missing, Report

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_ROOT = "%SRCROOT%"
_STDIN_URI = "stdin"
_EVIDENCE_SHOWN = 3
_KINDS = {"comment": "inSource", "baseline": "external"}

Json = dict[str, Any]


def render_all(reports: Sequence[Report]) -> str:
    """Return one log with one run, in ASCII; every rule that is spoken of is described once."""
    shown = [(report, _shown(report)) for report in reports]
    codes = list(dict.fromkeys(each.code for _, pairs in shown for each, _ in pairs))
    # One result with a state wants all of them to have one.
    compared = any(report.compared for report in reports)
    results = [
        _result(report, finding, fingerprint, codes.index(finding.code))
        | ({"baselineState": _state(finding)} if compared else {})
        for report, pairs in shown
        for finding, fingerprint in pairs
    ]
    missing = [(report, each) for report in reports for each in report.missing]
    run = {
        "tool": {
            "driver": {
                "name": "Reply Validator",
                "semanticVersion": __version__,
                "rules": [_rule(code, shown) for code in codes],
            }
        },
        "invocations": [
            {
                "executionSuccessful": not missing,
                "toolExecutionNotifications": [_notification(*each) for each in missing],
            }
        ],
        "originalUriBaseIds": {
            _ROOT: {"description": {"text": "The folder that validate was started in."}}
        },
        "artifacts": _artifacts(reports),
        "results": results,
        "columnKind": "unicodeCodePoints",
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2) + "\n"


def _shown(report: Report) -> list[tuple[Finding, str]]:
    findings = (*report.findings, *report.suppressed)
    made = fingerprints(report.submission, findings)
    aside = len(report.findings)
    return [
        pair
        for index, pair in enumerate(zip(findings, made, strict=True))
        if index < aside or pair[0].set_aside is not None
    ]


# ── results ──────────────────────────────────────────────────────────────────────────────────────


def _result(report: Report, finding: Finding, fingerprint: str, rule: int) -> Json:
    result: Json = {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": finding.severity.value,
        "message": {"text": _message(finding)},
        "locations": [_location(report, finding.location)],
        "partialFingerprints": {
            f"replyValidator/v{VERSION}": fingerprint,
            # The one GitHub goes by; where it is missing it hashes the line, which may move.
            "primaryLocationLineHash": f"{fingerprint}:1",
        },
    }
    if finding.related:
        result["relatedLocations"] = [
            {"id": number, **_location(report, where), "message": {"text": _text(why)}}
            for number, (where, why) in enumerate(finding.related, 1)
        ]
    if finding.set_aside is not None:
        result["suppressions"] = [
            {
                "kind": _KINDS[finding.set_aside.by],
                "status": "accepted",
                "justification": one_line(finding.set_aside.reason, 600),
            }
        ]
    fixes = _fixes(report, finding.fix)
    return {**result, "fixes": fixes} if fixes else result


def _state(finding: Finding) -> str:
    known = finding.set_aside is not None and finding.set_aside.by == "baseline"
    return "unchanged" if known else "new"


def _message(finding: Finding) -> str:
    said = [_text(finding.message)]
    said += [_text(each) for each in finding.evidence[:_EVIDENCE_SHOWN]]
    if finding.hint:
        said.append(f"hint: {_text(finding.hint)}")
    return "\n".join(said)


def _text(words: str) -> str:
    """Return untrusted words in which no reader of SARIF finds a link or a placeholder.

    3.11.5 has braces doubled in every message string, with arguments or without: the reader of its
    reference implementation formats all of them, and fails at a brace that stands alone.
    """
    return one_line(words, 600).replace("](", "] (").replace("{", "{{").replace("}", "}}")


def _location(report: Report, location: Location) -> Json:
    place = in_file(report.submission, location)
    physical: Json = {"artifactLocation": _artifact(place.path)}
    if place.line is not None:
        region = {"startLine": place.line}
        physical["region"] = (
            region if place.column is None else region | {"startColumn": place.column}
        )
    logical = _logical(place, location)
    return {"physicalLocation": physical, **({"logicalLocations": logical} if logical else {})}


def _logical(place: FilePlace, location: Location) -> list[Json]:
    """Return the turn of the conversation, and the line of the program, where there are such."""
    found = [{"name": one_line(place.inside), "kind": "turn"}] if place.inside else []
    if location.path is not None:
        line = "" if location.line is None else f":{location.line}"
        found.append({"fullyQualifiedName": visible(location.path) + line, "kind": "module"})
    return found


def _artifact(path: str | None) -> Json:
    if path is None:
        return {"uri": _STDIN_URI}
    posix = PurePath(path).as_posix()
    uri = quote(posix.encode("utf-8", "replace"))
    return {"uri": f"file://{uri}"} if posix.startswith("/") else {"uri": uri, "uriBaseId": _ROOT}


def _fixes(report: Report, fix: Fix | None) -> list[Json]:
    """Return the fix in regions of the reply's file; nothing where its lines are not the file's."""
    changes = None if fix is None else replacements(report.submission, fix)
    if fix is None or not changes:
        return []
    files = dict.fromkeys(path for path, _ in changes)
    return [
        {
            "description": {"text": _text(fix.description)},
            "artifactChanges": [
                {
                    "artifactLocation": _artifact(path),
                    "replacements": [
                        {
                            "deletedRegion": {
                                "startLine": each.first_line,
                                "startColumn": each.first_column,
                                "endLine": each.last_line,
                                "endColumn": each.end_column,
                            },
                            "insertedContent": {
                                "text": each.text.encode("utf-8", "replace").decode("utf-8")
                            },
                        }
                        for where, each in changes
                        if where == path
                    ],
                }
                for path in files
            ],
        }
    ]


# ── the run ──────────────────────────────────────────────────────────────────────────────────────


def _rule(code: str, shown: Sequence[tuple[Report, list[tuple[Finding, str]]]]) -> Json:
    known = {row[0]: row for row in rules.catalogue()}
    if code not in known:
        found = next(each for _, pairs in shown for each, _ in pairs if each.code == code)
        return {"id": code, "name": found.name}
    _, name, severity, summary = known[code]
    page = rules.explain(code) or summary
    about = page.partition("## What it does\n")[2].partition("\n\n")[0] or summary
    rule: Json = {
        "id": code,
        "name": name,
        "shortDescription": {"text": summary},
        "fullDescription": {"text": " ".join(about.split())},
        "help": {"text": page, "markdown": page},
        "defaultConfiguration": {"level": severity.value},
    }
    address = rules.page_of_linter(code)
    return {**rule, "helpUri": address} if address else rule


def _notification(report: Report, missing: Missing) -> Json:
    words = f"{missing.stage} not done: {_text(missing.reason)}"
    remedy = f" ({_text(missing.remedy)})" if missing.remedy else ""
    path, _ = named(report.submission.reply, report.submission.reply.parts[0].origin)
    return {
        "level": "error",
        "message": {"text": words + remedy},
        "descriptor": {"id": f"{missing.stage}-not-done"},
        "locations": [{"physicalLocation": {"artifactLocation": _artifact(path)}}],
    }


def _artifacts(reports: Sequence[Report]) -> list[Json]:
    """Return every file that was judged, with its verdict: a passing reply has no results."""
    found: dict[str | None, Json] = {}
    for report in reports:
        reply = report.submission.reply
        verdict: Json = {"verdict": report.verdict.value}
        if report.reason:
            verdict["reason"] = one_line(report.reason, 600)
        for path in dict.fromkeys(named(reply, part.origin)[0] for part in reply.parts):
            known = found.get(path)
            if known is None or report.verdict is Verdict.FAILED:
                roles = ["analysisTarget", *([] if path else ["standardStream"])]
                found[path] = {
                    "location": _artifact(path),
                    "roles": roles,
                    "properties": verdict,
                }
    return list(found.values())
