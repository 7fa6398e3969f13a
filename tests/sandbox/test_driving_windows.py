"""Windows are used as a person would: a program in, what was done and seen out."""

from __future__ import annotations

import importlib
import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from seeing import artifact, program, seen_kinds, told

from validator.errors import SandboxUnavailable
from validator.facts import Ending, Run

if TYPE_CHECKING:
    from collections.abc import Callable

    from seeing import LayerOf, RunProgram


@pytest.fixture
def use(run: RunProgram) -> Callable[..., Run]:
    """Run a program that opens windows, or skip where there is no display for it."""

    def use(text: str, **options: object) -> Run:
        try:
            return run(program(text), **options)
        except SandboxUnavailable as error:
            pytest.skip(str(error))

    return use


WIDTH, HEIGHT = 1024, 768
"""Of the virtual display."""


def words(run: Run) -> list[str]:
    return run.stdout.decode().split()


def test_fields_are_filled_before_buttons_and_what_leaves_comes_last(use) -> None:
    seen = use("""
        import tkinter as tk
        root = tk.Tk()
        tk.Button(root, text="Quit", command=lambda: (print("quit"), root.destroy())).pack()
        field = tk.Entry(root)
        field.pack()
        tk.Button(root, text="Add", command=lambda: print(int(field.get()) + 1)).pack()
        tk.Button(root, text="Clear", command=lambda: field.delete(0, "end")).pack()
        tk.Button(root, text="Add 2", command=lambda: print(int(field.get()) + 2)).pack()
        root.mainloop()
    """)

    assert words(seen) == ["6", "7", "quit"]
    assert (seen.ending, seen.exit_code, seen.completed) == (Ending.EXITED, 0, True)
    assert told(seen, "press", "text") == ["Add", "Clear", "Add 2", "Quit"]
    assert told(seen, "type", "text") == ["5", "5"]


def test_every_sort_of_choice_is_made(use) -> None:
    seen = use("""
        import tkinter as tk
        from tkinter import ttk
        root = tk.Tk()
        listing = tk.Listbox(root)
        listing.insert("end", "one")
        listing.bind("<<ListboxSelect>>", lambda e: print("listbox", listing.curselection()[0]))
        box = ttk.Combobox(root, values=["x"], state="readonly")
        box.bind("<<ComboboxSelected>>", lambda e: print("combobox", box.get()))
        scale = tk.Scale(root, from_=0, to=10, command=lambda value: print("scale", value))
        check = tk.Checkbutton(root, text="c", command=lambda: print("check", 1))
        radio = ttk.Radiobutton(root, text="r", value=1, command=lambda: print("radio", 1))
        for widget in (listing, box, scale, check, radio):
            widget.pack()
        bar = tk.Menu(root)
        files = tk.Menu(bar, tearoff=0)
        files.add_command(label="Exit", command=lambda: (print("exit", 0), root.quit()))
        files.add_command(label="New", command=lambda: print("new", 1))
        bar.add_cascade(label="File", menu=files)
        root.config(menu=bar)
        root.mainloop()
    """)

    pairs = seen.stdout.decode().splitlines()
    assert pairs == ["listbox 0", "combobox x", "scale 5", "check 1", "radio 1", "new 1", "exit 0"]


def test_bound_keys_and_clicks_are_made_where_they_are_bound(use) -> None:
    seen = use("""
        import tkinter as tk
        root = tk.Tk()
        canvas = tk.Canvas(root, width=200, height=100)
        canvas.pack()
        square = canvas.create_rectangle(10, 10, 30, 30, fill="red")
        canvas.tag_bind(square, "<Button-1>", lambda e: print("square", e.x, e.y))
        root.bind("<Left>", lambda e: print("key", e.keysym))
        root.bind("<Control-s>", lambda e: print("save", bool(e.state & 4)))
        root.bind("q", lambda e: print("last", e.char))
        root.bind("<Configure>", lambda e: None)
        root.mainloop()
    """)

    assert seen.stdout.decode().splitlines() == ["key Left", "save True", "square 20 20", "last q"]
    assert told(seen, "key", "key") == ["Left", "Control-s", "q"]


