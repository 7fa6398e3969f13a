"""Comments in a reply that set findings aside, honoured only where the user says so.

A reply is untrusted: a model that may excuse its own faults would. So the comments count only with
`--allow-suppressions`, which is for Markdown that people have read, such as documentation; and a
comment has to name each code and say why.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from validator.facts import Span
from validator.findings import SetAside, Severity
from validator.rules.rule import Example, Rule, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from validator.facts import Block, Submission
    from validator.findings import Finding
    from validator.rules.rule import Evidence

_MARK = "validator:"
_WHAT = r"validator:\s*(?P<verb>ignore(?:-file)?)(?:\[(?P<codes>[^\]\n]*)\])?(?P<reason>.*)"
_IN_CODE = re.compile(rf"#\s*{_WHAT}")
_IN_TEXT = re.compile(rf"<!--\s*{_WHAT.removesuffix('.*)')}.*?)-->")
_LEAD = re.compile(r"^[\s:,;–—-]*(?:because\b)?[\s:,;–—-]*", re.IGNORECASE)
_WHOLE = "ignore-file"
MAX_COMMENTS = 500
"""Lines of one reply that are looked at; more were not written for anyone."""
_MAX_CHARACTERS = 2_000
"""Of such a line."""


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment that asks for findings to be set aside."""

    line: int
    """Of the reply."""
    codes: tuple[str, ...]
    reason: str
    covers: Span | None
    """Lines of the reply; None for all of it. Empty where no block follows."""

    def holds(self, finding: Finding) -> bool:
        """Tell whether the finding is one of those it speaks of."""
        named = {finding.code.casefold(), finding.name.casefold()}
        if not named & {each.casefold() for each in self.codes}:
            return False
        line = finding.location.reply_line
        if self.covers is None:
            return True
        return line is not None and self.covers.first <= line <= self.covers.last


def comments_in(submission: Submission) -> tuple[Comment, ...]:
    """Return the comments of a reply in order: those in its code, and those in its text.

    `# validator: ignore[RV204] reason` speaks of its own line, or of the next where it stands
    alone; `<!-- validator: ignore[RV304] reason -->` of the next block with its fences, and
    `ignore-file` of the whole reply.
    """
    blocks = submission.blocks
    numbered = enumerate(submission.reply.lines, 1)
    marked = ((number, line[:_MAX_CHARACTERS]) for number, line in numbered if _MARK in line)
    found: list[Comment] = []
    for number, line in islice(marked, MAX_COMMENTS):
        inside = any(each.span.first <= number <= each.span.last for each in blocks)
        match = (_IN_CODE if inside else _IN_TEXT).search(line)
        if match is not None:
            found.append(_comment(match, number, line, () if inside else blocks))
    return tuple(found)


def _comment(match: re.Match[str], number: int, line: str, blocks: tuple[Block, ...]) -> Comment:
    codes = tuple(each.strip() for each in (match["codes"] or "").split(",") if each.strip())
    if match["verb"] == _WHOLE:
        covers = None
    elif match[0].startswith("#"):
        alone = not line[: match.start()].strip()
        covers = Span(number + 1, number + 1) if alone else Span(number, number)
    else:
        # Fences belong to their block: that one is missing is found there.
        spans = (Span(each.span.first - 1, each.span.last + 1) for each in blocks)
        covers = next((each for each in spans if each.first >= number), Span(0, -1))
    return Comment(number, codes, _LEAD.sub("", match["reason"]).strip(), covers)


class IdleSuppression(Rule):
    """A comment asks for findings to be set aside, and none is.

    ## What it does
    Reports comments such as `# validator: ignore[RV204] reason` that are not honoured: because
    nobody allowed it (`--allow-suppressions`), because they name no code or give no reason; and
    those that are honoured and have nothing left to set aside.

    ## Why it matters
    Whoever reads the comment takes the fault for excused. And a model must not excuse its own.

    ## What to do
    Take the comment out, or give it a code and a reason and have it allowed.
    """

    code = "RV110"
    name = "idle-suppression"
    severity = Severity.NOTE
    example = Example(
        bad="```python\nprint(1)  # validator: ignore[RV204] it is fine\n```\n",
        good="```python\nprint(1)  # it is fine\n```\n",
    )

    def judge(self, evidence: Evidence) -> Iterator[Finding]:
        """Return a finding for each comment that cannot be honoured."""
        for comment in comments_in(evidence.submission):
            why = _why_not(comment, allowed=evidence.suppressions)
            if why is not None:
                yield _idle(evidence, comment, why)


def _idle(evidence: Evidence, comment: Comment, why: str) -> Finding:
    codes = ", ".join(comment.codes)
    about = f" of {quoted(codes)}" if codes else ""
    return IdleSuppression.find(
        f"the suppression{about} sets nothing aside: {why}",
        evidence.in_reply(Span(comment.line, comment.line)),
        hint="Take the comment out.",
    )


def _why_not(comment: Comment, *, allowed: bool) -> str | None:
    if not allowed:
        return "suppressions are not allowed here (--allow-suppressions)"
    if not comment.codes:
        return "it names no code"
    return None if comment.reason else "it gives no reason"


def set_aside(
    findings: Iterable[Finding], evidence: Evidence
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """Return the findings that stay, and those that a comment with a reason sets aside.

    A comment that nothing is left for is a finding itself.
    """
    comments = tuple(
        each
        for each in comments_in(evidence.submission)
        if _why_not(each, allowed=evidence.suppressions) is None
    )
    kept: list[Finding] = []
    aside: list[Finding] = []
    used: set[Comment] = set()
    for finding in findings:
        comment = next((each for each in comments if each.holds(finding)), None)
        if comment is None:
            kept.append(finding)
            continue
        used.add(comment)
        why = SetAside("comment", comment.reason, comment.line)
        aside.append(replace(finding, set_aside=why))
    unused = (each for each in comments if each not in used)
    kept += (_idle(evidence, each, "there is no such finding where it stands") for each in unused)
    return tuple(kept), tuple(aside)
