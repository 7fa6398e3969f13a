"""`validate repair` as a stranger runs it, against a fake server on loopback."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parent / "models"))

from fake_model_servers import FakeLlamaCpp, FakeLlamaCppPython, Manners

if TYPE_CHECKING:
    from collections.abc import Sequence

    from validator.models import Message

pytestmark = pytest.mark.bubblewrap
BROKEN = "Here:\n\n```python\ndef area(r):\n    return 3 * r * r\n\n\nprint(disc(2))\n```\n"
MENDED = BROKEN.replace("disc", "area")
PIECE = "Change this line:\n\n```python\nscreen.blit(picture, position)\n```\n"
PROGRAM = "def area(r):\n    return 3 * r * r\n\n\nprint(area(2))\n"
SESSION = os.environ.get("VALIDATOR_SEED", str(Path(__file__).parents[2] / "shared/seed/session"))


@pytest.fixture(autouse=True)
def needs_bubblewrap(sandboxes: frozenset[str]) -> None:
    if "bubblewrap" not in sandboxes:
        pytest.skip("no bubblewrap here")


def say(messages: Sequence[dict[str, str]]) -> str:
    return MENDED if "undefined-name" in messages[-1]["content"] else BROKEN


def validate(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "validator", "repair", *arguments]
    return subprocess.run(
        [*command, "--sandbox", "bubblewrap"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_prompt_becomes_a_program(tmp_path: Path) -> None:
    (tmp_path / "prompt.md").write_text("Print the area of a circle.")
    with FakeLlamaCpp(say) as server:
        done = validate(tmp_path, "prompt.md", "--model", server.url, "--write", "out")
    assert done.returncode == 0, done.stderr
    assert "PASSED" in done.stdout
    assert (tmp_path / "out/main.py").read_text() == PROGRAM
    assert done.stderr.split("\n")[:3] == [
        "prompt.md holds no code: it is taken for a prompt",
        f"asking fake.gguf at {server.url} (OpenAI chat of llama.cpp, 8192 tokens of context)",
        "asked for 1 correction: passed",
    ]


def test_a_run_is_kept_gone_on_with_and_replayed(tmp_path: Path) -> None:
    (tmp_path / "reply.md").write_text(BROKEN)
    with FakeLlamaCpp(say) as server:
        arguments = ("reply.md", "--model", server.url, "--run-dir", "run")
        first = validate(tmp_path, *arguments)
        asked = len(server.generations())
        again = validate(tmp_path, *arguments)
        assert len(server.generations()) == asked == 1, "what was answered is not asked again"
    replayed = validate(tmp_path, "reply.md", "--model", "replay:run")
    for done in (first, again, replayed):
        assert done.returncode == 0, done.stderr
        assert "asked for 1 correction: passed" in done.stderr
    assert (tmp_path / "run/best/main.py").read_text() == PROGRAM
    report = json.loads((tmp_path / "run/round-01/report.json").read_text())
    assert report["verdict"] == "passed"
    assert "## Round 1: passed (best)" in (tmp_path / "run/story.md").read_text()


def test_a_folder_another_repair_writes_to_is_left_to_it(tmp_path: Path) -> None:
    (tmp_path / "reply.md").write_text(BROKEN)
    (tmp_path / "run").mkdir()
    with (tmp_path / "run/run.lock").open("ab") as held, FakeLlamaCpp(say) as server:
        fcntl.flock(held, fcntl.LOCK_EX)
        done = validate(tmp_path, "reply.md", "--model", server.url, "--run-dir", "run")
        assert not server.generations()
    assert done.returncode == 2
    assert done.stderr.split("\n")[1:] == [
        "validate: another repair is writing to run; wait for it, or name another --run-dir",
        "",
    ]
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["run.lock"]


def test_a_model_that_helps_no_further_leaves_what_it_began_with(tmp_path: Path) -> None:
    (tmp_path / "reply.md").write_text(BROKEN)
    with FakeLlamaCpp(BROKEN) as server:
        done = validate(tmp_path, "reply.md", "--model", server.url, "--write", "out")
    assert done.returncode == 1
    assert "asked for 1 correction: no progress" in done.stderr
    assert (tmp_path / "out/main.py").read_text() == PROGRAM.replace("print(area", "print(disc")


def test_a_reply_of_pieces_is_asked_for_the_program(tmp_path: Path) -> None:
    (tmp_path / "reply.md").write_text(PIECE)

    def whole_if_told(messages: Sequence[dict[str, str]]) -> str:
        return MENDED if "Send the whole program" in messages[-1]["content"] else PIECE

    with FakeLlamaCpp(whole_if_told) as server:
        done = validate(tmp_path, "reply.md", "--model", server.url)
    assert done.returncode == 0, done.stderr
    assert "asked for 1 correction: passed" in done.stderr


def test_the_block_that_is_asked_for_is_the_one_that_is_repaired(tmp_path: Path) -> None:
    (tmp_path / "reply.md").write_text(f"{MENDED}Or else:\n\n{BROKEN}")
    with FakeLlamaCpp(say) as server:
        done = validate(tmp_path, "reply.md", "--block", "2", "--model", server.url)
        wrong = validate(tmp_path, "reply.md", "--block", "7", "--model", server.url)
    assert done.returncode == 0, done.stderr
    assert "asked for 1 correction: passed" in done.stderr
    assert (wrong.returncode, wrong.stderr) == (
        2,
        "validate: there is no block 7: the reply has blocks 1 to 2\n",
    )


def test_pieces_twice_are_no_code_twice(tmp_path: Path) -> None:
    (tmp_path / "reply.md").write_text(PIECE)
    with FakeLlamaCpp(PIECE) as server:
        done = validate(tmp_path, "reply.md", "--model", server.url)
    assert done.returncode == 3
    assert "asked for 1 correction: no code twice" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--model", "URL/completion"), 3, "it has /v1/chat/completions (OpenAI chat)"),
        (("--model", "http://127.0.0.1:1"), 3, "no server answers"),
        (("--model", "replay:nowhere"), 2, "nowhere holds no run"),
        (("--model", "localhost:8080"), 2, "a model's address looks like"),
        (("--model", "URL", "--api-key-env", "VALIDATOR_NO_KEY"), 2, "is not set"),
        (("--model", "URL", "--template", "none.txt"), 2, "none.txt cannot be read"),
        (("--model", "URL", "--template", "reply.md"), 2, "the template has no section"),
        (("--model", "URL", "--tokens", "0"), 2, "--tokens: must be above 0"),
        (("--model", "URL", "--rounds", "-1"), 2, "--rounds: must not be below 0"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(
    tmp_path: Path, arguments: tuple[str, ...], code: int, words: str
) -> None:
    (tmp_path / "reply.md").write_text(BROKEN)
    with FakeLlamaCppPython(say) as server:
        given = [each.replace("URL", server.url) for each in arguments]
        done = validate(tmp_path, "reply.md", *given)
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_key_is_sent_and_never_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "k-very-secret")
    (tmp_path / "reply.md").write_text(BROKEN)
    with FakeLlamaCpp(say, Manners(key="k-very-secret")) as server:
        done = validate(
            tmp_path, "reply.md", "--model", server.url, "--api-key-env", "MY_KEY", "--run-dir", "r"
        )
    assert done.returncode == 0, done.stderr
    kept = "".join(path.read_text() for path in (tmp_path / "r").rglob("*") if path.is_file())
    assert "k-very-secret" not in done.stdout + done.stderr + kept


@pytest.mark.skipif(not Path(SESSION).is_dir(), reason="VALIDATOR_SEED names no session")
@pytest.mark.online
@pytest.mark.pyright
@pytest.mark.parametrize(
    ("parts", "sandbox"),
    [
        *((parts, "bubblewrap") for parts in range(1, 6)),
        pytest.param(1, "docker", marks=pytest.mark.docker),
        pytest.param(3, "docker", marks=pytest.mark.docker),
    ],
)
def test_the_evenings_session_is_completed_from_wherever_it_was_cut(
    sandboxes: frozenset[str], parts: int, sandbox: str
) -> None:
    if sandbox not in sandboxes:
        pytest.skip(f"no {sandbox} here")
    from validator.facts import Part, Reply
    from validator.pipeline import Validator
    from validator.repair import repair
    from validator.repair.judging import mending
    from validator.settings import load

    texts = [path.read_text() for path in sorted(Path(SESSION).glob("part-*.md"))]
    left = texts[parts:]

    def only_goes_on(messages: tuple[Message, ...]) -> str:
        asked = "Go on exactly after" in messages[-1].text
        return left.pop(0) if asked and left else "I have nothing to add."

    begun = Reply(tuple(Part(text, f"part-{n}.md") for n, text in enumerate(texts[:parts], 1)))
    with Validator(load({"sandbox": sandbox})) as validator:
        story = repair(begun, model=only_goes_on, validate=mending(validator))
    assert story.stopped_because == "passed"
    assert len(story.rounds) == 1
    assert len(story.rounds[0].pieces) == 5 - parts
    run = story.best.report.run
    assert run is not None
    assert run.plan.kind == "game"
