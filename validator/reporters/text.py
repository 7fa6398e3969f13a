"""The report for a terminal: what was found, what is wrong where, and, last, what to do next.

The verdict stands at the end because that is where the eye is when a command returns.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from rich.text import Text

from validator.facts import split_lines
from validator.findings import Severity, Verdict
from validator.reporters import excerpt, wording
from validator.reporters.page import Page
from validator.reporters.untrusted import one_line, tail, visible, without_traceback

if TYPE_CHECKING:
    from collections.abc import Iterator

    from validator.findings import AppliedFix, Finding, Report

FRAMES_SHOWN = 10
"""Errors and warnings shown with their lines; the rest and all notes take one line each."""
FIXES_SHOWN = 12
"""Fixes shown with what they changed; the rest take one line each."""
SET_ASIDE_SHOWN = 10
DIFF_LINES = 16
EVIDENCE_SHOWN = 3
OUTPUT_LINES = 10
OUTPUT_BYTES = 16 * 1024
LABEL_CELLS = 10
MAX_ARGUMENTS = 50
"""Of a conversation's many parts; one reply's name is never cut out of a command to be copied."""

_STYLES: dict[str, str] = {
    Severity.ERROR: "bold red",
    Severity.WARNING: "bold yellow",
    Severity.NOTE: "bold cyan",
    Verdict.PASSED: "bold green",
    Verdict.FAILED: "bold red",
    Verdict.INCONCLUSIVE: "bold yellow",
}
_DIFF_STYLES = {"-": "red", "+": "green", "@": "cyan"}
_STAGE_LABELS = {"linting": "linting", "packages": "packages", "sandbox": "run"}


def render(report: Report, *, color: bool = False, width: int = 100, commands: bool = True) -> str:
    """Return the report as text for a terminal `width` columns wide.

    Without `color` there is not one escape sequence in it. What came from the model or from its
    program is cleaned and cut; the frame around a line carries the reply's own line numbers.
    `commands` are those to go on with; they name the reply, which has to be a file for that.
    """
    page = Page(color=color, width=width)
    _opening(page, report)
    _mended(page, report)
    framed, in_one_line = _by_weight(report.findings)
    for finding in framed:
        page.gap()
        _finding(page, report, finding)
    page.gap()
    for finding in in_one_line:
        _one_line_finding(page, report, finding)
    _set_aside(page, report)
    _output(page, report)
    page.gap()
    _verdict(page, report)
    _next_steps(page, report, commands=commands)
    return str(page)


# ── what was found ───────────────────────────────────────────────────────────────────────────────


def _opening(page: Page, report: Report) -> None:
    page.code(Text.styled(visible(report.submission.reply.origin), "bold"))
    for label, sentence in _facts(report):
        page.prose(Text.styled(f"  {label:<{LABEL_CELLS}}", "dim"), sentence)


def _facts(report: Report) -> Iterator[tuple[str, str]]:
    yield from wording.found(report)
    if report.resolution is not None:
        yield "packages", wording.packages(report.resolution)
    if report.run is not None:
        yield "run", wording.run(report.run)
    for missing in report.missing:
        stage = _STAGE_LABELS.get(missing.stage, missing.stage)
        yield stage, f"not done: {one_line(missing.reason)}"


# ── what was mended ──────────────────────────────────────────────────────────────────────────────


def _mended(page: Page, report: Report) -> None:
    if report.mending is None:
        return
    applied = report.mending.applied
    for number, each in enumerate(applied):
        page.gap()
        _fix_made(page, each, whole=number < FIXES_SHOWN)
    for dropped in report.mending.dropped:
        page.gap()
        finding = dropped.finding
        what = one_line(finding.fix.description if finding.fix else finding.message)
        head = Text.styled(f"not fixed {finding.code}", "bold yellow")
        head.append(f" {finding.name}: ", style="dim")
        page.prose(head, what, hang=2)
        because = f"that brings {one_line(dropped.because)}"
        page.prose(Text.styled("  = why   ", "cyan"), because)


def _fix_made(page: Page, made: AppliedFix, *, whole: bool) -> None:
    finding = made.finding
    head = Text.styled(f"fixed {finding.code}", "bold green")
    head.append(f" {finding.name}: ", style="dim")
    page.prose(head, one_line(finding.fix.description if finding.fix else ""), hang=2)
    for diff in made.diffs if whole else ():
        page.code(Text.styled(f"  --> {visible(diff.path)}", "cyan"))
        lines = split_lines(diff.text)
        for line in lines[:DIFF_LINES]:
            page.code(Text("  ").append(visible(line), style=_DIFF_STYLES.get(line[:1], "")))
        if len(lines) > DIFF_LINES:
            page.code(f"  ... and {wording.counted(len(lines) - DIFF_LINES, 'line')} more")


# ── what is wrong ────────────────────────────────────────────────────────────────────────────────


def _by_weight(
    findings: tuple[Finding, ...],
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """Return the findings to show with their lines, and those that get one line each."""
    weighty = tuple(each for each in findings if each.severity is not Severity.NOTE)
    notes = tuple(each for each in findings if each.severity is Severity.NOTE)
    return weighty[:FRAMES_SHOWN], weighty[FRAMES_SHOWN:] + notes


def _finding(page: Page, report: Report, finding: Finding) -> None:
    lines = excerpt.of_reply(report.submission, finding)
    page.prose(_head(finding), Text.styled(one_line(finding.message, 600), "bold"), hang=2)
    _place(page, report, finding, recovered=lines is not None and lines.recovered)
    if lines is not None:
        _frame(page, lines, _STYLES[finding.severity])
    for label, words in _remarks(report, finding):
        page.prose(Text.styled(f"  = {label}  ", "cyan"), one_line(words, 600))


def _one_line_finding(page: Page, report: Report, finding: Finding) -> None:
    place = excerpt.place(report.submission, finding.location)
    where = f"{wording.part_name(place.origin)}:{place.line}: " if place else ""
    page.prose(_head(finding).append(where, style="dim"), one_line(finding.message), hang=2)


def _set_aside(page: Page, report: Report) -> None:
    """Say what a comment or a baseline took out, and why; `--ignore` was the reader's own word."""
    aside = [each for each in report.suppressed if each.set_aside is not None]
    for finding in aside[:SET_ASIDE_SHOWN]:
        assert finding.set_aside is not None
        place = excerpt.place(report.submission, finding.location)
        where = f"{wording.part_name(place.origin)}:{place.line}: " if place else ""
        head = Text.styled(f"set aside {finding.code} {finding.name}: ", "dim")
        why = f"{where}{one_line(finding.set_aside.reason)} ({finding.set_aside.by})"
        page.prose(head, why, hang=2)
    if len(aside) > SET_ASIDE_SHOWN:
        page.prose(f"set aside: {len(aside) - SET_ASIDE_SHOWN} more")


