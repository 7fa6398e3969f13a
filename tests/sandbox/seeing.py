"""What tests of the sandboxes say a program with, and see a run through."""

from __future__ import annotations

import importlib
import sys
import textwrap
from collections.abc import Callable
from types import ModuleType
from typing import Any

from validator.facts import Layer, Run
from validator.sandbox import guest as guest_folder

RunProgram = Callable[..., Run]
LayerOf = Callable[..., Layer]


def guest(name: str) -> Any:
    """Import a module of the jail's, the way its runner does."""
    if "_guest" not in sys.modules:
        package = sys.modules["_guest"] = ModuleType("_guest")
        package.__path__ = [str(guest_folder.folder() / "guest")]
    return importlib.import_module(f"_guest.{name}")


def program(text: str) -> str:
    """Return a program as it stands in a test, without the test's own indentation."""
    return textwrap.dedent(text).lstrip("\n")


def seen_kinds(run: Run) -> list[str]:
    """Return the kinds of everything observed, each once, in order."""
    return list(dict.fromkeys(each.kind for each in run.observations))


def told(run: Run, kind: str, field: str) -> list[object]:
    """Return one field of every observation of a kind."""
    return [each.fields.get(field) for each in run.observations if each.kind == kind]


def artifact(run: Run, path: str) -> bytes:
    """Return what a run left behind under a name; nothing where it did not."""
    return next((each.data for each in run.artifacts if each.path == path), b"")
