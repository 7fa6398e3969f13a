"""What a resolver is given: our lines, an empty folder, and nothing of the machine it runs on."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from dataclasses import replace

import pytest
from fake_index import LINUX, Offer
from source_archives import PYPROJECT, archive
from submitting import TARGET, submit

from validator.errors import Unavailable
from validator.facts import UnresolvedReason as Reason
from validator.interpreters import own_python
from validator.packages import Packages, lock_uv, locking
from validator.packages import target as targets
from validator.packages.index import Index
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


@pytest.mark.parametrize("resolver", ["uv", "pip-tools"])
def test_of_wheels_that_differ_by_build_the_last_is_taken(index, settings, resolver):
    for build in ("", "1-", "2-", "10-", "10a-", "x-"):
        index.add("foo", "1.0", f"{build}py3-none-any", source=False)
    index.add("foo", "1.0", f"1-cp311-cp311-{LINUX}", "99-cp312-cp312-win32", source=False)
    index.add("bar", "1.0", "3-py3-none-any", "py3-none-any", source=False)
    with Packages(replace(settings, resolver=resolver), TARGET) as packages:
        pins = packages.resolve(submit("foo\nbar\n")).pins
    assert [pin.filename for pin in pins] == [
        "bar-1.0-3-py3-none-any.whl", f"foo-1.0-1-cp311-cp311-{LINUX}.whl",
    ]  # fmt: skip
    assert targets.fit("foo-1.0-10a-py3-none-any.whl", TARGET) == max(
        targets.fit(f"foo-1.0-{build}py3-none-any.whl", TARGET)
        for build in ("", "1-", "2-", "10-", "10a-")
    )


@pytest.mark.parametrize("resolver", ["uv", "pip-tools"])
def test_the_wheel_of_another_project_on_a_page_is_not_taken(index, settings, resolver):
    index.add("bar", "1.0", "py3-none-any", source=False)
    index.add("aaa", "1.0", "py3-none-any", source=False)
    index.add("aaa", "2.0", "py3-none-any", source=False)
    index.projects["bar"] += index.projects.pop("aaa")
    with Packages(replace(settings, resolver=resolver), TARGET) as packages:
        (pin,) = packages.resolve(submit("bar\n")).pins
    assert pin.filename == "bar-1.0-py3-none-any.whl"


def test_a_tool_that_is_not_there():
    with pytest.raises(Unavailable, match="/no/such/tool cannot be started: No such file"):
        run_tool(["/no/such/tool"], [], {})


def test_a_tool_that_does_not_end(monkeypatch):
    monkeypatch.setattr(locking, "TOOL_SECONDS", 0.2)
    with pytest.raises(Unavailable, match="did not finish") as caught:
        run_tool([sys.executable, "-I", "-c", "import time; time.sleep(60)"], [], {})
    assert "--resolver" in caught.value.remedy


def test_who_is_interrupted_leaves_no_resolver_and_no_folder(index, server, tmp_path):
    index.add("flask", "3.0", "py3-none-any")
    index.page_gate = threading.Event()
    (tmp_path / "reply.md").write_text("```\nflask\n```\n\n```python\nimport flask\n```\n")
    folder = tmp_path / "temporary"
    folder.mkdir()
    told = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "TMPDIR": str(folder),
            "PYTHONPATH": os.pathsep.join(sys.path), "VALIDATOR_INDEX_URL": server.url}  # fmt: skip
    command = [sys.executable, "-m", "validator", "reply.md", "--sandbox", "none"]
    process = subprocess.Popen(command, cwd=tmp_path, env=told, stderr=subprocess.PIPE, text=True)
    while index.waiting < 2:  # ours and the resolver's
        time.sleep(0.02)
    assert list(folder.glob("*-lock-*"))
    process.terminate()
    _, said = process.communicate(timeout=60)
    index.page_gate.set()
    assert (process.returncode, said) == (130, "validate: interrupted\n")
    assert list(folder.glob("*-lock-*")) == []


def test_a_lock_is_read_with_who_wanted_what():
    text = (
        "click==8.1.7\n    # via\n    #   -r requirements.in\n    #   flask\n"
        "Flask==3.0.3\n    # via -r requirements.in\n"
        "typing_extensions==4.1\n    # via\n    #   flask\n    #   Click\n"
        "web==2.0\n"
    )
    assert read_lock(text, ["Flask[async]>=3", "web"]) == (
        Locked("click", "8.1.7", ("flask",), direct=True),
        Locked("flask", "3.0.3", (), direct=True),
        Locked("typing-extensions", "4.1", ("click", "flask"), direct=False),
        Locked("web", "2.0", (), direct=True),
    )


def test_a_tool_s_words_are_one_clean_line():
    assert one_line("two\n  lines\x1b[31m of\tit\u202e") == "two lines [31m of it"
    assert len(one_line("x" * 999)) == 300


# ── words of other versions ──────────────────────────────────────────────────────────────────────


def stand_in(monkeypatch, tmp_path, *, lock="", errors="", code=0):
    """Put a program in uv's place that writes what some version of it might."""
    (tmp_path / "lock").write_text(lock)
    (tmp_path / "errors").write_text(errors)
    program = tmp_path / "uv"
    program.write_text(
        f"#!/bin/sh\ncat {tmp_path}/lock > requirements.txt\n"
        f"cat {tmp_path}/errors >&2\nexit {code}\n"
    )
    program.chmod(0o755)
    monkeypatch.setattr(lock_uv, "_binary", lambda: str(program))


