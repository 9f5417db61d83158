"""Who is typing: 25 people's trials of one short text, as timed boot reports.

Freihaut and Goeritz 2022 (zenodo 10.5281/zenodo.6772378): user, trial, t_ms, down, hid_usage.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
from splits import Given, numbered, split_at
from typed_texts import ENDPOINT, read_rows

from zerotap.capture import Packet, Recording

USERS = 25  # those with the most trials
TEST_SHARE = 0.2
Event = tuple[int, bool, int]


def typists(data: Path) -> Given:
    """The last fifth of each person's trials tests."""
    chosen = trials(data / "keystrokes/freihaut_events.csv.gz")
    classes, labelled = numbered(
        [recording(events) for _, _, events in chosen], [user for user, _, _ in chosen]
    )
    by_user: dict[str, list[int]] = defaultdict(list)
    for place, (user, _, _) in enumerate(chosen):
        by_user[user].append(place)
    test = [
        place
        for places in by_user.values()
        for place in places[len(places) - round(TEST_SHARE * len(places)) :]
    ]
    train = sorted(set(range(len(chosen))) - set(test))
    return Given(classes, (split_at(labelled, train, test, "chronological, the last 20 % of each person"),))


def trials(path: Path) -> list[tuple[str, int, list[Event]]]:
    """(user, trial, events) of the people with the most trials, in time."""
    found: dict[tuple[str, int], list[Event]] = defaultdict(list)
    for row in read_rows(path):
        if row["hid_usage"]:
            event = (int(row["t_ms"]), row["down"] == "1", int(row["hid_usage"]))
            found[row["user"], int(row["trial"])].append(event)
    counts = Counter(user for user, _ in found)
    chosen = {user for user, _ in counts.most_common(USERS)}
    return [
        (user, trial, one) for (user, trial), one in sorted(found.items()) if user in chosen and len(one) > 1
    ]


def recording(events: list[Event]) -> Recording:
    """The reports of a boot keyboard on which these events happened."""
    modifiers, keys, packets = 0, [], []
    for t_ms, down, usage in events:
        if usage >= 0xE0:
            bit = 1 << usage - 0xE0
            modifiers = modifiers | bit if down else modifiers & ~bit
        elif down and usage not in keys:
            keys = [*keys, usage][-6:]
        elif not down and usage in keys:
            keys = [key for key in keys if key != usage]
        report = np.array([modifiers, 0, *keys, *[0] * (6 - len(keys))], np.uint8)
        packets.append(Packet(10**18 + t_ms * 10**6, ENDPOINT, report.tobytes()))
    return Recording.from_packets(packets)
