"""Report → str, one module a format, none of which judges; or several reports → one document."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from validator.findings import Report
from validator.reporters import github, json, prompt, text

__all__ = ["DOCUMENTS", "RENDERERS", "Document", "Renderer"]

Renderer = Callable[[Report], str]
Document = Callable[[Sequence[Report]], str]

RENDERERS: tuple[tuple[str, Renderer], ...] = (
    ("text", text.render),
    ("json", json.render),
    ("github", github.render),
    ("prompt", prompt.render),
)
"""Every format by the name `--format` knows it by; `text.render` takes colour and width besides."""

DOCUMENTS: tuple[tuple[str, Document], ...] = ()
"""Every format that makes one document of several reports, by the name `--format` knows it by."""