@pytest.mark.parametrize("lock", ["", "# nothing\n", "pins: [flask 3.0]\n", "click==8.0\n"])
def test_a_lock_in_a_form_nobody_knows_is_not_taken_for_an_empty_one(
    index, settings, monkeypatch, tmp_path, lock
):
    index.add("flask", "3.0", "py3-none-any")
    stand_in(monkeypatch, tmp_path, lock=lock)
    with Packages(settings, TARGET) as packages, pytest.raises(Unavailable) as caught:
        packages.resolve(submit("flask\n"))
    assert str(caught.value) == "the resolver's lock does not name flask, which was asked of it"


_OF_0_13 = """\
error: No solution found when resolving dependencies
  cause: Because flask==3.0 depends on web<2 and you require flask==3.0, we can conclude that you
         require web<2.
         And because you require web==2.0, we can conclude that your requirements are unsatisfiable.
"""
_OF_0_8 = """\
  \u00d7 No solution found when resolving dependencies:
  \u2570\u2500\u25b6 Because flask==3.0 depends on web<2 and you require flask==3.0, we can conclude
      that you require web<2.
      And because you require web==2.0, we can conclude that your requirements are unsatisfiable.
"""
_OF_NONE = "No solution found. In other words than ever before.\n"
_CONFLICT = Reason.CONFLICT, "flask==3.0 needs web<2, but web==2.0 is required"


@pytest.mark.parametrize(
    ("errors", "reason", "message"),
    [
        (_OF_0_13, *_CONFLICT),
        (_OF_0_8, *_CONFLICT),
        (_OF_NONE, Reason.UNCLASSIFIED, "No solution found. In other words than ever before."),
    ],
)
def test_words_of_other_versions(index, settings, monkeypatch, tmp_path, errors, reason, message):
    index.add("flask", "3.0", "py3-none-any")
    index.add("web", "2.0", "py3-none-any")
    stand_in(monkeypatch, tmp_path, errors=errors, code=1)
    with Packages(replace(settings, pins="strict"), TARGET) as packages:
        unresolved = packages.resolve(submit("flask==3.0\nweb==2.0\n")).unresolved
    assert unresolved[0].requirement.name in ("flask", "web")
    assert (unresolved[-1].reason, unresolved[-1].message) == (reason, message)


@pytest.mark.parametrize(
    ("errors", "said"),
    [
        ("error: failed to write x.json: No space left on device (os error 28)", "No space left"),
        ("OSError: [Errno 30] Read-only file system: '/c/x.pkl'", "Read-only file system"),
        ("error: tcp connect error: Connection refused (os error 111)", "uv could not lock from"),
        ("error: x took (os error 28", "uv could not lock from"),
    ],
)
def test_a_disk_that_is_full_is_no_index_that_is_away(
    index, settings, monkeypatch, tmp_path, errors, said
):
    index.add("flask", "3.0", "py3-none-any")
    stand_in(monkeypatch, tmp_path, errors=errors, code=2)
    with Packages(settings, TARGET) as packages, pytest.raises(Unavailable, match=said):
        packages.resolve(submit("flask\n"))


def test_a_temporary_folder_that_is_full_is_not_the_cache(index, settings, monkeypatch):
    index.add("flask", "3.0", "py3-none-any")

    def full(**more):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(locking, "TemporaryDirectory", full)
    with Packages(settings, TARGET) as packages, pytest.raises(Unavailable) as caught:
        packages.resolve(submit("flask\n"))
    assert str(caught.value) == "no folder for a lock can be made: No space left on device"
    assert "TMPDIR" in caught.value.remedy


@pytest.mark.parametrize(
    "errors", ["", "error: something quite new\n", "panicked at src/main.rs\n"]
)
def test_a_failure_nobody_knows_is_ours(index, settings, monkeypatch, tmp_path, errors):
    index.add("flask", "3.0", "py3-none-any")
    stand_in(monkeypatch, tmp_path, errors=errors, code=2)
    with Packages(settings, TARGET) as packages, pytest.raises(Unavailable):
        packages.resolve(submit("flask\n"))


