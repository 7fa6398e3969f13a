"""Put an app that is only defined on a port of the jail, for a browser to look at."""

from __future__ import annotations

import http.server
import threading

from . import serving

MAX_BODY_BYTES = 8 << 20
"""Of one answer: the scripts of a page may be large."""


def around(execute: object, namespace: dict, job: dict, channel: object) -> object:
    """Return `execute` followed by the app it defined, served until the jail ends."""
    del job, channel  # what it shows is looked at from beside it

    def shown() -> None:
        execute()
        found = serving.find(namespace)
        if found is not None:
            serve(serving.caller(found[1], MAX_BODY_BYTES))

    return shown


def serve(ask: object) -> None:
    """Answer requests by what `ask(method, path, body)` returns, one at a time."""
    turn = threading.Lock()

    class Handler(http.server.BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            with turn:
                status, headers, data = ask(self.command, self.path, body)
            self.send_response(status or 500)
            for name, value in headers.items():
                if name not in ("content-length", "transfer-encoding", "connection"):
                    self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        setattr(Handler, f"do_{method}", Handler.answer)

    # A browser opens connections it may never use: each waits in a thread of its own.
    http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler).serve_forever()
