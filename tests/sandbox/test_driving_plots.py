"""What a program would have shown is kept: figures, pictures, pages, and the files it wrote."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from seeing import artifact, program, seen_kinds, told

from validator.facts import Ending, ProgramKind

if TYPE_CHECKING:
    from seeing import LayerOf, RunProgram

    from validator.facts import Layer, Run


def paths(run: Run, kind: str) -> list[str]:
    return [each.path for each in run.artifacts if each.kind == kind]


def picture(run: Run, path: str) -> Image.Image:
    return Image.open(io.BytesIO(artifact(run, path)))


@pytest.fixture(scope="module")
def matplotlib(layer_of: LayerOf) -> Layer:
    return layer_of("matplotlib==3.10.3")


@pytest.mark.online
def test_figures_shown_or_left_open_are_kept_once_each(run: RunProgram, matplotlib: Layer) -> None:
    seen = run(
        program("""
        import matplotlib.pyplot as plt
        plt.plot([1, 2, 3])
        plt.show()
        print(plt.get_fignums(), plt.show.__name__, plt.show.__module__)
        figure, axes = plt.subplots()
        axes.bar([1, 2], [3, 4])
        plt.show(block=False)
        plt.pause(0.01)
        print(plt.get_fignums())
        plt.figure()
    """),
        layer=matplotlib,
        wall_seconds=40.0,
        memory_mib=512,
    )

    assert seen.plan.kind is ProgramKind.PLOT
    assert (seen.stdout, seen.stderr) == (b"[] show matplotlib.pyplot\n[1]\n", b"")
    assert paths(seen, "figure") == ["figure-1.png", "figure-2.png", "figure-3.png"]
    assert told(seen, "figure", "path") == paths(seen, "figure")
    assert picture(seen, "figure-1.png").size == (640, 480)
    assert seen.completed


@pytest.mark.online
def test_an_animation_is_begun_and_its_crash_is_the_programs(
    run: RunProgram, matplotlib: Layer
) -> None:
    text = """
        import matplotlib.pyplot as plt
        from matplotlib.animation import FuncAnimation
        first, axes = plt.subplots()
        line, = axes.plot([0, 1], [0, 1])
        plt.figure()
        plt.figure(first)
        def update(frame):
            print("frame", frame)
            line.set_ydata([frame, 1])
            return line,
        animation = FuncAnimation(first, update, frames=10)
        plt.show(block=False)
        print(plt.gcf() is first)
    """
    seen = run(program(text), layer=matplotlib, wall_seconds=40.0, memory_mib=512)
    broken = run(
        program(text.replace("[frame, 1]", "[missing, 1]")),
        layer=matplotlib, wall_seconds=40.0, memory_mib=512,
    )  # fmt: skip

    assert seen.stdout.splitlines()[0] == b"frame 0"
    assert seen.stdout.splitlines()[-1] == b"True"
    assert (seen.stderr, seen.completed) == (b"", True)
    assert broken.traceback is not None
    assert (broken.traceback.type_name, broken.traceback.frames[-1].line) == ("NameError", 9)
    assert b"/guest/" not in broken.stderr


@pytest.mark.online
def test_a_crash_is_not_drawn_over(run: RunProgram, matplotlib: Layer) -> None:
    seen = run(
        program("""
        import matplotlib.pyplot as plt
        plt.plot([1, 2, 3])
        plt.savefig("/figures/not/there.png")
    """),
        layer=matplotlib,
        wall_seconds=40.0,
        memory_mib=512,
    )

    assert seen.traceback is not None
    assert seen.traceback.type_name == "FileNotFoundError"
    assert "figure" not in seen_kinds(seen)
    assert b"/guest/" not in seen.stderr


@pytest.mark.online
def test_a_window_of_opencv_is_looked_at_and_left_by_its_key(
    run: RunProgram, layer_of: LayerOf
) -> None:
    seen = run(
        program("""
        import cv2
        import numpy as np
        frame = np.zeros((90, 160, 3), np.uint8)
        cv2.namedWindow("camera")
        cv2.createTrackbar("level", "camera", 5, 10, lambda value: None)
        shown = 0
        while True:
            cv2.circle(frame, (shown % 160, 45), 9, (0, 0, 255), -1)
            cv2.imshow("camera", frame)
            shown += 1
            if cv2.waitKey(20) & 0xFF == ord("q"):
                break
        cv2.destroyAllWindows()
        print(shown > 10, cv2.getTrackbarPos("level", "camera"))
        try:
            cv2.imshow("none", None)
        except cv2.error:
            print("no picture")
    """),
        layer=layer_of("opencv-python-headless==4.11.0.86", "numpy==2.2.6"),
        memory_mib=512,
    )

    assert seen.stdout.decode().splitlines() == ["True 5", "no picture"], seen.stderr
    assert told(seen, "key", "key") == ["q"]
    assert picture(seen, "figure-1.png").size == (160, 90)


@pytest.mark.online
def test_a_picture_of_pil_is_kept_instead_of_opened(run: RunProgram, layer_of: LayerOf) -> None:
    seen = run(
        program("""
        from PIL import Image
        Image.new("CMYK", (30, 20)).show()
        Image.new("RGB", (30, 20), "red").show(title="red")
    """),
        layer=layer_of("pillow==11.3.0"),
    )

    assert paths(seen, "figure") == ["figure-1.png", "figure-2.png"]
    assert picture(seen, "figure-2.png").getpixel((0, 0)) == (255, 0, 0)
    assert (seen.stderr, seen.completed) == (b"", True)


@pytest.mark.online
def test_a_page_of_plotly_is_kept_instead_of_opened(run: RunProgram, layer_of: LayerOf) -> None:
    seen = run(
        program("""
        import plotly.graph_objects as go
        go.Figure(go.Bar(x=["a", "b"], y=[3, 4])).show()
        print("shown")
    """),
        layer=layer_of("plotly==6.1.2"),
    )

    assert (seen.stdout, seen.completed) == (b"shown\n", True), seen.stderr
    page = artifact(seen, "figure-1.html").decode()
    assert '"type":"bar"' in page
    assert len(page) < 100_000


def test_what_the_program_wrote_is_kept_and_what_it_was_given_is_not(run: RunProgram) -> None:
    seen = run(
        program("""
        import os
        open("page.html", "w").write("<p>made</p>")
        os.makedirs("a folder")
        open("a folder/ünder.svg", "w").write("<svg/>")
        open("data.csv", "w").write("not a picture")
        os.symlink("/etc/hostname", "link.png")
        open("large.png", "wb").write(bytes(3 << 20))
        os.mkfifo("pipe.png")
    """),
        kind=ProgramKind.PLOT,
        beside={"given.html": "<p>given</p>\n"},
    )

    assert paths(seen, "file") == ["files/page.html", "files/a-folder-nder.svg"]
    assert artifact(seen, "files/page.html") == b"<p>made</p>"
    assert (seen.ending, seen.completed) == (Ending.EXITED, True)


def test_a_program_that_writes_a_thousand_pictures_leaves_a_few(run: RunProgram) -> None:
    seen = run(
        program("""
        for number in range(1000):
            open(f"{number:04}.png", "wb").write(b"x")
    """),
        kind=ProgramKind.PLOT,
    )

    assert len(paths(seen, "file")) == 8
    assert seen.completed
