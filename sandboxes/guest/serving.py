"""Serve an app that is only defined, as its documentation says to, and ask it for its pages.

No server is needed: a WSGI app is called as wsgiref would call it, an ASGI app by a driver of our
own, its lifespan included. What an app answers is told; a page of HTML is kept.
"""

from __future__ import annotations

import io
import sys
import traceback

from . import browsers, routes

NAMES = ("app", "application", "api", "server", "asgi", "wsgi")
FACTORIES = ("create_app", "make_app", "get_app", "build_app")
MAX_BODY_BYTES = 64 << 10
ANSWER_SECONDS = 5.0


def around(execute: object, namespace: dict, job: dict, channel: object) -> object:
    """Return `execute` followed by requests to the app it defined."""

    def served() -> None:
        execute()
        app = find(namespace)
        if app is None:
            return
        name, app = app
        ask = caller(app)
        kind = "asgi" if isinstance(ask, Asgi) else "wsgi"
        channel.tell("observed", kind="served", app=name, interface=kind)
        visit(ask, app, job["plan"]["routes"], channel)

    return served


def find(namespace: dict) -> tuple | None:
    """Return the name and the app of a module, as `flask run` would choose it; else None."""
    found = {name: value for name, value in namespace.items() if _is_app(value)}
    for name in (*NAMES, *found):
        if name in found:
            return name, getattr(found[name], "server", found[name])
    for name in FACTORIES:
        factory = namespace.get(name)
        if callable(factory):
            try:
                made = factory()
            except TypeError as error:
                if error.__traceback__.tb_next is None:
                    return None  # it wants arguments we do not have
                raise
            return (f"{name}()", made) if _is_app(made) else None
    return None


def _is_app(value: object) -> bool:
    families = ("flask", "fastapi", "starlette", "bottle", "dash", "django", "quart", "falcon")
    if isinstance(value, type):
        return False
    for each in type(value).__mro__:
        family = each.__module__.partition(".")[0]
        if family in families and each.__name__ in (
            "Flask", "FastAPI", "Starlette", "Bottle", "Dash", "WSGIHandler", "ASGIHandler",
            "Quart", "App",
        ):  # fmt: skip
            return True
    return False


def is_asgi(app: object) -> bool:
    """Tell whether an app speaks ASGI rather than WSGI."""
    families = ("fastapi", "starlette", "quart")
    if any(each.__module__.partition(".")[0] in families for each in type(app).__mro__):
        return True
    return any(each.__name__ == "ASGIHandler" for each in type(app).__mro__)


def caller(app: object, most: int = MAX_BODY_BYTES) -> object:
    """Return what asks an app for a page, and gives at most so many bytes of each."""
    return Asgi(app, most) if is_asgi(app) else Wsgi(app, most)


def visit(ask: object, app: object, known: list, channel: object) -> None:
    """Ask for every page that is known of, the front page first, and tell what came."""
    kept = False
    for method, path, body in routes.requests(known, routes.of_app(app)):
        try:
            status, headers, data = ask(method, path, body)
        except Exception as error:
            _tell_failure(channel, method, path, error)
            continue
        content = headers.get("content-type", "")
        channel.tell(
            "observed", kind="response", method=method, path=path, status=status,
            content_type=content, body_bytes=len(data),
        )  # fmt: skip
        if not kept and status == 200 and "html" in content:
            kept = True
            channel.tell("artifact", data[:MAX_BODY_BYTES], path="page.html", kind="page")
            if browsers.find():
                channel.tell("observed", kind="browser")
    ask.close()


def _tell_failure(channel: object, method: str, path: str, error: Exception) -> None:
    """Tell of an exception that came out of the app, and log it where a server would."""
    traceback.print_exception(type(error), error, _outside(error.__traceback__), file=sys.stderr)
    channel.tell(
        "observed", kind="response", method=method, path=path, status=500,
        error=f"{type(error).__name__}: {error}"[:300],
    )  # fmt: skip


def _outside(trace: object) -> object:
    while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    return trace


class Wsgi:
    """Requests to a WSGI app (PEP 3333)."""

    def __init__(self, app: object, most: int) -> None:
        """Ask `app`."""
        self.app = app
        self.most = most

    def __call__(self, method: str, path: str, body: bytes) -> tuple:
        """Return status, headers by lower-case name, and body of one request."""
        from wsgiref.util import setup_testing_defaults

        path, _, query = path.partition("?")
        environ = {
            "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, "SCRIPT_NAME": "",
            "SERVER_NAME": "localhost", "SERVER_PORT": "80", "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "localhost", "wsgi.errors": sys.stderr, "wsgi.input": io.BytesIO(body),
            "CONTENT_LENGTH": str(len(body)),
        }  # fmt: skip
        if body:
            environ["CONTENT_TYPE"] = "application/json"
        setup_testing_defaults(environ)
        started = {}

        written = []

        def start_response(status: str, headers: list, *_: object) -> object:
            started.update(status=int(status.split()[0]), headers=headers)
            return written.append

        pieces = self.app(environ, start_response)
        try:
            data = b"".join(written) + _first_bytes(pieces, self.most)
        finally:
            if hasattr(pieces, "close"):
                pieces.close()
        headers = {name.lower(): value for name, value in started.get("headers", ())}
        return started.get("status"), headers, data

    def close(self) -> None:
        """End nothing: WSGI has no end."""


