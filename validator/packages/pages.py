"""A project's page of the simple API, JSON (PEP 691) or HTML (PEP 503), read into facts. Pure."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from functools import cached_property
from html.parser import HTMLParser
from urllib.parse import unquote, urljoin, urlsplit

from packaging.utils import canonicalize_name
from packaging.version import Version

from validator.packages.credentials import without_credentials

_ARCHIVES = (".tar.gz", ".zip", ".tar.bz2", ".tgz", ".tar.xz")

STATUSES = ("archived", "quarantined", "deprecated")
"""What PEP 792 lets an index say of a project, `active` left out."""

SHA256 = re.compile(r"[0-9a-f]{64}")
_PLAIN = re.compile(r"[\w.+!-]{1,255}", re.ASCII)
"""The name of a file that is taken: it is shown, and becomes the name of one here."""
_SIGNS = ("pypi:repository-version", "Links for")
"""What an HTML project page has: a meta element by PEP 629, the title pip's own servers write."""
_NO_PAGE = "not a project page of the simple API"


@dataclass(frozen=True, slots=True)
class File:
    """One file a project offers."""

    filename: str
    url: str
    sha256: str
    """Empty where the index gives none."""
    requires_python: str
    """Empty where nothing is required."""
    uploaded: str
    """`2021-12-27`; empty where the index does not say."""
    yanked: str | None
    """The owner's reason, perhaps empty; None where it was not withdrawn."""
    size_bytes: int | None
    has_metadata: bool = False
    """True where the index serves its METADATA beside it, at `url` + `.metadata` (PEP 658)."""

    @property
    def is_wheel(self) -> bool:
        """True for a wheel, False for a source archive."""
        return self.filename.endswith(".whl")


@dataclass(frozen=True)
class Page:
    """What an index says about one project."""

    name: str
    """Normalized by PEP 503."""
    files: tuple[File, ...]
    status: str = ""
    """`archived`, `quarantined` or `deprecated` (PEP 792); empty where all is well or untold."""
    status_reason: str = ""
    cutoff: str | None = None
    """The last day, `2026-11-15`, an upload of which counts; None where all do."""

    @cached_property
    def releases(self) -> dict[Version, tuple[File, ...]]:
        """The files of each version, newest version first; files of unreadable names left out.

        Files uploaded after the cutoff, or nobody knows when, are left out too.
        """
        texts: dict[str, list[File]] = {}
        for file in self.files:
            if self.cutoff and not "" < file.uploaded <= self.cutoff:
                continue
            if text := _version_text(file.filename, self.name):
                texts.setdefault(text, []).append(file)
        grouped: dict[Version, list[File]] = {}
        for text, files in texts.items():
            try:
                grouped.setdefault(Version(text), []).extend(files)
            # No version, or one of more digits than Python reads (4,300).
            except ValueError:
                continue
        return {version: tuple(grouped[version]) for version in sorted(grouped, reverse=True)}

    @cached_property
    def uncut(self) -> Page:
        """The same page without its cutoff."""
        return self if self.cutoff is None else replace(self, cutoff=None)


def _version_text(filename: str, project: str) -> str | None:
    if not _PLAIN.fullmatch(filename):
        return None
    if filename.endswith(".whl"):
        parts = filename.removesuffix(".whl").split("-")
        numbered = len(parts) == 6 and parts[2][:1].isdigit()
        own = canonicalize_name(parts[0]) == project
        return parts[1] if own and (numbered or len(parts) == 5) else None
    for ending in _ARCHIVES:
        if filename.endswith(ending):
            return _after_name(filename.removesuffix(ending).split("-"), project)
    return None


def _after_name(parts: list[str], project: str) -> str | None:
    # A source archive's name may hold dashes of its own, so the project decides where it ends.
    for size in range(1, len(parts)):
        if canonicalize_name("-".join(parts[:size])) == project:
            return "-".join(parts[size:])
    return None


def from_json(name: str, text: str, url: str) -> Page:
    """Read the JSON form; `url` is where it came from, for links that are relative.

    Raises:
        ValueError: if it is not a project page.
    """
    try:
        page = json.loads(text)
        files = tuple(_json_file(entry, url) for entry in page["files"])
        told = page.get("project-status") or {}
        return Page(name, files, _status(told.get("status")), _clean(str(told.get("reason") or "")))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(_NO_PAGE) from error


def _json_file(entry: dict[str, object], url: str) -> File:
    yanked = entry.get("yanked") or False
    size = entry.get("size")
    hashes = entry.get("hashes")
    return File(
        filename=str(entry["filename"]),
        url=_absolute(url, str(entry["url"])),
        sha256=_sha256(str(hashes.get("sha256"))) if isinstance(hashes, dict) else "",
        requires_python=_clean(str(entry.get("requires-python") or "")),
        uploaded=_clean(str(entry.get("upload-time") or ""))[:10],
        yanked=None if yanked is False else "" if yanked is True else _clean(str(yanked)),
        size_bytes=size if isinstance(size, int) else None,
        has_metadata=bool(entry.get("core-metadata") or entry.get("dist-info-metadata")),
    )


def _status(told: object) -> str:
    # A word of the specification or none: what an index invents is nothing we could act on.
    return str(told) if told in STATUSES else ""


def _absolute(page: str, url: str) -> str:
    # `urljoin` would take half of the time of reading a page, and seldom has anything to do.
    return _shown(url if url.startswith("https://") else urljoin(page, url))


def _shown(url: str) -> str:
    # It is written to locks and reports: whose password an index put there is nothing to show.
    return without_credentials(url) if "@" in url else url


def _sha256(text: str) -> str:
    # It becomes a file name of the cache, so nothing else may pass for one.
    return text if SHA256.fullmatch(text) else ""


def _clean(text: str) -> str:
    if text.isprintable():
        return text
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def from_html(name: str, text: str, url: str) -> Page:
    """Read the HTML form; `url` is where it came from, for links that are relative.

    Raises:
        ValueError: if it is not a project page but, say, the login page of a network.
    """
    parser = _Links(url)
    try:
        parser.feed(text)
    # An address that is none; or what the parser says of some markup, such as `<![x[`.
    except (ValueError, AssertionError) as error:
        raise ValueError(_NO_PAGE) from error
    page = Page(name, tuple(parser.files), _status(parser.status), _clean(parser.status_reason))
    # A project may have no file left; then the page has to say some other way what it is.
    if not page.releases and not any(sign in text for sign in _SIGNS):
        raise ValueError(_NO_PAGE)
    return page


class _Links(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.files: list[File] = []
        self.status = ""
        self.status_reason = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "base" and given.get("href"):
            self.url = urljoin(self.url, given["href"] or "")
        if tag == "a" and given.get("href"):
            self.files.append(self._file(given["href"] or "", given))
        if tag == "meta" and given.get("name") == "pypi:project-status":
            self.status = given.get("content") or ""
        if tag == "meta" and given.get("name") == "pypi:project-status-reason":
            self.status_reason = given.get("content") or ""

    def _file(self, href: str, given: dict[str, str | None]) -> File:
        url, _, fragment = _shown(urljoin(self.url, href)).partition("#")
        return File(
            filename=unquote(urlsplit(url).path.rpartition("/")[2]),
            url=url,
            sha256=_sha256(fragment.removeprefix("sha256=")),
            requires_python=_clean(given.get("data-requires-python") or ""),
            uploaded=_clean(given.get("data-upload-time") or "")[:10],
            yanked=_clean(given["data-yanked"] or "") if "data-yanked" in given else None,
            size_bytes=None,
            has_metadata="data-core-metadata" in given or "data-dist-info-metadata" in given,
        )
