"""What was changed, as lines taken out and put in: fixes made, fixes dropped, recoveries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from validator.facts import split_lines
from validator.reporters.html.markup import Markup, Node, element, joined
from validator.reporters.html.phrases import phrase
from validator.reporters.untrusted import cut, one_line, visible
from validator.reporters.wording import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from validator.facts import Recovery
    from validator.findings import AppliedFix, DroppedFix, Mending, Report
    from validator.reporters.html.places import Places

DIFF_LINES = 200
LINE_CHARACTERS = 400
RECOVERIES_SHOWN = 100
_TAGS = {"+": "ins", "-": "del"}


def diff(title: str, lines: Sequence[str]) -> Markup:
    """Return the lines of a unified diff: `-` taken out, `+` put in, ` ` as they were."""
    rows: list[Node] = []
    for line in lines[:DIFF_LINES]:
        tag = _TAGS.get(line[:1], "span")
        kind = "hunk" if line.startswith("@@") else None
        rows += [element(tag, cut(visible(line), LINE_CHARACTERS), class_=kind), "\n"]
    more = len(lines) - DIFF_LINES
    return element(
        "figure",
        element("figcaption", title, class_="file-name"),
        element("pre", *rows),
        element("p", f"{counted(more, 'line')} more", class_="gap") if more > 0 else None,
        class_="diff",
    )


def mended(mending: Mending) -> Markup:
    """Return each fix that was made, with what it changed, and each that was not kept, and why."""
    return joined(
        (
            element("ol", *map(_made, mending.applied), class_="cards")
            if mending.applied
            else element("p", "No fix was made.", class_="empty"),
            element("ul", *map(_dropped, mending.dropped), class_="cards")
            if mending.dropped
            else None,
        )
    )


def _made(made: AppliedFix) -> Markup:
    finding = made.finding
    what = finding.fix.description if finding.fix else finding.message
    return element(
        "li",
        element("h3", element("span", f"{finding.code} ", class_="code"), phrase(what, 300)),
        *(diff(one_line(each.path, 120), split_lines(each.text)) for each in made.diffs),
    )


def _dropped(dropped: DroppedFix) -> Markup:
    finding = dropped.finding
    what = finding.fix.description if finding.fix else finding.message
    return element(
        "li",
        element(
            "h3",
            element("span", f"not kept, {finding.code} ", class_="code"),
            phrase(what, 300),
        ),
        element("p", "It would have brought ", phrase(dropped.because, 300)),
    )


def recoveries(report: Report, places: Places) -> Markup:
    """Return what reading had to undo, each as it stood and as it was read."""
    shown = report.submission.recoveries[:RECOVERIES_SHOWN]
    more = len(report.submission.recoveries) - len(shown)
    return joined(
        (
            element("ol", *(_recovery(each, places) for each in shown), class_="cards"),
            element("p", f"and {more:,} more", class_="gap") if more else None,
        )
    )


def _recovery(recovery: Recovery, places: Places) -> Markup:
    first, last = recovery.span.first, recovery.span.last
    anchor = places.reply_id(first)
    name = places.reply_name(first) + (f" to {places.reply_name(last)}" if last > first else "")
    pair = (
        element(
            "div",
            _side("As it stood", recovery.before, "del"),
            _side("As it was read", recovery.after, "ins"),
            class_="before-after",
        )
        if recovery.before or recovery.after
        else None
    )
    return element(
        "li",
        element("h3", one_line(recovery.kind, 80)),
        element("p", element("a", name, href=f"#{anchor}") if anchor else name, class_="where"),
        pair,
    )


def _side(title: str, text: str, tag: str) -> Markup:
    lines = split_lines(text) if text else []
    rows: list[Node] = []
    for line in lines[:DIFF_LINES]:
        rows += [element(tag, cut(visible(line), LINE_CHARACTERS)), "\n"]
    more = len(lines) - DIFF_LINES
    return element(
        "figure",
        element("figcaption", title),
        element("pre", *rows) if rows else element("p", "nothing", class_="empty"),
        element("p", f"{counted(more, 'line')} more", class_="gap") if more > 0 else None,
    )
