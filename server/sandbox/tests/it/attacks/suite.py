"""Runs attacks and prints of each `held`, or `LEAK` and what it got; what it prints is judged from outside once more.

`suite.py MARK`: all attacks that need next to nothing. `suite.py MARK NAME`: one. `suite.py --list`: all names, with their kinds:

attack   reaches for something
burden   uses too much, and stops by itself at a few times the limit
endless  uses too much and never stops; whoever limits time, memory and output ends it
bomb     as that, and multiplies or hits everybody

MARK is on the command line of every process that comes of it. What is outside comes in as variables.
"""

import ctypes
import os
import signal
import sys

libc = ctypes.CDLL(None, use_errno=True)
PORT, VICTIM, PARENT = (int(os.environ.get(name, 0)) for name in ("PORT", "VICTIM", "PARENT"))
OUTSIDE = os.environ.get("OUTSIDE", "")
# In other words, as the paths of a workspace are replaced where it is a copy.
REAL = bytes.fromhex(os.environ.get("REAL", "")).decode()
OUT = os.environ.get("BATON_OUT", "")
MARK = sys.argv[1] if len(sys.argv) > 1 else ""
HELPER = os.getppid()
ALL = {}


def kind(name):
    def register(function):
        ALL[function.__name__] = (name, function)
        return function

    return register


attack, burden, endless, bomb = (kind(name) for name in ("attack", "burden", "endless", "bomb"))


def limit(name):
    return int(os.environ["LIMIT_" + name])


def call(number, *args):
    """Succeeds, or raises; "unknown call" is a refusal too."""
    # As `long`: of a plain number only half of the word is passed on.
    result = libc.syscall(*(ctypes.c_long(arg) if isinstance(arg, int) else arg for arg in (number, *args)))
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def run(name, what, function):
    pid = os.fork()
    if pid == 0:
        if what in ("attack", "burden"):
            signal.alarm(4 if what == "attack" else 20)
        try:
            got = function()
            said = "held" if got is None else f"LEAK {str(got)[:90]}"
        except (OSError, ValueError, OverflowError, MemoryError):
            said = "held"
        print(f"{name}: {said}", flush=True)
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    if status != 0:
        print(f"{name}: died {status}", flush=True)


def main():
    # Not as `__main__`, which the others cannot import.
    import suite

    import burden  # noqa: F401
    import reach  # noqa: F401

    if sys.argv[1] == "--list":
        for name, (what, _) in suite.ALL.items():
            print(name, what)
        return
    for name, (what, function) in suite.ALL.items():
        if name in sys.argv[2:] or (len(sys.argv) == 2 and what == "attack"):
            run(name, what, function)


if __name__ == "__main__":
    main()
