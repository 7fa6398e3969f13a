"""Hand over to the runner: a module's byte code is kept, a script is compiled anew each time."""

import sys

# -I keeps a script's own folder off it.
sys.path.insert(0, __file__.rpartition("/")[0])
import runner

del sys.path[0], sys.modules["runner"]
runner.main()
