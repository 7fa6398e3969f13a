"""What a resolver is given: our lines, an empty folder, and nothing of the machine it runs on."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest
from submitting import TARGET, submit

from validator.errors import Unavailable
from validator.packages import Packages, locking
from validator.packages.locking import Locked, one_line, read_lock, run_tool

SHOW = """
import os, pathlib, sys
pathlib.Path("requirements.txt").write_text(
    repr((sorted(os.environ), sorted(os.listdir(".")), open("requirements.in").read()))
)
print("to stderr", file=sys.stderr)
"""


def test_a_tool_sees_nothing_of_the_host(monkeypatch):
    for name in ("PIP_EXTRA_INDEX_URL", "UV_INDEX", "PIP_FIND_LINKS", "PYTHONPATH", "API_TOKEN"):
        monkeypatch.setenv(name, "http://evil.example")
    monkeypatch.setenv("SSL_CERT_FILE", "/certificates.pem")
    monkeypatch.setenv("https_proxy", "http://proxy.example")
    for name in (*locking._KEPT[1:], "http_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    for name in ("no_proxy", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    code, text, errors = run_tool([sys.executable, "-I", "-c", SHOW], ["flask"], {"EXTRA": "1"})
    names, files, lines = eval(text)
    assert code == 0
    assert set(names) - {"LC_CTYPE"} == {
        "EXTRA", "HOME", "LC_ALL", "PATH", "SSL_CERT_FILE", "TMPDIR", "https_proxy",
    }  # fmt: skip
    assert files == ["requirements.in"]
    assert lines == "flask\n"
    assert errors == "to stderr\n"


@pytest.mark.parametrize("resolver", ["uv", "pip-tools"])
def test_the_machine_s_own_indexes_do_not_count(index, settings, monkeypatch, tmp_path, resolver):
    index.add("flask", "3.0", "py3-none-any")
    other = tmp_path / "elsewhere"
    other.mkdir()
    (other / "flask-9.0-py3-none-any.whl").write_bytes(b"not even a wheel")
    monkeypatch.setenv("PIP_FIND_LINKS", str(other))
    monkeypatch.setenv("UV_FIND_LINKS", str(other))
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    with Packages(replace(settings, resolver=resolver), TARGET) as packages:
        (pin,) = packages.resolve(submit("flask\n")).pins
    assert pin.version == "3.0"


def test_a_tool_that_is_not_there():
    with pytest.raises(Unavailable, match="/no/such/tool cannot be started: No such file"):
        run_tool(["/no/such/tool"], [], {})


def test_a_tool_that_does_not_end(monkeypatch):
    monkeypatch.setattr(locking, "TOOL_SECONDS", 0.2)
    with pytest.raises(Unavailable, match="did not finish") as caught:
        run_tool([sys.executable, "-I", "-c", "import time; time.sleep(60)"], [], {})
    assert "--resolver" in caught.value.remedy


def test_a_lock_is_read_with_who_wanted_what():
    text = (
        "click==8.1.7\n    # via\n    #   -r requirements.in\n    #   flask\n"
        "Flask==3.0.3\n    # via -r requirements.in\n"
        "typing_extensions==4.1\n    # via\n    #   flask\n    #   Click\n"
        "web==2.0\n"
    )
    assert read_lock(text) == (
        Locked("click", "8.1.7", ("flask",), direct=True),
        Locked("flask", "3.0.3", (), direct=True),
        Locked("typing-extensions", "4.1", ("click", "flask"), direct=False),
        Locked("web", "2.0", (), direct=True),
    )


def test_a_tool_s_words_are_one_clean_line():
    assert one_line("two\n  lines\x1b[31m of\tit\u202e") == "two lines [31m of it"
    assert len(one_line("x" * 999)) == 300
