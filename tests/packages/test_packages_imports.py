"""A program's text in; the third-party modules it imports out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from submitting import submit

from validator.errors import UsageError
from validator.packages.imports import third_party


def found(python: str = "3.11", **files: str) -> list[tuple[str, int, bool]]:
    imports = third_party(submit(**files).files, python)
    return [(each.module, each.line, each.optional) for each in imports]


def test_every_form_of_import():
    code = (
        "import numpy as np, os.path\n"
        "from google.cloud import storage, vision\n"
        "from flask import *\n"
        "def late():\n"
        "    import rich.table\n"
    )
    assert found(main=code) == [
        ("numpy", 1, False),
        ("google.cloud.storage", 2, False),
        ("google.cloud.vision", 2, False),
        ("flask", 3, False),
        ("rich.table", 5, False),
    ]


def test_the_program_s_own_modules_are_not_packages():
    assert found(main="import snake\nfrom game import board\nfrom . import x\n", snake="") == [
        ("game.board", 2, False)
    ]
    files = submit(main="from game.board import grid\n").files
    folder = type(files[0])("game/board.py", "", ())
    assert third_party((*files, folder), "3.11") == ()


@pytest.mark.parametrize(
    "handler", ["ImportError", "ModuleNotFoundError", "Exception", "(OSError, ImportError)", ""]
)
def test_a_guarded_import_is_optional(handler):
    code = f"try:\n    import rich\nexcept {handler}:\n    rich = None\n"
    assert found(main=code) == [("rich", 2, True)]


def test_a_try_for_something_else_guards_no_import():
    code = "try:\n    import rich\nexcept ValueError:\n    pass\nfinally:\n    import attr\n"
    assert found(main=code) == [("rich", 2, False), ("attr", 6, False)]


def test_only_the_body_and_the_handlers_are_guarded():
    code = (
        "try:\n    import a1\nexcept ImportError:\n    import a2\n"
        "else:\n    import a3\nfinally:\n    import a4\n"
    )
    assert found(main=code) == [
        ("a1", 2, True), ("a2", 4, True), ("a3", 6, False), ("a4", 8, False),
    ]  # fmt: skip


def test_one_unguarded_place_makes_it_needed():
    code = "try:\n    import rich\nexcept ImportError:\n    pass\nimport rich\n"
    assert found(main=code) == [("rich", 5, False)]


def test_imports_for_type_checkers_are_not_imports():
    code = "import typing as t\nif t.TYPE_CHECKING:\n    import pandas\nelse:\n    import attr\n"
    assert found(main=code) == [("attr", 5, False)]


def test_the_standard_library_is_that_of_the_target():
    assert found("3.11", main="import distutils, tomllib\n") == []
    assert found("3.12", main="import distutils, tomllib\n") == [("distutils", 1, False)]
    assert found("3.10", main="import distutils, tomllib\n") == [("tomllib", 1, False)]
    with pytest.raises(UsageError, match="nothing is known about the modules of Python"):
        found("3.99", main="")


def test_a_file_that_does_not_parse_takes_nothing_from_the_others():
    assert found(main="import (\n", other="import rich\n") == [("rich", 1, False)]
    assert found(main="x = " + "(" * 5000 + "\n") == []


@given(st.text(max_size=200))
def test_no_text_makes_it_raise(text):
    for each in third_party(submit(main=f"{text}\n").files, "3.11"):
        assert each.module
