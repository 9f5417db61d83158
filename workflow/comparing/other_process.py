"""A process that trains beside another one: `python -m zerotap.workflow.comparing.other_process`."""

from __future__ import annotations

import os
import pickle
import sys

from zerotap.capture import open_dataset
from zerotap.interrupts import Interrupt, ended_by_signals

from .aside import Aside, StoppedError
from .content_keys import hashes_of, keys_of
from .entrants import entrants_of, suited_to
from .other_processes import Claims, Order
from .results import Bench
from .task import Sides


def work(order: Order) -> None:
    """Finish what nobody else has begun, the last first; ends where the process that asked for it does."""

    def report(_stage: str, _done: int, _total: int) -> None:
        if os.getppid() != order.parent:
            raise StoppedError

    sides = Sides.read(open_dataset(order.dataset), report)
    entrants = suited_to(entrants_of(order.asked.names), sides.split, named=bool(order.asked.names))
    keys = keys_of(entrants, sides, order.asked, hashes_of(sides))
    beside = Aside(report)
    bench, claims = Bench(sides, order.asked, order.unfinished, None, beside), Claims(order.claims)
    mine = reversed(list(zip(entrants, keys, strict=True)))
    for waiting in [bench.begun(*one) for one in mine if claims.take(one[1])]:
        waiting()


if __name__ == "__main__":
    with ended_by_signals(Interrupt()):
        work(pickle.load(sys.stdin.buffer))
