"""One report as a page: the verdict first, then everything that led to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from validator.findings import Verdict
from validator.reporters import prompt, text, wording
from validator.reporters.html import diffs
from validator.reporters.html.bars import Bar, bars
from validator.reporters.html.document import bar, document
from validator.reporters.html.faults import findings
from validator.reporters.html.installing import packages
from validator.reporters.html.listing import side_by_side
from validator.reporters.html.markup import Markup, Node, element, joined
from validator.reporters.html.phrases import path, phrase, sentence
from validator.reporters.html.pictures import cover
from validator.reporters.html.places import places as places_of
from validator.reporters.html.running import run
from validator.reporters.html.severity import label
from validator.reporters.untrusted import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from validator.findings import Report


@dataclass(frozen=True, slots=True)
class _Section:
    id: str
    title: str
    body: Markup
    brief: str = ""
    """What the strip at the top calls it, where that is shorter."""


def render(report: Report, *, index: str | None, commands: bool) -> str:
    """Return the page; `validator.reporters.html.page` says what the arguments are."""
    sections = tuple(_sections(report))
    name = one_line(report.submission.reply.origin, 200) or "A reply without a name"
    links: list[Node] = [element("a", "All replies", href=index)] if index else []
    links += [element("a", each.brief or each.title, href=f"#{each.id}") for each in sections]
    return document(
        f"{report.verdict.value}: {name}",
        bar(*links),
        element(
            "main",
            _verdict(report, name, commands=commands),
            *(
                element(
                    "section",
                    element("h2", each.title, id=f"{each.id}-title"),
                    each.body,
                    id=each.id,
                    aria_labelledby=f"{each.id}-title",
                )
                for each in sections
            ),
        ),
        script="page.js",
    )


# ── the verdict ──────────────────────────────────────────────────────────────────────────────────


def _verdict(report: Report, name: str, *, commands: bool) -> Markup:
    shown = text.commands(report) if commands else ()
    return element(
        "section",
        element(
            "div",
            element("p", label(report.verdict), class_=f"stamp {report.verdict.value}"),
            element("h1", path(name, 200)),
            element("p", _why(report), class_="why"),
            element("p", element("b", "Next: "), *_next(report, shown), class_="next"),
            element("dl", *(_fact(*each) for each in _facts(report)), class_="facts"),
        ),
        cover(report.run) if report.run is not None else None,
        id="verdict",
        class_=f"verdict {report.verdict.value}",
        aria_label="Verdict",
        tabindex=-1,
    )


def _why(report: Report) -> Markup:
    """Return why the verdict is what it is, in a sentence or two."""
    if report.reason:
        return sentence(report.reason)
    counts = sentence(wording.counts(report.findings))
    if report.verdict is Verdict.PASSED:
        return joined(("It ran and did what its kind of program does. ", counts))
    if not report.findings:
        return counts
    head = " " if len(report.findings) == 1 else " The first: "
    return joined((counts, head, phrase(report.findings[0].message, 300), "."))


def _next(report: Report, commands: tuple[tuple[str, str], ...]) -> Iterator[Node]:
    """Yield one line on what to do: the first of what mends it, what is missing, what is left."""
    remedy = next((each.remedy for each in report.missing if each.remedy), None)
    if report.verdict is Verdict.INCONCLUSIVE:
        yield phrase(remedy, 300) if remedy else "what is missing is said below"
        return
    if report.verdict is Verdict.FAILED:
        # The message stands on this page: what prints it is no step of its own.
        commands = tuple(each for each in commands if each[1].startswith("mends "))
    if commands:
        yield from _command(*commands[0])
    if report.verdict is Verdict.FAILED:
        yield ", or " if commands else ""
        yield element("a", "send the message below to the model", href="#message")
    elif not commands:
        yield "nothing is left to correct"


def _command(command: str, purpose: str) -> Iterator[Node]:
    yield element("code", command, id="command", class_="command")
    yield element(
        "button",
        "Copy",
        type="button",
        class_="copy scripted",
        data_copy="command",
        aria_label="Copy the command",
    )
    yield f" {purpose}"


def _fact(name: str, said: str) -> Markup:
    return element("div", element("dt", name), element("dd", said))


def _facts(report: Report) -> Iterator[tuple[str, str]]:
    yield from wording.found(report)
    if report.mending is not None and (left := wording.left(report)):
        yield "left for the model", left
    if report.resolution is not None:
        yield "packages", wording.packages(report.resolution)
    needed = wording.requirement_lines(report.resolution)
    if needed:
        yield "requirements", f"{', '.join(needed)} would install"
    if report.run is not None:
        yield "run", one_line(wording.run(report.run), 600)
    for missing in report.missing:
        remedy = f" ({one_line(missing.remedy)})" if missing.remedy else ""
        yield f"{missing.stage} not done", f"{one_line(missing.reason)}{remedy}"


# ── what led to it ───────────────────────────────────────────────────────────────────────────────


def _sections(report: Report) -> Iterator[_Section]:
    places = places_of(report)
    yield _Section("findings", "Findings", findings(report, places))
    if report.mending is not None:
        yield _Section("fixes", "Fixes made", diffs.mended(report.mending), "Fixes")
    yield _Section(
        "listing",
        "The reply and its program",
        side_by_side(report, places),
        "Reply and program",
    )
    if report.submission.recoveries:
        yield _Section(
            "recoveries", "What reading had to undo", diffs.recoveries(report, places), "Recovered"
        )
    if report.run is not None:
        yield _Section("run", "The run", run(report.run, places), "Run")
    if report.resolution is not None:
        yield _Section("packages", "Packages", packages(report.resolution, places))
    if report.verdict is not Verdict.PASSED:
        yield _Section("message", "The message for the model", _message(report), "Message")
    yield _Section("times", "What took how long", _times(report), "Times")


def _message(report: Report) -> Markup:
    return joined(
        (
            element(
                "button",
                "Copy the message",
                type="button",
                class_="copy scripted",
                data_copy="prompt",
            ),
            element(
                "pre",
                prompt.render(report),
                id="prompt",
                class_="output",
                tabindex=0,
                role="region",
                aria_label="The message",
            ),
        )
    )


def _times(report: Report) -> Markup:
    seconds = report.seconds
    stages = (
        ("reading", seconds.reading),
        ("linting", seconds.linting),
        ("packages", seconds.packages),
        ("run", seconds.sandbox),
        ("in all", seconds.total),
    )
    rows = [
        Bar(
            name,
            "not done" if each is None else wording.timed(each),
            (("total" if name == "in all" else "stage", each or 0.0),),
        )
        for name, each in stages
    ]
    return bars(
        "Stages overlap: the whole is less than their sum.",
        ("Stage", "Time"),
        rows,
        max([seconds.total, *(each or 0.0 for _, each in stages)]),
    )