@pytest.mark.parametrize("resolver", ["uv", "pip-tools"])
def test_an_address_in_a_wheel_s_metadata_builds_nothing_here(
    index, server, settings, tmp_path, resolver
):
    """pip follows such an address to a source archive, and runs what builds it."""
    mark = tmp_path / "run-on-the-host"
    evil = archive(
        {
            "evil-1.0/pyproject.toml": PYPROJECT.format(requires="[]"),
            "evil-1.0/build-tools/own_backend.py": f"open({str(mark)!r}, 'w')\n",
        }
    )
    index.projects["evil"] = [Offer("evil-1.0.tar.gz", evil)]
    address = server.url.replace("/simple", "/files/evil-1.0.tar.gz")
    index.add("front", "1.0", "py3-none-any", requires=(f"evil @ {address}",))
    with Packages(replace(settings, resolver=resolver), TARGET) as packages:
        resolution = packages.resolve(submit("front\n"))
    assert not mark.exists()
    assert resolution.pins == ()
    (unresolved,) = resolution.unresolved
    assert unresolved.reason is Reason.UNCLASSIFIED
    assert unresolved.message == (
        "front needs evil from an address of its own, which is not followed"
    )
    assert not [line for line in index.asked if "/files/evil" in line]


@pytest.mark.parametrize("resolver", ["uv", "pip-tools"])
def test_an_address_for_another_system_is_nothing_to_follow(index, server, settings, resolver):
    address = server.url.replace("/simple", "/files/evil-1.0.tar.gz")
    needed = f"evil @ {address} ; sys_platform == 'win32'"
    index.add("front", "1.0", "py3-none-any", requires=(needed,))
    with Packages(replace(settings, resolver=resolver), TARGET) as packages:
        resolution = packages.resolve(submit("front\n"))
    assert [pin.name for pin in resolution.pins] == ["front"]


@pytest.mark.parametrize("resolver", ["uv", "pip-tools"])
def test_a_wheel_at_an_address_is_no_more_followed(index, server, settings, resolver):
    index.add("evil", "1.0", "py3-none-any")
    address = server.url.replace("/simple", "/files/evil-1.0-py3-none-any.whl")
    index.add("middle", "1.0", "py3-none-any", requires=(f"evil @ {address}",))
    index.add("front", "1.0", "py3-none-any", requires=("middle",))
    index.add("other", "1.0", "py3-none-any")
    with Packages(replace(settings, resolver=resolver), TARGET) as packages:
        resolution = packages.resolve(submit("other\nfront\n"))
    assert [pin.name for pin in resolution.pins] == ["other"]
    (unresolved,) = resolution.unresolved
    assert unresolved.message == (
        "middle needs evil from an address of its own, which is not followed"
    )


def test_a_wheel_among_several_that_fit_is_taken_without_asking_for_pages(
    index, settings, monkeypatch
):
    """uv names all that fit; what is best is decided as it is of a page."""
    index.add("front", "1.0", "py3-none-any", requires=("fast", "plain"))
    index.add("plain", "1.0", "py3-none-any")
    index.add("fast", "1.0", "py3-none-any", f"cp311-cp311-{LINUX}", f"cp38-abi3-{LINUX}")
    asked = []
    load = Index._load
    monkeypatch.setattr(
        Index, "_load", lambda self, name: (asked.append(name), load(self, name))[1]
    )
    with Packages(settings, TARGET) as packages:
        resolution = packages.resolve(submit("front\n"))
    assert asked == ["front"]
    assert [pin.filename for pin in resolution.pins] == [
        f"fast-1.0-cp311-cp311-{LINUX}.whl",
        "front-1.0-py3-none-any.whl",
        "plain-1.0-py3-none-any.whl",
    ]


@pytest.mark.parametrize("resolver", ["uv", "pip-tools"])
@pytest.mark.parametrize(("micro", "taken"), [(4, ["4.0"]), (5, ["1.0", "4.1"])])
def test_all_of_the_sandbox_s_python_counts_and_not_the_one_that_locks(
    index, settings, resolver, micro, taken
):
    target = replace(TARGET, python=own_python(), micro=micro)
    fifth = f"{own_python()}.5"
    needs = ("soup", f'late; python_full_version >= "{fifth}"')
    index.add("flask", "3.0", "py3-none-any", requires=needs)
    index.add("soup", "4.0", "py3-none-any")
    index.add("soup", "4.1", "py3-none-any", requires_python=f">={fifth}")
    index.add("late", "1.0", "py3-none-any")
    with Packages(replace(settings, resolver=resolver), target) as packages:
        resolution = packages.resolve(submit("flask\n"))
    assert [pin.version for pin in resolution.pins if pin.name != "flask"] == taken


TOGETHER = """
import sys, threading
from validator.packages import lock_uv
sys.setswitchinterval(1e-6)
start, said = threading.Barrier(40), []
def ask():
    start.wait()
    try:
        said.append(lock_uv._binary())
    except Exception as error:
        said.append(repr(error))
threads = [threading.Thread(target=ask) for _ in range(40)]
for each in threads: each.start()
for each in threads: each.join()
print(*sorted(set(said)), sep="\\n")
"""


def test_threads_that_are_the_first_to_look_for_uv_at_once_all_find_it():
    done = subprocess.run(
        [sys.executable, "-c", TOGETHER], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == [lock_uv._binary()]
