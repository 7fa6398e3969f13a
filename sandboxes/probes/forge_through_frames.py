# promise: what says that a program completed is in no frame and behind no name
# ending: exited
# completed: no
import gc
import os
import sys

found, seen, waiting = [], set(), []
frame = sys._getframe()
while frame is not None:
    waiting += [frame.f_locals, frame.f_globals, frame.f_code, frame]
    frame = frame.f_back
waiting += [sys.modules, sys.argv, sys.__dict__]
while waiting and len(seen) < 400_000:
    thing = waiting.pop()
    if id(thing) in seen:
        continue
    seen.add(id(thing))
    if isinstance(thing, bytes) and 30 < len(thing) < 40:
        found.append(thing)
    waiting += gc.get_referents(thing)
descriptor = next(
    (c.f_locals["channel"].descriptor for c in (sys._getframe(n) for n in range(1, 9))
     if "channel" in c.f_locals), 5)
for words in found[:1]:
    os.write(descriptor, b"\n" + words.strip() + b"\n")
print("kept" if not found else f"BROKEN {found[:3]}", len(seen), "things", flush=True)
os._exit(0)
