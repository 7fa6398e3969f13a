"""Every room's way from text to tree: any thread, any collection, any filter of warnings."""

from __future__ import annotations

import ast
import gc
import sys
import threading
import time
import warnings
from typing import TYPE_CHECKING

import pytest

from validator import syntax

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PROGRAM = "def f(a, b):\n    return [a + b for _ in range(3)]\n" * 40


@pytest.fixture
def collections_let_others_in() -> Iterator[None]:
    """Collect often, and give the interpreter away each time, as a finalizer may."""

    def give_way(phase: str, info: dict[str, int]) -> None:
        time.sleep(0.0002)

    before = gc.get_threshold()
    gc.set_threshold(200)
    gc.callbacks.append(give_way)
    yield
    gc.callbacks.remove(give_way)
    gc.set_threshold(*before)


def in_threads(
    work: Callable[[], object], *, threads: int = 4, times: int = 5
) -> list[BaseException]:
    raised: list[BaseException] = []

    def repeatedly() -> None:
        for _ in range(times):
            try:
                work()
            except BaseException as error:
                raised.append(error)

    all_threads = [threading.Thread(target=repeatedly) for _ in range(threads)]
    for thread in all_threads:
        thread.start()
    for thread in all_threads:
        thread.join()
    return raised


@pytest.mark.usefixtures("collections_let_others_in")
def test_threads_parse_while_garbage_lets_other_threads_in():
    assert in_threads(lambda: syntax.parse(PROGRAM)) == []
    assert in_threads(lambda: syntax.check(PROGRAM)) == []


@pytest.mark.usefixtures("collections_let_others_in")
@pytest.mark.skipif(sys.version_info >= (3, 11, 8), reason="gh-106905 is mended there")
def test_without_it_the_same_threads_break_the_parser():
    raised = in_threads(lambda: ast.parse(PROGRAM))

    assert {type(each) for each in raised} == {SystemError}


@pytest.mark.usefixtures("collections_let_others_in")
def test_threads_leave_the_filters_of_warnings_as_they_were():
    before = list(warnings.filters)

    assert in_threads(lambda: syntax.tree_of("x = '\\d'\n"), times=100) == []

    assert warnings.filters == before


@pytest.mark.parametrize("text", ["x = '\\d'\n", "if x is 1:\n    pass\n", "assert (x, 'said')\n"])
def test_what_python_warns_of_is_not_said_nor_raised(text, recwarn):
    warnings.simplefilter("error")

    assert isinstance(syntax.check(text), ast.Module)

    assert not recwarn.list


@pytest.mark.parametrize(
    "text", ["def (:\n", "x = 1\0\n", f"{'9' * 5000}\n", f"{'(' * 500}{')' * 500}\n", "-" * 100_000]
)
def test_what_is_no_python_has_no_tree(text):
    assert syntax.tree_of(text) is None
    with pytest.raises(syntax.NOT_PYTHON):
        syntax.check(text)


def test_only_a_check_refuses_what_the_compiler_refuses():
    assert syntax.tree_of("await x\n") is not None
    with pytest.raises(SyntaxError, match="outside function"):
        syntax.check("await x\n")


def test_a_finalizer_in_the_middle_may_parse_too():
    with syntax.parsing():
        assert syntax.tree_of("x = 1\n") is not None