def test_an_exception_in_a_callback_is_the_programs_crash_and_is_printed_as_tk_prints_it(use):
    seen = use("""
        import tkinter as tk
        class App(tk.Tk):
            def go(self):
                return missing
        app = App()
        tk.Button(app, text="Go", command=app.go).pack()
        tk.Button(app, text="On", command=lambda: print("goes on")).pack()
        app.mainloop()
    """)

    assert seen.traceback is not None
    assert seen.traceback.type_name == "NameError"
    frame = seen.traceback.frames[-1]
    assert (frame.path, frame.line, frame.function) == ("main.py", 4, "go")
    assert seen.stderr.startswith(b"Exception in Tkinter callback\nTraceback (most recent call")
    assert b"/guest/" not in seen.stderr
    assert seen.stdout == b"goes on\n"
    assert (seen.exit_code, seen.completed) == (0, False)


def test_a_program_that_reports_its_own_exceptions_is_not_charged_with_them(use) -> None:
    seen = use("""
        import tkinter as tk
        class App(tk.Tk):
            def report_callback_exception(self, kind, error, trace):
                print("handled", kind.__name__)
        app = App()
        tk.Button(app, text="Go", command=lambda: 1 / 0).pack()
        app.mainloop()
    """)

    assert seen.stdout == b"handled ZeroDivisionError\n"
    assert (seen.traceback, seen.completed) == (None, True)


def test_dialogs_are_answered_and_the_answers_told(use) -> None:
    seen = use("""
        from tkinter import Tk, messagebox, filedialog, colorchooser, simpledialog
        root = Tk()
        root.withdraw()
        print(messagebox.askyesno("Sure?", "Do it?"))
        print(messagebox.showinfo("T", "done"), messagebox.askretrycancel("T", "again?"))
        print(open(filedialog.askopenfilename()).read().split()[-1])
        with open(filedialog.asksaveasfilename(defaultextension=".csv"), "w") as file:
            print(file.name[-4:])
        print(len(filedialog.askopenfilenames(filetypes=[("Pictures", "*.png")])))
        print(colorchooser.askcolor())
        print(simpledialog.askinteger("n", "how many?", minvalue=10, maxvalue=20))
        print(simpledialog.askstring("n", "Your name?"))
    """)

    assert seen.stdout.decode().splitlines() == [
        "True", "ok False", "text", ".csv", "1", "((51, 102, 204), '#3366cc')", "10", "Alex",
    ]  # fmt: skip
    assert seen.completed
    assert told(seen, "prompt", "answer")[:3] == ["yes", "ok", "cancel"]


def test_a_dialog_that_holds_everything_is_worked_through_first(use) -> None:
    seen = use("""
        import tkinter as tk
        from tkinter import simpledialog
        class Ask(simpledialog.Dialog):
            def body(self, master):
                self.field = tk.Entry(master)
                self.field.pack()
            def apply(self):
                self.result = self.field.get()
        root = tk.Tk()
        tk.Button(root, text="Ask", command=lambda: print(Ask(root).result)).pack()
        tk.Button(root, text="Next", command=lambda: print("next")).pack()
        root.mainloop()
    """)

    assert words(seen) == ["5", "next"]
    assert told(seen, "press", "text") == ["Ask", "OK", "Next"]


def test_a_window_is_closed_by_its_own_handler(use) -> None:
    seen = use("""
        import tkinter as tk
        from tkinter import messagebox
        root = tk.Tk()
        def closing():
            if messagebox.askokcancel("Quit", "Really?"):
                print("closing")
                root.destroy()
        root.protocol("WM_DELETE_WINDOW", closing)
        root.mainloop()
        print("over")
    """)

    assert words(seen) == ["closing", "over"]
    (ended,) = told(seen, "close", "ended_seconds")
    assert 0 <= ended < 2


