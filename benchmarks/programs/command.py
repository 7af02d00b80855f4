"""The script that pip writes for the command `mockexam`, so that what is timed starts as the command does."""

import sys

from mockexam.entry import main

if __name__ == "__main__":
    sys.exit(main())