def _head(finding: Finding) -> Text:
    head = Text.styled(f"{finding.severity} {finding.code}", _STYLES[finding.severity])
    return head.append(f" {finding.name}: ", style="dim")


def _place(page: Page, report: Report, finding: Finding, *, recovered: bool) -> None:
    location = finding.location
    place = excerpt.place(report.submission, location)
    if place is None:
        return
    line = Text.styled("  --> ", "cyan").append(str(place))
    if location.reply_line is not None and location.path is not None and location.line is not None:
        how = "recovered as " if recovered else ""
        line.append(f"  ({how}{one_line(location.path)} line {location.line})", style="dim")
    page.code(line)


def _frame(page: Page, lines: excerpt.Excerpt, style: str) -> None:
    digits = lines.digits
    previous = lines.lines[0].number
    for line in lines.lines:
        if line.number > previous + 1:
            page.code(Text.styled(f"  {'':{digits}} ...", "cyan"))
        previous = line.number
        marker = ">" if line.primary else " "
        row = Text.styled(f"{marker} ", style)
        row.append(f"{line.number:>{digits}} | ", style="cyan")
        row.append(line.text, style="bold" if line.primary else "")
        if line.label:
            row.append(f"    <- {line.label}", style="cyan")
        page.code(row)
        if line.caret is not None:
            offset, length = line.caret
            under = Text.styled(f"  {'':{digits}} | ", "cyan")
            page.code(under.append(" " * offset).append("^" * length, style=style))


def _remarks(report: Report, finding: Finding) -> Iterator[tuple[str, str]]:
    for where, why in _elsewhere(report, finding):
        yield "also", f"{where}: {why}"
    for words in finding.evidence[:EVIDENCE_SHOWN]:
        yield "seen", words
    if finding.hint:
        yield "hint", finding.hint
    if finding.fix is not None and finding not in report.left_for_the_model:
        how = "--fix does it" if finding.fix.safe else "--fix --unsafe does it"
        yield "fix ", f"{finding.fix.description} ({how})"


def _elsewhere(report: Report, finding: Finding) -> Iterator[tuple[str, str]]:
    """Yield the related places that the frame cannot show: those in another part or file."""
    here = excerpt.place(report.submission, finding.location)
    for location, why in finding.related:
        there = excerpt.place(report.submission, location)
        if there is not None and (here is None or there.origin != here.origin):
            yield str(there), why


# ── what the run wrote ───────────────────────────────────────────────────────────────────────────


