"""Frameworks as they are on the index: small programs of each, asked for their pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from driving_outcome import outcome

from validator.facts import ProgramKind
from validator.findings import Verdict

if TYPE_CHECKING:
    from seeing import LayerOf

    from validator.sandbox.backend import Backend

pytestmark = pytest.mark.online

FLASK = """\
from flask import Flask, jsonify

app = Flask(__name__)


@app.route("/")
def home():
    return "<h1>hello</h1>"


@app.route("/items/<int:number>")
def item(number):
    return jsonify(number=number)


@app.route("/sum")
def total():
    return str(1 / 0)


if __name__ == "__main__":
    app.run(debug=True, port=5050)
"""
AIOHTTP = """\
from aiohttp import web

routes = web.RouteTableDef()


@routes.get("/")
async def home(request):
    return web.Response(text="<h1>hello</h1>", content_type="text/html")


@routes.get("/items/{number}")
async def item(request):
    return web.json_response({"number": request.match_info["number"]})


@routes.get("/sum")
async def total(request):
    return web.Response(text=str(1 / 0))


app = web.Application()
app.add_routes(routes)
web.run_app(app, port=8085)
"""
STARLETTE = """\
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Route


async def home(request):
    return HTMLResponse("<h1>hello</h1>")


async def item(request):
    return JSONResponse({"number": request.path_params["number"]})


async def total(request):
    return HTMLResponse(str(1 / 0))


app = Starlette(
    routes=[Route("/", home), Route("/items/{number:int}", item), Route("/sum", total)]
)
"""
DJANGO = """\
import sys

from django.conf import settings
from django.core.management import execute_from_command_line
from django.http import HttpResponse, JsonResponse
from django.urls import path

settings.configure(DEBUG=True, SECRET_KEY="x", ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"])


def home(request):
    return HttpResponse("<h1>hello</h1>")


def item(request, number):
    return JsonResponse({"number": number})


def total(request):
    return HttpResponse(str(1 / 0))


urlpatterns = [path("", home), path("items/<int:number>", item), path("sum", total)]

if __name__ == "__main__":
    execute_from_command_line(sys.argv)
"""


@pytest.mark.parametrize(
    ("text", "requirement"),
    [
        pytest.param(FLASK, "flask", id="flask"),
        pytest.param(AIOHTTP, "aiohttp", id="aiohttp"),
        pytest.param(STARLETTE, "starlette", id="starlette"),
        pytest.param(DJANGO, "django", id="django"),
    ],
)
def test_every_page_a_program_names_is_asked_for_and_the_one_that_fails_is_told(
    backend: Backend, layer_of: LayerOf, text: str, requirement: str
) -> None:
    seen = outcome(backend, text, layer=layer_of(requirement), seconds=20.0)

    assert seen.run.plan.kind is ProgramKind.SERVER
    answers = dict(seen.seen("response", "path", "status"))
    assert answers == {"/": 200, "/items/1": 200, "/sum": 500}
    assert (seen.verdict, seen.codes) == (Verdict.FAILED, ["RV409"])
    place = next(n for n, line in enumerate(text.splitlines(), 1) if "1 / 0" in line)
    assert seen.findings[0].location.line == place
    assert [each.data for each in seen.run.artifacts if each.path == "page.html"] == [
        b"<h1>hello</h1>"
    ]
