"""HTML in which text cannot become markup: the only way to write an element of a page.

A builder rather than templates: escaping is not something a template's author can forget or switch
off, there is no language between us and the page, and nothing has to be imported or compiled for
it. What an attribute may hold is checked here as well: no handler, no style, no address that is
not a place of the page, a page beside it or a picture inside it.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from validator.reporters.untrusted import visible

if TYPE_CHECKING:
    from collections.abc import Iterable

_VOID = frozenset({"img", "input", "wbr"})
_NEVER = frozenset({"base", "embed", "form", "iframe", "link", "meta", "object", "script", "style"})
_TAG = re.compile(r"[a-z]+[1-6]?")
_ATTRIBUTE = re.compile(r"(?!on|style)[a-zA-Z][a-zA-Z-]*")
_PAGE = r"(?:\.\./)*(?:[\w~%-][\w.~%-]*/)*[\w~%-][\w.~%-]*\.html"
_ADDRESSES = {
    "href": re.compile(rf"#[a-z0-9-]+|{_PAGE}", re.ASCII),
    "src": re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+=*"),
}


@dataclass(frozen=True, slots=True)
class Markup:
    """Finished HTML: everything in it that was text has been escaped."""

    html: str


Node = Markup | str | None
"""What an element may hold: an element, text to be escaped, or nothing."""


def element(tag: str, *children: Node, **attributes: str | int | None) -> Markup:
    """Return one element; text is escaped, and what would hide or act in it is made visible.

    Attributes are written as Python can say them: `class_`, `aria_label`. None leaves one out, the
    empty text writes it bare.

    Raises:
        ValueError: for a tag, attribute or address that a page of ours has no use for.
    """
    if tag in _NEVER or not _TAG.fullmatch(tag):
        raise ValueError(f"a page has no <{tag}>")
    written = "".join(
        _attribute(name, value) for name, value in attributes.items() if value is not None
    )
    if tag in _VOID:
        return Markup(f"<{tag}{written}>")
    return Markup(f"<{tag}{written}>{joined(children).html}</{tag}>")


def joined(nodes: Iterable[Node]) -> Markup:
    """Return `nodes` one after the other."""
    return Markup(
        "".join(
            node.html if isinstance(node, Markup) else escaped(node)
            for node in nodes
            if node is not None
        )
    )


def escaped(text: str) -> str:
    """Return `text` as HTML shows it: line ends stay, other controls and overrides are spelled."""
    plain = text if text.isprintable() else "\n".join(map(visible, text.split("\n")))
    return html.escape(plain)


def _attribute(name: str, value: str | int) -> str:
    written = name.rstrip("_").replace("_", "-")
    if not _ATTRIBUTE.fullmatch(written):
        raise ValueError(f"a page has no attribute {written}")
    text = str(value)
    allowed = _ADDRESSES.get(written)
    if allowed is not None and not allowed.fullmatch(text):
        raise ValueError(f"not an address of ours: {text[:40]}")
    return f' {written}="{text if allowed else escaped(text)}"' if text else f" {written}"
