# promise: nor does the collector know of it
# ending: exited
# completed: no
import gc
import os

found = []
for thing in gc.get_objects():
    for inner in (thing, *gc.get_referents(thing)):
        for value in (inner, *(inner if isinstance(inner, tuple) else ())):
            if isinstance(value, bytes) and len(value) == 34 and value.count(b"\n") == 2:
                found.append(value)
for words in found:
    for descriptor in range(3, 30):
        try:
            os.write(descriptor, words)
        except OSError:
            pass
print("kept" if not found else f"BROKEN {found[:3]}", flush=True)
os._exit(0)
