# promise: a crash of the interpreter is told as the signal it was
# ending: signalled
# completed: no
import ctypes

ctypes.string_at(0)
