"""Arguments made up for a command line: what its own parser would take, and no more."""

from __future__ import annotations

import pytest
from driving_outcome import program
from hypothesis import given
from hypothesis import strategies as st

from validator.sandbox import plan
from validator.sandbox.parameters import MAX_ARGUMENTS, made_up
from validator.sandbox.shape import survey

ARGPARSE = "import argparse\n\np = argparse.ArgumentParser()\n"


def arguments(text: str) -> tuple[str, ...]:
    submission = program(text)
    return made_up(submission, survey(submission))


@pytest.mark.parametrize(
    ("added", "expected"),
    [
        ('p.add_argument("name")', ("Alice",)),
        ('p.add_argument("n", type=int)', ("5",)),
        ('p.add_argument("ratio", type=float)', ("2.5",)),
        ('p.add_argument("op", choices=["sub", "add"])', ("sub",)),
        ('p.add_argument("level", type=int, choices=(3, 4))', ("3",)),
        ('p.add_argument("points", type=float, nargs=2)', ("2.5", "2.5")),
        ('p.add_argument("words", nargs="+")', ("hello", "hello")),
        ('p.add_argument("sales_csv")', ("input.csv",)),
        ('p.add_argument("thing", type=Path)', ("input.txt",)),
        ('p.add_argument("output_file")', ("output.txt",)),
        ('p.add_argument("-k", "--key", required=True)', ("--key", "hello")),
        # What is not asked for is not given.
        ('p.add_argument("name", nargs="?")', ()),
        ('p.add_argument("names", nargs="*")', ()),
        ('p.add_argument("-v", "--verbose", action="store_true")', ()),
        ('p.add_argument("--key", required=False)', ()),
        ("p.add_argument(NAME)", ()),
    ],
)
def test_argparse_gets_what_it_requires(added: str, expected: tuple[str, ...]) -> None:
    assert arguments(f"{ARGPARSE}{added}\np.parse_args()\n") == expected


def test_one_command_of_several_is_tried_with_its_own_arguments() -> None:
    text = (
        f'{ARGPARSE}p.add_argument("store")\nsub = p.add_subparsers()\n'
        'add = sub.add_parser("add")\nadd.add_argument("title")\n'
        'drop = sub.add_parser("drop")\ndrop.add_argument("number", type=int)\n'
    )

    assert arguments(text) == ("hello", "add", "hello")


CLICK = """\
import click


@click.command()
@click.argument("city")
@click.option("--days", type=int, required=True)
@click.option("--loud", is_flag=True)
def main(city, days, loud):
    pass
"""
CLICK_GROUP = """\
import click


@click.group()
def cli():
    pass


@cli.command()
@click.argument("mood", type=click.Choice(["up", "down"]))
def set_mood(mood):
    pass
"""
TYPER_RUN = """\
import typer


def main(n: int, path: str = typer.Argument(...), loud: bool = False):
    pass


typer.run(main)
"""
TYPER_APP = """\
import typer

app = typer.Typer()


@app.command()
def add(a: int, store: str = typer.Option(...)):
    pass


@app.command("list")
def show():
    pass
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (CLICK, ("Paris", "--days", "5")),
        (CLICK.replace('"city"', '"city", required=False'), ("--days", "5")),
        (CLICK_GROUP, ("set-mood", "up")),
        (TYPER_RUN, ("5", "input.txt")),
        (TYPER_APP, ("add", "5", "--store", "hello")),
    ],
)
def test_click_and_typer_get_what_they_require(text: str, expected: tuple[str, ...]) -> None:
    assert arguments(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("print(int(sys.argv[1]) + float(sys.argv[2]))\n", ("5", "2.5")),
        ("source, target = sys.argv[1], sys.argv[2]\n", ("input.txt", "hello")),
        ("name, count = sys.argv[1:]\n", ("Alice", "5")),
        ("_, url = sys.argv\n", ("http://localhost:8000/",)),
        ("print(open(sys.argv[1]).read())\n", ("input.txt",)),
        ("print(sys.argv[0])\n", ()),
        ("print(sys.argv[-1])\n", ()),
        ("print(sys.argv[10**9])\n", ()),
        ("print(len(sys.argv))\n", ()),
    ],
)
def test_what_is_read_by_number_is_given_by_number(text: str, expected: tuple[str, ...]) -> None:
    assert arguments(f"import sys\n\n{text}") == expected


def test_only_a_command_line_gets_any() -> None:
    window = "import tkinter\nimport sys\n\nroot = tkinter.Tk()\nroot.title(sys.argv[1])\n"

    assert plan(program(window)).made_up == ()
    assert plan(program("import sys\n\nprint(sys.argv[1])\n")).made_up == ("hello",)


_PIECES = st.sampled_from((
    "import argparse\n", "import click\n", "import typer\n", "import sys\n", "p.add_argument(",
    "nargs=", "'name'", "'-x'", "required=True", ")", "\n", "@click.command()\n", "type=int",
    "def f(a, b: int = 1):\n", "    pass\n", "sys.argv[", "1", "]", "choices=[", "add_parser(",
    "a, b = ", ", ", "-1",
))  # fmt: skip


@given(st.lists(_PIECES, max_size=24).map("".join))
def test_no_text_makes_it_stumble_or_go_on_for_ever(text: str) -> None:
    found = arguments(text)

    assert len(found) <= MAX_ARGUMENTS * 3
    assert all(isinstance(each, str) and each.isprintable() for each in found)
