"""Servers and apps that are only defined: their pages asked for inside the jail.

The frameworks here are a few lines each, named like the real ones: what is under test is how an app
is found and asked, not the framework.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from driving_outcome import outcome, program
from PIL import Image

from validator.facts import Ending, ProgramKind
from validator.findings import Severity, Verdict
from validator.sandbox.picturing import has_browser

if TYPE_CHECKING:
    from driving_outcome import Outcome

    from validator.facts import Submission
    from validator.sandbox.backend import Backend

FLASK = '''\
import traceback


class Flask:
    """WSGI, and as forgiving as the real one: what a handler raises is logged and answered 500."""

    def __init__(self, name):
        self.handlers = {}

    def route(self, path):
        return lambda handler: self.handlers.setdefault(path, handler)

    def __call__(self, environ, start_response):
        handler = self.handlers.get(environ["PATH_INFO"])
        if handler is None:
            start_response("404 NOT FOUND", [("Content-Type", "text/plain")])
            return [b"nothing here"]
        try:
            body = handler()
        except Exception:
            traceback.print_exc()
            start_response("500 INTERNAL SERVER ERROR", [("Content-Type", "text/plain")])
            return [b"sorry"]
        start_response("200 OK", [("Content-Type", "text/html")])
        return [body.encode()]
'''
FASTAPI = '''\
class FastAPI:
    """ASGI with a lifespan and a description of itself; what a handler raises goes on upwards."""

    def __init__(self, lifespan=None):
        self.handlers = {}
        self.lifespan = lifespan

    def get(self, path):
        return lambda handler: self.handlers.setdefault(("GET", path), handler)

    def post(self, path):
        return lambda handler: self.handlers.setdefault(("POST", path), handler)

    def openapi(self):
        item = {"type": "object", "required": ["price"], "properties": {"price": {"minimum": 3,
                "type": "integer"}}}
        body = {"content": {"application/json": {"schema": item}}}
        paths = {}
        for method, path in self.handlers:
            described = {"requestBody": body} if method == "POST" else {}
            paths.setdefault(path, {})[method.lower()] = described
        return {"paths": paths}

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            async with self.lifespan(self):
                await receive()
                await send({"type": "lifespan.startup.complete"})
                await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        handler = self.handlers.get((scope["method"], scope["path"]))
        body = (await receive())["body"]
        status = 404 if handler is None else 200
        answer = "" if handler is None else await handler(body)
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.encode()})
'''


def flask(text: str) -> Submission:
    head = "from flask import Flask\n\napp = Flask(__name__)\n\n\n"
    return program(head + text, files={"flask.py": FLASK})


HOME = '@app.route("/")\ndef home():\n    return "<h1>hello</h1>"\n'


def test_an_app_that_is_only_defined_is_served_and_its_page_kept(backend: Backend) -> None:
    seen = outcome(backend, flask(HOME))

    assert seen.verdict is Verdict.PASSED
    assert seen.run.plan.kind is ProgramKind.SERVER
    assert seen.seen("served", "app", "interface") == [("app", "wsgi")]
    assert seen.seen("response", "method", "path", "status") == [("GET", "/", 200)]
    page = next(each for each in seen.run.artifacts if each.path == "page.html")
    assert (page.kind, page.data) == ("page", b"<h1>hello</h1>")


def test_an_app_made_by_a_factory_is_served(backend: Backend) -> None:
    text = "from flask import Flask\n\n\ndef create_app():\n    return Flask(__name__)\n"
    seen = outcome(backend, program(text, files={"flask.py": FLASK}))

    assert seen.seen("served", "app") == [("create_app()",)]
    assert seen.verdict is Verdict.PASSED  # 404 on a front page nobody defined is an answer


def test_a_page_that_fails_is_an_error_at_its_handler(backend: Backend) -> None:
    seen = outcome(
        backend, flask(f'{HOME}\n\n@app.route("/sum")\ndef total():\n    return 1 / 0\n')
    )

    assert (seen.verdict, seen.codes) == (Verdict.FAILED, ["RV409"])
    assert seen.findings[0].location.line == 13
    assert "`GET /sum` was answered with 500: ZeroDivisionError" in seen.findings[0].message


def test_a_page_that_is_put_together_is_asked_for_only_where_it_is_known(backend: Backend) -> None:
    text = '@app.route("/user/sample")\ndef show():\n    return {}["sample"]\n'
    plain = outcome(backend, flask(text))
    hidden = outcome(backend, flask(text.replace('"/user/sample"', '"/user/" + "sample"')))

    assert [each.severity for each in plain.findings] == [Severity.ERROR]
    assert hidden.findings == ()


def test_a_crash_while_the_app_is_defined_is_a_crash(backend: Backend) -> None:
    seen = outcome(backend, flask(f"{HOME}\n\nSETTINGS = int('x')\n"))

    assert (seen.verdict, seen.codes) == (Verdict.FAILED, ["RV401"])


LIFE = """\
from contextlib import asynccontextmanager

