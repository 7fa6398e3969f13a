"""Whose certificates are believed, by the variables that different programs read that from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_OWN = ("SSL_CERT_FILE", "SSL_CERT_DIR")
"""OpenSSL's, which httpx and uv read."""
_OTHERS = ("PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""Those that pip reads, in its order; neither httpx 0.28 nor uv 0.13 knows them."""


def authorities(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the certificate authorities of an environment in OpenSSL's variables.

    Where it has those, they are it; else a file or folder that another variable names stands for
    them. Empty where none is named.
    """
    if own := {name: environ[name] for name in _OWN if environ.get(name)}:
        return own
    named = next((environ[name] for name in _OTHERS if environ.get(name)), "")
    if not named:
        return {}
    return {"SSL_CERT_DIR" if Path(named).is_dir() else "SSL_CERT_FILE": named}
