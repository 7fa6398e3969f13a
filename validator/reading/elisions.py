"""Lines that stand for code the model left out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from validator.facts import Recovery, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from validator.facts import SourceFile

_SAYS_SO = re.compile(
    r"""^\s*(?:\#|//)\s*(?:\W*\b(?:the\s+)?(?:rest|remain(?:der|ing)|other|existing|previous|same|unchanged)\b
          .*\b(?:code|functions?|methods?|class(?:es)?|implementation|logic|unchanged|same|before|above|here|program|script|imports?)\b
        |\s*(?:\.\.\.|…)\s*(?=.*\w)(?:\(.*\))?.{0,60}$|.*(?:\.\.\.|…)\s*(?:same|rest|unchanged|existing|previous).*)""",
    re.VERBOSE | re.IGNORECASE,
)
_SAME_AS = re.compile(
    r"^\s*#.*\b(?:remains?|stays?|is|are)\s+(?:the\s+same|unchanged)\b|^\s*\.{3,}\s*\(?(?:truncated|rest|continued?|code)\b",
    re.IGNORECASE,
)


def find_elisions(file: SourceFile) -> Iterator[Recovery]:
    """Yield an `elided-code` for every line of `file` that says code was left out there."""
    for line, number in zip(file.text.split("\n"), file.reply_lines, strict=False):
        if "." not in line and "#" not in line and "…" not in line:
            continue
        if number and (_SAYS_SO.match(line) or _SAME_AS.match(line)):
            yield Recovery("elided-code", Span(number, number), line, line)
