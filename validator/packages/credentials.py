"""Who we are to a private index: what its URL says, else what `.netrc` says. Never shown."""

from __future__ import annotations

import netrc
import os
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit, urlunsplit


def without_credentials(url: str) -> str:
    """Return a URL that may be shown: no user, no password."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def with_credentials(url: str) -> str:
    """Return an index's URL with the user and password `.netrc` has for its host.

    A URL that has a user already, or a host the file does not name, is returned as it is; so is
    every URL where the file cannot be read. The file is `$NETRC`, else `~/.netrc`.
    """
    try:
        parts = urlsplit(url)
        found = netrc.netrc(_file()).authenticators(parts.hostname or "")
    except (OSError, ValueError, netrc.NetrcParseError):
        return url
    if found is None or "@" in parts.netloc:
        return url
    user, _, password = found
    secret = f"{quote(user, safe='')}:{quote(password or '', safe='')}"
    return urlunsplit(parts._replace(netloc=f"{secret}@{parts.netloc}"))


def _file() -> Path:
    return Path(os.environ.get("NETRC") or Path.home() / ".netrc")


def login(index: str, url: str) -> tuple[str, str] | None:
    """Return user and password for `url`: those in the index's own URL, and for its origin only."""
    own = urlsplit(index)
    if own.username is None or _origin(index) != _origin(url):
        return None
    return unquote(own.username), unquote(own.password or "")


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port
