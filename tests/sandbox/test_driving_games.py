"""Games are played: keys, mouse, frames counted and filmed, the window closed at the end."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from seeing import artifact, program, seen_kinds, told

from validator.errors import SandboxUnavailable
from validator.facts import Asset, Ending, Job, Plan, ProgramKind, Run, SourceFile
from validator.sandbox.placeholders import content

if TYPE_CHECKING:
    from collections.abc import Callable

    from seeing import LayerOf, RunProgram

    from validator.facts import Layer
    from validator.sandbox.backend import Backend

pytestmark = pytest.mark.online


@pytest.fixture(scope="module", params=["pygame==2.6.1", "pygame-ce==2.5.5"])
def pygame(request: pytest.FixtureRequest, layer_of: LayerOf) -> Layer:
    return layer_of(request.param)


@pytest.fixture
def play(run: RunProgram, pygame: Layer) -> Callable[..., Run]:
    def play(text: str, **options: object) -> Run:
        try:
            return run(program(text), layer=pygame, **options)
        except SandboxUnavailable as error:
            pytest.skip(str(error))

    return play


def said(run: Run) -> list[str]:
    """What the program printed, the library's greeting left out."""
    lines = run.stdout.decode().splitlines()
    return [line for line in lines if not re.match(r"pygame|Hello from", line)]


@pytest.mark.parametrize("extension", ["wav", "ogg", "mp3"])
def test_what_stands_for_a_sound_can_be_played_as_one_and_as_music(
    backend: Backend, pygame: Layer, extension: str
) -> None:
    asset = Asset(f"theme.{extension}", content(f"theme.{extension}", ()) or b"")
    text = f"""\
import pygame
pygame.mixer.init()
print(pygame.mixer.Sound("{asset.path}").get_length() > 0.1)
pygame.mixer.music.load("{asset.path}")
pygame.mixer.music.play()
print(pygame.mixer.music.get_busy())
"""
    file = SourceFile("main.py", text, tuple(range(1, 8)))
    how = Plan(ProgramKind.SCRIPT, "chosen by the test")
    seen = backend.run(Job((file,), "main.py", how, pygame, assets=(asset,)))

    assert (said(seen), seen.traceback) == (["True", "True"], None)


def test_keys_are_pressed_alone_and_together_and_the_window_is_closed(play) -> None:
    seen = play("""
        import pygame
        pygame.init()
        screen = pygame.display.set_mode((640, 480))
        clock, x, downs, held = pygame.time.Clock(), 320, [], set()
        running = True
        while running:
            for event in pygame.event.get():
                if event.type == pygame.QUIT:
                    running = False
                elif event.type == pygame.KEYDOWN:
                    downs.append(pygame.key.name(event.key) + event.unicode)
            keys = pygame.key.get_pressed()
            held.add((keys[pygame.K_LEFT], keys[pygame.K_RIGHT]))
            x += 4 * (keys[pygame.K_RIGHT] - keys[pygame.K_LEFT])
            screen.fill((0, 0, 40))
            pygame.draw.circle(screen, "yellow", (x, 240), 20)
            pygame.display.flip()
            clock.tick(60)
            if keys[pygame.K_ESCAPE]:
                downs.append("escape is held")
            if keys[pygame.K_SPACE]:
                x = 320
        pygame.quit()
        print(downs[:3])
        print(downs[-1])
        print(sorted(held))
    """)

    downs, last, held = said(seen)
    assert (downs, last) == ("['space ', 'left', 'right']", "escape is held"), seen.stderr
    assert held == "[(False, False), (False, True), (True, False), (True, True)]"
    assert (seen.plan.kind, seen.ending, seen.completed) == (
        ProgramKind.GAME,
        Ending.EXITED,
        True,
    )
    assert told(seen, "key", "key")[:3] == ["K_SPACE", "K_LEFT", "K_RIGHT"]
    assert told(seen, "key", "key")[-1] == "K_ESCAPE"
    (count,) = told(seen, "frames", "count")
    (distinct,) = told(seen, "frames", "distinct")
    assert count > distinct > 2
    (ended,) = told(seen, "close", "ended_seconds")
    assert 0 <= ended < 2


