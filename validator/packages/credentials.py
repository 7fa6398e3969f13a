"""Who we are to a private index: what its URL says, else what `.netrc` says. Never shown."""

from __future__ import annotations

import netrc
import os
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit, urlunsplit

_PORTS = {"http": 80, "https": 443}
_ENCODED = "in a password / # ? @ are written %2F %23 %3F %40"


def without_credentials(url: str) -> str:
    """Return a URL that may be shown: no user, no password."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def check(url: str) -> None:
    """Make sure of an index's URL that it can be asked, and shown without its password.

    Raises:
        ValueError: it cannot, and why, in words that quote nothing of it.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError(f"its host or its port is none ({_ENCODED})") from None
    if parts.scheme not in _PORTS or not host:
        raise ValueError("it does not begin with http:// or https:// and a host")
    if parts.query or parts.fragment:
        raise ValueError(f"it has a ? or a # ({_ENCODED})")
    # "me:1/2@host" ends at the slash for whoever reads URLs, and has the rest for its path. A feed
    # of Azure's has an @ there by right: `pkgs.dev.azure.com/…/feed@Local/…`.
    if "@" in parts.path and ("." not in host or port is not None):
        raise ValueError(f"it has an @ behind its host ({_ENCODED}, and @ in a path as %40)")


def with_credentials(url: str) -> str:
    """Return an index's URL with the user and password `.netrc` has for its host.

    A URL that has a password already, or a user or a host other than the file names, is returned
    as it is; so is every URL where the file cannot be read. The file is `$NETRC`, else `~/.netrc`.
    """
    try:
        parts = urlsplit(url)
        found = netrc.netrc(_file()).authenticators(parts.hostname or "")
    # RuntimeError: a user without a home.
    except (OSError, ValueError, RuntimeError, netrc.NetrcParseError):
        return url
    if found is None or parts.password is not None:
        return url
    user, _, password = found
    if parts.username is not None and unquote(parts.username) != user:
        return url
    secret = f"{quote(user, safe='')}:{quote(password or '', safe='')}"
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{secret}@{host}"))


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
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)
