"""Numbers as bars: a table whose last column is drawn, so that both are one thing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from validator.reporters.html.markup import Markup, Node, element

if TYPE_CHECKING:
    from collections.abc import Sequence

_WIDTH = 1000
_HEIGHT = 14


@dataclass(frozen=True, slots=True)
class Bar:
    """One row: its name, its number as it is said, and the stretches it is drawn of."""

    name: Node
    said: str
    stretches: tuple[tuple[str, float], ...]
    """Class of the style sheet and length of each, in the unit of the whole."""


def bars(caption: str, titles: tuple[str, str], rows: Sequence[Bar], whole: float) -> Markup:
    """Return the rows as a table; `whole` is what a bar over the full width stands for."""
    head = element(
        "tr",
        element("th", titles[0], scope="col"),
        element("th", titles[1], scope="col"),
        # The drawing says nothing that the number does not.
        element("td", aria_hidden="true"),
    )
    return element(
        "table",
        element("caption", caption),
        element("thead", head),
        element("tbody", *(_row(each, whole) for each in rows)),
        class_="bars",
    )


def _row(bar: Bar, whole: float) -> Markup:
    drawn: list[Node] = []
    start = 0.0
    for name, length in bar.stretches:
        width = _WIDTH * length / whole if whole > 0 else 0.0
        drawn.append(
            element(
                "rect",
                x=f"{start:.1f}",
                y=0,
                width=f"{min(max(width, 0.0), _WIDTH - start):.1f}",
                height=_HEIGHT,
                class_=name,
            )
        )
        start += width
    svg = element(
        "svg",
        *drawn,
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        preserveAspectRatio="none",
        aria_hidden="true",
        focusable="false",
    )
    return element(
        "tr",
        element("th", bar.name, scope="row"),
        element("td", bar.said, class_="number"),
        element("td", svg, class_="drawn", aria_hidden="true"),
    )
