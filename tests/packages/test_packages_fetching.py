"""Wheels are on their way before they are asked for, and fetched once whoever asks."""

from __future__ import annotations

import threading

import pytest
from fake_index import wheel
from submitting import TARGET, submit

from validator.errors import IndexUnavailable
from validator.packages import Packages
from validator.packages.connection import alone_with
from validator.packages.wheels import Unpacker


def offer_two(index):
    """flask, which needs click; their metadata beside them, so that no resolver asks for a file."""
    for name, needs in (("flask", "Requires-Dist: click\n"), ("click", "")):
        index.add(name, "3.0", "py3-none-any", requires=("click",) if needs else ())
        told = f"Metadata-Version: 2.1\nName: {name}\nVersion: 3.0\n{needs}"
        index.metadata[f"{name}-3.0-py3-none-any.whl"] = told


def fetched(index):
    return sorted(line for line in index.asked if line.endswith(".whl"))


def test_the_wheels_of_a_lock_are_on_their_way_when_it_is_told(index, settings):
    offer_two(index)
    with Packages(settings, TARGET) as packages:
        resolution = packages.resolve(submit("flask\n"), fetch=True)
        layer = packages.layer(resolution)
        assert {pin.name for pin in resolution.pins} == {"flask", "click"}
        assert set(layer.modules) == {"flask", "click"}
    assert fetched(index) == [
        "200 /files/click-3.0-py3-none-any.whl",
        "200 /files/flask-3.0-py3-none-any.whl",
    ]


def test_who_only_resolves_fetches_nothing(index, settings):
    offer_two(index)
    with Packages(settings, TARGET) as packages:
        packages.resolve(submit("flask\n"))
    assert fetched(index) == []
    assert not (settings.cache_dir / "wheels").exists()


def test_what_goes_wrong_on_the_way_is_the_layer_s_to_say(index, settings, monkeypatch):
    monkeypatch.setattr("validator.packages.connection.time.sleep", lambda seconds: None)
    index.add("flask", "3.0", "py3-none-any")
    with Packages(settings, TARGET) as packages:
        index.cuts = 99
        resolution = packages.resolve(submit("flask\n"), fetch=True)
        with pytest.raises(IndexUnavailable, match="did not answer"):
            packages.layer(resolution)
        index.cuts = 0
        assert packages.layer(resolution).modules == ("flask",)


def test_who_closes_does_not_wait_for_what_is_on_its_way(index, settings):
    index.add("flask", "3.0", "py3-none-any")
    packages = Packages(settings, TARGET)
    packages.resolve(submit("flask\n"))
    index.gate = threading.Event()
    packages.resolve(submit("flask>=1\n"), fetch=True)
    closing = threading.Thread(target=packages.close)
    closing.start()
    closing.join(10)
    hung = closing.is_alive()
    index.gate.set()
    closing.join(30)
    assert not hung


def test_a_file_that_somebody_fetches_is_waited_for(tmp_path):
    path, order, waiting = tmp_path / "x", [], threading.Event()

    def second():
        with alone_with(path, waiting.set):
            order.append("second")

    with alone_with(path, lambda: None):
        thread = threading.Thread(target=second)
        thread.start()
        assert waiting.wait(10)
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]
    assert list(tmp_path.iterdir()) == []


def test_what_was_moved_to_its_place_stays_there(tmp_path):
    with alone_with(tmp_path / "x", lambda: None) as new:
        new.write_text("whole")
        new.replace(tmp_path / "y")
    assert [path.name for path in tmp_path.iterdir()] == ["y"]


def test_who_waits_can_be_told_to_stop(tmp_path):
    def stop():
        raise IndexUnavailable("the download was broken off")

    with alone_with(tmp_path / "x", lambda: None):
        with pytest.raises(IndexUnavailable), alone_with(tmp_path / "x", stop):
            pytest.fail("somebody else has it")
        assert (tmp_path / "x").exists()


@pytest.mark.parametrize("order", ["abc", "cab", "bca", "acb"])
def test_the_last_by_name_has_the_last_word_in_whatever_order_they_come(tmp_path, order):
    (tmp_path / "site").mkdir()
    with Unpacker(tmp_path / "site") as unpacker:
        for each in order:
            path = tmp_path / each
            path.write_bytes(wheel(each, "1.0", modules={"shared.py": f"of = {each!r}\n"}))
            unpacker.add(f"{each}-1.0-py3-none-any.whl", path)
        assert unpacker.finish() == ("shared",)
    assert (tmp_path / "site/shared.py").read_text() == "of = 'c'\n"
    files = [path for path in (tmp_path / "site").rglob("*") if path.is_file()]
    assert unpacker.size_bytes == sum(path.stat().st_size for path in files)
