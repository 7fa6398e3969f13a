# promise: what has the form of the supervisor's language and no sense breaks nothing
# ending: exited
# completed: no
import json
import os
import sys

frame, token, descriptor = sys._getframe(), "", -1
while frame is not None:
    channel = frame.f_locals.get("channel")
    if channel is not None:
        token, descriptor = channel.token, channel.descriptor
    frame = frame.f_back
events = (
    {"event": "artifact", "path": "../../../../etc/cron.d/x", "kind": "figure", "size": 1},
    {"event": "artifact", "path": "/etc/passwd", "kind": "figure", "size": 1},
    {"event": "artifact", "path": "a/../../b", "kind": "figure", "size": 1},
    {"event": "artifact", "path": ".ssh/authorized_keys", "kind": "figure", "size": 1},
    {"event": "artifact", "path": "with\nline", "kind": "figure", "size": 1},
    {"event": "artifact", "path": "x" * 5000, "kind": "figure", "size": 1},
    {"event": "artifact", "kind": [], "size": 1},
    {"event": "artifact", "path": {"a": 1}, "kind": "figure", "size": -5},
    {"event": "crashed", "type": 1, "size": 0},
    {"event": "crashed", "frames": [[1]], "type": "X", "message": "m", "size": 0},
    {"event": "leaving", "status": "many", "size": 0},
    {"event": "observed", "kind": ["a"], "replaces": True, "size": 0},
    {"event": "observed", "size": 0},
    {"event": "observed", "kind": "pulse", "state": "sleeping", "size": 0},
    {"event": "observed", "kind": "odd", "number": float("nan"), "size": 0},
    {"event": "observed", "kind": "odd", "text": "\ud800", "size": 0},
    {"event": ["x"], "size": 0},
    {"event": "completed", "size": 0},
)
for event in events:
    body = b"x" * max(event["size"], 0)
    os.write(descriptor, b"\n" + json.dumps({**event, "token": token}).encode() + b"\n" + body)
print("kept" if token else "BROKEN: the probe did not find its way", flush=True)
os._exit(0)
