# promise: a program that becomes another one has not completed
# ending: exited
# completed: no
import os
import sys

print("kept until here", flush=True)
os.execv(sys.executable, [sys.executable, "-c", "print('all tests passed')"])