def test_a_window_that_will_not_close_is_stopped(use) -> None:
    seen = use("""
        import tkinter as tk
        root = tk.Tk()
        root.protocol("WM_DELETE_WINDOW", lambda: None)
        root.mainloop()
    """)

    assert seen.ending is Ending.TIMED_OUT
    assert told(seen, "close", "ended_seconds") == [None]
    assert seen.wall_seconds < 9


def test_a_loop_of_its_own_is_used_and_not_broken_by_closing(use) -> None:
    seen = use("""
        import time, tkinter as tk
        root = tk.Tk()
        root.bind("<Left>", lambda e: print("left"))
        ball = tk.Canvas(root)
        ball.pack()
        while True:
            ball.config(width=200)
            root.update()
            time.sleep(0.02)
    """)

    assert words(seen) == ["left"]
    assert (seen.ending, seen.traceback) == (Ending.TIMED_OUT, None)
    assert "close" not in seen_kinds(seen)
    assert seen.wall_seconds < 9


def test_a_loop_of_its_own_that_says_what_closing_means_is_closed(use) -> None:
    seen = use("""
        import time, tkinter as tk
        root = tk.Tk()
        running = True
        def stop():
            global running
            running = False
        root.protocol("WM_DELETE_WINDOW", stop)
        while running:
            root.update()
            time.sleep(0.02)
        print("stopped")
    """)

    assert (words(seen), seen.completed) == (["stopped"], True)


def test_a_loop_in_a_callback_is_not_charged_with_its_window_being_closed(use) -> None:
    text = """
        import time, tkinter as tk
        root = tk.Tk()
        label = tk.Label(root, text="0")
        label.pack()
        def start():
            while True:
                label.config(text="1")
                root.update()
                time.sleep(0.02)
        tk.Button(root, text="Start", command=start).pack()
        root.mainloop()
        print("over")
    """
    closed = use(text)
    broken = use(text.replace('text="1"', "txt=1"))

    assert (closed.traceback, words(closed)) == (None, ["over"])
    assert b"invalid command name" in closed.stderr
    assert broken.traceback is not None
    assert (broken.traceback.type_name, broken.traceback.frames[1].line) == ("_tkinter.TclError", 7)


def test_a_turtle_draws_fast_answers_its_keys_and_closes(use) -> None:
    seen = use("""
        import turtle
        pen = turtle.Turtle()
        pen.speed(1)
        for _ in range(8):
            pen.circle(50)
            pen.left(45)
        screen = turtle.Screen()
        screen.onkey(lambda: print("up"), "Up")
        screen.onclick(lambda x, y: print("click"))
        screen.listen()
        print("drawn")
        turtle.done()
        print("over")
    """)

    assert words(seen)[:2] == ["drawn", "up"]
    assert words(seen)[-2:] == ["click", "over"]
    assert seen.completed
    assert artifact(seen, "window.png").startswith(b"\x89PNG")


def test_a_turtle_game_in_a_loop_of_its_own_is_played(use) -> None:
    seen = use("""
        import time, turtle
        screen = turtle.Screen()
        screen.tracer(0)
        player = turtle.Turtle()
        screen.listen()
        screen.onkeypress(lambda: (print("jump"), player.sety(missing)), "space")
        while True:
            player.forward(1)
            screen.update()
            time.sleep(0.02)
    """)

    assert words(seen) == ["jump"]
    assert seen.traceback is not None
    assert seen.traceback.frames[-1].line == 6


def test_what_moves_is_filmed_and_what_stands_still_is_not(use) -> None:
    moving = use("""
        import tkinter as tk
        root = tk.Tk()
        canvas = tk.Canvas(root, width=300, height=200, bg="navy")
        canvas.pack()
        ball = canvas.create_oval(10, 90, 30, 110, fill="yellow")
        def move():
            canvas.move(ball, 4, 0)
            root.after(20, move)
        move()
        root.mainloop()
    """)
    still = use("""
        import tkinter as tk
        root = tk.Tk()
        tk.Label(root, text="still", bg="red", width=20).pack()
        root.mainloop()
    """)

    film = Image.open(io.BytesIO(artifact(moving, "window.apng")))
    assert film.n_frames > 2
    assert max(film.size) <= 320
    assert artifact(still, "window.apng") == b""
    picture = Image.open(io.BytesIO(artifact(still, "window.png"))).convert("RGB")
    assert (255, 0, 0) in {colour for _, colour in picture.getcolors(WIDTH * HEIGHT) or ()}


