"""The findings, each with its lines, what was seen, what to do, and its fix as a diff."""

from __future__ import annotations

from typing import TYPE_CHECKING

from validator.facts import split_lines
from validator.findings import Severity
from validator.reporters import excerpt
from validator.reporters.html.diffs import diff
from validator.reporters.html.markup import Markup, Node, element, joined
from validator.reporters.html.phrases import phrase
from validator.reporters.html.places import FINDINGS_SHOWN
from validator.reporters.html.severity import label
from validator.reporters.untrusted import one_line
from validator.reporters.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from validator.findings import Edit, Finding, Fix, Report
    from validator.reporters.html.places import Places

WHOLE = 60
"""Findings told with their lines; the rest take one line each, and past `FINDINGS_SHOWN` none."""
EVIDENCE_CHARACTERS = 1000
EVIDENCE_SHOWN = 8


def findings(report: Report, places: Places) -> Markup:
    """Return every finding in the report's order, and what was set aside behind a fold."""
    shown = report.findings[:FINDINGS_SHOWN]
    rows = [
        element(
            "li",
            _finding(report, finding, places, whole=number <= WHOLE),
            class_=f"finding {finding.severity.value}",
            id=f"finding-{number}",
            tabindex=-1,
        )
        for number, finding in enumerate(shown, start=1)
    ]
    more = len(report.findings) - len(shown)
    return joined(
        (
            element("ol", *rows, class_="findings")
            if rows
            else element("p", "Nothing was found.", class_="empty"),
            element("p", f"and {more:,} more", class_="gap") if more else None,
            _set_aside(report, places),
        )
    )


def _set_aside(report: Report, places: Places) -> Markup | None:
    if not report.suppressed:
        return None
    items = [
        element("li", _finding(report, each, places, whole=False), class_="finding note")
        for each in report.suppressed[:FINDINGS_SHOWN]
    ]
    return element(
        "details",
        element("summary", f"{counted(len(report.suppressed), 'finding')} set aside"),
        element("ul", *items, class_="findings"),
    )


def _finding(report: Report, finding: Finding, places: Places, *, whole: bool) -> Markup:
    head = element(
        "h3",
        element("span", label(finding.severity), class_=f"badge {finding.severity.value}"),
        element("span", f" {finding.code} ", class_="code"),
        element("span", finding.name, class_="name"),
    )
    return joined(
        (
            head,
            element("p", phrase(finding.message, 600), class_="message"),
            _where(finding, places),
            *(_details(report, finding, places) if whole else ()),
        )
    )


def _where(finding: Finding, places: Places) -> Markup | None:
    links = places.links(finding.location)
    if not links:
        return None
    between: list[Node] = []
    for link in links:
        between += [" \N{MIDDLE DOT} " if between else None, link]
    return element("p", *between, class_="where")


def _details(report: Report, finding: Finding, places: Places) -> Iterator[Node]:
    if finding.severity is not Severity.NOTE:
        yield _frame(report, finding)
    rows = [*_rows(finding, places)]
    if rows:
        yield element("dl", *rows, class_="remarks")
    if finding.fix is not None:
        yield _fix(report, finding.fix)


def _rows(finding: Finding, places: Places) -> Iterator[Node]:
    if finding.hint:
        yield _row("Do", phrase(finding.hint, 600))
    for location, why in finding.related:
        links = places.links(location)
        where = joined((links[0], ": ")) if links else None
        yield _row("See", where, phrase(why, 300))
    for seen in finding.evidence[:EVIDENCE_SHOWN]:
        yield _row("Seen", element("span", one_line(seen, EVIDENCE_CHARACTERS), class_="seen"))


def _row(name: str, *said: Node) -> Markup:
    return element("div", element("dt", name), element("dd", *said))


def _frame(report: Report, finding: Finding) -> Markup | None:
    lines = excerpt.of_reply(report.submission, finding)
    if lines is None:
        return None
    rows: list[Node] = []
    previous = lines.lines[0].number
    for line in lines.lines:
        if line.number > previous + 1:
            rows.append(element("span", "\N{HORIZONTAL ELLIPSIS}\n", class_="gap"))
        previous = line.number
        rows.append(
            element(
                "span",
                element("span", f"{line.number:>{lines.digits}} ", class_="number"),
                *_underlined(line),
                element("span", "  \N{LEFTWARDS ARROW} ", phrase(line.label, 200), class_="label")
                if line.label
                else None,
                "\n",
                class_="primary" if line.primary else None,
            )
        )
    which = "the program" if lines.recovered else "the reply"
    return element("pre", *rows, class_="excerpt", role="group", aria_label=f"The lines of {which}")


def _underlined(line: excerpt.Line) -> Iterator[Node]:
    # A caret counts cells of a terminal; where every character takes one, they are characters.
    if line.caret is None or not line.text.isascii():
        yield line.text
        return
    start, length = line.caret
    yield line.text[:start]
    yield element("em", line.text[start : start + length])
    yield line.text[start + length :]


def _fix(report: Report, fix: Fix) -> Markup:
    how = "" if fix.safe else " (may change what a correct program does)"
    return element(
        "details",
        element("summary", element("b", "Fix: "), phrase(fix.description, 300), how),
        *(_edit(report, each) for each in fix.edits),
        *(
            diff(
                "requirements.txt",
                (
                    *((f"-{each.before.text}",) if each.before else ()),
                    *((f"+{each.after.text}",) if each.after else ()),
                ),
            )
            for each in fix.requirements
        ),
        class_="fix",
    )


def _edit(report: Report, edit: Edit) -> Markup:
    file = report.submission.file(edit.path)
    lines = split_lines(file.text) if file is not None else []
    gone = lines[edit.span.first - 1 : edit.span.last]
    where = f"{one_line(edit.path, 120)}, at line {edit.span.first}"
    return diff(where, (*(f"-{line}" for line in gone), *(f"+{line}" for line in edit.replacement)))
