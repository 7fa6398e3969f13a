"""The reply beside the program found in it, line by line, with the findings at their lines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from validator.facts import BlockKind, split_lines
from validator.reporters.html.coloring import (
    LINE_CHARACTERS,
    colored,
    is_worth_coloring,
    plain,
)
from validator.reporters.html.markup import Markup, Node, element, joined
from validator.reporters.html.phrases import phrase
from validator.reporters.html.severity import label, worst
from validator.reporters.untrusted import cut, one_line
from validator.reporters.wording import counted, part_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from validator.facts import BlockRole, SourceFile, Submission
    from validator.findings import Report
    from validator.reporters.html.places import Marked, Places

_FENCE = re.compile(r"[\s>*-]*(`{3,}|~{3,})")
_EMPHASIS = re.compile(r"`[^`]+`|\*\*[^*]+\*\*")
_HEADING = re.compile(r"#{1,6}\s")


def side_by_side(report: Report, places: Places) -> Markup:
    """Return the two panes; a line's number leads to the line it became, or came from."""
    files = [_file(report.submission, file, places) for file in report.submission.files]
    return element(
        "div",
        _pane("The reply", joined(_reply(report.submission, places)), "reply"),
        _pane(
            "The program" if len(files) < 2 else "The program's files",
            joined(files or [element("p", "No program was found in the reply.", class_="empty")]),
            "program",
        ),
        class_="panes",
    )


def _pane(title: str, listing: Markup, name: str) -> Markup:
    return element(
        "section",
        element("h3", title, id=f"{name}-title"),
        # Focus lets the arrow keys scroll it.
        element(
            "div",
            listing,
            class_="listing",
            tabindex=0,
            role="region",
            aria_labelledby=f"{name}-title",
            translate="no",
        ),
        class_=f"pane {name}",
    )


# ── the reply ────────────────────────────────────────────────────────────────────────────────────


def _reply(submission: Submission, places: Places) -> Iterator[Node]:
    reply = submission.reply
    lines = reply.lines
    starts = set(reply.first_lines) if len(reply.parts) > 1 else set()
    code = _code(submission, places)
    heads = (
        {role.span.first: role for role in submission.decision.blocks}
        if (submission.decision is not None)
        else {}
    )
    previous = 0
    for number in sorted(places.reply):
        yield _gap(number - previous - 1)
        previous = number
        if number in starts:
            yield element("p", part_name(reply.place(number)[0]), class_="file-name")
        if number in heads:
            yield _role(heads[number])
        shown = code.get(number)
        yield _reply_line(places, number, lines[number - 1], shown)
    yield _gap(len(lines) - previous)


def _reply_line(places: Places, number: int, text: str, code: Markup | None) -> Markup:
    marked = places.of_reply.get(number, ())
    path, line = places.twins.get(number, (None, None))
    twin = places.file_id(path, line)
    name = places.reply_name(number)
    became = f", {one_line(path or '', 80)} line {line}" if twin else ""
    shape = "" if code is not None else _shape(text)
    return _line(
        id_=f"reply-{number}",
        number=places.submission.reply.place(number)[1],
        name=f"{name}{became}",
        twin=twin,
        text=code if code is not None else _prose(text),
        marked=marked,
        shape=shape,
    )


def _prose(text: str) -> Markup:
    """Return a line of prose with its emphasis drawn; its marks stay, as they are in the reply."""
    pieces: list[Node] = []
    end = 0
    shown = cut(text, LINE_CHARACTERS)
    for match in _EMPHASIS.finditer(shown):
        is_code = match[0].startswith("`")
        pieces += [shown[end : match.start()], element("code" if is_code else "b", match[0])]
        end = match.end()
    return joined((*pieces, shown[end:]))


def _shape(text: str) -> str:
    if _FENCE.match(text):
        return "fence"
    return "prose heading" if _HEADING.match(text) else "prose"


