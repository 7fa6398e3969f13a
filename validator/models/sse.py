"""Server-sent events and lines of JSON: the data of each, out of bytes cut anywhere.

Read after https://html.spec.whatwg.org/multipage/server-sent-events.html: lines end with LF, CR LF
or CR, a line that begins with a colon is a comment, an empty line ends an event. `str.splitlines`
(and so httpx's `iter_lines`) also splits at U+2028, which servers send raw inside JSON.
"""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

from validator.facts import LINE_END

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_LINE_CHARACTERS = 1024 * 1024
"""A token is a few bytes; a line this long is a server gone wrong, not a reply."""


class OverlongLine(Exception):
    """The stream is not one of events; what was yielded before stands."""


def data(chunks: Iterable[bytes]) -> Iterator[str]:
    """Yield the data of each event as soon as its end was read.

    An event the stream breaks off in is yielded too: it may hold the last words of a reply.

    Raises:
        OverlongLine: when a line has no end in sight.
    """
    event: list[str] = []
    for line in _lines(chunks):
        if not line and event:
            yield "\n".join(event)
            event = []
        elif line.startswith("data:"):
            event.append(line[5:].removeprefix(" "))
    if event:
        yield "\n".join(event)


def records(chunks: Iterable[bytes]) -> Iterator[str]:
    """Yield the lines of a stream of one JSON object a line (NDJSON), empty ones left out.

    Raises:
        OverlongLine: when a line has no end in sight.
    """
    yield from (line for line in _lines(chunks) if line.strip())


def _lines(chunks: Iterable[bytes]) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
    rest = ""
    for chunk in chunks:
        rest += decoder.decode(chunk)
        # A CR at the very end may be the first half of a CR LF.
        held = "\r" if rest.endswith("\r") else ""
        *lines, rest = LINE_END.split(rest.removesuffix("\r"))
        rest += held
        yield from lines
        if len(rest) > MAX_LINE_CHARACTERS:
            raise OverlongLine
    yield from LINE_END.split(rest + decoder.decode(b"", final=True))