def test_a_program_meets_its_own_modules_and_not_ours(use) -> None:
    seen = use(
        """
        import tkinter, game, png, windows
        print(game.NAME, png.NAME, windows.NAME, tkinter.Tk.__init__.__name__)
    """,
        beside={f"{name}.py": f"NAME = '{name}'\n" for name in ("game", "png", "windows")},
    )

    assert words(seen) == ["game", "png", "windows", "__init__"]


@pytest.fixture(scope="session")
def guest() -> Callable[[str], Any]:
    """Return a module of the guest's, imported as the runner imports it."""
    package = sys.modules.setdefault("_guest", type(sys)("_guest"))
    package.__path__ = [str(Path(__file__).parents[2] / "sandboxes/guest")]
    return lambda name: importlib.import_module(f"_guest.{name}")


@pytest.mark.parametrize(
    ("sequence", "event"),
    [
        ("x", ("key", "x", 0)),
        ("<Left>", ("key", "Left", 0)),
        ("<Key-1>", ("key", "1", 0)),
        ("<Any-KeyPress>", ("key", "a", 0)),
        ("<Control-Shift-s>", ("key", "s", 5)),
        ("<1>", ("click", "1", 0)),
        ("<Double-Button-1>", ("click", "1", 0)),
        ("<ButtonRelease-3>", ("click", "3", 0)),
        ("<B1-Motion>", ("drag", "1", 0)),
        ("<MouseWheel>", ("wheel", "Button-4", 0)),
        ("<Button-5>", ("wheel", "Button-5", 0)),
        ("<Configure>", None),
        ("<FocusIn>", None),
        ("<<ListboxSelect>>", None),
        ("<Up><Down>", None),
        ("", None),
    ],
)
def test_a_sequence_is_made_as_it_was_bound_or_not_at_all(guest, sequence, event) -> None:
    assert guest("bindings").parse(sequence) == event


@given(st.text(alphabet="<>-BKabey123 Motionprsuv", max_size=30) | st.text(max_size=20))
def test_no_sequence_a_program_binds_is_too_strange(guest, sequence) -> None:
    event = guest("bindings").parse(sequence)

    assert event is None or event[0] in ("key", "click", "drag", "wheel")


@given(st.data())
def test_a_film_shows_the_pictures_it_was_made_of(guest, data) -> None:
    width, height = data.draw(st.tuples(st.integers(1, 9), st.integers(1, 9)))
    pixels = st.binary(min_size=width * height * 3, max_size=width * height * 3)
    pictures = data.draw(st.lists(pixels, min_size=2, max_size=5))
    png = guest("png")
    packed = [png.compress(width, height, each) for each in pictures]
    film = Image.open(io.BytesIO(png.animate(width, height, packed, 120)))

    assert (film.size, getattr(film, "n_frames", 1)) == ((width, height), len(pictures))
    for number, picture in enumerate(pictures):
        film.seek(number)
        assert film.convert("RGB").tobytes() == picture


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 7))
def test_a_thinned_picture_has_the_pixels_it_was_thinned_to(guest, width, height, factor) -> None:
    pixels = b"".join(bytes((x, y, 7, 0)) for y in range(height) for x in range(width))
    thinned = guest("film").thin(pixels, (width, height), factor, "BGRX")

    wanted = [(7, y, x) for y in range(0, height, factor) for x in range(0, width, factor)]
    assert thinned == bytes(value for pixel in wanted for value in pixel)


