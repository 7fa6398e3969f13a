"""Completion, in the shells themselves: keys are pressed, and what comes of it is the command."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pexpect
import pytest

from validator.cli import main
from validator.commands import VERBS
from validator.completion import read
from validator.completion import script as completion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

START = {
    "bash": (
        ["--norc", "--noprofile", "-i"],
        "bind 'set enable-bracketed-paste off'; bind 'set bell-style none'; source ./script",
        'validate() {{ printf "%s" "{0}"; printf "<%s>" "$@"; echo "{1}"; }}',
    ),
    "zsh": (
        ["-f", "-i"],
        "unsetopt beep auto_remove_slash; autoload -Uz compinit; compinit -u -d dump; . ./script",
        'validate() {{ printf "%s" "{0}"; printf "<%s>" "$@"; echo "{1}"; }}',
    ),
    "fish": (
        ["--no-config", "-i"],
        "function fish_prompt; end; set -g fish_greeting; source ./script",
        'function validate; printf "%s" "{0}"; printf "<%s>" $argv; echo "{1}"; end',
    ),
}
"""How each is started, told of the script, and given a command that says its arguments."""
OPENS, CLOSES = "WAS-" + "CALLED:", ":SO-" + "FAR"

CASES = (
    ("bat", "batch"),
    ("completion fi", "completion fish"),
    ("explain RV42", "explain RV420"),
    ("cache cl", "cache clear"),
    ("--form", "--format"),
    ("--format sar", "--format sarif"),
    ("--format=sar", "--format=sarif"),
    ("replies/go", "replies/good.md"),
    ("replies/good.md --fail-on w", "replies/good.md --fail-on warning"),
    ("replies/good.md --update", "replies/good.md --update-baseline"),
    ("--write fol", "--write folder/"),
    ("--baseline fold", "--baseline folder"),  # and there it stops: a file and a folder begin so
    ("batch --resu", "batch --resume"),
    ("batch rec", "batch records.jsonl"),
    ("repair --model x rep", "repair --model x replies/"),
    # Near misses: a verb behind a file, a flag of another verb, what nobody can guess.
    ("replies/good.md extr", "replies/good.md extr"),
    ("explain --for", "explain --for"),
    ("rules rep", "rules rep"),
    ("--python rep", "--python rep"),
)


def script(shell: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["completion", shell]) == 0
    return capsys.readouterr().out


@pytest.fixture(params=START)
def press(
    request: pytest.FixtureRequest, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[[str], str]]:
    """Yield a function that types a command line and the tab key, and returns what is called."""
    shell: str = request.param
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    (tmp_path / "script").write_text(script(shell, capsys))
    for name in ("replies/good.md", "replies/bad.md", "folder/x", "folder.txt", "records.jsonl"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    arguments, told, function = START[shell]
    home = {"HOME": str(tmp_path), "TERM": "dumb", "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    child = pexpect.spawn(
        program,
        arguments,
        cwd=str(tmp_path),
        env=home,  # type: ignore[arg-type]
        encoding="utf-8",
        dimensions=(50, 200),
        timeout=60,
    )
    child.sendline(told)
    # In two pieces, so that the echo of this line is not taken for a call.
    child.sendline(function.format('WAS-""CALLED:', ':SO-""FAR'))

    def pressed(line: str) -> str:
        child.send(f"validate {line}\t")
        child.send("\n")
        child.expect(f"{OPENS}(.*?){CLOSES}")
        words = child.match[1].strip("<>").split("><")
        return " ".join(words)

    yield pressed
    child.close(force=True)


def test_keys_complete_what_the_command_takes(press: Callable[[str], str]) -> None:
    assert [(line, press(line)) for line, _ in CASES] == list(CASES)


@pytest.mark.parametrize("shell", START)
def test_every_flag_of_every_verb_is_in_it(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    from importlib import import_module

    text = script(shell, capsys)
    for verb in VERBS:
        for action in import_module(f"validator.commands.{verb}").parser()._actions:
            for name in action.option_strings:
                short = f"-s {name[1:]}" if name[1] != "-" else f"-l {name[2:]}"
                assert (short if shell == "fish" else name) in text
        assert verb in text


def test_a_shell_nobody_made_a_script_for_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["completion", "tcsh"])
    assert "invalid choice: 'tcsh'" in capsys.readouterr().err


@pytest.mark.parametrize("shell", START)
def test_words_of_the_help_are_words_to_the_shell(shell: str, tmp_path: Path) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    words = "it's \"[a]\" $(touch made) `touch made` \\\\' : {x} %% *"
    parser = argparse.ArgumentParser(description=words)
    parser.add_argument("--flag", metavar="FILE", help=words)
    parser.add_argument("--switch", action="store_true", help=words)
    verb = read("verb", parser, {})
    (tmp_path / "script").write_text(completion(shell, read("", parser, {}), (verb,)))
    told = "autoload -Uz compinit; compinit -u -d dump; " if shell == "zsh" else ""

    done = subprocess.run(
        [program, "-c", f"{told}source ./script"],
        check=False,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"HOME": str(tmp_path), "PATH": os.environ["PATH"]},
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not (tmp_path / "made").exists()
