"""The script that makes a base image: what is missing is said, and nothing is left lying about."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from validator.sandbox import guest

SCRIPT = guest.folder() / "docker" / "make-base"


@pytest.fixture
def machine(tmp_path):
    """A machine that has only the commands it is given; returns what the script says there."""
    commands, scratch = tmp_path / "bin", tmp_path / "scratch"
    commands.mkdir()
    scratch.mkdir()
    for name in ("mktemp", "rm", "tail", "tar", "cat", "mkdir"):
        (commands / name).symlink_to(shutil.which(name))

    def run(*arguments: str, **fakes: str) -> subprocess.CompletedProcess[str]:
        for name, body in fakes.items():
            fake = commands / name
            fake.write_text(f"#!/bin/sh\n{body}\n")
            fake.chmod(0o755)
        environment = {"PATH": str(commands), "TMPDIR": str(scratch)}
        done = subprocess.run(
            ["/bin/sh", str(SCRIPT), *arguments],
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert list(scratch.iterdir()) == []
        return done

    return run


def test_it_can_be_run():
    assert os.access(SCRIPT, os.X_OK)


@pytest.mark.parametrize(
    ("fakes", "said"),
    [
        ({}, "debootstrap is missing; install it: apt-get install debootstrap"),
        (
            {"debootstrap": ""},
            "the docker command is missing; install it: apt-get install docker.io",
        ),
        ({"debootstrap": "", "docker": "", "id": "echo 1000"}, "debootstrap needs root; run: sudo"),
        ({"debootstrap": "", "docker": "exit 1", "id": "echo 0"}, "no Docker engine answers"),
    ],
)
def test_what_is_missing_is_said_in_one_line(machine, fakes, said):
    done = machine(**fakes)
    assert done.returncode == 1
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_flag_is_not_taken_for_a_tag(machine):
    assert "usage: make-base [TAG]" in machine("--help").stderr


def test_a_mirror_that_does_not_answer_shows_the_last_of_the_log(machine):
    fails = "mkdir $4; echo 'E: Failed getting release file'; exit 1"
    done = machine(debootstrap=fails, docker="cat >/dev/null", id="echo 0")
    assert done.returncode == 1
    assert "E: Failed getting release file" in done.stderr
    assert "debootstrap failed" in done.stderr


def test_an_import_that_fails_is_not_called_done(machine):
    fakes = {"debootstrap": "mkdir -p $4/etc", "id": "echo 0"}
    done = machine(docker="case $1 in import) cat >/dev/null; exit 1;; esac", **fakes)
    assert done.returncode == 1
    assert "docker import failed" in done.stderr
    assert "done" not in done.stdout
