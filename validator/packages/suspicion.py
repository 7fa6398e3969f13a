"""Signs that a name was taken for whoever mistypes or invents it; existing is not being real. Pure.

Of the packages models name, 5 to 22 % do not exist (arXiv 2406.10279), and hundreds of placeholder
projects already sit on such names. No sign alone says anything: an old project may be small, a new
one honest. Two together, or one beside a name almost like a well-known one, are worth a stop.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from validator.packages.wellknown import well_known

if TYPE_CHECKING:
    from validator.packages.pages import Page

YOUNG_DAYS = 90
FEW_FILES = 2
"""One release, as a wheel and its source."""
MIN_LETTERS = 5
"""Of a name that can be mistaken: among shorter ones, one letter apart is mostly chance."""
_FOLD = str.maketrans("013457", "oleast", "-_.")


def signs(page: Page, today: date) -> tuple[str, ...]:
    """Return what a project's page alone gives cause for, in words; dates untold are no sign."""
    files = page.uncut.files
    dates = [file.uploaded for file in files]
    found = []
    if dates and all(dates) and _age_days(min(dates), today) < YOUNG_DAYS:
        found.append(f"its first file was uploaded on {min(dates)}")
    if len(files) <= FEW_FILES:
        found.append(f"it has {len(files)} file{'' if len(files) == 1 else 's'} in all")
    return tuple(found)


def _age_days(day: str, today: date) -> int:
    try:
        return (today - date.fromisoformat(day)).days
    except ValueError:
        return YOUNG_DAYS


def told(name: str, found: tuple[str, ...], *, described: bool) -> str | None:
    """Return the signs about a project as one sentence; None where they do not add up."""
    seen = found if described else (*found, "it has no description")
    near = lookalike(name)
    if near is not None and seen:
        seen = (f"its name is almost {near}", *seen)
    return f"{name} is suspicious: {', '.join(seen)}" if len(seen) >= 2 else None


def lookalike(name: str) -> str | None:
    """Return the well-known distribution a name can be mistaken for; None where there is none.

    One slip of the hand away, two in a name of 8 letters or more, dashes and `0` for `o` aside.
    """
    folded = name.translate(_FOLD)
    slips = 2 if len(folded) >= 8 else 1
    for known in sorted(well_known()):
        other = known.translate(_FOLD)
        if min(len(folded), len(other)) >= MIN_LETTERS and _within(folded, other, slips):
            return known
    return None


def _within(left: str, right: str, slips: int) -> bool:
    """Return whether so many letters changed, added, lost or swapped turn one into the other."""
    if abs(len(left) - len(right)) > slips:
        return False
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        new = [i]
        for j, b in enumerate(right, 1):
            cost = min(row[j] + 1, new[j - 1] + 1, row[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            new.append(cost)
        before, row = row, new
    return row[-1] <= slips
