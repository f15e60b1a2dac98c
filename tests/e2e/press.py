"""Runs a console program on a terminal of its own, and presses Ctrl+C once a file appears.

usage: press.py INTERRUPT_FILE LOG COMMAND...
LOG gets what the terminal shows, without its control sequences. Exits with the program's code; 124 after
PRESS_SECONDS (100).
"""
import os
import pty
import re
import select
import sys
import time

interrupt, log, *command = sys.argv[1:]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(command[0], command)
shown = b""
pressed = False
started = time.monotonic()
limit = float(os.environ.get("PRESS_SECONDS", 100))
while time.monotonic() - started < limit:
    if select.select([terminal], [], [], 0.1)[0]:
        try:
            more = os.read(terminal, 65536)
        except OSError:
            more = b""
        if not more:
            break
        shown += more
        with open(log, "wb") as file:
            file.write(re.sub(rb"\x1b\[\??[0-9;]*[A-Za-z]|\r", b"", shown))
    if not pressed and os.path.exists(interrupt):
        os.write(terminal, b"\x03")
        pressed = True
else:
    os.kill(pid, 9)
    sys.exit(124)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
