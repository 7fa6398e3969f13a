"""The name that was meant by one nobody defines: the only one near it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

ELSEWHERE = {
    **dict.fromkeys(("true", "TRUE"), "True"),
    **dict.fromkeys(("false", "FALSE"), "False"),
    **dict.fromkeys(("null", "NULL", "nil", "none", "undefined"), "None"),
    "raw_input": "input",
    "xrange": "range",
    "unichr": "chr",
    **dict.fromkeys(("unicode", "basestring"), "str"),
}
"""What JSON, other languages and Python 2 call what Python calls otherwise."""
MIN_LENGTH = 4
"""Of a name with a slip in it: of shorter ones, too many are near each other."""
LONG = 8
"""Names from this length on may have two slips in them."""
_DIGITS = re.compile(r"\d+")


def is_slip_of(written: str, meant: str) -> bool:
    """Tell whether one letter too many, too few, another, or two swapped make the difference.

    Two of them in long names. What differs by a digit or by the `s` of a plural is another name.
    """
    if written.casefold() == meant.casefold() or abs(len(written) - len(meant)) > 2:
        return False
    if _DIGITS.sub("", written) == _DIGITS.sub("", meant) or _is_plural(written, meant):
        return False
    allowed = 2 if min(len(written), len(meant)) >= LONG else 1
    return _distance(written, meant) <= allowed


def is_styled_as(written: str, meant: str) -> bool:
    """Tell whether only underscores and capitals differ: `drawBoard` and `draw_board`.

    `player` and `Player` are two names: an object, and its class.
    """
    if written == meant or written.casefold() == meant.casefold():
        return False
    return _plain(written) == _plain(meant)


def meant_by(written: str, known: Iterable[str]) -> str | None:
    """Return the one name of `known` that an unknown one can have been meant as."""
    names = set(known) - {written}
    styled = [each for each in names if is_styled_as(written, each)]
    if not styled and len(written) >= MIN_LENGTH:
        styled = [each for each in names if len(each) > 2 and is_slip_of(written, each)]
    return styled[0] if len(styled) == 1 else None


def _plain(name: str) -> str:
    return name.replace("_", "").casefold()


def _is_plural(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    return longer in (f"{shorter}s", f"{shorter}es")


def _distance(one: str, other: str) -> int:
    """Return the number of slips between two words: the optimal string alignment distance."""
    rows = [list(range(len(other) + 1))]
    for i, char in enumerate(one, start=1):
        above, row = rows[-1], [i]
        for j, opposite in enumerate(other, start=1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (char != opposite))
            if i > 1 and j > 1 and (one[i - 2], char) == (opposite, other[j - 2]):
                cost = min(cost, rows[-2][j - 2] + 1)
            row.append(cost)
        rows.append(row)
    return rows[-1][-1]
