"""Starts programs for speed.py and measures them: a line of JSON, `[command, environment]`, is answered by a line of JSON.

A process of its own because Linux counts the memory of the parent as memory of a child that it starts, and this one stays
small.
"""

import json
import os
import subprocess
import sys
import time

for line in sys.stdin:
    command, environment = json.loads(line)
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    # Both pipes take little: the programs write to files, and are told to be quiet.
    output, errors = process.stdout.read(), process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    told = {
        "seconds": seconds,
        "processor": used.ru_utime + used.ru_stime,
        "megabytes": used.ru_maxrss * 1024 / 1e6,
        "output": output,
        "errors": errors,
        "status": process.returncode,
    }
    print(json.dumps(told), flush=True)
