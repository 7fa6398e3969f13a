"""The report as a message for the model that wrote the reply: what to correct, and how to send it.

The wording stands in `prompt.txt`, and may be replaced by the user's. What is ours
stays out of it: stages that were not done, the noise of a machine without a screen, findings that
were set aside, and anything below a warning.
"""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from validator.errors import UsageError
from validator.facts import ReplyKind, split_lines
from validator.findings import Severity, Verdict
from validator.reporters import excerpt, wording
from validator.reporters.untrusted import cut, fenced, one_line, tail, visible, without_traceback

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from validator.findings import Finding, Location, Report

FAULTS_SHOWN = 6
"""A small model loses the first of a long list; the next round has the rest."""
EVIDENCE_SHOWN = 3
FIXES_SHOWN = 8
DIFF_LINES = 12
"""Of what one fix changed."""
LINE_CHARACTERS = 160
OUTPUT_LINES = 12
OUTPUT_BYTES = 1500

_BLOCKS_FIRST = ("RV10", "RV201", "RV3", "RV2", "RV4")
"""No code, then code that does not parse, does not install, will crash, and did not do its work."""
_SECTION = re.compile(r"^\[([a-z-]+)\]\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Template:
    """The words of the message, section by section."""

    sections: Mapping[str, string.Template]

    def wording(self, section: str, **values: object) -> str:
        """Return a section, its names filled in, without outer empty lines."""
        return self.sections[section].substitute(values).strip("\n")


def template(text: str | None = None) -> Template:
    """Return the template that stands in `text`; sections it leaves out keep our wording.

    Raises:
        UsageError: for a section or a name in it that means nothing here.
    """
    ours = _sections()
    if text is None:
        return Template(ours)
    _, *pieces = _SECTION.split(text)
    theirs = dict(zip(pieces[::2], map(string.Template, pieces[1::2]), strict=True))
    if not theirs:
        raise UsageError(f"the template has no section; there are: {', '.join(ours)}")
    for name, section in theirs.items():
        _refuse_unknown(name, section, ours)
    return Template({**ours, **theirs})


def _refuse_unknown(
    name: str, section: string.Template, ours: Mapping[str, string.Template]
) -> None:
    if name not in ours:
        raise UsageError(f"the template has no use for [{name}]; there are: {', '.join(ours)}")
    known = ours[name].get_identifiers()
    if not section.is_valid():
        raise UsageError(f"[{name}] of the template has a $ that is no name; a plain one is $$")
    for used in section.get_identifiers():
        if used not in known:
            has = f"has {', '.join(f'${each}' for each in known)}" if known else "has none"
            raise UsageError(f"[{name}] of the template names ${used}; it {has}")


def render(
    report: Report, *, template: Template | None = None, characters: int | None = None
) -> str:
    """Return the message: faults that block most first, each with its lines and what was expected.

    Lines carry the numbers of the program's files, which are those the model's program is known by,
    or the reply's where there is no file. The program's output is cut by bytes, cleaned, fenced
    longer than anything inside it and named as data. Where the message would be longer than
    `characters`, output goes first, then what is mended, then the faults that block least; one
    fault is always told.
    """
    words = template or Template(_sections())
    faults = to_correct(report)
    if not faults and _shows_pieces(report):
        return f"{words.wording('pieces')}\n\n{words.wording('asking-for-code')}\n"
    if not faults:
        passed = report.verdict is Verdict.PASSED
        return words.wording("passed" if passed else "inconclusive") + "\n"
    for shown, besides in _sizes(min(len(faults), FAULTS_SHOWN)):
        message = _message(report, words, faults, shown, besides)
        if characters is None or len(message) <= characters:
            break
    return message


def _shows_pieces(report: Report) -> bool:
    decision = report.submission.decision
    return (
        report.verdict is Verdict.INCONCLUSIVE
        and decision is not None
        and decision.kind is ReplyKind.SNIPPETS
        and not report.missing
    )


def _sizes(faults: int) -> Iterator[tuple[int, int]]:
    """Yield how many faults to show and how much besides them, the fullest message first."""
    yield from ((faults, besides) for besides in (2, 1, 0))
    yield from ((fewer, 0) for fewer in range(faults - 1, 0, -1))


def _message(
    report: Report, words: Template, faults: tuple[Finding, ...], shown: int, besides: int
) -> str:
    paragraphs = [words.wording("opening", count=wording.counted(len(faults), "fault"))]
    paragraphs += _mended(report, words) if besides > 0 else []
    paragraphs += [
        _fault(report, words, number, each) for number, each in enumerate(faults[:shown], start=1)
    ]
    if len(faults) > shown:
        paragraphs.append(words.wording("more", count=len(faults) - shown))
    paragraphs += _requirements(report, words)
    paragraphs += _output(report, words, faults) if besides > 1 else []
    has_code = bool(report.submission.files)
    paragraphs.append(words.wording("asking" if has_code else "asking-for-code"))
    return "\n\n".join(paragraphs) + "\n"


def to_correct(report: Report) -> tuple[Finding, ...]:
    """Return the findings a model is asked to correct, those that block most first.

    Warnings are asked for only beside an error: a program that works is not sent back.
    """
    if report.verdict is not Verdict.FAILED:
        return ()
    wanted = [each for each in report.findings if each.severity is not Severity.NOTE]
    return tuple(sorted(wanted, key=_weight))


@cache
def _sections() -> Mapping[str, string.Template]:
    text = files(__package__).joinpath("prompt.txt").read_text(encoding="utf-8")
    _, *pieces = _SECTION.split(text)
    return dict(zip(pieces[::2], map(string.Template, pieces[1::2]), strict=True))


def _weight(finding: Finding) -> tuple[bool, int]:
    ranks = (rank for rank, code in enumerate(_BLOCKS_FIRST) if finding.code.startswith(code))
    # A linter's own code is about the program's text, as RV2 is.
    return finding.severity is not Severity.ERROR, next(ranks, _BLOCKS_FIRST.index("RV2"))


# ── the faults ───────────────────────────────────────────────────────────────────────────────────


def _fault(report: Report, words: Template, number: int, finding: Finding) -> str:
    return words.wording(
        "fault",
        number=number,
        place=_place(report, finding.location),
        message=one_line(finding.message, 600),
        code=finding.code,
        name=finding.name,
        frame=_frame(report, finding),
        hint=_hint(finding),
    ).replace("\n\n", "\n")


def _place(report: Report, location: Location) -> str:
    if location.path is not None:
        of_file = f" line {location.line}" if location.line else ""
        return one_line(location.path, 120) + of_file
    if location.reply_line is None:
        return "your reply"
    part, line = excerpt.part(report.submission, location.reply_line)
    several = len(report.submission.reply.parts) > 1
    return f"line {line} of " + (f"part {part + 1} of your reply" if several else "your reply")


def _frame(report: Report, finding: Finding) -> str:
    """Return the failing lines and what was seen of them, fenced as the data they are."""
    lines = excerpt.of_file(report.submission, finding) or excerpt.of_reply(
        report.submission, finding
    )
    shown = [] if lines is None else [_numbered(each, lines.digits) for each in lines.lines]
    seen = [f"seen: {one_line(each)}" for each in finding.evidence[:EVIDENCE_SHOWN]]
    return fenced("\n".join([*shown, *seen])) if shown or seen else ""


def _numbered(line: excerpt.Line, digits: int) -> str:
    label = f"    <- {line.label}" if line.label else ""
    marker = ">" if line.primary else " "
    return f"{marker} {line.number:>{digits}} | {cut(line.text, LINE_CHARACTERS)}{label}"


def _hint(finding: Finding) -> str:
    if finding.hint:
        return f"Do: {one_line(finding.hint, 600)}"
    return f"Do: {one_line(finding.fix.description, 600)}" if finding.fix else ""


# ── what is mended already ───────────────────────────────────────────────────────────────────────


def _mended(report: Report, words: Template) -> list[str]:
    """Return the fixes made before this judgement: the model's program is not the one judged."""
    if report.mending is None or not report.mending.applied:
        return []
    lines = []
    for made in report.mending.applied[:FIXES_SHOWN]:
        lines.append(
            f"{made.finding.code}: {made.finding.fix.description if made.finding.fix else ''}"
        )
        changed = [line for diff in made.diffs for line in split_lines(diff.text)]
        lines += [cut(visible(line), LINE_CHARACTERS) for line in changed[:DIFF_LINES]]
    return [words.wording("mended", lines=fenced("\n".join(lines)))]


# ── what goes with them ──────────────────────────────────────────────────────────────────────────


def _requirements(report: Report, words: Template) -> list[str]:
    lines = wording.requirement_lines(report.resolution)
    return [words.wording("requirements", lines=fenced("\n".join(lines)))] if lines else []


def _output(report: Report, words: Template, faults: tuple[Finding, ...]) -> list[str]:
    run = report.run
    if run is None or not any(each.code.startswith("RV4") for each in faults):
        return []
    stderr = run.stderr if run.traceback is None else without_traceback(run.stderr)
    lines = [
        cut(line, LINE_CHARACTERS)
        for data in (run.stdout, stderr)
        for line in tail(data, max_lines=OUTPUT_LINES, max_bytes=OUTPUT_BYTES)
    ]
    return [words.wording("output", lines=fenced("\n".join(lines)))] if lines else []
