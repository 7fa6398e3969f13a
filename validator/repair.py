"""The repair loop: report → message → model → the next reply, until there is a reason to stop.

Whether to go on is decided by `why_stop`, a pure function of the rounds so far.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from validator.errors import ModelUnavailable
from validator.facts import Part, Reply
from validator.findings import Severity, Verdict
from validator.models import Message
from validator.reporters import prompt

if TYPE_CHECKING:
    from collections.abc import Callable

    from validator.findings import Finding, Report
    from validator.models import Completion, Model

ROUNDS = 4
"""Times the model is asked, unless told otherwise; what four rounds do not mend, more rarely do."""

_LINE_NUMBER = re.compile(r"\blines? \d+(?:\s*(?:-|to|and)\s*\d+)?|\b0x[0-9a-fA-F]+")


@dataclass(frozen=True, slots=True)
class Round:
    """One reply, what validating it showed, and how it was asked for."""

    reply: Reply
    report: Report
    message: str | None = None
    """The message that asked for this reply; None for the one the user brought."""
    completion: Completion | None = None
    """How the model's turn ended; None for the reply the user brought."""


@dataclass(frozen=True, slots=True)
class Story:
    """All rounds in order, and why there is no further one."""

    rounds: tuple[Round, ...]
    stopped_because: str
    best: Round
    """The furthest any reply came; the earliest of equals, so never worse than the first."""
    failure: ModelUnavailable | None = None
    """Why the model could not be asked again; what was learned before it is all here."""


def repair(
    reply: Reply,
    *,
    model: Model,
    validate: Callable[[Reply], Report],
    render: Callable[[Report], str] = prompt.render,
    rounds: int = ROUNDS,
    request: str | None = None,
) -> Story:
    """Validate `reply` and ask `model` to correct it, at most `rounds` times.

    `request` is what the user asked the model for in the first place, where that is known. A model
    that cannot be reached ends the story; it is never charged to the program.
    """
    story: tuple[Round, ...] = (Round(reply, validate(reply)),)
    while (reason := why_stop(story, rounds)) is None:
        message = render(story[-1].report)
        try:
            completion = model.complete(conversation(story[-1].reply, message, request))
        except ModelUnavailable as failure:
            return Story(story, "the model could not be asked", best(story), failure)
        following = Reply((Part(completion.text, f"round {len(story)}", completion.stop),))
        story += (Round(following, validate(following), message, completion),)
    return Story(story, reason, best(story))


def conversation(reply: Reply, message: str, request: str | None = None) -> tuple[Message, ...]:
    """Return what the model is shown: the request, its last reply and our message, nothing older.

    The request is never left out: several chat templates refuse a conversation that begins with
    the assistant.
    """
    return (
        Message("user", request or prompt.wording_of("request")),
        Message("assistant", "\n".join(part.text for part in reply.parts)),
        Message("user", message),
    )


# ── when to stop ─────────────────────────────────────────────────────────────────────────────────


def why_stop(rounds: tuple[Round, ...], limit: int) -> str | None:
    """Return why the last round is the last, or None where the model should be asked again.

    The model may be asked `limit` times; the first round was not asked for.
    """
    last = rounds[-1].report
    if last.verdict is Verdict.PASSED:
        return "passed"
    if last.verdict is Verdict.INCONCLUSIVE:
        return f"inconclusive: {last.reason or 'a part of the work could not be done'}"
    return _stuck(rounds) or ("out of rounds" if len(rounds) > limit else None)


def _stuck(rounds: tuple[Round, ...]) -> str | None:
    *earlier, last = (fingerprints(each.report) for each in rounds)
    if len(rounds) > 1 and not any(each.report.submission.files for each in rounds[-2:]):
        return "no code twice"
    if not earlier or last not in earlier:
        return None
    return "no progress" if last == earlier[-1] else "oscillation"


def fingerprints(report: Report) -> frozenset[str]:
    """Return what is wrong, without where: a fault that only moved is the same fault."""
    return frozenset(
        f"{each.code} {each.location.path or ''} {_LINE_NUMBER.sub('', each.message)}"
        for each in report.findings
        if each.severity is not Severity.NOTE
    )


# ── which was best ───────────────────────────────────────────────────────────────────────────────


def best(rounds: tuple[Round, ...]) -> Round:
    """Return the round whose program came furthest, the earliest of equals."""
    return min(rounds, key=lambda each: _badness(each.report))


def _badness(report: Report) -> tuple[int, int, int, int]:
    verdicts = (Verdict.PASSED, Verdict.INCONCLUSIVE, Verdict.FAILED)
    return (
        verdicts.index(report.verdict),
        # Before the count: a reply without code has one error, a nearly finished program three.
        -_reached(report),
        _number(report.findings, Severity.ERROR),
        _number(report.findings, Severity.WARNING),
    )


def _reached(report: Report) -> int:
    """Return how far validation came: no code, code that does not parse, parses, or ran."""
    if not report.submission.files:
        return 0
    if any(each.code in ("RV102", "RV201") for each in _errors(report)):
        return 1
    return 2 if report.run is None else 3


def _errors(report: Report) -> tuple[Finding, ...]:
    return tuple(each for each in report.findings if each.severity is Severity.ERROR)


def _number(findings: tuple[Finding, ...], severity: Severity) -> int:
    return sum(each.severity is severity for each in findings)
