"""Runs one command as a child process; prints its exit code, wall time and peak memory as JSON.

A process of its own, since Linux counts in a child's peak what its parent held when it started the child, and the
parent that holds the portal is large: `python stopwatch.py OUTPUT COMMAND…`. What the command writes goes to OUTPUT.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path


def main(output: str, *command: str) -> None:
    with Path(output).open("wb") as file:
        began = time.perf_counter()
        child = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT)  # nosec B603
        _pid, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - began
    result = {
        "exit_code": os.waitstatus_to_exitcode(status),
        "seconds": seconds,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "peak_mb": usage.ru_maxrss / 1024,  # Linux gives KiB
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main(*sys.argv[1:])
