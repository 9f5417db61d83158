"""A board with SerialStream behind a pseudo-terminal, simulated in Python: it answers by the host's C."""

import os
import select
import threading
import tty
from contextlib import suppress

import numpy as np

from zerotap.firmware.delivery.frames import Frame, FrameReader, Kind
from zerotap.firmware.delivery.messages import Result


class StreamBoard:
    """Answers requests; ``fault`` changes what is sent: (request, replies) to bytes, or None to hang up."""

    def __init__(self, path, identity, invoke=None, code=None):
        self.path, self.identity, self.fault = path, identity, None
        self.requests = 0
        self._invoke, self._code = invoke, code
        self._ends = list(os.openpty())
        tty.setraw(self._ends[1])
        path.symlink_to(os.ttyname(self._ends[1]))
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def end(self):
        self._ended.set()
        self._thread.join()
        self._hang_up()

    def _hang_up(self):
        while self._ends:
            os.close(self._ends.pop())
        self.path.unlink(missing_ok=True)

    def _serve(self):
        reader = FrameReader(max(self.identity.input_bytes, self.identity.item_bytes))
        while self._ends and not self._ended.is_set():
            if select.select([self._ends[0]], [], [], 0.02)[0]:
                with suppress(OSError):
                    damaged = reader.damaged
                    for request in reader.feed(os.read(self._ends[0], 4096)):
                        self._reply(request)
                    if reader.damaged > damaged:
                        self._write(Frame(Kind.ERROR, 0, b"\x01").encode())

    def _reply(self, request):
        self.requests += 1
        replies = [Frame(kind, request.sequence, payload) for kind, payload in self._answers(request)]
        sent = b"".join(reply.encode() for reply in replies)
        if self.fault is not None and request.kind != Kind.HELLO:
            sent = self.fault(request, replies)
        self._hang_up() if sent is None else self._write(sent)

    def _write(self, data):
        if self._ends:
            os.write(self._ends[0], data)

    def _answers(self, request):
        if request.kind == Kind.HELLO:
            return [(Kind.IDENTITY, self.identity.encode())]
        results = self._results(request)
        counted = [Result(len(results) - 1 - n, 250 + n, one).encode() for n, one in enumerate(results)]
        return [(Kind.SCORES, payload) for payload in counted] or [(Kind.NONE, b"")]

    def _results(self, request):
        if request.kind == Kind.WINDOW:
            return [self._invoke(request.payload)]
        if request.kind == Kind.ITEM:
            return self._code.push(np.frombuffer(request.payload, self._code.item_dtype))
        left = self._code.flush() if self._code else []
        return left if request.kind == Kind.FLUSH else []
