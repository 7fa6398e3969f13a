"""Requirement lines as the reply words them → requirements of ours, or a refusal with its reason.

What is not a name, extras, versions and a marker never gets past here. pip runs the build code of
any URL or folder it is given even under `--only-binary :all:`, obeys `--no-binary` from inside a
requirements file, and writes environment variables into URLs (each tried with pip 26.3, 2026-11).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as Parsed
from packaging.utils import canonicalize_name

from validator.facts import RefusedLine, Requirement

if TYPE_CHECKING:
    from collections.abc import Iterable

    from packaging.markers import Marker

    from validator.facts import RequirementLine

MAX_LINES = 200
"""Requirements read from one reply; the longest list seen in real ones has under 60."""
MAX_CHARACTERS = 400
"""Of one requirement line."""

_URL = re.compile(r"^(git|hg|svn|bzr)\+|://|\s@\s|^\S+@\w+:|^git@", re.IGNORECASE)
_VARIABLE = re.compile(r"\$\{?\w|%\w+%")
_PATH = re.compile(r"^[./~\\]|^[A-Za-z]:[\\/]|[\\/]")
_FILE = re.compile(
    r"^(?!(?:discord|github3|interactions|stomp|web)\.py$).*\.(whl|zip|tar\.gz|tgz|txt|toml|cfg|py)$",
    re.IGNORECASE,
)
"""What is meant as a file although it has the form of a name: `pip install requirements.txt`; five
well-known projects have such a name themselves."""
_ADDRESS = "a URL; installing from one runs code of its choice"
_NOT_FROM_INDEX = "a file or folder; only packages of the index are installed"
_SINGLE_EQUALS = re.compile(r"^([\w.-]+)\s*=\s*([\w.*+!-]+)$")

_LATEST = re.compile(r"^([A-Za-z0-9][\w.-]*)\s*(?:@|[=<>]=)\s*latest$", re.IGNORECASE)


def parse(
    lines: Iterable[RequirementLine],
) -> tuple[tuple[Requirement, ...], tuple[RefusedLine, ...]]:
    """Return what may be handed to a tool, in order and without repeats, and what may not."""
    requirements: dict[str, Requirement] = {}
    refused: list[RefusedLine] = []
    for line in lines:
        text = line.stated
        if not text:
            continue
        if len(requirements) + len(refused) >= MAX_LINES:
            reason = f"more than {MAX_LINES} requirements; this one and all after it are not read"
            refused.append(RefusedLine(line, "too-many", reason))
            break
        match _judge(text, line):
            case Requirement() as requirement:
                requirements.setdefault(str(requirement).lower(), requirement)
            case RefusedLine() as refusal:
                refused.append(refusal)
    return tuple(requirements.values()), tuple(refused)


def _judge(text: str, line: RequirementLine) -> Requirement | RefusedLine:
    if len(text) > MAX_CHARACTERS:
        return RefusedLine(line, "syntax", f"longer than {MAX_CHARACTERS} characters")
    if _OWN.fullmatch(text):
        return RefusedLine(line, "project", "the program itself, which runs from its own files")
    for kind, pattern, reason in _REFUSALS:
        if pattern.search(text):
            return RefusedLine(line, kind, reason)
    if latest := _LATEST.match(text):
        reason = f"not a requirement; {latest[1]} alone asks for the newest"
        return RefusedLine(line, "syntax", reason)
    try:
        parsed = Parsed(text)
    except InvalidRequirement:
        return _not_a_requirement(text, line)
    if parsed.url:
        return RefusedLine(line, "url", _ADDRESS)
    if parsed.marker is not None and not _means_something(parsed.marker):
        return RefusedLine(line, "syntax", "its marker compares nothing that can be compared")
    return Requirement(
        name=parsed.name,
        canonical=canonicalize_name(parsed.name),
        extras=tuple(sorted(parsed.extras)),
        specifier=parsed.specifier,
        marker=parsed.marker,
        span=line.span,
        source=line.source,
    )


def _means_something(marker: Marker) -> bool:
    # A form feed or U+2028 in a string of it would begin a new line of any file it is written to.
    if not str(marker).isprintable():
        return False
    # Whether a comparison is defined is the same everywhere, and first found out when it is made.
    try:
        marker.evaluate()
    except (UndefinedComparison, UndefinedEnvironmentName):
        return False
    return True


_OWN = re.compile(r"(?:(?:-e|--editable)[ =]*)?\.(?:\[[\w\s,.-]*\])?/?")
"""The reply's own project, installed where it lies."""
_INDEX_OPTION = (
    r"(?:\w[\w.\[\]=<>~!,-]*\s+)?"
    r"(?:-i|-f|--(?:index|default-index|index-url|extra-index-url|find-links))[ =]https://"
)
_KNOWN_INDEX = re.compile(
    rf"^{_INDEX_OPTION}(?:download\.pytorch\.org/whl|pypi\.org/simple|pypi\.nvidia\.com"
    r"|storage\.googleapis\.com/jax-releases|data\.pyg\.org/whl|data\.dgl\.ai/wheels)"
    r"(?:/[\w./+-]*)?$"
)
"""PyPI, and what projects keep beside it whose wheels are too many or too large for it."""
_MIRROR = re.compile(
    rf"^{_INDEX_OPTION}(?:pypi\.tuna\.tsinghua\.edu\.cn|mirrors\.tuna\.tsinghua\.edu\.cn/pypi(?:/web)?"
    r"|mirrors\.aliyun\.com/pypi|(?:pypi\.)?mirrors\.ustc\.edu\.cn(?:/pypi(?:/web)?)?"
    r"|mirrors\.(?:cloud\.)?tencent(?:yun)?\.com/pypi|pypi\.doubanio?\.com"
    r"|(?:repo|mirrors)\.huaweicloud\.com/repository/pypi|mirrors?\.(?:bfsu|nju|sjtu|pku|zju)\.edu\.cn"
    r"/pypi(?:/web)?|mirror\.baidu\.com/pypi)/simple/?$"
)
"""Public mirrors of PyPI, which readers in China are told to use."""
_REFUSALS = (
    (
        "known-index",
        _KNOWN_INDEX,
        "an option; what it names is asked of the one index that is configured",
    ),
    ("mirror", _MIRROR, "an option; the one index that is configured has the same"),
    ("variable", _VARIABLE, "an environment variable is not read into a requirement"),
    ("option", re.compile(r"^-|\s--?\w"), "an option; only names and versions are accepted"),
    ("url", _URL, _ADDRESS),
    ("path", _FILE, _NOT_FROM_INDEX),
)


def _not_a_requirement(text: str, line: RequirementLine) -> RefusedLine:
    if _PATH.search(text):
        return RefusedLine(
            line, "path", "a file or folder; only packages of the index are installed"
        )
    if single := _SINGLE_EQUALS.match(text):
        wanted = f"{single[1]}=={single[2]}"
        return RefusedLine(line, "syntax", f"not a requirement; a version is pinned as {wanted}")
    return RefusedLine(line, "syntax", "not a requirement: a name, then versions")
