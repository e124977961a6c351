"""Did I reproduce it? Runs every stage of a commit again, from nothing, and compares."""

import signal
import sys

# As in `stages`: Ctrl-C while it imports ends it without a traceback; `main` takes over.
if sys.argv[0] == "-m":
    signal.signal(signal.SIGINT, signal.SIG_DFL)
