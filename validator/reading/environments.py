"""Code between the marks of other markup languages: LaTeX, Org, BBCode, Jira and the like."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

_MARKUP = (
    (
        r"\s*\\begin\{(?P<name>lstlisting|verbatim|minted|python)\}(?:\[.*\])?(?:\{(?P<word>\w+)\})?\s*",
        r"\end{%s}",
    ),
    (r"\s*\#\+begin_(?P<name>src|example)(?:\s+(?P<label>[\w+-]+).*)?", "#+end_%s"),
    (r"\s*\[(?P<name>code)(?:=[\"']?(?P<label>\w+)[\"']?)?\]\s*", "[/%s]"),
    (r"\s*\{(?P<name>code)(?::(?P<label>\w+).*)?\}\s*", "{%s}"),
    (r"\*\*\* Begin (?P<name>Patch)\s*", "*** end %s"),
    (r"\s*\{%-?\s*(?P<name>highlight)\s+(?P<label>\w+).*%\}\s*", "{%% end%s %%}"),
)
_TOKENS = ((r"\s*\[(?P<name>(?P<label>python)|tests)\]\s*", "[/%s]"),)
ENVIRONMENTS = {
    kind: tuple((re.compile(opens, re.IGNORECASE), closes) for opens, closes in pairs)
    for kind, pairs in (("markup-tag", _MARKUP), ("special-token", _TOKENS))
}
"""What opens code, and what closes it with the name given in; by the recovery it makes."""
TELLING = (
    r"\\begin\{|\#\+(?i:begin)|\[(?i:code|python|tests)\b|\{(?i:code)|\{%-?\s*highlight"
    r"|\*\*\* Begin"
)
"""What no line that opens one of them is without."""
_TELLS = re.compile(TELLING)
_FENCE = "```"
_LABELS = {"patch": "diff"}


def as_fences(lines: Sequence[str], fenced: Container[int], kind: str) -> list[str]:
    """Return `lines` with marks of a kind around code, alone on their lines, as Markdown's fences.

    `fenced` are the indices of lines that stand in fences; marks among them stay, and so do those
    without an end, and around what has fences of its own.
    """
    kept = list(lines)
    ends = _Ends(lines)
    index = 0
    while index < len(lines):
        found = _opened(lines[index], kind) if index not in fenced else None
        stop = ends.of(found[1], index + 1) if found is not None else 0
        if found is not None and stop:
            kept[index], kept[stop] = f"{_FENCE}{found[0]}", _FENCE
        index = max(index, stop) + 1
    return kept


def _opened(line: str, kind: str) -> tuple[str, str] | None:
    """Return the label and the closing mark of the code that a line opens."""
    if not _TELLS.search(line):
        return None
    for opens, closes in ENVIRONMENTS[kind]:
        if match := opens.fullmatch(line):
            named = match.groupdict()
            word = named.get("word") or named.get("label") or _LABELS.get(match["name"].lower(), "")
            return word.lower(), (closes % match["name"]).lower()
    return None


class _Ends:
    """Where closing marks and fences stand in some lines."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._marks: dict[str, list[int]] = {}
        self._fences: list[int] = []
        for index, line in enumerate(lines):
            if _FENCE in line:
                self._fences.append(index)
            elif _CLOSES.match(line):
                self._marks.setdefault(line.strip().lower(), []).append(index)

    def of(self, closing: str, start: int) -> int:
        """Return the first place of a mark from `start` on; 0 where none, or a fence, is first."""
        stop, fence = _first(self._marks.get(closing, []), start), _first(self._fences, start)
        return 0 if stop is None or (fence is not None and fence < stop) else stop


def _first(places: Sequence[int], start: int) -> int | None:
    at = bisect_left(places, start)
    return places[at] if at < len(places) else None


_CLOSES = re.compile(r"\s*(?:\\end\{|#\+end_|\[/|\{code|\{%|\*\*\* end)", re.IGNORECASE)
