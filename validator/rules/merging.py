"""One fault, one finding: what foretold a crash, and the crash."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from validator.findings import Severity
from validator.rules import elsewhere, lacking
from validator.rules.crash import crash_line, ended_by, missing_module, own_frames, type_of
from validator.rules.syntax import SYNTAX_ERRORS

if TYPE_CHECKING:
    from validator.facts import Frame, Traceback
    from validator.findings import Finding
    from validator.rules.rule import Evidence

_FORETELLS = {
    "NameError": ("RV202", "RV204", "RV206", "RV207"),
    "UnboundLocalError": ("RV207", "RV206"),
    "AttributeError": ("RV208",),
    "ImportError": ("RV208",),
    "TypeError": ("reportCallIssue",),
}
"""Which rules speak of the same fault as an exception, the most telling first."""
ENDED_THERE = "the run ended there: "
"""How a finding's evidence says that the run was ended by what it is about."""
_PLACES = (lacking.Need.SYSTEM, lacking.Need.DEVICE)
_DRIVEN = ("RV409", "RV412")
_FORETELLS_A_PAGE = ("RV204", "RV206", "RV207", "RV208")
_NEEDS_THE_MODULE = (
    "RV302",
    "RV303",
    "RV304",
    "RV305",
    "RV306",
    "RV309",
    "RV312",
    "RV301",
    "RV311",
    "RV315",
)


def merge(findings: tuple[Finding, ...], evidence: Evidence) -> tuple[Finding, ...]:
    """Return the findings with every fault told once.

    A crash goes into the finding that foretold it, as its evidence, and makes that an error. A
    syntax error in a line that is a broken guard, and a linter's word on a line another finding
    speaks of, go the same way.
    """
    told = _with_crash(_with_driven(_with_guards(findings)), evidence)
    return tuple(
        _softened(each) if _of_elsewhere(each, evidence) or _unbuilt(each, evidence) else each
        for each in told
    )


def _of_elsewhere(finding: Finding, evidence: Evidence) -> bool:
    """Tell whether a package cannot be had only because it is made for another system's machines.

    What the program does there is not known: its run says that it could not be seen here.
    """
    if finding.code not in ("RV304", "RV305") or lacking.need(evidence) not in _PLACES:
        return False
    return elsewhere.package(finding.message.partition(" ")[0])


def _unbuilt(finding: Finding, evidence: Evidence) -> bool:
    """Tell whether a package is missing only because nothing is built here unless asked for.

    `pip install` builds it, and mostly can: most such packages are of Python alone.
    """
    unbuilt = evidence.resolution.unbuilt if evidence.resolution else ()
    return finding.code == "RV304" and any(each.message == finding.message for each in unbuilt)


def _softened(finding: Finding) -> Finding:
    return replace(finding, severity=Severity.WARNING)


def _with_guards(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    guards = {_place(each): each for each in findings if each.code == "RV202"}
    errors = [each for each in findings if each.code == "RV201" and _place(each) in guards]
    for error in errors:
        place = _place(error)
        guards[place] = _absorb(guards[place], error.message)
    kept = (each for each in findings if each not in errors)
    return tuple(guards[_place(each)] if each.code == "RV202" else each for each in kept)


def _with_driven(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Put a page or a test that failed into the finding that foretold it, at the same line."""
    foretold = {_place(each): each for each in findings if each.code in _FORETELLS_A_PAGE}
    driven = [each for each in findings if each.code in _DRIVEN and _place(each) in foretold]
    told = dict(foretold)
    for each in driven:
        absorbed = _absorb(told[_place(each)], f"{ENDED_THERE}{each.message}")
        told[_place(each)] = replace(absorbed, severity=Severity.ERROR)
    kept = (each for each in findings if each not in driven)
    return tuple(
        told[_place(each)] if each is foretold.get(_place(each)) else each for each in kept
    )


def _place(finding: Finding) -> tuple[str | None, int | None]:
    return finding.location.path, finding.location.line


def _with_crash(findings: tuple[Finding, ...], evidence: Evidence) -> tuple[Finding, ...]:
    crash = next((each for each in findings if each.code == "RV401"), None)
    trace = ended_by(evidence.run) if evidence.run else None
    if crash is None or trace is None:
        return findings
    foretold = _foretold(findings, trace, own_frames(evidence.submission, trace))
    if foretold is None:
        return findings
    told = replace(
        _absorb(foretold, f"{ENDED_THERE}{crash_line(trace)}"),
        severity=Severity.ERROR,
        # It was seen to end there, so that no correct program can lose by the fix.
        fix=replace(foretold.fix, safe=True) if foretold.fix else None,
    )
    return tuple(told if each is foretold else each for each in findings if each is not crash)


def _foretold(
    findings: tuple[Finding, ...], trace: Traceback, frames: tuple[Frame, ...]
) -> Finding | None:
    name = type_of(trace)
    if name in SYNTAX_ERRORS:
        return next((each for each in findings if each.code in ("RV201", "RV202")), None)
    module = missing_module(trace)
    if module is not None:
        return _about_module(findings, module)
    lines = {(frame.path, frame.line) for frame in frames}
    for code in _FORETELLS.get(name, ()):
        for each in findings:
            if each.code == code and _touches(each, lines) and _same_name(each, trace):
                return each
    return None


def _touches(finding: Finding, lines: set[tuple[str, int]]) -> bool:
    places = (finding.location, *(place for place, _ in finding.related))
    return any((place.path, place.line) in lines for place in places)


def _same_name(finding: Finding, trace: Traceback) -> bool:
    """Tell whether the exception's name is one the finding speaks of; some have none."""
    parts = trace.message.split("'")
    if type_of(trace) == "TypeError" or len(parts) < 3:
        return True
    # "module 'math' has no attribute 'square'", "name 'x' is not defined. Did you mean 'y'?"
    name = parts[3] if "has no attribute" in trace.message and len(parts) > 3 else parts[1]
    words = " ".join((finding.message, *(word for _, word in finding.related)))
    return f"`{name}`" in words or finding.code == "RV202"


def _about_module(findings: tuple[Finding, ...], module: str) -> Finding | None:
    top = module.partition(".")[0]
    packages = [each for each in findings if each.code in _NEEDS_THE_MODULE]
    for each in packages:
        if f"`{module}`" in each.message or f"`{top}`" in each.message:
            return each
    return next((each for each in packages if top.casefold() in each.message.casefold()), None)


def _absorb(finding: Finding, words: str) -> Finding:
    return replace(finding, evidence=(*finding.evidence, words))
