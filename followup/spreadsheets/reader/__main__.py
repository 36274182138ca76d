"""Entry point of `python -m followup.spreadsheets.reader`; see the package."""

import sys

from followup.spreadsheets.reader import main

sys.exit(main(sys.argv[1:]))
