"""Report → str, one module a format, none of which judges; or several reports → one document."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from validator.findings import Report
from validator.reporters import github, json, prompt, text

if TYPE_CHECKING:
    from validator.summary import Row, Summary

__all__ = ["DOCUMENTS", "RENDERERS", "SITES", "Document", "Renderer", "Site"]

Renderer = Callable[[Report], str]
Document = Callable[[Sequence[Report]], str]


@dataclass(frozen=True, slots=True)
class Site:
    """A format with a page for each report, and an index of the pages."""

    page: Renderer
    index: Callable[[Sequence[Row], Summary], str]


RENDERERS: tuple[tuple[str, Renderer], ...] = (
    ("text", text.render),
    ("json", json.render),
    ("github", github.render),
    ("prompt", prompt.render),
)
"""Every format by the name `--format` knows it by; `text.render` takes colour and width besides."""

DOCUMENTS: tuple[tuple[str, Document], ...] = ()
"""Every format that makes one document of several reports, by the name `--format` knows it by."""

SITES: tuple[tuple[str, Site], ...] = ()
"""Every format that makes a folder of pages of several reports; one report is a page, as above."""
