"""A page taken apart: its elements, what they link to, and what is read of them."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise

VOID = {"img", "input", "link", "meta", "wbr"}


@dataclass
class Element:
    tag: str
    attributes: dict[str, str | None]
    children: list[Element | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(each if isinstance(each, str) else each.text for each in self.children)

    def all(self, tag: str | None = None, **wanted: str) -> list[Element]:
        """Return the elements below this one, in order; `class_` asks for one of the classes."""
        found = []
        for each in self.children:
            if isinstance(each, Element):
                if tag in (None, each.tag) and each.has(**wanted):
                    found.append(each)
                found += each.all(tag, **wanted)
        return found

    def one(self, tag: str | None = None, **wanted: str) -> Element:
        (found,) = self.all(tag, **wanted)
        return found

    def has(self, **wanted: str) -> bool:
        return all(
            value in (self.attributes.get("class") or "").split()
            if name == "class_"
            else self.attributes.get(name.replace("_", "-")) == value
            for name, value in wanted.items()
        )


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs))
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def parsed(page: str) -> Element:
    """Return the page as a tree; an element that is not closed where it should be is an error."""
    page.encode("utf-8")
    parser = _Parser()
    parser.feed(page)
    parser.close()
    assert parser.open == [parser.root]
    return parser.root


def check(page: str) -> Element:
    """Hold a page to what is true of every page of ours, and return it taken apart."""
    root = parsed(page)
    _check_safety(root)
    _check_links(root)
    _check_reading(root)
    return root


def _check_safety(root: Element) -> None:
    script, style = root.one("script"), root.one("style")
    policy = root.one("meta", http_equiv="Content-Security-Policy").attributes["content"]
    assert policy is not None
    assert policy.startswith("default-src 'none'; img-src data:; base-uri 'none'; form-action")
    for element, name in ((script, "script-src"), (style, "style-src")):
        digest = base64.b64encode(hashlib.sha256(element.text.encode()).digest()).decode()
        assert f"{name} 'sha256-{digest}'" in policy
    assert "unsafe" not in policy
    for element in root.all():
        assert element.tag not in {"iframe", "object", "embed", "base", "form", "template"}
        assert not any(name.startswith("on") or name == "style" for name in element.attributes)
        href, src = element.attributes.get("href"), element.attributes.get("src")
        assert href is None or re.fullmatch(r"#[a-z0-9-]+|[\w./~%-]+\.html|data:,", href), href
        assert src is None or src.startswith("data:image/")
        assert element.tag != "link" or href == "data:,"


def _check_links(root: Element) -> None:
    ids = [each.attributes["id"] for each in root.all() if "id" in each.attributes]
    assert len(ids) == len(set(ids))
    for element in root.all():
        for name in ("href", "aria-labelledby", "data-copy", "data-twin"):
            value = element.attributes.get(name)
            if value and (name != "href" or value.startswith("#")):
                assert value.removeprefix("#") in ids, value


def _check_reading(root: Element) -> None:
    assert root.one("html").attributes["lang"] == "en"
    assert root.one("title").text.strip()
    for landmark in ("main", "nav", "header", "h1"):
        root.one(landmark)
    levels = [int(each.tag[1]) for each in root.all() if re.fullmatch("h[1-6]", each.tag)]
    assert all(after <= before + 1 for before, after in pairwise(levels))
    for element in root.all():
        named = element.text.strip() or element.attributes.get("aria-label")
        assert named or element.tag not in {"a", "button", "summary", "h1", "h2", "h3", "th"}
        assert element.tag != "img" or element.attributes["alt"]
