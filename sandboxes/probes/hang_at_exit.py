# promise: an exit that never ends is ended
# ending: timed-out
# limits: wall_seconds=1.5
# completed: no
import atexit
import time

atexit.register(time.sleep, 60)
print("kept until here", flush=True)
