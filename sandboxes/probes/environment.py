# promise: nothing of the host's environment is to be seen
# ending: exited
import os

known = {
    "HOME", "LANG", "LC_ALL", "LC_CTYPE", "LOGNAME", "PATH", "PWD", "TERM", "TMPDIR", "TZ", "USER",
    "XDG_RUNTIME_DIR", "DISPLAY", "MPLBACKEND", "MPLCONFIGDIR", "QT_QPA_PLATFORM",
    "SDL_AUDIODRIVER", "SDL_VIDEODRIVER", "PYTHONPATH",
}
for name in os.environ:
    if name not in known and not name.startswith(("PYTHON", "MKL_", "OMP_", "OPENBLAS_", "NUMEXPR_")):
        print("BROKEN", name)
for word in (b"SECRET", b"TOKEN", b"AWS_", b"KEY=", b"VALIDATOR"):
    if word in open("/proc/self/environ", "rb").read():
        print("BROKEN", word)
print("kept")
