"""What a run left behind: pictures inside the page, everything else by its name or as text.

A picture is known by its first bytes, not by its name, and only pixels are let in: what can hold a
script (SVG, a page) is shown as the text it is, or not at all.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from validator.facts import split_lines
from validator.reporters.html.markup import Markup, Node, element
from validator.reporters.untrusted import cut, one_line, visible
from validator.reporters.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from validator.facts import Artifact, Run

EMBEDDED_BYTES = 12 * 1024 * 1024
"""Of all pictures of one page; a run may leave more than a browser wants to open."""
TEXT_LINES = 60
TEXT_BYTES = 8 * 1024
LINE_CHARACTERS = 300
_WORDS = {
    "screenshot": "What its window showed",
    "animation": "What moved in its window",
    "figure": "A figure it made",
    "page": "The first page it served",
    "rendering": "What its page showed",
    "file": "A file it wrote",
}


def cover(run: Run) -> Markup | None:
    """Return the picture that says most: what a window or a page showed, else the first figure."""
    artifact = _cover(run)
    return None if artifact is None else _picture(artifact, _media_type(artifact.data) or "")


def _cover(run: Run) -> Artifact | None:
    for kind in ("screenshot", "rendering", "figure"):
        for artifact in run.artifacts:
            if artifact.kind == kind and _media_type(artifact.data):
                return artifact
    return None


def pictures(run: Run) -> Markup | None:
    """Return what the run left behind besides its `cover`, or None where it left nothing more."""
    shown = [*_shown(run)]
    return element("div", *shown, class_="pictures") if shown else None


def _shown(run: Run) -> Iterator[Markup]:
    left_bytes = EMBEDDED_BYTES
    covered = _cover(run)
    for artifact in run.artifacts:
        if artifact is covered:
            continue
        media_type = _media_type(artifact.data)
        if media_type and len(artifact.data) <= left_bytes:
            left_bytes -= len(artifact.data)
            yield _picture(artifact, media_type)
        else:
            yield _named(artifact)


def _media_type(data: bytes) -> str | None:
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    return "image/webp" if data.startswith(b"RIFF") and data[8:12] == b"WEBP" else None


def _picture(artifact: Artifact, media_type: str) -> Markup:
    width, height = _size(artifact.data)
    words = _WORDS.get(artifact.kind, artifact.kind)
    image = element(
        "img",
        src=f"data:{media_type};base64,{base64.b64encode(artifact.data).decode('ascii')}",
        alt=f"{words}, as a picture",
        width=width,
        height=height,
    )
    if artifact.kind != "animation":
        return element("figure", image, _caption(artifact))
    # What moves has to be able to be stopped: closed, it is not drawn.
    fold = element(
        "details", element("summary", "Animated capture"), image, class_="animation", open=""
    )
    return element("figure", fold, _caption(artifact))


def _size(data: bytes) -> tuple[int | None, int | None]:
    """Return width and height in pixels where the picture is a PNG, so that nothing jumps."""
    if data[12:16] != b"IHDR" or len(data) < 24:
        return None, None
    return int.from_bytes(data[16:20]), int.from_bytes(data[20:24])


def _caption(artifact: Artifact, *more: Node) -> Markup:
    size = f"{max(len(artifact.data) // 1024, 1):,} KiB"
    return element(
        "figcaption",
        _WORDS.get(artifact.kind, artifact.kind),
        element("small", f" {one_line(artifact.path, 80)}, {size}"),
        *more,
    )


def _named(artifact: Artifact) -> Markup:
    text = _as_text(artifact.data)
    if text is None:
        return element("figure", _caption(artifact, " (not shown: no picture this page embeds)"))
    lines = split_lines(text)
    rows = "\n".join(cut(visible(line), LINE_CHARACTERS) for line in lines[:TEXT_LINES])
    return element(
        "figure",
        _caption(artifact),
        element(
            "details",
            element("summary", f"{counted(len(lines), 'line')} of source, not run here"),
            element("pre", rows, tabindex=0, class_="output"),
        ),
    )


def _as_text(data: bytes) -> str | None:
    try:
        text = data[:TEXT_BYTES].decode("utf-8", "strict" if len(data) <= TEXT_BYTES else "ignore")
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text