def test_what_it_shows_is_pictured_and_filmed(play) -> None:
    seen = play("""
        import pygame
        screen = pygame.display.set_mode((800, 200))
        x = 0
        while pygame.QUIT not in [event.type for event in pygame.event.get()]:
            x += 5
            screen.fill("navy")
            screen.fill("red", (x % 800, 50, 40, 40))
            pygame.display.update((0, 0, 800, 200))
            pygame.time.wait(10)
    """)

    picture = Image.open(io.BytesIO(artifact(seen, "window.png")))
    film = Image.open(io.BytesIO(artifact(seen, "window.apng")))
    assert (picture.size, film.size) == ((800, 200), (267, 67))
    assert 8 <= film.n_frames <= 24
    assert len(artifact(seen, "window.apng")) < 1 << 20
    assert {"navy", "red"} <= {
        {(0, 0, 128): "navy", (255, 0, 0): "red"}.get(colour) for _, colour in picture.getcolors()
    }


def test_a_frozen_game_shows_one_picture_however_many_frames(play) -> None:
    seen = play("""
        import pygame
        screen = pygame.display.set_mode((100, 100))
        while not pygame.event.peek(pygame.QUIT):
            pygame.display.flip()
            pygame.time.wait(10)
    """)

    assert told(seen, "frames", "distinct") == [1]
    assert artifact(seen, "window.apng") == b""
    assert artifact(seen, "window.png").startswith(b"\x89PNG")


def test_the_mouse_is_clicked_where_the_code_listens_to_it(play) -> None:
    text = """
        import pygame
        screen = pygame.display.set_mode((400, 200))
        clicks, going = [], True
        while going:
            for event in pygame.event.get():
                going = going and event.type != pygame.QUIT
                if event.type == pygame.MOUSEBUTTONDOWN:
                    clicks.append((event.pos == pygame.mouse.get_pos(),
                                   pygame.mouse.get_pressed()[0], event.button))
            pygame.display.flip()
            pygame.time.wait(5)
        print(set(clicks), len(clicks))
    """
    seen = play(text)
    unheard = play(
        re.sub(r"(?s)                if event.type == pygame.MOUSE.*?button\)\)\n", "", text)
    )

    assert said(seen) == ["{(True, True, 1)} 5"]
    assert len(told(seen, "click", "x")) == 5
    assert said(unheard) == ["set() 0"]
    assert "click" not in seen_kinds(unheard)


def test_a_game_that_waits_in_its_menu_is_started(play) -> None:
    seen = play("""
        import pygame
        screen = pygame.display.set_mode((200, 100))
        pygame.display.flip()
        event = pygame.event.wait()
        while event.type != pygame.KEYDOWN or event.key != pygame.K_RETURN:
            event = pygame.event.wait()
        print("started")
        while event.type != pygame.QUIT:
            event = pygame.event.poll()
            if event.type == pygame.KEYDOWN and event.key == pygame.K_UP:
                print("up")
                break
            pygame.display.flip()
    """)

    assert said(seen) == ["started", "up"], (seen.ending, seen.observations)


def test_a_crash_in_a_key_handler_is_the_programs_crash(play) -> None:
    seen = play("""
        import pygame
        screen = pygame.display.set_mode((200, 100))
        def turn():
            if direction != "left":
                direction = "right"
        while True:
            for event in pygame.event.get():
                if event.type == pygame.QUIT:
                    raise SystemExit
                if event.type == pygame.KEYDOWN and event.key == pygame.K_RIGHT:
                    turn()
            pygame.display.flip()
            pygame.time.wait(10)
    """)

    assert seen.traceback is not None
    assert seen.traceback.type_name == "UnboundLocalError"
    assert [frame.line for frame in seen.traceback.frames] == [11, 4]


