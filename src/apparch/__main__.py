"""`python -m apparch`: the command line."""

import sys

from apparch.cli import main

sys.exit(main())