from fastapi import FastAPI

store = {}


@asynccontextmanager
async def lifespan(app):
    store["ready"] = True
    yield
    print("stopped")


app = FastAPI(lifespan=lifespan)


@app.get("/ready")
async def ready(body):
    return str(store["ready"])


@app.post("/items")
async def make(body):
    print(body)
    return str(%s)
"""


def test_an_asgi_app_gets_its_lifespan_and_bodies_by_its_own_description(backend: Backend) -> None:
    seen = outcome(backend, program(LIFE % "1", files={"fastapi.py": FASTAPI}))

    assert seen.verdict is Verdict.PASSED
    assert seen.seen("response", "method", "path", "status") == [
        ("GET", "/", 404),
        ("GET", "/ready", 200),
        ("POST", "/items", 200),
    ]
    assert seen.run.stdout == b"b'{\"price\": 4}'\nstopped\n"


def test_an_exception_out_of_an_asgi_app_is_an_error_at_its_line(backend: Backend) -> None:
    seen = outcome(backend, program(LIFE % "cost", files={"fastapi.py": FASTAPI}))

    assert (seen.verdict, seen.codes) == (Verdict.FAILED, ["RV409"])
    assert seen.findings[0].location.line == 26


LISTENING = """\
from http.server import BaseHTTPRequestHandler, HTTPServer


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/bad":
            raise KeyError("bad")
        self.send_response({status})
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<p>hi</p>")


