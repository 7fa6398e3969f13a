# promise: what is said to the supervisor cannot be read or swallowed on its way
# ending: exited
# completed: no
import os
import sys
import threading
import time

own = [n for n in range(3, 30) if os.path.exists(f"/proc/self/fd/{n}")]
taken = {n: os.dup(n) for n in own}


def read_along(source):
    while data := os.read(source, 4096):
        for line in data.split(b"\n"):
            if len(line) == 32:
                for copy in taken.values():
                    os.write(copy, b"\n" + line + b"\n")
                os._exit(0)


for number, copy in taken.items():
    try:
        source = os.open(f"/proc/self/fd/{number}", os.O_RDONLY)
    except OSError:
        ours, theirs = os.pipe()
        os.dup2(theirs, number)
        source = ours
    threading.Thread(target=read_along, args=(source,), daemon=True).start()
    threading.Thread(target=read_along, args=(copy,), daemon=True).start()
sys.setswitchinterval(1e-6)
time.sleep(0.2)
print("kept until here", flush=True)
raise SystemError("swallowed")