def _code(submission: Submission, places: Places) -> Mapping[int, Markup]:
    """Return the lines of the reply that stand in a block, as they are to be shown."""
    lines = submission.reply.lines
    shown: dict[int, Markup] = {}
    affordable = is_worth_coloring(part.text for part in submission.reply.parts)
    for block in submission.blocks:
        numbers = range(max(block.span.first, 1), min(block.span.last, len(lines)) + 1)
        colors = None
        if affordable and block.kind is BlockKind.PYTHON:
            colors = colored(tuple(lines[number - 1] for number in numbers))
        for number in places.reply.intersection(numbers):
            shown[number] = colors[number - numbers[0]] if colors else plain(lines[number - 1])
    for number in places.reply.intersection(places.twins):
        if number not in shown and number <= len(lines):
            shown[number] = plain(lines[number - 1])
    return shown


def _role(role: BlockRole) -> Markup:
    went = f" \N{RIGHTWARDS ARROW} {one_line(role.path, 80)}" if role.path else ""
    what = f"block {role.number}, {role.role.value}{went}"
    return element("p", element("b", what), f": {one_line(role.reason, 200)}", class_="role")


# ── the program ──────────────────────────────────────────────────────────────────────────────────


def _file(submission: Submission, file: SourceFile, places: Places) -> Markup:
    lines = split_lines(file.text)
    colors = None
    if file.path.endswith((".py", ".pyw")) and is_worth_coloring(f.text for f in submission.files):
        colors = colored(tuple(lines))
    starts = ", starts the program" if file.path == submission.entry_point else ""
    rows: list[Node] = [
        element(
            "h4",
            one_line(file.path, 120),
            element("small", f" {counted(len(lines), 'line')}{starts}"),
            class_="file-name",
        )
    ]
    previous = 0
    for number in sorted(places.files[file.path]):
        rows.append(_gap(number - previous - 1))
        previous = number
        text = colors[number - 1] if colors else plain(lines[number - 1])
        rows.append(_file_line(places, file, number, text))
    rows.append(_gap(len(lines) - previous))
    return joined(rows)


def _file_line(places: Places, file: SourceFile, number: int, text: Markup) -> Markup:
    came_from = file.reply_line(number)
    twin = places.reply_id(came_from)
    origin = f", {places.reply_name(came_from)}" if came_from and twin else ", not in the reply"
    return _line(
        id_=places.file_id(file.path, number) or "",
        number=number,
        name=f"{one_line(file.path, 80)} line {number}{origin}",
        twin=twin,
        text=text,
        marked=places.of_file.get((file.path, number), ()),
        shape="" if twin else "supplied",
    )


# ── both ─────────────────────────────────────────────────────────────────────────────────────────


def _line(
    *,
    id_: str,
    number: int,
    name: str,
    twin: str | None,
    text: Markup,
    marked: tuple[Marked, ...],
    shape: str,
) -> Markup:
    gravest = worst(each.finding.severity for each in marked)
    classes = " ".join(filter(None, ("line", shape, gravest and f"has-{gravest.value}")))
    numbered = (
        element("a", str(number), class_="number", href=f"#{twin}", aria_label=name, title=name)
        if twin
        else element("span", str(number), class_="number", title=name)
    )
    return element(
        "div",
        numbered,
        element("code", text, dir="auto" if shape.startswith("prose") else "ltr"),
        *(_note(each) for each in marked),
        class_=classes,
        id=id_,
        data_twin=twin,
    )


def _note(marked: Marked) -> Markup:
    finding = marked.finding
    return element(
        "a",
        label(finding.severity),
        element("b", f" {finding.code} "),
        phrase(finding.message, 160),
        class_=f"said {finding.severity.value}",
        href=f"#finding-{marked.number}",
    )


def _gap(lines: int) -> Markup | None:
    if lines < 1:
        return None
    return element("p", f"{counted(lines, 'line')} not shown", class_="gap")
