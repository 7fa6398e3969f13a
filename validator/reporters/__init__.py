"""Report → str, one module a format, none of which judges."""

from __future__ import annotations

from collections.abc import Callable

from validator.findings import Report
from validator.reporters import github, json, prompt, text

__all__ = ["RENDERERS", "Renderer"]

Renderer = Callable[[Report], str]

RENDERERS: tuple[tuple[str, Renderer], ...] = (
    ("text", text.render),
    ("json", json.render),
    ("github", github.render),
    ("prompt", prompt.render),
)
"""Every format by the name `--format` knows it by; `text.render` takes colour and width besides."""
