"""The run: what it was taken for, how it ended, what was done with it, and what it wrote."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from validator.facts import split_lines
from validator.reporters import wording
from validator.reporters.html.markup import Markup, Node, element, joined
from validator.reporters.html.pictures import pictures
from validator.reporters.untrusted import cut, one_line, visible
from validator.rules.noise import clean, strip_noise

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from validator.facts import Observation, Run, Traceback
    from validator.reporters.html.places import Places

OUTPUT_LINES = 400
OUTPUT_BYTES = 48 * 1024
"""Of each stream, from its end: the whole of it is in the JSON report."""
LINE_CHARACTERS = 1000
STEPS_SHOWN = 200
ENTRIES_SHOWN = 100
STACKS_SHOWN = 8
FRAMES_SHOWN = 40

_COLUMNS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "input": (("prompt", "It asked"), ("answer", "It was answered")),
    "prompt": (("dialog", "Dialog"), ("text", "It said"), ("answer", "It was answered")),
    "response": (
        ("method", "Method"),
        ("path", "Path"),
        ("status", "Status"),
        ("content_type", "Type"),
        ("body_bytes", "Bytes"),
        ("error", "Error"),
    ),
    "case": (("name", "Test"), ("outcome", "Outcome"), ("message", "Message")),
    "invocation": (("arguments", "Arguments"), ("exit_code", "Exit status"), ("ending", "Ending")),
    "type": (("widget", "Field"), ("text", "Text filled in")),
    "press": (("widget", "Widget"), ("text", "Text on it")),
}
"""Kinds of which every one is worth a row, with their fields in `sandboxes/README.md`."""


def run(run: Run, places: Places) -> Markup:
    """Return all there is to see of a run."""
    return joined(
        (
            element("p", _ending(run), class_="lead"),
            element("p", f"Its kind is {run.plan.kind.value}: {one_line(run.plan.reason, 300)}."),
            pictures(run),
            _timeline(run),
            _stacks(run, places),
            _stream("What it wrote", run.stdout, run.stdout_bytes),
            _stream("What it wrote to standard error", run.stderr, run.stderr_bytes),
        )
    )


def _ending(run: Run) -> str:
    return f"{_first_capital(run.plan.kind.value)} in {run.backend}: {wording.ending(run)}."


def _first_capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


# ── what was done with it ────────────────────────────────────────────────────────────────────────


def _timeline(run: Run) -> Markup | None:
    steps = [
        tuple(group)
        for _, group in groupby(run.observations[: STEPS_SHOWN * 10], key=lambda each: each.kind)
    ]
    if not steps:
        return None
    items = [element("li", *_step(run, each)) for each in steps[:STEPS_SHOWN]]
    return joined(
        (
            element("h3", "What was done with it, and seen"),
            element("ol", *items, class_="timeline"),
        )
    )


def _step(run: Run, seen: tuple[Observation, ...]) -> Iterator[Node]:
    # The phrases are those of the text report: they are made of all the observations of a kind.
    said = "; ".join(wording.observed(replace(run, observations=seen, artifacts=())))
    columns = _COLUMNS.get(seen[0].kind)
    if columns is not None:
        said = said.partition(":")[0]  # what follows are the first of the rows below
    yield element("p", one_line(_first_capital(said), 300))
    if columns is not None:
        yield _entries(columns, seen)


def _entries(columns: Sequence[tuple[str, str]], seen: Sequence[Observation]) -> Markup:
    known = [
        (name, title)
        for name, title in columns
        if any(each.fields.get(name) is not None for each in seen)
    ]
    head = element("tr", *(element("th", title, scope="col") for _, title in known))
    rows = [
        element("tr", *(element("td", _value(each.fields.get(name))) for name, _ in known))
        for each in seen[:ENTRIES_SHOWN]
    ]
    more = len(seen) - ENTRIES_SHOWN
    if more > 0:
        rows.append(element("tr", element("td", f"and {more:,} more", colspan=len(known))))
    return scrolling("Details", element("table", element("thead", head), element("tbody", *rows)))


def scrolling(name: str, table: Markup) -> Markup:
    """Return a table that scrolls by itself where the page is too narrow for it."""
    return element("div", table, class_="wide", tabindex=0, role="group", aria_label=name)


def _value(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return one_line(" ".join(map(str, value)), 200) or "none"
    return one_line(str(value), 200)


# ── where it stood ───────────────────────────────────────────────────────────────────────────────


def _stacks(run: Run, places: Places) -> Markup | None:
    shown = [] if run.traceback is None else [_traceback("It ended by", run.traceback, places)]
    stood = [
        _traceback(f"Thread {number}", each, places)
        for number, each in enumerate(run.stacks[:STACKS_SHOWN], start=1)
    ]
    if stood:
        told = f"Where {wording.counted(len(stood), 'thread')} stood when it was stopped"
        shown.append(element("details", element("summary", told), *stood))
    return joined(shown) if shown else None


def _traceback(title: str, traceback: Traceback, places: Places) -> Markup:
    said = f"{traceback.type_name}: {traceback.message}" if traceback.type_name else ""
    frames = [
        element("li", *_frame(each.path, each.line, each.function, places))
        for each in traceback.frames[-FRAMES_SHOWN:]
    ]
    return joined(
        (
            element("h3", title),
            element("p", element("code", one_line(said, 600))) if said else None,
            element("ol", *frames, class_="frames") if frames else None,
        )
    )


def _frame(path: str, line: int, function: str, places: Places) -> Iterator[Node]:
    name = f"{one_line(path, 160)} line {line}"
    anchor = places.file_id(path, line)
    yield element("a", name, href=f"#{anchor}") if anchor else name
    yield f" in {one_line(function, 80)}"


# ── what it wrote ────────────────────────────────────────────────────────────────────────────────


def _stream(title: str, data: bytes, total_bytes: int) -> Markup | None:
    text = clean(data[-OUTPUT_BYTES:])
    lines = split_lines(text)
    if not any(map(str.strip, lines)):
        return None
    shown = [*_noise_told_apart(text)][-OUTPUT_LINES:]
    whole = len(data) >= total_bytes and len(data) <= OUTPUT_BYTES and len(shown) == len(lines)
    size = wording.counted(total_bytes, "byte")
    how_much = f"{size}" if whole else f"its end, of {size} in all"
    return joined(
        (
            element("h3", title, element("small", f" {how_much}")),
            element("div", *_folded(shown), class_="streams"),
        )
    )


def _noise_told_apart(text: str) -> Iterator[tuple[bool, str]]:
    """Yield each line, and whether the program's surroundings wrote it rather than the program."""
    kept = iter(strip_noise(text).split("\n"))
    expected = next(kept, None)
    lines = split_lines(text)
    for line in lines:
        is_noise = line != expected
        if not is_noise:
            expected = next(kept, None)
        yield is_noise, line


def _folded(lines: Sequence[tuple[bool, str]]) -> Iterator[Node]:
    for is_noise, group in groupby(lines, key=lambda each: each[0]):
        texts = [cut(visible(line), LINE_CHARACTERS) for _, line in group]
        if not any(map(str.strip, texts)):
            continue
        block = element("pre", "\n".join(texts), class_="output", tabindex=0)
        if not is_noise:
            yield block
            continue
        told = f"{wording.counted(len(texts), 'line')} of libraries and the machine, not its own"
        yield element("details", element("summary", told), block, class_="noise")
