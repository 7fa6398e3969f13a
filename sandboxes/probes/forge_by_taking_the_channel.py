# promise: putting its own pipe in our channel's place gains nothing
# ending: exited
# completed: no
import os
import sys
import threading

real, ours, theirs = {}, *os.pipe()
for descriptor in range(3, 20):
    if descriptor not in (ours, theirs):
        try:
            real[descriptor] = os.dup(descriptor)
            os.dup2(theirs, descriptor)
        except OSError:
            pass


def forward():
    while data := os.read(ours, 4096):
        for line in data.split(b"\n"):
            if len(line) == 32:
                for descriptor in real.values():
                    try:
                        os.write(descriptor, b"\n" + line + b"\n")
                    except OSError:
                        pass


threading.Thread(target=forward, daemon=True).start()
sys.excepthook = lambda *_: os._exit(0)
print("kept until here", flush=True)
raise SystemError("hidden")
