"""Which index a machine's own configuration comes to, and where variables and flags overrule it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from validator.errors import UsageError
from validator.index_files import Named, named_index
from validator.settings import load


@pytest.fixture
def machine(tmp_path):
    """Write files below a machine's root, and say what they come to for a user working there."""

    def machine(files, **environ):
        for path, text in files.items():
            place = tmp_path / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, errors="surrogateescape")
        told = {"HOME": str(tmp_path / "home"), **environ}
        (tmp_path / "work/deep").mkdir(parents=True, exist_ok=True)
        return named_index(told, tmp_path / "work/deep", tmp_path)

    return machine


PIP = "[global]\nindex-url = https://{}/simple\n"
UV = '[[index]]\nurl = "https://{}/simple"\ndefault = true\n'


@pytest.mark.parametrize(
    ("files", "index", "further"),
    [
        ({}, None, False),
        ({"etc/pip.conf": PIP.format("a")}, "a", False),
        ({"etc/xdg/pip/pip.conf": PIP.format("a")}, "a", False),
        ({"etc/pip.conf": PIP.format("a"), "home/.pip/pip.conf": PIP.format("b")}, "b", False),
        ({"home/.pip/pip.conf": PIP.format("a"), "home/.config/pip/pip.conf": PIP.format("b")},
         "b", False),
        ({"home/.pip/pip.conf": "[install]\nindex_url=https://a/simple\n" + PIP.format("b")},
         "a", False),
        ({"home/.pip/pip.conf": "[global]\nextra-index-url =\n  https://a\n  https://b\n"},
         None, True),
        ({"home/.pip/pip.conf": "[list]\nindex-url = https://a/simple\n"}, None, False),
        ({"home/.config/uv/uv.toml": UV.format("a"), "home/.pip/pip.conf": PIP.format("b")},
         "a", False),
        ({"etc/uv/uv.toml": UV.format("a"), "work/uv.toml": UV.format("b")}, "b", False),
        ({"work/pyproject.toml": "[[tool.uv.index]]\nurl = 'https://a/simple'\ndefault = true\n"},
         "a", False),
        ({"work/pyproject.toml": "[tool.uv]\nindex-url = 'https://a/simple'\n",
          "work/uv.toml": UV.format("b")}, "b", False),
        ({"work/uv.toml": "[[index]]\nurl = 'https://a/simple'\n"}, None, True),
        ({"work/uv.toml": "[pip]\nindex-url = 'https://a/simple'\n"}, "a", False),
        ({"work/uv.toml": "extra-index-url = ['https://a/simple']\n"}, None, True),
        ({"work/pyproject.toml": "[project]\nname = 'x'\n"}, None, False),
        ({"work/pyproject.toml": "tool = 5\n"}, None, False),
        ({"work/pyproject.toml": "tool.uv = 5\n"}, None, False),
    ],
)  # fmt: skip
def test_what_files_come_to(machine, files, index, further):
    found = machine(files)
    assert found == Named(f"https://{index}/simple" if index else None, further)


def test_files_that_variables_name(machine, tmp_path):
    files = {
        "etc/pip.conf": PIP.format("a"),
        "own.conf": PIP.format("b"),
        "own.toml": UV.format("c"),
    }
    assert machine(files, PIP_CONFIG_FILE="/dev/null").index is None
    assert machine(files, PIP_CONFIG_FILE=str(tmp_path / "own.conf")).index == "https://b/simple"
    assert machine(files, UV_CONFIG_FILE=str(tmp_path / "own.toml")).index == "https://c/simple"
    assert machine({"work/uv.toml": UV.format("d")}, UV_NO_CONFIG="1").index == "https://a/simple"


def test_a_password_with_a_percent_sign_is_taken_as_it_is(machine):
    found = machine({"etc/pip.conf": "[global]\nindex-url = https://me:100%25@a/simple\n"})
    assert found.index == "https://me:100%25@a/simple"


