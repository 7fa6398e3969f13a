"""File names a reply gives: where they are found, and what is safe to write below any folder."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

_SUFFIXES = (
    "py|pyw|pyi|txt|md|html?|css|js|json|csv|tsv|toml|ya?ml|ini|cfg|env|sql|sh|bat|xml|svg|kv|qss|ipynb"
    "|lock|glsl|vert|frag|j2|jinja"
)
_KNOWN = (
    r"\.(?:gitignore|dockerignore|flaskenv|editorconfig|env(?:\.\w+)?)\b"
    r"|(?-i:LICENSE|Dockerfile|Makefile|Procfile|Pipfile)\b"
)
"""Files that go by no suffix; their case is theirs, and `## License` is a heading."""
_FILE = (
    r"(?P<name>(?:[A-Za-z]:)?[\w@.+/\\~-]*[\w-]\.(?:" + _SUFFIXES + rf")|(?:[\w.-]+/)*(?:{_KNOWN}))"
)
_INFO = re.compile(
    rf"""(?:title|file|filename|name|path)\s*=\s*["']?(?P<titled>[^"'\s}}]+)|(?:^|[\s:]){_FILE}(?=[\s}}"']|$)""",
    re.IGNORECASE,
)
_COMMENT = re.compile(
    rf"\s*(?:\#|//|<!--|/\*|--|;)+\s*(?:file(?:name)?\s*:\s*)?[`'\"*]*{_FILE}[`'\"*]*\s*:?\s*(?:-->|\*/)?\s*",
    re.IGNORECASE,
)
_ALONE = re.compile(
    rf"""\s*(?:\#{{1,6}}\s+|[-*+]\s+|\d+[.)]\s+)?(?:[\w\s]{{0,24}}?(?:file(?:name)?|script|module|create|step\s*\d+)\s*:?\s*)?
        [`*_"'(\[]*{_FILE}[`*_"')\]]*\s*:?\s*[`*_]*:?\s*(?:\([^)]{{0,40}}\))?\s*""",
    re.IGNORECASE | re.VERBOSE,
)
_RULED = re.compile(
    rf"\s*[=*~_-]{{2,}}\s*(?:file\s*:?\s*)?{_FILE}\s*[=*~_-]{{2,}}\s*", re.IGNORECASE
)
_BARE = re.compile(r"\s*[`*]*[\w./-]*\w\.pyw?[`*]*\s*:?\s*")
_QUOTED = re.compile(
    rf"`{_FILE}`|\*\*`?{_FILE.replace('?P<name>', '?P<bold>')}`?\*\*", re.IGNORECASE
)
_SAID = re.compile(
    rf"""\b(?:sav(?:e|ed|ing)|stor(?:e|ed)|put|nam(?:e|ed)|creat(?:e|ing)|copy|paste|call(?:ed)?|open|edit)\b
        [^\n]{{0,80}}?\b(?:as|in|into|to|called|named|file)\b
        \s*(?:an?\s+|the\s+|your\s+)?(?:new\s+)?(?:python\s+)?(?:file\s+)?(?:called\s+|named\s+)?
        [`*_"']*{_FILE}""",
    re.IGNORECASE | re.VERBOSE,
)
_DIVIDER = re.compile(
    r"\#+[\s\#=*~_-]*(?:file(?:name)?\s*:?\s*)?[`'\"]?(?P<name>[\w./-]+\.pyw?)[`'\"]?[\s\#=*~_-]*:?\s*",
    re.IGNORECASE,
)
_DIVIDER_IN_WORDS = re.compile(
    r"""\#+\s*(?:[^`'"’\n]|['’]s\b)*?(?:\b(?P<owner>\w+)['’]s\s+)?(?:[`'"](?P<name>[\w./-]+\.pyw?)[`'"]
        |\b(?:in|into|to|file|called|named)\s+(?P<plain>[\w./-]+\.pyw?))[^`'"\n]*:\s*""",
    re.IGNORECASE | re.VERBOSE,
)
_RESERVED = frozenset(
    {"con", "prn", "aux", "nul"} | {f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10)}
)
"""Names Windows keeps for devices, with or without an extension (Naming Files, Win32 docs)."""
_MAX_CHARACTERS = 120
_MAX_DIVIDER = 160