HTTPServer(("127.0.0.1", 8123), Handler).serve_forever()
"""


def test_a_server_that_listens_is_asked_for_its_page(backend: Backend) -> None:
    seen = outcome(backend, LISTENING.format(status=200))

    assert seen.verdict is Verdict.PASSED
    assert seen.run.ending is Ending.TIMED_OUT
    assert seen.seen("port", "port") == [(8123,)]
    assert seen.seen("response", "path", "status")[0] == ("/", 200)
    pages = [each.data for each in seen.run.artifacts if each.kind == "page"]
    assert pages == [b"<p>hi</p>"]


def test_a_server_that_answers_500_without_a_word_is_a_warning(backend: Backend) -> None:
    seen = outcome(backend, LISTENING.format(status=500))

    assert (seen.verdict, set(seen.codes)) == (Verdict.INCONCLUSIVE, {"RV409"})


def test_a_socket_that_speaks_no_http_is_a_server_all_the_same(backend: Backend) -> None:
    seen = outcome(
        backend,
        'import socket\n\nhome = socket.socket()\nhome.bind(("127.0.0.1", 8124))\nhome.listen()\n'
        "while True:\n    peer, _ = home.accept()\n    peer.sendall(peer.recv(1024))\n"
        "    peer.close()\n",
    )

    assert seen.verdict is Verdict.PASSED
    assert seen.seen("port", "port") == [(8124,)]


def test_a_server_that_stumbles_over_what_is_not_its_protocol_is_not_charged(
    backend: Backend,
) -> None:
    text = (
        'import socket\n\nhome = socket.socket()\nhome.bind(("127.0.0.1", 8125))\nhome.listen()\n'
        "peer, _ = home.accept()\nname, value = peer.recv(1024).decode().split('|')\n%s\n"
    )
    ours = outcome(backend, text % "print(name)")
    own = outcome(backend, text.replace("name, value = ", "name = ") % "print(nam)")

    assert (ours.verdict, ours.codes) == (Verdict.INCONCLUSIVE, ["RV401"])
    assert (own.verdict, own.codes) == (Verdict.FAILED, ["RV401"])


def test_a_server_and_its_own_client_are_left_to_each_other(backend: Backend) -> None:
    text = (
        "import socket\nimport threading\nimport time\n\n\ndef serve():\n"
        '    home = socket.socket()\n    home.bind(("127.0.0.1", 8126))\n    home.listen()\n'
        "    peer, _ = home.accept()\n    peer.sendall(peer.recv(64).upper())\n\n\n"
        "threading.Thread(target=serve).start()\ntime.sleep(0.5)\n"
        'client = socket.create_connection(("127.0.0.1", 8126))\nclient.sendall(b"ping")\n'
        "print(client.recv(64).decode())\n"
    )
    seen = outcome(backend, text)

    assert seen.verdict is Verdict.PASSED
    assert (seen.run.ending, seen.run.stdout) == (Ending.EXITED, b"PING\n")


def test_a_server_of_datagrams_is_sent_one(backend: Backend) -> None:
    text = (
        "import socket\n\nhome = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        'home.bind(("127.0.0.1", 8127))\nwhile True:\n    data, peer = home.recvfrom(64)\n'
        "    print(data.decode())\n    home.sendto(data, peer)\n"
    )
    seen = outcome(backend, text)

    assert seen.verdict is Verdict.PASSED
    assert seen.run.plan.kind is ProgramKind.SERVER
    assert seen.seen("port", "port", "protocol") == [(8127, "udp")]
    assert seen.run.stdout == b"hello\n"


def test_a_port_for_root_alone_is_no_fault_of_the_programs(backend: Backend) -> None:
    text = 'import socket\n\nhome = socket.socket()\nhome.bind(("127.0.0.1", 80))\nhome.listen()\n'
    seen = outcome(backend, text + "home.accept()\n")

    assert seen.verdict is not Verdict.FAILED


def test_a_server_that_knows_no_get_has_answered(backend: Backend) -> None:
    text = (
        "from xmlrpc.server import SimpleXMLRPCServer\n\n"
        'home = SimpleXMLRPCServer(("127.0.0.1", 8128))\nhome.register_function(pow)\n'
        "home.serve_forever()\n"
    )
    seen = outcome(backend, text)

    assert (seen.verdict, seen.findings) == (Verdict.PASSED, ())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('import os\n\nprint(os.environ["OPENAI_API_KEY"])\n', "RV414"),
        ('raise ValueError("OPENAI_API_KEY environment variable not set")\n', "RV414"),
        ('import sys\n\nsys.exit("Error: please set your API key")\n', "RV414"),
        ('print(open("/dev/video0", "rb").read(1))\n', "RV415"),
        ('raise OSError("No Default Input Device Available")\n', "RV415"),
        ('import socket\n\nsocket.create_connection(("127.0.0.1", 6379))\n', "RV416"),
        ('import subprocess\n\nsubprocess.run(["ffmpeg-of-tests", "-i", "x"])\n', "RV418"),
        ("import winsound\n\nwinsound.Beep(440, 500)\n", "RV419"),
        ("import ctypes\n\nprint(ctypes.windll.user32)\n", "RV419"),
    ],
)
def test_what_is_not_here_is_recognised_and_not_charged(
    backend: Backend, text: str, code: str
) -> None:
    seen = outcome(backend, text)

    assert (seen.verdict, seen.codes) == (Verdict.INCONCLUSIVE, [code])


@pytest.mark.parametrize(
    "text",
    [
        'keys = {"a": 1}\nprint(keys["api"])\n',
        'raise ValueError("the key of a chord must be a note")\n',
        'raise OSError("camera obscura")\n',
        'raise ConnectionError("lost")\n',
        'import subprocess\n\nsubprocess.run("ls -l")\n',
        'import subprocess\n\nsubprocess.run(["ls"], cwd="out")\n',
    ],
)
def test_what_only_sounds_like_it_is_a_crash(backend: Backend, text: str) -> None:
    seen = outcome(backend, text)

    assert (seen.verdict, seen.codes) == (Verdict.FAILED, ["RV401"])


def test_a_server_whose_pages_answer_nothing_has_shown_nothing(backend: Backend) -> None:
    text = (
        "import socket\nimport time\n\nfrom flask import Flask\n\napp = Flask(__name__)\n\n\n"
        '@app.route("/")\ndef home():\n    return "hello"\n\n\nhome = socket.socket()\n'
        'home.bind(("127.0.0.1", 8129))\nhome.listen()\npeer, _ = home.accept()\ntime.sleep(60)\n'
    )
    seen = outcome(backend, program(text, files={"flask.py": FLASK}), seconds=4.0)

    assert (seen.verdict, seen.codes) == (Verdict.INCONCLUSIVE, ["RV411"])


# ── a picture of the page ────────────────────────────────────────────────────────────────────────

STYLED = """\
from http.server import BaseHTTPRequestHandler, HTTPServer


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/favicon.ico":
            raise RuntimeError("nobody but a browser asks for that")
        html = self.path == "/"
        self.send_response(200)
        self.send_header("Content-Type", "text/html" if html else "text/css")
        self.end_headers()
        self.wfile.write(PAGE.encode() if html else b"body { background: rgb(0, 128, 0) }")