@pytest.mark.parametrize(
    "files",
    [
        {"home/.pip/pip.conf": "index-url = https://me:secret@a/simple\n"},
        {"work/uv.toml": "[[index"},
        {"work/uv.toml": f"n = {'9' * 5_000}\n"},
        {"work/uv.toml": f"n = {'[' * 5_000}\n"},
        {"work/uv.toml": "n = '\udcff'\n"},
        {"etc/pip.conf": "[global]\n[global]\n"},
    ],
)
def test_a_file_that_cannot_be_read_is_one_line_without_its_secrets(machine, files):
    with pytest.raises(UsageError) as caught:
        machine(files)
    assert "cannot be read" in str(caught.value)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("tool = 5\n", ""),
        ("tool.validator = 5\n", "tool.validator is not a table"),
        (f"[tool.validator]\nn = {'9' * 5_000}\n", "digits"),
    ],
)
def test_our_own_table_is_read_with_the_same_care(tmp_path, text, complaint):
    (tmp_path / "pyproject.toml").write_text(text)
    environ = {"PIP_CONFIG_FILE": "/dev/null", "UV_NO_CONFIG": "1"}
    if not complaint:
        assert load({}, environ=environ, folder=tmp_path).index_url
        return
    with pytest.raises(UsageError, match=complaint):
        load({}, environ=environ, folder=tmp_path)


def test_variables_come_before_files_and_our_own_before_theirs(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[tool.uv]\nindex-url = "https://file/simple"\n')
    environ = {"PIP_CONFIG_FILE": "/dev/null"}

    def index(**more):
        return load({}, environ={**environ, **more}, folder=tmp_path).index_url

    assert index() == "https://file/simple"
    assert index(PIP_INDEX_URL="https://pip/simple") == "https://pip/simple"
    both = {"PIP_INDEX_URL": "https://pip/simple", "VALIDATOR_INDEX_URL": "https://own/simple"}
    assert index(**both) == "https://own/simple"


@pytest.mark.parametrize(
    ("given", "index"),
    [
        ("internal=https://me:s3=cret@a/simple", "https://me:s3=cret@a/simple"),
        ("in-ter.nal_2=https://a/simple//", "https://a/simple"),
        ("https://me:s3=cret@a/simple/", "https://me:s3=cret@a/simple"),
        (" https://a/x=y/simple ", "https://a/x=y/simple"),
    ],
)
def test_uv_lets_an_index_have_a_name(tmp_path, given, index):
    environ = {"PIP_CONFIG_FILE": "/dev/null", "UV_DEFAULT_INDEX": given}
    assert load({}, environ=environ, folder=tmp_path).index_url == index


@pytest.mark.parametrize("variable", ["PIP_EXTRA_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_INDEX"])
def test_further_indexes_are_known_of(tmp_path, variable):
    environ = {"PIP_CONFIG_FILE": "/dev/null", "UV_NO_CONFIG": "1"}
    assert not load({}, environ=environ, folder=tmp_path).further_indexes
    assert load({}, environ={**environ, variable: "https://b"}, folder=tmp_path).further_indexes


def test_where_we_may_not_look_nothing_is_said(machine, monkeypatch):
    look = os.stat

    def closed(path, *rest, **more):
        if "home" in str(path):
            raise PermissionError(13, "Permission denied")
        return look(path, *rest, **more)

    monkeypatch.setattr(os, "stat", closed)
    files = {"home/.config/uv/uv.toml": UV.format("a"), "etc/pip.conf": PIP.format("b")}
    assert machine(files).index == "https://b/simple"


def test_without_a_home_the_cache_has_to_be_named(tmp_path, monkeypatch):
    def unknown(uid):
        raise KeyError(uid)

    monkeypatch.delenv("HOME")
    monkeypatch.setattr("pwd.getpwuid", unknown)
    environ = {"PIP_CONFIG_FILE": "/dev/null"}
    with pytest.raises(UsageError, match="name a folder for VALIDATOR_CACHE_DIR"):
        load({}, environ=environ, folder=tmp_path)
    named = {**environ, "VALIDATOR_CACHE_DIR": str(tmp_path)}
    assert load({}, environ=named, folder=tmp_path).cache_dir == tmp_path
    named["VALIDATOR_CACHE_DIR"] = "beside"
    assert load({}, environ=named, folder=tmp_path).cache_dir == Path("beside").absolute()
    with pytest.raises(UsageError, match="no home for the ~ in ~/x"):
        load({}, environ={**environ, "VALIDATOR_CACHE_DIR": "~/x"}, folder=tmp_path)
