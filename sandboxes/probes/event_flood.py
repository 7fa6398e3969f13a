# promise: a flood on the supervisor's own descriptor is stopped, and nothing in it is believed
# ending: output-flood, exited, timed-out
# limits: wall_seconds=4
# completed: no
import os

import threading

junk = (b"\n" * 60_000, b"{}\n" * 20_000, b'{"token": 1e999, "size": -1}\n' * 2000, b"[" * 60_000)
alive = []
for descriptor in range(3, 40):
    try:
        os.write(descriptor, b"\n")
        alive.append(descriptor)
    except OSError:
        pass
print("kept until here", alive, flush=True)
while alive:
    for descriptor in list(alive):
        for piece in junk:
            try:
                os.write(descriptor, piece)
            except OSError:
                alive.remove(descriptor) if descriptor in alive else None