def test_a_library_used_wrongly_is_told_without_entries_of_ours(play) -> None:
    seen = play("""
        import pygame
        pygame.display.update("everything")
    """)

    assert seen.traceback is not None
    assert [frame.path for frame in seen.traceback.frames] == ["main.py"]
    assert b"/guest/" not in seen.stderr
    assert seen.stderr.startswith(b"Traceback (most recent call last):\n")


def test_a_game_that_ignores_its_window_being_closed_is_stopped(play) -> None:
    seen = play("""
        import pygame
        pygame.display.set_mode((200, 100))
        while True:
            pygame.event.get()
            pygame.display.flip()
            pygame.time.wait(10)
    """)

    assert seen.ending is Ending.TIMED_OUT
    assert told(seen, "close", "ended_seconds") == [None]
    assert seen.wall_seconds < 9


def test_a_game_drawn_by_the_graphics_card_is_played_on_the_display(play) -> None:
    seen = play("""
        import pygame
        from pygame.locals import DOUBLEBUF, OPENGL
        pygame.display.set_mode((200, 100), DOUBLEBUF | OPENGL)
        going = True
        while going:
            for event in pygame.event.get():
                going = event.type != pygame.QUIT
                if event.type == pygame.KEYDOWN and event.key == pygame.K_UP:
                    print("up")
            pygame.display.flip()
            pygame.time.wait(10)
    """)

    assert said(seen) == ["up"], seen.stderr
    assert told(seen, "frames", "distinct") == [None]
    assert "not-instrumented" not in seen_kinds(seen)
    assert seen.completed


def test_a_game_of_its_own_thread_and_surface_is_played(play) -> None:
    seen = play("""
        import threading
        import pygame
        screen = pygame.display.set_mode((100, 100))
        class Layer(pygame.Surface):
            pass
        def draw():
            for _ in range(100):
                layer = Layer((100, 100))
                screen.blit(layer, (0, 0))
                pygame.display.flip()
                pygame.time.wait(10)
        painter = threading.Thread(target=draw)
        painter.start()
        print(threading.active_count())
        painter.join()
        print(pygame.display.flip.__name__, pygame.key.get_pressed.__name__)
    """)

    assert said(seen) == ["2", "flip get_pressed"]
    assert told(seen, "frames", "count") == [100]


@pytest.fixture
def pyxel(layer_of: LayerOf) -> Layer:
    return layer_of("pyxel==2.9.9")


def test_a_pyxel_game_is_played(run: RunProgram, pyxel: Layer) -> None:
    try:
        seen = run(
            program("""
            import pyxel
            pyxel.init(160, 120)
            def update():
                if pyxel.btnp(pyxel.KEY_SPACE):
                    print("space", flush=True)
            def draw():
                pyxel.cls(1)
                pyxel.circ(pyxel.frame_count % 160, 60, 9, 8)
            pyxel.run(update, draw)
        """),
            layer=pyxel,
        )
    except SandboxUnavailable as error:
        pytest.skip(str(error))

    assert said(seen) == ["space"], seen.stderr
    assert told(seen, "key", "key") == ["KEY_SPACE"]
    (distinct,) = told(seen, "frames", "distinct")
    assert distinct > 2


def test_a_pyglet_game_is_played_and_closed(run: RunProgram, layer_of: LayerOf) -> None:
    try:
        seen = run(
            program("""
            import pyglet
            from pyglet.window import key
            window = pyglet.window.Window(320, 200)
            @window.event
            def on_draw():
                window.clear()
            @window.event
            def on_key_press(symbol, modifiers):
                if symbol == key.LEFT:
                    print("left")
            @window.event
            def on_mouse_press(x, y, button, modifiers):
                print("mouse", x, y)
            @window.event
            def on_close():
                print("closing")
            pyglet.app.run()
            print("over")
        """),
            layer=layer_of("pyglet==2.1.9"),
        )
    except SandboxUnavailable as error:
        pytest.skip(str(error))

    assert (said(seen)[:2], said(seen)[-2:]) == (["left", "mouse 160 100"], ["closing", "over"])
    assert told(seen, "frames", "count")[0] > 3
    assert seen.completed
