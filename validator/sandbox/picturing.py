"""A picture of the page a server served, from a run of its own that is charged to nobody."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from validator.errors import SandboxUnavailable
from validator.facts import Job, Plan, ProgramKind, SourceFile

if TYPE_CHECKING:
    from validator.facts import Artifact, Limits, Run
    from validator.sandbox.backend import Backend

PATIENCE_SECONDS = 10.0
"""A server that took longer than that to come through is not started again for a picture."""
BROWSER_SECONDS = 6.0
BROWSER_MIB = 768
BROWSER_PROCESSES = 192
"""Mostly threads: a headless Chromium 156 has about a hundred (2026-11)."""
BROWSER_DISK_MIB = 64
"""Of its profile, and of what its processes share."""
_SERVER = """\
from http.server import BaseHTTPRequestHandler, HTTPServer


class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()


HTTPServer(("127.0.0.1", 8000), Page).serve_forever()
"""


def has_browser(backend: Backend) -> bool:
    """Tell whether a sandbox holds a browser to take pictures of pages with, by serving one there.

    Raises:
        SandboxUnavailable: when the sandbox fails.
    """
    file = SourceFile("main.py", _SERVER, tuple(range(1, _SERVER.count("\n") + 2)))
    job = Job((file,), file.path, Plan(ProgramKind.SERVER, "a probe"))
    return any(each.kind == "browser" for each in backend.run(job).observations)


def with_picture(job: Job, run: Run, backend: Backend) -> Run:
    """Return `run` with `page.png` among its artifacts, where its sandbox holds a browser.

    The server is started once more, in a jail with room for a browser, and only the picture is kept
    of that: what a browser costs, breaks or brings about says nothing of the program.
    """
    seen = tuple(each for each in run.observations if each.kind != "browser")
    if len(seen) == len(run.observations):
        return run
    pictured = (*run.artifacts, *_picture(job, run, backend))
    return replace(run, observations=seen, artifacts=pictured)


def _picture(job: Job, run: Run, backend: Backend) -> tuple[Artifact, ...]:
    path = _page(run)
    slow = run.wall_seconds > PATIENCE_SECONDS
    if path is None or slow or job.plan.kind is not ProgramKind.SERVER:
        return ()
    drivers = tuple("showing" if each == "serving" else each for each in job.plan.drivers)
    plan = replace(job.plan, drivers=drivers, routes=(path,))
    again = replace(job, plan=plan, limits=_with_room(job.limits, run), picture=True)
    try:
        shown = backend.run(again).artifacts
    except SandboxUnavailable:
        return ()  # of the program we know all we need
    return tuple(each for each in shown if each.kind == "rendering")


def _page(run: Run) -> str | None:
    """Return where the first page of HTML was found, the one that is kept."""
    for each in run.observations:
        if each.kind != "response" or each.fields.get("status") != 200:
            continue
        path, content = str(each.fields.get("path")), str(each.fields.get("content_type"))
        if "html" in content and each.fields.get("method") == "GET" and path.startswith("/"):
            return path
    return None


def _with_room(limits: Limits, run: Run) -> Limits:
    return replace(
        limits,
        wall_seconds=run.wall_seconds + BROWSER_SECONDS,
        memory_mib=limits.memory_mib + BROWSER_MIB,
        processes=limits.processes + BROWSER_PROCESSES,
        disk_mib=limits.disk_mib + BROWSER_DISK_MIB,
    )
