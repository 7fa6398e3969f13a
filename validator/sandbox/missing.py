"""Which files a run wanted and did not find, and the other files its code names beside them. Pure.

Only a run that came to grief over a file is looked at: a program that sees to a missing file itself
is left to do so.
"""

from __future__ import annotations

import ast
import posixpath
import re
from typing import TYPE_CHECKING

from validator.facts import WORK, Ending
from validator.sandbox.placeholders import EXTENSIONS
from validator.sandbox.shape import last_name
from validator.syntax import tree_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from validator.facts import Run, SourceFile, Submission

MAX_ASSETS = 40
_NAME = r"""['"`]?([^'"`\n:*?<>|]{1,200}?\.(\w{2,6}))['"`]?"""
_UNABLE = (
    r"(?:couldn't|unable to|cannot|can't|could not|failed to) (?:open|load|find|locate|read)"
    r"(?: (?:the|a|image|file|resource|sound|font|texture))*\s*:?\s*"
)
_NOT_FOUND = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"No such file or directory: {_NAME}(?:$|[\s,.)\]}}])",
        rf"No file {_NAME} found",
        rf"{_UNABLE}{_NAME}(?:$|[\s,.:)\]])",
        rf"TemplateNotFound: {_NAME}(?:$|\s)",
        rf"{_NAME}:? (?:not found|does not exist|no such file)",
        rf"{_NAME} (?:is|was) (?:not found|missing)",
    )
)
_EMPTY_PICTURE = re.compile(r"!_src\.empty\(\)|\.empty\(\)|'NoneType' object")
_READS = frozenset({
    "load", "Sound", "Font", "SysFont", "open", "imread", "PhotoImage", "read_csv", "read_json",
    "read_table", "read_excel", "load_workbook", "addshape", "register_shape", "bgpic",
    "load_texture", "load_sound", "Sprite",
    "image", "Path", "join", "read_text", "loadtxt", "genfromtxt", "render_template", "media",
    "TemplateResponse", "iconphoto", "iconbitmap", "Image", "QPixmap", "QIcon", "parse", "shape",
    "resource_path", "load_image", "load_font", "get_template",
})  # fmt: skip
_WRITES = frozenset({
    "savefig", "imwrite", "write_text", "write_bytes", "to_csv", "to_json", "to_excel", "save",
    "dump", "mkdir", "makedirs", "remove", "unlink", "rename", "write_html", "write_image", "chdir",
    "imsave", "VideoWriter", "replace", "rmdir",
})  # fmt: skip
_TEMPLATES = frozenset({"render_template", "TemplateResponse", "get_template"})


def wanted(run: Run, submission: Submission) -> tuple[str, ...]:
    """Return the paths of files the run came to grief over, and of those its code reads as well.

    Paths are relative to the work folder, none of them a file of the reply's; empty where the run
    had no trouble with a file, or with one that nothing of ours can stand for.
    """
    if not _came_to_grief(run):
        return ()
    named = tuple(dict.fromkeys(_named(submission)))
    found = [path for path in _not_found(run) if not _was_written(run, submission)]
    text = run.traceback.message if run.traceback else ""
    pictures = any("imread" in file.text for file in submission.files)
    if not found and not (_EMPTY_PICTURE.search(text) and pictures and named):
        return ()
    both = dict.fromkeys((*(_placed(each, submission) for each in found), *named))
    return tuple(path for path in both if path and submission.file(path) is None)[:MAX_ASSETS]


def _came_to_grief(run: Run) -> bool:
    failed = run.ending is Ending.EXITED and run.exit_code not in (0, None)
    broken = any(_status(each.fields.get("status")) >= 500 for each in run.observations)
    return run.traceback is not None or failed or broken


def _status(value: object) -> int:
    return value if isinstance(value, int) else 0


def _not_found(run: Run) -> Iterator[str]:
    words = [f"{run.traceback.type_name}: {run.traceback.message}"] if run.traceback else []
    # A program that caught the exception, or a server's log, says the same in its own output.
    words += [run.stderr[-8192:].decode("utf-8", "replace")]
    words += [] if run.traceback else [run.stdout[-2048:].decode("utf-8", "replace")]
    for text in words:
        for pattern in _NOT_FOUND:
            for match in pattern.finditer(text):
                if match[2].lower() in EXTENSIONS:
                    yield match[1].strip()


def _placed(path: str, submission: Submission) -> str | None:
    """Return where a file of that name has to lie; None for one outside the work folder."""
    path = path.removeprefix(WORK)
    normal = posixpath.normpath(path.replace("\\", "/"))
    parts = normal.split("/")
    hidden = any(part.startswith(".") for part in parts)
    if normal.startswith(("/", "~")) or hidden or not normal.isprintable() or len(normal) > 200:
        return None
    if normal.endswith((".html", ".htm", ".jinja2", ".j2")) and "/" not in normal:
        pages = any(name in file.text for file in submission.files for name in _TEMPLATES)
        return f"templates/{normal}" if pages else normal
    return normal


def _was_written(run: Run, submission: Submission) -> bool:
    """Tell whether the line that failed was to write the file: a folder is missing, then."""
    for frame in reversed(run.traceback.frames if run.traceback else ()):
        file = submission.file(frame.path)
        if file is not None:
            return any(_writes(call) for call in _calls_on(file, frame.line))
    return False


def _calls_on(file: SourceFile, line: int) -> Iterator[ast.Call]:
    for node in _nodes(file):
        if isinstance(node, ast.Call) and node.lineno <= line <= (node.end_lineno or line):
            yield node


def _writes(call: ast.Call) -> bool:
    if last_name(call.func) in _WRITES:
        return True
    modes = [*call.args[1:2], *(each.value for each in call.keywords if each.arg == "mode")]
    return last_name(call.func) == "open" and any(
        isinstance(mode, ast.Constant) and isinstance(mode.value, str) and mode.value[:1] in "wax"
        for mode in modes
    )


def _named(submission: Submission) -> Iterator[str]:
    """Return the files the code reads by a name that stands in it, and never writes."""
    written: set[str] = set()
    read: dict[str, None] = {}
    for file in submission.files:
        for node in _nodes(file):
            if isinstance(node, ast.Call):
                names = tuple(_constants(node, submission))
                if _writes(node):
                    written.update(names)
                elif last_name(node.func) in _READS:
                    read.update(dict.fromkeys(names))
    yield from (name for name in read if name not in written)


def _constants(call: ast.Call, submission: Submission) -> Iterator[str]:
    if last_name(call.func) == "join":
        parts = [each.value for each in call.args if isinstance(each, ast.Constant)]
        texts = ["/".join(map(str, parts))] if parts and len(parts) == len(call.args) else []
    else:
        values = (*call.args, *(each.value for each in call.keywords))
        texts = [
            each.value
            for each in values
            if isinstance(each, ast.Constant) and isinstance(each.value, str)
        ]
    for text in texts:
        ends = text.rpartition(".")[2].lower() in EXTENSIONS and "\n" not in text
        if ends and ":" not in text and "{" not in text and (placed := _placed(text, submission)):
            yield placed


def _nodes(file: SourceFile) -> Iterator[ast.AST]:
    tree = tree_of(file.text)
    return iter(()) if tree is None else ast.walk(tree)
