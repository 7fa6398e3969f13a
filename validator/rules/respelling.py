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
_REPLACED_FROM = 6
"""Letters of a word in which one may be another by a slip: `tile` and `time` are two words."""
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def is_slip_of(written: str, meant: str) -> bool:
    """Tell whether each word of a name is the other's, or has one slip in it.

    A slip is a letter left out, put in or replaced inside a word, or two that are swapped. What
    differs at its ends is another name: `player_x` and `player_y`, `row` and `rows`.
    """
    if written.casefold() == meant.casefold():
        return False
    pairs = tuple(zip(_WORD.findall(written), _WORD.findall(meant), strict=False))
    if _shape(written) != _shape(meant):
        return False
    return all(one == other or _is_slip(one, other) for one, other in pairs)


def _shape(name: str) -> tuple[str, ...]:
    """Return what stands between and around the words of a name, and how many there are."""
    return tuple(_WORD.split(name))


def _is_slip(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    if len(longer) - len(shorter) > 1 or longer.startswith(shorter) or longer.endswith(shorter):
        return False
    start = next(at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1])
    if len(shorter) < len(longer):
        return len(longer) >= MIN_LENGTH + 1 and shorter[start:] == longer[start + 1 :]
    if one[start : start + 2] == other[start : start + 2][::-1]:
        return one[start + 2 :] == other[start + 2 :]
    inside = 0 < start < len(one) - 1 and len(one) >= _REPLACED_FROM
    return inside and one[start + 1 :] == other[start + 1 :]


def is_styled_as(written: str, meant: str) -> bool:
    """Tell whether only underscores and capitals differ: `drawBoard` and `draw_board`.

    `player` and `Player` are two names: an object, and its class.
    """
    if written == meant or written.casefold() == meant.casefold():
        return False
    # `sum_` and `_size` are written so in order to be another name.
    at_the_ends = any(each.strip("_") != each for each in (written, meant))
    return not at_the_ends and _plain(written) == _plain(meant)


def meant_by(written: str, known: Iterable[str]) -> str | None:
    """Return the one name of `known` that an unknown one can have been meant as."""
    names = set(known) - {written}
    styled = [each for each in names if is_styled_as(written, each)]
    if not styled and len(written) >= MIN_LENGTH:
        styled = [each for each in names if is_slip_of(written, each)]
    return styled[0] if len(styled) == 1 else None


def _plain(name: str) -> str:
    return name.replace("_", "").casefold()
