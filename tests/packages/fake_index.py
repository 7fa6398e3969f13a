"""A package index on loopback: real wheels, made here, served as PyPI or as a plain mirror does."""

from __future__ import annotations

import base64
import hashlib
import html
import io
import json
import threading
import time
import zipfile
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    import ssl

LINUX = "manylinux_2_17_x86_64.manylinux2014_x86_64"


@dataclass
class Offer:
    """A file on the fake index."""

    filename: str
    data: bytes
    requires_python: str | None = None
    uploaded: str | None = None
    yanked: str | bool = False

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def wheel(
    name: str,
    version: str,
    *,
    requires: tuple[str, ...] = (),
    requires_python: str | None = None,
    modules: dict[str, str] | None = None,
    summary: str = "Does what it says.",
) -> bytes:
    """Build a wheel as PEP 427 wants it, with a RECORD."""
    stem = f"{name.replace('-', '_')}-{version}"
    metadata = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}"]
    metadata += [f"Summary: {summary}"] if summary else []
    metadata += [f"Requires-Dist: {requirement}" for requirement in requires]
    extras = sorted({line.partition("extra == '")[2][:-1] for line in requires if "extra" in line})
    metadata += [f"Provides-Extra: {extra}" for extra in extras]
    if requires_python:
        metadata.append(f"Requires-Python: {requires_python}")
    files = modules or {f"{name.replace('-', '_')}/__init__.py": f"version = {version!r}\n"}
    files |= {
        f"{stem}.dist-info/METADATA": "\n".join(metadata) + "\n",
        f"{stem}.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(
        f"{path},sha256={_digest(text)},{len(text.encode())}\n" for path, text in files.items()
    )
    files[f"{stem}.dist-info/RECORD"] = f"{record}{stem}.dist-info/RECORD,,\n"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in files.items():
            archive.writestr(zipfile.ZipInfo(path, (2024, 1, 1, 0, 0, 0)), text)
    return buffer.getvalue()


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@dataclass
class FakeIndex:
    """Projects and their files, and how the index behaves today."""

    projects: dict[str, list[Offer]] = field(default_factory=dict)
    speaks_json: bool = True
    gives_etags: bool = True
    status: int | None = None
    """Answer everything with this, where set."""
    failures: int = 0
    """Answer this many requests with 503 first."""
    cuts: int = 0
    """Break off in the middle of this many files first."""
    body: bytes | None = None
    """Answer every page with this HTML, where set."""
    has_root: bool = True
    gate: threading.Event | None = None
    """Hold every file back half-way until this is set."""
    page_gate: threading.Event | None = None
    """Hold every page back until this is set."""
    waiting: int = 0
    """How many pages are held back."""
    has_ranges: bool = True
    """Send parts of files; a plain file server may not."""
    metadata: dict[str, str] = field(default_factory=dict)
    """File name → METADATA served beside it (PEP 658)."""
    statuses: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Project → its status and the reason (PEP 792)."""
    advisories: dict[str, dict[str, object] | bytes] = field(default_factory=dict)
    """`flask/3.0/json` or `flask/json` → the JSON page of that name."""
    login: str = ""
    """`user:password` without which everything is 401, where set."""
    headers: dict[str, str] = field(default_factory=dict)
    """Sent in place of its own."""
    gives_sizes: bool = True
    drips: bool = False
    """Send a byte of a body at a time."""
    asked: list[str] = field(default_factory=list)
    """`200 /simple/flask/`, in order."""

    def add(
        self,
        name: str,
        version: str,
        *tags: str,
        requires: tuple[str, ...] = (),
        requires_python: str | None = None,
        uploaded: str | None = "2023-05-06T07:08:09.000000Z",
        yanked: str | bool = False,
        source: bool = True,
        modules: dict[str, str] | None = None,
        summary: str = "Does what it says.",
    ) -> None:
        """Offer a version with a wheel for each tag (and, unless told otherwise, its source)."""
        offers = self.projects.setdefault(canonicalize_name(name), [])
        data = wheel(
            name,
            version,
            requires=requires,
            requires_python=requires_python,
            modules=modules,
            summary=summary,
        )
        stem = f"{name.replace('-', '_')}-{version}"
        names = [f"{stem}-{tag}.whl" for tag in tags]
        contents = [(filename, data) for filename in names]
        if source:
            contents.append((f"{name}-{version}.tar.gz", b"not built by anybody"))
        offers += [Offer(each, blob, requires_python, uploaded, yanked) for each, blob in contents]

    def offer(self, filename: str) -> Offer:
        return next(
            each
            for offers in self.projects.values()
            for each in offers
            if each.filename == filename
        )

    def pages_asked(self) -> list[str]:
        return [line for line in self.asked if "/simple/" in line]

    def page_json(self, name: str) -> bytes:
        files = [
            {
                "filename": offer.filename,
                "url": f"../../files/{offer.filename}",
                "hashes": {"sha256": offer.sha256},
                "requires-python": offer.requires_python,
                "yanked": offer.yanked,
            }
            | ({"size": len(offer.data)} if self.gives_sizes else {})
            | ({"upload-time": offer.uploaded} if offer.uploaded else {})
            | ({"core-metadata": True} if offer.filename in self.metadata else {})
            for offer in self.projects[name]
        ]
        meta = {"api-version": "1.1"}
        page: dict[str, object] = {"meta": meta, "name": name, "files": files}
        if name in self.statuses:
            status, reason = self.statuses[name]
            page["project-status"] = {"status": status, "reason": reason}
        return json.dumps(page).encode()

    def page_html(self, name: str) -> bytes:
        lines = [f"<!DOCTYPE html><html><head><title>Links for {name}</title>"]
        if name in self.statuses:
            status, reason = self.statuses[name]
            lines.append(f'<meta name="pypi:project-status" content="{status}">')
            lines.append(f'<meta name="pypi:project-status-reason" content="{reason}">')
        lines.append("</head><body>")
        for offer in self.projects[name]:
            attributes = [f'href="../../files/{offer.filename}#sha256={offer.sha256}"']
            if offer.requires_python:
                attributes.append(f'data-requires-python="{html.escape(offer.requires_python)}"')
            if offer.uploaded:
                attributes.append(f'data-upload-time="{offer.uploaded}"')
            if offer.yanked:
                reason = "" if offer.yanked is True else html.escape(offer.yanked)
                attributes.append(f'data-yanked="{reason}"')
            if offer.filename in self.metadata:
                attributes.append('data-core-metadata="true"')
            lines.append(f"<a {' '.join(attributes)}>{offer.filename}</a><br/>")
        return "\n".join([*lines, "</body></html>"]).encode()


class Server:
    """A running fake index; `url` is its simple API."""

    def __init__(self, index: FakeIndex, tls: ssl.SSLContext | None = None) -> None:
        handler = type("Handler", (_Handler,), {"index": index})
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        if tls is not None:
            self._http.socket = tls.wrap_socket(self._http.socket, server_side=True)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        scheme = "http" if tls is None else "https"
        self.url = f"{scheme}://127.0.0.1:{self._http.server_port}/simple"

    def stop(self) -> None:
        if not self._thread.is_alive():
            return
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    index: FakeIndex
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.index.page_gate is not None and "/simple/" in self.path:
            self.index.waiting += 1
            self.index.page_gate.wait(30)
        status, kind, body = self._answer()
        whole = len(body)
        if status == 200 and self.index.has_ranges and "/files/" in self.path:
            status, body = self._part(body)
        etag = f'"{hashlib.sha256(body).hexdigest()[:12]}"'
        tagged = status == 200 and self.index.gives_etags
        if tagged and self.headers.get("If-None-Match") == etag:
            status, body = 304, b""
        self.index.asked.append(f"{status} {self.path}")
        if status == 401:
            self.close_connection = True
        self.send_response(status)
        headers = {"Content-Type": kind, "Content-Length": str(len(body))}
        headers |= {"ETag": etag} if tagged else {}
        if status == 206:
            headers["Content-Range"] = f"bytes {self.begin}-{self.end}/{whole}"
        for name, value in (headers | self.index.headers).items():
            self.send_header(name, value)
        # Whoever was interrupted does not hear the answer.
        with suppress(BrokenPipeError):
            self.end_headers()
            self._send(body)

    # uv asks how large a wheel is before it reads its end for the metadata.
    do_HEAD = do_GET  # noqa: N815

    def _send(self, body: bytes) -> None:
        if self.index.cuts and "/files/" in self.path:
            self.index.cuts -= 1
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
        elif self.index.gate and "/files/" in self.path and self.command == "GET":
            self.wfile.write(body[: len(body) // 2])
            self.wfile.flush()
            self.index.gate.wait(30)
            with suppress(OSError):
                self.wfile.write(body[len(body) // 2 :])
        elif self.index.drips and self.command == "GET":
            with suppress(OSError):
                for number in range(len(body)):
                    self.wfile.write(body[number : number + 1])
                    time.sleep(0.002)
        elif self.command != "HEAD":
            self.wfile.write(body)

    def _part(self, body: bytes) -> tuple[int, bytes]:
        wanted = self.headers.get("Range", "").partition("=")[2]
        if not wanted or self.command == "HEAD":
            return 200, body
        first, _, last = wanted.partition("-")
        self.begin = int(first) if first else max(len(body) - int(last), 0)
        self.end = min(int(last), len(body) - 1) if first and last else len(body) - 1
        return 206, body[self.begin : self.end + 1]

    def _answer(self) -> tuple[int, str, bytes]:
        index = self.index
        given = self.headers.get("Authorization", "").partition(" ")[2]
        if index.login and base64.b64decode(given).decode() != index.login:
            return 401, "text/plain", b"who are you?"
        if index.failures:
            index.failures -= 1
            return 503, "text/plain", b"busy"
        if index.status is not None:
            return index.status, "text/plain", b"no"
        if index.body is not None:
            return 200, "text/html", index.body
        kind, _, rest = self.path.strip("/").partition("/")
        if kind == "pypi":
            page = index.advisories.get(rest)
            body = page if isinstance(page, bytes) else json.dumps(page).encode()
            return (404, "text/plain", b"") if page is None else (200, "application/json", body)
        if kind == "files" and rest.endswith(".metadata"):
            text = index.metadata.get(rest.removesuffix(".metadata"))
            return (200, "text/plain", text.encode()) if text else (404, "text/plain", b"")
        if kind == "files":
            try:
                return 200, "application/octet-stream", index.offer(rest).data
            except StopIteration:
                return 404, "text/plain", b""
        if kind == "simple" and not rest and index.has_root:
            return 200, "text/html", b"<html></html>"
        return self._page(rest)

    def _page(self, name: str) -> tuple[int, str, bytes]:
        if name not in self.index.projects:
            return 404, "text/plain", b"404 Not Found"
        if self.index.speaks_json and "json" in self.headers.get("Accept", ""):
            return 200, "application/vnd.pypi.simple.v1+json", self.index.page_json(name)
        return 200, "text/html", self.index.page_html(name)

    def log_message(self, *args: object) -> None:
        pass
