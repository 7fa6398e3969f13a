"""The packages: what was asked for, what that came to, and why where it is something else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from validator.reporters import wording
from validator.reporters.html.markup import Markup, Node, element, joined
from validator.reporters.html.running import scrolling
from validator.reporters.untrusted import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from validator.facts import Pin, Requirement, Resolution, Unresolved
    from validator.reporters.html.places import Places

ROWS_SHOWN = 300
_SOURCES = {
    "block": "the reply lists it",
    "command": "a command of the reply installs it",
    "import": "the program imports it",
}


def packages(resolution: Resolution, places: Places) -> Markup:
    """Return the requirements with what became of each, and the packages that came with them."""
    return joined(
        (
            element("p", one_line(_sentence(resolution), 400), class_="lead"),
            _requirements(resolution, places),
            _others(resolution),
            _behind(resolution),
        )
    )


def _sentence(resolution: Resolution) -> str:
    said = wording.packages(resolution)
    cutoff = f", of what was published by {resolution.cutoff}" if resolution.cutoff else ""
    what = f"Installed {said}" if resolution.pins else f"{said[:1].upper()}{said[1:]}"
    return f"{what}, resolved by {resolution.resolver}{cutoff}."


def _table(name: str, titles: Iterable[str], rows: list[Markup]) -> Markup | None:
    if not rows:
        return None
    head = element("tr", *(element("th", title, scope="col") for title in titles))
    more = len(rows) - ROWS_SHOWN
    table = element(
        "table",
        element("thead", head),
        element("tbody", *rows[:ROWS_SHOWN]),
    )
    return joined(
        (
            scrolling(name, table),
            element("p", f"and {more:,} more", class_="gap") if more > 0 else None,
        )
    )


def _row(*cells: Node) -> Markup:
    first, *others = cells
    return element(
        "tr", element("th", first, scope="row"), *(element("td", cell) for cell in others)
    )


def _requirements(resolution: Resolution, places: Places) -> Markup | None:
    pins = {pin.name: pin for pin in resolution.pins}
    unmet = {each.requirement.canonical: each for each in resolution.unresolved}
    rows = [_asked(each, pins, unmet, places) for each in resolution.requirements]
    rows += [
        _row(one_line(each.line.text, 120), "", "refused", one_line(each.reason, 300))
        for each in resolution.refused
    ]
    return _table("Requirements", ("Asked for", "By", "Installed", "Why"), rows)


def _asked(
    requirement: Requirement,
    pins: Mapping[str, Pin],
    unmet: Mapping[str, Unresolved],
    places: Places,
) -> Markup:
    unresolved = unmet.get(requirement.canonical)
    pin = pins.get(requirement.canonical)
    span = requirement.span
    anchor = places.reply_id(span.first) if span is not None else None
    by = _SOURCES[requirement.source.value]
    installed = f"{pin.name} {pin.version}" if pin is not None else "not installed"
    if unresolved is not None and unresolved.relaxed_to:
        installed += f", as {one_line(unresolved.relaxed_to, 80)}"
    if unresolved is not None:
        why = one_line(unresolved.message, 400)
    elif requirement.import_name:
        why = f"nothing of the reply asks for it; imported as {requirement.import_name}"
    else:
        why = "as asked for" if pin is not None else ""
    return _row(
        one_line(str(requirement), 120),
        element("a", by, href=f"#{anchor}") if anchor else by,
        installed,
        why,
    )


def _others(resolution: Resolution) -> Markup | None:
    """Return the imports no requirement covers, and those nothing installed answers."""
    rows = [
        _row(
            one_line(each.module, 80),
            f"{one_line(each.path, 80)} line {each.line}",
            f"taken for {one_line(each.distribution, 80)}" if each.distribution else "not found",
            one_line(each.note, 300) or _candidates(each.candidates),
        )
        for each in resolution.undeclared
        # What was taken for an import without a word stands among the requirements.
        if each.distribution is None or each.note
    ]
    rows += [
        _row(
            one_line(each.module, 80),
            f"{one_line(each.path, 80)} line {each.line}",
            "nothing installed answers it",
            _candidates(each.candidates),
        )
        for each in resolution.unprovided
    ]
    titles = ("Import without a requirement", "Where", "Came to", "Why")
    return _table("Imports without a requirement", titles, rows)


def _candidates(names: tuple[str, ...]) -> str:
    return f"may be {one_line(wording.listed(names), 200)}" if names else ""


def _behind(resolution: Resolution) -> Markup | None:
    rows = [
        _row(
            pin.name,
            pin.version,
            one_line(f"for {wording.listed(pin.required_by)}", 200)
            if pin.required_by
            else "asked for",
            _known(pin),
        )
        for pin in resolution.pins
    ]
    table = _table("Pins", ("Package", "Version", "Why", "Known weaknesses"), rows)
    if table is None:
        return None
    summary = f"{wording.counted(len(rows), 'package')} in the lock"
    return element("details", element("summary", summary), table)


def _known(pin: Pin) -> str:
    if pin.vulnerabilities is None:
        return "not known"
    return one_line(", ".join(_weaknesses(pin)), 300) or "none"


def _weaknesses(pin: Pin) -> Iterator[str]:
    for each in pin.vulnerabilities or ():
        fixed = f" (fixed in {each.fixed_in[0]})" if each.fixed_in else ""
        yield f"{each.id}{fixed}"
