"""Runs a command and appends what it took to a file: measure.py FILE COMMAND...

That is a line of JSON: the command's last word, seconds, and peak memory in MB (10**6 bytes).
"""

import json
import os
import sys
import time
from pathlib import Path

file, *command = sys.argv[1:]
start = time.perf_counter()
process = os.posix_spawnp(command[0], command, os.environ)
_, status, usage = os.wait4(process, 0)
# Linux counts in units of 1,024 bytes, macOS in bytes.
peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6
row = {"command": command[-1], "seconds": time.perf_counter() - start, "peak": peak}
with Path(file).open("a", encoding="utf-8") as lines:
    lines.write(json.dumps(row) + "\n")
sys.exit(os.waitstatus_to_exitcode(status))