def _first_bytes(pieces: object, most: int) -> bytes:
    """Return what a body begins with: a stream may have no end."""
    data = b""
    for piece in pieces:
        data += piece
        if len(data) > most:
            break
    return data


class Asgi:
    """Requests to an ASGI app (asgi.readthedocs.io), its lifespan around them."""

    def __init__(self, app: object, most: int) -> None:
        """Start a loop of our own and the app's lifespan in it."""
        import asyncio

        self.most = most

        self.asyncio = asyncio
        self.app = app
        self.loop = asyncio.new_event_loop()
        self.inbox = asyncio.Queue()
        self.lifespan = None
        self.loop.run_until_complete(self._start())

    async def _start(self) -> None:
        asyncio = self.asyncio
        started = asyncio.Event()

        async def send(message: dict) -> None:
            if message["type"].startswith("lifespan."):
                started.set()

        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}}
        self.state = scope["state"]
        await self.inbox.put({"type": "lifespan.startup"})
        self.lifespan = asyncio.ensure_future(self.app(scope, self.inbox.get, send))
        waiting = asyncio.ensure_future(started.wait())
        await asyncio.wait(
            (self.lifespan, waiting), timeout=ANSWER_SECONDS, return_when=asyncio.FIRST_COMPLETED
        )
        waiting.cancel()
        if self.lifespan.done() and not self.lifespan.cancelled():
            # An app may decline to have a lifespan by raising; that is no failure (ASGI spec).
            self.lifespan.exception()

    def __call__(self, method: str, path: str, body: bytes) -> tuple:
        """Return status, headers by lower-case name, and body of one request."""
        request = self.asyncio.wait_for(self._ask(method, path, body), ANSWER_SECONDS)
        return self.loop.run_until_complete(request)

    async def _ask(self, method: str, path: str, body: bytes) -> tuple:
        path, _, query = path.partition("?")
        headers = [(b"host", b"localhost"), (b"accept", b"*/*"), (b"user-agent", b"probe")]
        if body:
            length = str(len(body)).encode()
            headers += [(b"content-type", b"application/json"), (b"content-length", length)]
        scope = {
            "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "method": method,
            "http_version": "1.1", "scheme": "http", "path": path, "raw_path": path.encode(),
            "query_string": query.encode(), "root_path": "", "headers": headers,
            "client": ("127.0.0.1", 40000), "server": ("localhost", 80), "state": dict(self.state),
        }  # fmt: skip
        given, sent, done = [], {"body": b""}, self.asyncio.Event()

        async def receive() -> dict:
            if not given:
                given.append(True)
                return {"type": "http.request", "body": body, "more_body": False}
            await done.wait()
            return {"type": "http.disconnect"}

        async def send(message: dict) -> None:
            if message["type"] == "http.response.start":
                sent.update(status=message["status"], headers=message.get("headers", ()))
            elif message["type"] == "http.response.body":
                room = self.most - len(sent["body"])
                sent["body"] += message.get("body", b"")[:room]
                if not message.get("more_body") or room <= 0:
                    done.set()

        await self._until_sent(self.app(scope, receive, send), done)
        named = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in sent["headers"]}
        return sent["status"], named, sent["body"]

    async def _until_sent(self, answer: object, done: object) -> None:
        task = self.asyncio.ensure_future(answer)
        waiting = self.asyncio.ensure_future(done.wait())
        await self.asyncio.wait((task, waiting), return_when=self.asyncio.FIRST_COMPLETED)
        if waiting.done():
            # Background work goes on after the answer; what it raises is the app's doing too.
            await self.asyncio.wait((task,), timeout=1.0)
        waiting.cancel()
        if task.done():
            task.result()

    def close(self) -> None:
        """End the lifespan as a server that is stopped would."""

        async def stop() -> None:
            await self.inbox.put({"type": "lifespan.shutdown"})
            if self.lifespan is not None and not self.lifespan.done():
                await self.asyncio.wait((self.lifespan,), timeout=1.0)

        self.loop.run_until_complete(stop())
