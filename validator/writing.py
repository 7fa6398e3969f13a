"""Write a program, its pinned requirements and what its run left to a folder of the user's."""

from __future__ import annotations

import json
import os
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from validator.errors import UsageError
from validator.packages.collecting import stated
from validator.packages.parsing import parse

if TYPE_CHECKING:
    from validator.facts import Pin, Resolution, Run, Submission

_SHOWN = 200
"""Characters of a line that was left out."""


def write(
    folder: Path,
    submission: Submission,
    resolution: Resolution | None = None,
    run: Run | None = None,
    *,
    force: bool = False,
) -> tuple[Path, ...]:
    """Write everything below `folder`, which is made, and return the paths in the order written.

    Nothing is written unless all of it can be: an existing file is touched only with `force`, and
    a path that leads out of `folder`, by name or through a link, is refused even then.

    Raises:
        UsageError: when something is in the way, or the disk refuses.
    """
    contents: dict[str, bytes] = {file.path: file.text.encode() for file in submission.files}
    if resolution is not None and resolution.pins:
        contents.setdefault("requirements.txt", requirements_text(resolution).encode())
        if all(pin.url for pin in resolution.pins):
            contents.setdefault("pylock.toml", pylock_text(resolution).encode())
    elif stated_text := _stated_text(submission):
        contents.setdefault("requirements.txt", stated_text.encode())
    for artifact in run.artifacts if run else ():
        contents[f"artifacts/{artifact.path}"] = artifact.data
    paths = {name: _inside(folder, name) for name in contents}
    if not force:
        for path in paths.values():
            if os.path.lexists(path):
                raise UsageError(f"{path} exists; use --force to replace it")
    for name, path in paths.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(contents[name])
        except OSError as error:
            raise UsageError(f"{path} cannot be written: {error.strerror or error}") from None
    return tuple(paths.values())


def requirements_text(resolution: Resolution) -> str:
    """Return a requirements.txt with every pin and its hash, as `pip --require-hashes` reads it.

    Of a package that was built here it is the hash of its source: what the index has.
    """
    return "".join(
        f"{pin.name}=={pin.version} \\\n    --hash=sha256:{pin.built_from or pin.sha256}\n"
        for pin in resolution.pins
    )


def _stated_text(submission: Submission) -> str:
    """Return what a reply asks for as a requirements.txt, what is not handed on as comments.

    pip obeys addresses and options in such a file, and whoever had it written will run pip on it.
    """
    requirements, refused = parse(stated(submission))
    written = [f"{each}\n" for each in requirements]
    for each in refused:
        told = "".join(filter(str.isprintable, each.line.text))[:_SHOWN]
        written.append(f"# left out: {told} ({each.reason})\n")
    return "".join(written)


def pylock_text(resolution: Resolution) -> str:
    """Return the lock as PEP 751 has it, for the target alone: one file a package, with its hash.

    Every pin must know its `url`.
    """
    python = resolution.target.python
    parts = [
        'lock-version = "1.0"',
        'created-by = "reply-validator"',
        f"requires-python = {_toml(f'=={python}.*')}",
    ]
    for pin in resolution.pins:
        parts += [
            "\n[[packages]]",
            f"name = {_toml(pin.name)}",
            f"version = {_toml(pin.version)}",
            _locked_file(pin),
        ]
    return "\n".join(parts) + "\n"


def _locked_file(pin: Pin) -> str:
    name = pin.url.rpartition("/")[2] if pin.built_from else pin.filename
    place = f"name = {_toml(name)}, url = {_toml(pin.url)}"
    hashes = f"hashes = {{ sha256 = {_toml(pin.built_from or pin.sha256)} }}"
    return (
        f"sdist = {{ {place}, {hashes} }}"
        if pin.built_from
        else f"wheels = [{{ {place}, {hashes} }}]"
    )


def _toml(text: str) -> str:
    # A JSON string is a TOML string, but for DEL and half of a surrogate pair: neither gets here.
    return json.dumps(text, ensure_ascii=False)


def _inside(folder: Path, name: str) -> Path:
    relative = PurePosixPath(name)
    if relative.is_absolute() or ".." in relative.parts or "\0" in name or not relative.parts:
        raise UsageError(f"refusing to write {name!r}: it leads out of {folder}")
    path = folder / relative
    # A link somebody put there earlier may lead out too.
    if not path.parent.resolve().is_relative_to(folder.resolve()) or path.is_symlink():
        raise UsageError(f"refusing to write {path}: a link there leads out of {folder}")
    return path
