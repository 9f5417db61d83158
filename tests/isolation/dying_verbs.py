"""What a child can be asked for that ends it, or nearly."""

import os
import signal
import sys
import tempfile
import time

import numpy as np

from zerotap.errors import DoesNotFitError
from zerotap.isolation import Answer


def echo(values, arrays, on_progress):
    on_progress("echoing", 1, 2)
    return Answer({"pid": os.getpid(), **values}, tuple(arrays))


def crash(_values, _arrays, _on_progress):
    os.kill(os.getpid(), signal.SIGSEGV)
    time.sleep(60)


def litter_and_crash(_values, _arrays, _on_progress):
    tempfile.mkdtemp()
    crash(_values, _arrays, _on_progress)


def leave(_values, _arrays, _on_progress):
    os._exit(3)


def sleep(_values, _arrays, _on_progress):
    time.sleep(60)


def swell(_values, _arrays, _on_progress):
    return Answer(arrays=(np.ones(1 << 29),))


def abort_for_memory(_values, _arrays, _on_progress):
    sys.stderr.write("terminate called after throwing an instance of 'std::bad_alloc'\n")
    sys.stderr.flush()
    os.abort()


def refuse(_values, _arrays, _on_progress):
    raise AttributeError("no such thing\nand much more")


def not_fit(_values, _arrays, _on_progress):
    raise DoesNotFitError("net.tflite: too large")


def print_much(_values, _arrays, _on_progress):
    sys.stdout.write("this goes nowhere near the answers" * 100)
    return Answer({"path": sys.path, "search": os.environ["PATH"]})