PAGE = "<!doctype html><link rel='stylesheet' href='/style.css'><body><h1>hello</h1>"
HTTPServer(("127.0.0.1", 8131), Handler).serve_forever()
"""
DRAWN = '''\
PAGE = """<!doctype html><body><script>
fetch("/colour").then(answer => answer.text())
.then(colour => document.body.style.background = colour)
</script>"""


@app.route("/")
def home():
    return PAGE


@app.route("/colour")
def colour():
    return "rgb(0, 128, 0)"
'''


def rendering(seen: Outcome) -> Image.Image:
    data = next(each.data for each in seen.run.artifacts if each.kind == "rendering")
    return Image.open(io.BytesIO(data)).convert("RGB")


@pytest.mark.parametrize(
    "submission",
    [
        pytest.param(program(STYLED), id="a server of its own"),
        pytest.param(flask(DRAWN), id="an app that is only defined"),
    ],
)
def test_a_page_is_pictured_as_a_visitor_sees_it(backend: Backend, submission: Submission) -> None:
    seen = outcome(backend, submission)

    if not has_browser(backend):
        # Nothing is lost but the picture: the image of a worker has no browser unless its base has.
        assert [each.path for each in seen.run.artifacts] == ["page.html"]
        assert (seen.verdict, seen.findings) == (Verdict.PASSED, ())
        return
    picture = rendering(seen)
    assert picture.size == (1280, 800)
    assert picture.getpixel((640, 700)) == (0, 128, 0)  # by what it asked the server for
    assert (seen.verdict, seen.findings) == (Verdict.PASSED, ())
    assert b"nobody but a browser" not in seen.run.stderr
    assert seen.seen("browser") == []


def test_no_picture_is_taken_where_there_is_no_page_of_html(backend: Backend) -> None:
    text = STYLED.replace("text/html", "application/json")
    seen = outcome(backend, text)

    assert seen.verdict is Verdict.PASSED
    assert [each.path for each in seen.run.artifacts] == []