@pytest.mark.online
def test_a_qt_program_is_used_and_closed(use, layer_of: LayerOf) -> None:
    seen = use(
        """
        import sys
        from PyQt6.QtCore import Qt
        from PyQt6.QtWidgets import (
            QApplication, QInputDialog, QLineEdit, QMessageBox, QPushButton, QVBoxLayout, QWidget)
        class Window(QWidget):
            def keyPressEvent(self, event):
                if event.key() == Qt.Key.Key_Left:
                    print("left")
            def closeEvent(self, event):
                print("closed")
        app = QApplication(sys.argv)
        window = Window()
        layout = QVBoxLayout(window)
        field = QLineEdit()
        add, ask, name = QPushButton("Add"), QPushButton("Ask"), QPushButton("Name")
        for widget in (field, add, ask, name):
            layout.addWidget(widget)
        add.clicked.connect(lambda: print(int(field.text()) + 1))
        ask.clicked.connect(
            lambda: print(QMessageBox.question(window, "", "sure?").name))
        name.clicked.connect(lambda: print(QInputDialog.getText(window, "", "name?")))
        window.show()
        sys.exit(app.exec())
    """,
        layer=layer_of("PyQt6<6.12"),
    )

    assert seen.stdout.decode().splitlines() == ["6", "Yes", "('5', True)", "left", "closed"]
    assert seen.completed, seen.stderr
    assert {"window", "press", "key", "close"} <= set(seen_kinds(seen))
    assert artifact(seen, "window.png").startswith(b"\x89PNG")


@pytest.mark.online
def test_an_exception_in_a_qt_slot_is_the_programs_crash(use, layer_of: LayerOf) -> None:
    seen = use(
        """
        from PyQt6.QtWidgets import QApplication, QPushButton
        app = QApplication([])
        button = QPushButton("Go")
        button.clicked.connect(lambda: missing)
        button.show()
        app.exec()
    """,
        layer=layer_of("PyQt6<6.12"),
    )

    assert seen.traceback is not None
    assert (seen.traceback.type_name, seen.traceback.frames[-1].line) == ("NameError", 4)
    assert seen.exit_code == 134  # PyQt aborts, and so did it here
    assert b"/guest/" not in seen.stderr


PAINTED = """
    import sys
    from PyQt6.QtWidgets import QApplication, QWidget
    class Board(QWidget):
        def mousePressEvent(self, event):
            print(int(event.position().x() > 0), event.button().name)
            %s
    app = QApplication(sys.argv)
    board = Board()
    board.resize(200, 200)
    board.show()
    sys.exit(app.exec())
"""


@pytest.mark.online
def test_a_widget_that_answers_clicks_itself_is_clicked(use, layer_of: LayerOf) -> None:
    seen = use(PAINTED % "pass", layer=layer_of("PyQt6<6.12"))

    assert seen.stdout == b"1 LeftButton\n" * 2
    assert seen.completed, seen.stderr
    assert told(seen, "click", "x") == [100, 50]


@pytest.mark.online
def test_an_exception_in_such_a_click_is_the_programs_crash(use, layer_of: LayerOf) -> None:
    seen = use(PAINTED % "self.count += 1", layer=layer_of("PyQt6<6.12"))

    assert seen.traceback is not None
    assert (seen.traceback.type_name, seen.traceback.frames[-1].line) == ("AttributeError", 6)


@pytest.mark.online
def test_what_customtkinter_draws_is_moved_and_chosen_from(use, layer_of: LayerOf) -> None:
    seen = use(
        """
        import customtkinter as ctk
        app = ctk.CTk()
        ctk.CTkSlider(app, from_=0, to=10, command=lambda at: print("at", at > 5)).pack()
        ctk.CTkOptionMenu(app, values=["a", "b"], command=lambda it: print("it", it)).pack()
        app.mainloop()
    """,
        layer=layer_of("customtkinter"),
    )

    assert sorted(seen.stdout.decode().split("\n")) == ["", "at True", "it b"], seen.stderr
    assert told(seen, "choose", "widget") == ["CTkSlider", "CTkOptionMenu"]
    assert seen.completed, seen.stderr
