"""A repair as one Markdown story: every round, what was asked, what came, and what was wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from validator.findings import Severity
from validator.repair.keeping import is_another_program
from validator.reporters.untrusted import fenced, one_line

if TYPE_CHECKING:
    from validator.findings import Finding, Report
    from validator.repair.rounds import Piece, Round, Story

CHARACTERS_SHOWN = 20_000
"""Of one reply; the whole of it stands in the round's own folder."""


def tell(story: Story) -> str:
    """Return the story; whatever a model or a program wrote stands fenced in it, as data."""
    sections = [_head(story)]
    if story.request:
        sections.append(f"## The request\n\n{fenced(_cut(story.request))}")
    sections += [_round(number, each, story) for number, each in enumerate(story.rounds)]
    return "\n\n".join(sections) + "\n"


def _head(story: Story) -> str:
    first, last = story.rounds[0], story.rounds[-1]
    tokens = sum(each.tokens for each in story.rounds)
    seconds = sum(each.seconds for each in story.rounds)
    best = next(number for number, each in enumerate(story.rounds) if each is story.best)
    failure = f"\n\n{one_line(str(story.failure))}" if story.failure else ""
    left = " Nothing of the program it began with is left in it."
    another = left if is_another_program(story) else ""
    return (
        f"# The repair of {one_line(first.reply.origin)}\n\n"
        f"Stopped: **{one_line(story.stopped_because)}**, after {_times(len(story.rounds) - 1)}, "
        f"{tokens} tokens and {seconds:.1f} s. Last verdict: {last.report.verdict}; "
        f"best: round {best}, {story.best.report.verdict}.{another}{failure}"
    )


def _times(number: int) -> str:
    return f"{number} correction{'' if number == 1 else 's'}"


def _round(number: int, told: Round, story: Story) -> str:
    mark = " (best)" if told is story.best else ""
    parts = [f"## Round {number}: {told.report.verdict}{mark}"]
    if told.message is not None and told.message != story.request:
        parts.append(f"The model was sent:\n\n{fenced(_cut(told.message), 'markdown')}")
    parts += [_piece(each) for each in told.pieces]
    reply = "\n".join(part.text.rstrip("\n") for part in told.reply.parts)
    parts.append(f"The reply:\n\n{fenced(_cut(reply), 'markdown')}")
    parts += [*_mended(told.report), *_faults(told.report)]
    parts.append(f"{told.seconds:.1f} s, {told.report.seconds.total:.1f} s of it validation.")
    return "\n\n".join(parts)


def _piece(piece: Piece) -> str:
    completion = piece.completion
    detail = f" ({one_line(completion.detail)})" if completion.detail else ""
    return (
        f"- {piece.how.capitalize()}: {len(completion.text)} characters, {piece.tokens} tokens in "
        f"{piece.seconds:.1f} s; stopped: {completion.stop}{detail}"
    )


def _mended(report: Report) -> list[str]:
    if report.mending is None or not report.mending.applied:
        return []
    made = [each.finding for each in report.mending.applied]
    lines = [f"- {each.code}: {one_line(each.fix.description)}" for each in made if each.fix]
    return ["Mended without the model:\n\n" + "\n".join(lines)]


def _faults(report: Report) -> list[str]:
    told = [each for each in report.findings if each.severity is not Severity.NOTE]
    if not told:
        return [f"Found wrong: nothing.{f' {one_line(report.reason)}' if report.reason else ''}"]
    return ["Found wrong:\n\n" + "\n".join(_fault(each) for each in told)]


def _fault(finding: Finding) -> str:
    place = finding.location
    where = f"{place.path} line {place.line}: " if place.path and place.line else ""
    return (
        f"- {finding.severity} {finding.code} {finding.name}: "
        f"{one_line(where + finding.message, 600)}"
    )


def _cut(text: str) -> str:
    if len(text) <= CHARACTERS_SHOWN:
        return text.rstrip("\n")
    return text[:CHARACTERS_SHOWN] + f"\n[{len(text) - CHARACTERS_SHOWN} characters more]"
