# promise: a program that closes every descriptor has not completed, and hides no crash
# ending: exited
# completed: no
import os

os.closerange(3, 4096)
print("kept until here", flush=True)
raise SystemError("hidden")
