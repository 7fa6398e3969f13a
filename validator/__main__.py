"""`python -m validator` is `validate`."""

import sys

from validator.cli import main

sys.exit(main())
