# promise: no core is left anywhere
# ending: signalled
# completed: no
import os
import resource

try:
    resource.setrlimit(resource.RLIMIT_CORE, (-1, -1))
    print("BROKEN: a core may be written")
except ValueError:
    print("kept", flush=True)
os.abort()