def name_in_info(info: str) -> str | None:
    """Return the file name in an info string: `title="x.py"`, `python:x.py`, `x.py`."""
    match = _INFO.search(info)
    return (match["titled"] or match["name"]) if match else None


def name_in_comment(line: str) -> str | None:
    """Return the file name where a comment holds nothing else."""
    match = _COMMENT.fullmatch(line)
    return match["name"] if match else None


class Divider(NamedTuple):
    """The file that a comment between two files announces."""

    name: str
    owned: str | None
    """Its path below the folder of whose it is said to be: `project/urls.py`, the project's."""


def name_in_divider(line: str) -> Divider | None:
    """Return the file of `# --- x.py ---`, `# In 'x.py':`, `# Now, create a file 'x.py' with:`."""
    if len(line) > _MAX_DIVIDER:
        return None
    alone = _DIVIDER.fullmatch(line)
    if alone is not None:
        return Divider(alone["name"], None)
    said = _DIVIDER_IN_WORDS.fullmatch(line)
    if said is None:
        return None
    name = said["name"] or said["plain"]
    return Divider(name, f"{said['owner']}/{name}" if said["owner"] else None)


def name_in_lead(lead: Sequence[str]) -> str | None:
    """Return the file name the line before a block announces: a heading, bold, or a plain line."""
    if not lead:
        return None
    line = lead[-1].replace("\\_", "_").replace("\\.", ".")
    alone = _ALONE.fullmatch(line) or (
        _RULED.fullmatch(line) if len(line) <= _MAX_DIVIDER else None
    )
    if alone is not None:
        return alone["name"]
    if announces_code(line) and (said := name_in_prose(line)) is not None:
        return said
    quoted = [match["name"] or match["bold"] for match in _QUOTED.finditer(line)]
    return quoted[0] if announces_code(line) and len(set(quoted)) == 1 else None


def name_above(line: str) -> str | None:
    """Return the name of a `.py` where a line is that name alone, ruled or not: a file begins."""
    if ".py" not in line or len(line) > _MAX_DIVIDER:
        return None
    found = _RULED.fullmatch(line) or (_ALONE.fullmatch(line) if _BARE.fullmatch(line) else None)
    return found["name"] if found is not None and ".py" in found["name"] else None


def announces_code(line: str) -> bool:
    """Return True where a line of prose says that what it speaks of comes next."""
    return line.rstrip().rstrip("*").endswith(":") and len(line) <= 160


def name_in_prose(line: str) -> str | None:
    """Return the file name of "save this as x.py" and its like."""
    match = _SAID.search(line)
    return match["name"] if match else None


def safe_path(name: str) -> str:
    """Return a relative path, with forward slashes, that stays below any folder it is written to.

    Drive letters, leading slashes, `..`, control characters and device names go; a name that is
    safe already comes back as it is.
    """
    text = re.sub(
        r"[\x00-\x1f\x7f<>:\"|?*]", "", re.sub(r"^[A-Za-z]:", "", name.replace("\\", "/"))
    )
    pieces = [_safe_piece(piece) for piece in text.split("/")]
    kept = [piece for piece in pieces if piece]
    return "/".join(kept)[-_MAX_CHARACTERS:].lstrip("/") or "main.py"


def _safe_piece(piece: str) -> str:
    piece = piece.strip().rstrip(". ")
    if not piece.strip("."):
        return ""
    if piece.startswith("~"):
        piece = piece.lstrip("~")
    return f"_{piece}" if piece.partition(".")[0].lower() in _RESERVED else piece
