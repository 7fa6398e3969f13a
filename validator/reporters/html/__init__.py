"""Reports as pages: one self-contained file each, and an index over many.

A page asks nothing of any network, runs one script of ours and nothing of the reply's, and loses
nothing but comfort without that script. What makes them is imported when one is asked for: most
runs show none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from validator.findings import Report
    from validator.summary import Row, Summary

__all__ = ["index", "index_pieces", "page"]


def page(report: Report, *, index: str | None = None, commands: bool = True) -> str:
    """Return a report as one HTML file that needs no network and no other file.

    `index` is the page that lists this one, relative to it. `commands` are those to go on with;
    they name the reply, which has to be a file for that.
    """
    from validator.reporters.html.report import render

    return render(report, index=index, commands=commands)


def index(rows: Iterable[Row], summary: Summary) -> str:
    """Return the page that lists `rows`, with what they come to, and links to the page of each."""
    return "".join(index_pieces(rows, summary))


def index_pieces(rows: Iterable[Row], summary: Summary) -> Iterator[str]:
    """Yield that page in pieces, for more rows than there is memory for."""
    from validator.reporters.html.overview import pieces

    return pieces(rows, summary)
