"""Facts in words: a plain sentence each about the program, its packages, its run, the findings.

No judgement is made here: that a game was stopped at the deadline is said, whether that is good was
decided by the rules.
"""

from __future__ import annotations

import signal
from collections import Counter
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

from validator.facts import BlockKind, Confidence, Ending, ProgramKind, Role, UnresolvedReason
from validator.findings import Severity
from validator.reporters.untrusted import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from validator.facts import Requirement, Resolution, Run, Submission, Unresolved
    from validator.findings import Finding, Report

_NAMES_SHOWN = 6


def counted(number: int, noun: str) -> str:
    """Return `1 error`, `3 errors`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def timed(seconds: float) -> str:
    """Return `0.04 s` or `12.3 s`: two figures that matter."""
    return f"{seconds:.2f} s" if seconds < 1 else f"{seconds:.1f} s"


def listed(items: tuple[str, ...], limit: int = _NAMES_SHOWN) -> str:
    """Return the first `limit` items separated by commas, and how many more there are."""
    more = len(items) - limit
    return ", ".join(items[:limit]) + (f" and {more} more" if more > 0 else "")


def counts(findings: tuple[Finding, ...]) -> str:
    """Return `2 errors, 1 warning`, or `nothing found`."""
    by_severity = Counter(finding.severity for finding in findings)
    said = [counted(by_severity[each], each.value) for each in Severity if by_severity[each]]
    return ", ".join(said) or "nothing found"


def left(report: Report) -> str:
    """Return the errors no fix of ours takes away, once each, as a list; empty where none is."""
    errors = (f"{each.code} {each.name}" for each in report.left_for_the_model)
    return listed(tuple(dict.fromkeys(errors)))


def part_name(origin: str) -> str:
    """Return the last name of a path: the folder is said once, at the top of the report."""
    return one_line(origin.rpartition("/")[2] or origin)


# ── the program ──────────────────────────────────────────────────────────────────────────────────


def program(submission: Submission) -> str:
    """Return which file is started, how long it is and where in the reply it stood."""
    file = submission.file(submission.entry_point)
    if file is None:
        return "no program found"
    others = len(submission.files) - 1
    more = f", with {counted(others, 'more file')}" if others else ""
    return (
        f"{one_line(file.path)}, {counted(len(file.reply_lines), 'line')}"
        f"{_where(submission, file.reply_span.first, file.reply_span.last)}{more}"
    )


def _where(submission: Submission, first: int, last: int) -> str:
    if not first:
        return ""
    first_origin, first_line = submission.reply.place(first)
    last_origin, last_line = submission.reply.place(last)
    if first_origin == last_origin:
        several = len(submission.reply.parts) > 1
        whose = part_name(first_origin) if several else "reply"
        if first_line == last_line:
            return f", from {whose} line {first_line}"
        return f", from {whose} lines {first_line}-{last_line}"
    return (
        f", from {part_name(first_origin)} line {first_line}"
        f" to {part_name(last_origin)} line {last_line}"
    )


def decision(submission: Submission) -> str | None:
    """Return what the reply was taken for and what was set aside, where there was a choice."""
    decided = submission.decision
    if decided is None:
        return None
    python = [each for each in decided.blocks if each.kind is BlockKind.PYTHON]
    if len(python) < 2 and not decided.asked:
        return None
    aside = tuple(
        f"block {each.number}" + ("" if each.role is Role.ASIDE else f" ({each.role})")
        for each in python
        if each.path is None
    )
    left = f"; set aside: {listed(aside, 3)}" if aside else ""
    doubt = "; --block says it better" if decided.confidence is Confidence.DOUBTFUL else ""
    return f"{one_line(decided.reason, 200)}{left}{doubt}"


def recoveries(submission: Submission) -> tuple[str, ...]:
    """Return what reading had to undo, once a kind, with where it first stood."""
    kinds = Counter(recovery.kind for recovery in submission.recoveries)
    first = {each.kind: each.span.first for each in reversed(submission.recoveries)}
    return tuple(
        f"{one_line(kind)} {_at(submission, first[kind])}"
        + (f" ({count} times)" if count > 1 else "")
        for kind, count in kinds.items()
    )


def found(report: Report) -> Iterator[tuple[str, str]]:
    """Yield what was made of the reply before anything was installed, a label and its sentence."""
    yield "program", program(report.submission)
    decided = decision(report.submission)
    if decided is not None:
        yield "reading", decided
    undone = recoveries(report.submission)
    if undone:
        yield "mended", listed(undone, 4)
    if report.mending is not None or report.fixed:
        yield "fixed", listed(tuple(dict.fromkeys(report.fixed))) or "nothing"


def _at(submission: Submission, reply_line: int) -> str:
    origin, line = submission.reply.place(reply_line)
    if len(submission.reply.parts) == 1:
        return f"at line {line}"
    return f"at {part_name(origin)}:{line}"


# ── its packages ─────────────────────────────────────────────────────────────────────────────────


def packages(resolution: Resolution) -> str:
    """Return what was installed for the program, and for which Python."""
    direct = tuple(f"{pin.name} {pin.version}" for pin in resolution.pins if not pin.required_by)
    behind = len(resolution.pins) - len(direct)
    more = f", with {counted(behind, 'package')} behind" if behind else ""
    if resolution.pins:
        return f"{one_line(listed(direct))}{more}, for {resolution.target}"
    asked = "nothing could be installed" if resolution.requirements else "the standard library only"
    return f"{asked}, for {resolution.target}"


def requirement_lines(resolution: Resolution | None) -> tuple[str, ...]:
    """Return the requirements.txt that installs, where the reply's own does not; else nothing.

    Lines are only ever ours: written from parsed requirements, from what the resolution used in
    their place, or from the distribution that was taken for an undeclared import.
    """
    if resolution is None or not _needs_other_lines(resolution):
        return ()
    # pip builds what only --build-sdists builds here.
    built = resolution.unbuilt
    gone = (each for each in resolution.unresolved if each not in built)
    replaced = {each.requirement.canonical: each for each in gone}
    lines: dict[str, str] = {}
    for requirement in resolution.requirements:
        line = _line_to_write(requirement, replaced.get(requirement.canonical))
        if line:
            lines.setdefault(requirement.canonical, line)
    # What an import asks for is among these where the index has it, installable or not.
    asked = {each.canonical for each in resolution.requirements}
    for import_ in resolution.undeclared:
        if import_.distribution and not import_.optional:
            name = canonicalize_name(import_.distribution)
            if name not in asked:
                lines.setdefault(name, import_.requirement)
    return tuple(lines.values())


def _needs_other_lines(resolution: Resolution) -> bool:
    undeclared = any(each.distribution and not each.optional for each in resolution.undeclared)
    return bool(resolution.unresolved or undeclared)


def _line_to_write(requirement: Requirement, unresolved: Unresolved | None) -> str | None:
    if unresolved is None or (unresolved.reason in _STILL_INSTALLS and not unresolved.relaxed_to):
        return str(requirement)
    return unresolved.relaxed_to


_STILL_INSTALLS = (
    UnresolvedReason.RENAMED,
    UnresolvedReason.RETIRED,
    UnresolvedReason.YANKED,
    UnresolvedReason.HELD_BACK,
)


# ── its run ──────────────────────────────────────────────────────────────────────────────────────


def run(run: Run) -> str:
    """Return what kind of program ran where, how it ended, and what was seen of it."""
    seen = observed(run)
    told = f"; {'; '.join(seen)}" if seen else ""
    return f"{run.plan.kind.value} in {run.backend}: {ending(run)}{told}"


def ending(run: Run) -> str:
    """Return how the run ended, with its time and its exit status."""
    seconds = timed(run.wall_seconds)
    match run.ending:
        case Ending.EXITED:
            return f"{_exited(run)} after {seconds}"
        case Ending.SIGNALLED:
            return f"killed by {_signal(run.exit_code)} after {seconds}"
        case Ending.TIMED_OUT:
            return f"{_stopped(run.plan.kind)} after {seconds}"
        case Ending.OUT_OF_MEMORY:
            return f"stopped after {seconds}, out of memory"
        case Ending.OUTPUT_FLOOD:
            return f"stopped after {seconds}, it would not stop writing"


def _exited(run: Run) -> str:
    if run.traceback is not None and run.traceback.type_name:
        return f"ended by {one_line(run.traceback.type_name, 80)}"
    return f"ended with exit status {run.exit_code}"


def _stopped(kind: ProgramKind) -> str:
    ends_by_itself = kind not in (ProgramKind.GAME, ProgramKind.WINDOW, ProgramKind.SERVER)
    return "did not end, and was stopped" if ends_by_itself else "ran until it was stopped"


def _signal(exit_code: int | None) -> str:
    number = (exit_code or 128) - 128
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


_PICTURED = {"screenshot": "window", "rendering": "page"}


def observed(run: Run) -> tuple[str, ...]:
    """Return what was seen while the program ran, one phrase a kind, and the picture it left.

    The fields of each kind are those documented in `sandboxes/README.md`; a kind unknown here is
    shown as it came.
    """
    by_kind: dict[str, list[Mapping[str, Any]]] = {}
    for each in run.observations:
        by_kind.setdefault(each.kind, []).append(each.fields)
    said = [_said(kind, fields) for kind, fields in by_kind.items()]
    said += [
        f"a picture of its {_PICTURED[each.kind]} is {one_line(each.path, 80)}"
        for each in run.artifacts
        if each.kind in _PICTURED
    ]
    return tuple(said)


def _said(kind: str, seen: list[Mapping[str, Any]]) -> str:
    phrase = _PHRASES.get(kind)
    if phrase is not None:
        return phrase(seen)
    return one_line(f"{kind}: {listed(tuple(map(_details, seen)), 2)}", 80)


def _details(fields: Mapping[str, Any]) -> str:
    plain = ((key, value) for key, value in fields.items() if isinstance(value, str | int | float))
    return " ".join(f"{key} {value}" for key, value in sorted(plain))


def _values(seen: list[Mapping[str, Any]], name: str) -> str:
    """Return the values of one field of all observations of a kind, as a short list."""
    values = tuple(one_line(str(fields.get(name, "?")), 40) for fields in seen)
    return listed(values)


def _frames(seen: list[Mapping[str, Any]]) -> str:
    count, distinct = seen[-1].get("count"), seen[-1].get("distinct")
    if not isinstance(count, int):
        return "drew frames"
    still = ", every one the same" if distinct == 1 and count > 1 else ""
    return f"drew {counted(count, 'frame')}{still}"


def _response(seen: list[Mapping[str, Any]]) -> str:
    """Return what the first page answered, and how many of the others went well."""
    path, status = _values(seen[:1], "path"), seen[0].get("status")
    if status is None:
        first = f"gave no answer to {path}: {_values(seen[:1], 'error')}"
    else:
        first = f"answered {path} with {one_line(str(status), 40)}"
    if len(seen) == 1:
        return first
    failed = [each for each in seen[1:] if not _answered(each.get("status"))]
    bad = f", {counted(len(failed), 'failure')} among them" if failed else ""
    return f"{first}, and {counted(len(seen) - 1, 'more request')}{bad}"


def _answered(status: object) -> bool:
    return isinstance(status, int) and status < 500


def _input(seen: list[Mapping[str, Any]]) -> str:
    """Return how many prompts were answered, and the first few of them."""
    said = tuple(
        f"{one_line(str(each.get('prompt', '')).strip() or 'a line', 32)}"
        f" {one_line(str(each.get('answer', '')), 16)!r}"
        for each in seen
    )
    return f"answered {counted(len(seen), 'prompt')}: {listed(said, 4)}"


def _invocation(seen: list[Mapping[str, Any]]) -> str:
    return f"was run {listed(tuple(map(_invoked, seen)), 4)}"


def _invoked(fields: Mapping[str, Any]) -> str:
    arguments = fields.get("arguments")
    words = " ".join(map(str, arguments)) if isinstance(arguments, list) else ""
    how = f"with {one_line(words, 40)}" if words else "without arguments"
    how += ", made up" if words and fields.get("made_up") else ""
    status = fields.get("exit_code")
    return f"{how} (status {status})" if isinstance(status, int) else f"{how} (stopped)"


def _case(seen: list[Mapping[str, Any]]) -> str:
    """Return how many tests ran, and how they went."""
    outcomes = Counter(one_line(str(each.get("outcome")), 20) for each in seen)
    return f"ran {counted(len(seen), 'test')}: " + ", ".join(
        f"{number} {outcome}" for outcome, number in sorted(outcomes.items())
    )


def _pulse(seen: list[Mapping[str, Any]]) -> str:
    seconds, state = seen[-1].get("cpu_seconds"), _values(seen[-1:], "state")
    used = f", {timed(seconds)} of processor time used" if isinstance(seconds, int | float) else ""
    return f"it was {state} when it was stopped{used}"


def _usage(seen: list[Mapping[str, Any]]) -> str:
    worked = all(each.get("outcome") == "ran" for each in seen)
    return "its usage example " + ("ran" if worked else f"raised {_values(seen, 'type')}")


def _window(seen: list[Mapping[str, Any]]) -> str:
    titles = tuple(one_line(str(each["title"]), 40) for each in seen if each.get("title"))
    return "showed a window" + (f" titled {listed(titles, 2)}" if titles else "")


def _close(seen: list[Mapping[str, Any]]) -> str:
    seconds = seen[0].get("after_seconds")
    return "its window was closed" + (
        f" after {timed(seconds)}" if isinstance(seconds, int | float) else ""
    )


_PHRASES: Mapping[str, Callable[[list[Mapping[str, Any]]], str]] = {
    "frames": _frames,
    "figure": lambda seen: f"made {counted(len(seen), 'figure')}, {_values(seen, 'path')}",
    "window": _window,
    "port": lambda seen: f"listened on port {_values(seen, 'port')}",
    "response": _response,
    "key": lambda seen: f"was sent the keys {_values(seen, 'key')}",
    "click": lambda seen: f"was clicked {counted(len(seen), 'time')}",
    "press": lambda seen: f"had {_values(seen, 'text')} pressed",
    "type": lambda seen: f"had {counted(len(seen), 'field')} filled in",
    "choose": lambda seen: f"had {counted(len(seen), 'choice')} made",
    "prompt": lambda seen: f"had its dialogs answered with {_values(seen, 'answer')}",
    "close": _close,
    "input": _input,
    "ignored-close": lambda _: "it went on after that",
    "pulse": _pulse,
    "asks-on": lambda _: "went on asking",
    "invocation": _invocation,
    "case": _case,
    "usage": _usage,
    "definitions-only": lambda _: "nothing but its definitions was exercised",
    "terminal": lambda seen: f"drew on its terminal {_values(seen, 'draws')} times",
    "served": lambda seen: f"its app {_values(seen, 'app')} was served as its framework would",
    "page": lambda seen: f"its page held {_values(seen, 'elements')} elements",
    "placeholder": lambda seen: f"generated files stood for {_values(seen, 'path')}",
    "longer": lambda seen: f"had up to {_values(seen, 'seconds')} s, as the machine was busy",
    "not-instrumented": lambda seen: f"could not be watched closely: {_values(seen, 'error')}",
}