def _output(page: Page, report: Report) -> None:
    run = report.run
    if run is None:
        return
    stderr = without_traceback(run.stderr) if run.traceback is not None else run.stderr
    for name, data, total in (
        ("stdout", run.stdout, run.stdout_bytes),
        ("stderr", stderr, run.stderr_bytes),
    ):
        lines = tail(data, max_lines=OUTPUT_LINES, max_bytes=OUTPUT_BYTES)
        if not lines:
            continue
        page.gap()
        whole = len(lines) < OUTPUT_LINES and total <= OUTPUT_BYTES
        which = "its" if whole else f"the last {wording.counted(len(lines), 'line')} of its"
        page.code(Text.styled(f"{which} {name}, {wording.counted(total, 'byte')} in all:", "dim"))
        for line in lines:
            page.code(Text.styled("  | ", "dim").append(line))


# ── what it comes to ─────────────────────────────────────────────────────────────────────────────


def _verdict(page: Page, report: Report) -> None:
    head = Text.styled(report.verdict.value.upper(), _STYLES[report.verdict])
    reason = f": {one_line(report.reason)}" if report.reason else ""
    reason += ", and nothing else keeps it from passing" if report.excused else ""
    counts = wording.counts(report.findings)
    aside = f", {len(report.suppressed)} set aside" if report.suppressed else ""
    page.prose(head, f"{reason} ({counts}{aside}, {wording.timed(report.seconds.total)})", hang=2)


def _next_steps(page: Page, report: Report, *, commands: bool) -> None:
    if report.mending is not None and (left := wording.left(report)):
        page.prose(Text.styled("  left for the model: ", "dim"), left)
    lines = wording.requirement_lines(report.resolution)
    if lines:
        page.prose(Text.styled("  a requirements.txt that installs: ", "dim"), ", ".join(lines))
    for missing in report.missing:
        if missing.remedy:
            page.prose(Text.styled(f"  for the {missing.stage}: ", "dim"), one_line(missing.remedy))
    shown = tuple(_commands(report)) if commands else ()
    widest = max((len(command) for command, _ in shown), default=0)
    for command, purpose in shown:
        row = Text(f"  {command:<{widest}}").append(f"  # {purpose}", style="dim")
        page.verbatim(row)


def commands(report: Report) -> tuple[tuple[str, str], ...]:
    """Return the commands to go on with and what each is for, the most useful first.

    They name the reply, which has to be a file for that.
    """
    return tuple(_commands(report))


def _commands(report: Report) -> Iterator[tuple[str, str]]:
    arguments = _arguments(report)
    yield from _fixing_commands(report, arguments)
    verb = _verb(report)
    if report.verdict is Verdict.FAILED:
        yield f"{verb} --format prompt {arguments}", "the message to send to the model"
        worst = next((each for each in report.findings if each.code.startswith("RV")), None)
        if worst is not None:
            yield f"validate explain {worst.code}", f"about {worst.name}"
    if report.verdict is Verdict.INCONCLUSIVE and report.resolution and report.resolution.unbuilt:
        yield f"{verb} --build-sdists {arguments}", "builds what exists only as source"
    if report.verdict is Verdict.PASSED:
        kept = " and what the run left" if report.run and report.run.artifacts else ""
        yield f"{verb} --write DIR {arguments}", f"keeps the files{kept}"


def _fixing_commands(report: Report, arguments: str) -> Iterator[tuple[str, str]]:
    fixes = [
        (each.code, each.fix.safe)
        for each in report.findings
        if each.fix is not None
        and each.severity is not Severity.NOTE
        and each not in report.left_for_the_model
    ]
    safe = tuple(dict.fromkeys(code for code, is_safe in fixes if is_safe))
    unsafe = tuple(dict.fromkeys(code for code, is_safe in fixes if not is_safe))
    if safe and report.mending is None:
        yield f"validate --fix {arguments}", f"mends {wording.listed(safe, 4)} without a model"
    elif unsafe and (report.mending is None or not report.mending.unsafe):
        yield f"validate --fix --unsafe {arguments}", f"mends {wording.listed(unsafe, 4)} too"


def _verb(report: Report) -> str:
    """Return the command without its arguments: without --fix another program would be judged."""
    if report.mending is not None and report.mending.unsafe:
        return "validate --fix --unsafe"
    return "validate --fix" if report.mending is not None or report.fixed else "validate"


def _arguments(report: Report) -> str:
    """Return what the user named on the command line, fit to be copied back.

    The many parts of a conversation are left out; one reply's name is never cut.
    """
    decision, reply = report.submission.decision, report.submission.reply
    asked = decision.asked if decision is not None else ()
    chosen = f"--block {','.join(map(str, asked))} " if asked else ""
    if reply.name is not None:
        return chosen + shlex.quote(visible(reply.name))
    origins = [visible(part.origin) for part in reply.parts]
    if len(origins) == 1:
        return chosen + shlex.quote(origins[0])
    arguments = shlex.join(["--parts", *origins])
    return chosen + (arguments if len(arguments) <= MAX_ARGUMENTS else "--parts ...")
