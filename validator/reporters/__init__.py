"""Report → str, one module a format, none of which judges; or several reports → one document."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from validator.findings import Report
from validator.reporters import github, gitlab, html, json, junit, markdown, prompt, sarif, text

if TYPE_CHECKING:
    from validator.summary import Row, Summary

__all__ = ["DOCUMENTS", "RENDERERS", "SITES", "Document", "Page", "Renderer", "Site"]

Renderer = Callable[[Report], str]
Document = Callable[[Sequence[Report]], str]


class Page(Protocol):
    """One report as a page of its own, or as one that an index lists."""

    def __call__(self, report: Report, *, index: str | None = None, commands: bool = True) -> str:
        """Return the page; `index` is the way back, `commands` are wanted where there is a file."""
        ...


@dataclass(frozen=True, slots=True)
class Site:
    """A format with a page for each report, and an index of the pages."""

    page: Page
    index: Callable[[Iterable[Row], Summary], Iterator[str]]
    """In pieces: a row at a time is asked for, and none is kept."""


RENDERERS: tuple[tuple[str, Renderer], ...] = (
    ("text", text.render),
    ("json", json.render),
    ("github", github.render),
    ("prompt", prompt.render),
)
"""Every format by the name `--format` knows it by; `text.render` takes colour and width besides."""

DOCUMENTS: tuple[tuple[str, Document], ...] = (
    ("sarif", sarif.render_all),
    ("junit", junit.render_all),
    ("gitlab", gitlab.render_all),
    ("markdown", markdown.render_all),
)
"""Every format that makes one document of several reports, by the name `--format` knows it by."""

SITES: tuple[tuple[str, Site], ...] = (("html", Site(html.page, html.index_pieces)),)
"""Every format that makes a folder of pages of several reports; one report is a page, as above."""
