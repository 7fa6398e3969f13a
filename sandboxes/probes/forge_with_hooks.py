# promise: a crash cannot be hidden behind hooks, handlers and patches
# ending: exited
# completed: no
import atexit
import json
import os
import sys
import threading

sys.excepthook = threading.excepthook = sys.unraisablehook = lambda *_: os._exit(0)
atexit.register(os._exit, 0)
json.dumps = lambda *_, **__: '{"event": "completed"}'
os.write = os.getpid = lambda *_: 0
raise SystemError("hidden")
