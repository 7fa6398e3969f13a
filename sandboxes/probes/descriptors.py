# promise: open files are bounded, and running out of them is the program's own
# ending: exited
import os

opened = []
try:
    while len(opened) < 100_000:
        opened.append(os.open("/dev/null", os.O_RDONLY))
    print("BROKEN", len(opened))
except OSError as error:
    for descriptor in opened:
        os.close(descriptor)
    print("kept after", len(opened), error.strerror)
