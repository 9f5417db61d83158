"""Labelled messages through the virtual keyboard into a new dataset, one recording a message."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import usb.core

from zerotap.capture.files.pcap_files.pcapng_writer import PcapngWriter
from zerotap.capture.layouts import US, layout_named
from zerotap.capture.sources.typist import Typist, fold
from zerotap.capture.sources.virtual import VirtualKeyboard
from zerotap.capture.usb.opening import Tap, open_tap
from zerotap.capture.usb.polling import record_until_idle
from zerotap.errors import CaptureError
from zerotap.reporting import Progress, no_progress
from zerotap.writing import new_folder

from .dataset import Dataset
from .messages import USUAL, Message, MessageColumns, read_messages
from .splits.places import Place, group_named
from .splits.side_names import sides_of


@dataclass(frozen=True, slots=True)
class TypedCorpus:
    """What typing a corpus came to.

    ``messages`` recordings with ``reports`` packets in all; ``skipped_messages`` had nothing that can be
    typed, and ``dropped_characters`` have no key on the ``layout``.
    """

    dataset: Dataset
    messages: int
    reports: int
    skipped_messages: int
    dropped_characters: int
    layout: str = US.name

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self) -> list[str]:
        """The report for a person."""
        classes = ", ".join(self.dataset.classes)
        typed = (
            f"{self.messages} messages ({classes}), {self.reports} reports, typed into {self.dataset.path}"
        )
        lines = [typed]
        if self.skipped_messages or self.dropped_characters:
            lines.append(
                f"not on the {_title(self.layout)} layout: {self.dropped_characters} characters dropped, "
                f"{self.skipped_messages} messages skipped"
            )
        if self.layout != US.name:
            lines.append(
                f"keys of another layout than us: read them with `zerotap text FILE --layout {self.layout}`, "
                f'and train with a pipeline whose transform has layout = "{self.layout}"'
            )
        return lines

    def to_json(self) -> dict[str, object]:
        """The report of ``zerotap type --json``."""
        return {
            "dataset": str(self.dataset.path),
            "synthetic": self.dataset.synthetic,
            "layout": self.layout,
            "classes": list(self.dataset.classes),
            "messages": self.messages,
            "reports": self.reports,
            "skipped_messages": self.skipped_messages,
            "dropped_characters": self.dropped_characters,
        }


def type_messages(
    csv_path: str | Path,
    dataset_dir: str | Path,
    *,
    seed: int = 0,
    limit: int | None = None,
    layout: str = US.name,
    columns: MessageColumns = USUAL,
    on_progress: Progress = no_progress,
) -> Dataset:
    """Type the messages of a CSV file (see ``read_messages``) into a new dataset (see ``record_corpus``)."""
    messages = read_messages(csv_path, limit, columns)
    return record_corpus(messages, dataset_dir, seed=seed, layout=layout, on_progress=on_progress).dataset


def type_corpus(
    messages: Iterable[tuple[str, str]],
    dataset_dir: str | Path,
    *,
    seed: int = 0,
    synthetic: bool = True,
    layout: str = US.name,
    on_progress: Progress = no_progress,
) -> Dataset:
    """Type (label, text) pairs into a new dataset (see ``record_corpus``)."""
    corpus = [Message(*message) for message in messages]
    return record_corpus(
        corpus, dataset_dir, seed=seed, synthetic=synthetic, layout=layout, on_progress=on_progress
    ).dataset


def record_corpus(
    messages: list[Message],
    dataset_dir: str | Path,
    *,
    seed: int = 0,
    synthetic: bool = True,
    layout: str = US.name,
    on_progress: Progress = no_progress,
) -> TypedCorpus:
    """Play every message through one virtual keyboard and record it as any keyboard is recorded.

    ``layout`` is a name of LAYOUTS: whose keys are struck. The dataset takes its name only once it is whole,
    and is divided by the sides, or else by the groups, of messages that have them. Raises OutputError where
    ``dataset_dir`` holds anything already, CaptureError for an unknown layout, a side that is none, and where
    nothing could be typed.
    """
    sides = sides_of(message.side for message in messages)
    places = [Place(sides[message.side], group_named(message.group)) for message in messages]
    typist = Typist(seed, layout_named(layout))
    keyboard = VirtualKeyboard()
    with new_folder(dataset_dir) as folder, open_tap(usb.core.find(backend=keyboard)) as tap:
        dataset = Dataset.create(folder, synthetic, device=tap.identity)
        session = _Session(keyboard, tap, dataset, typist)
        typed = {}
        for index, (message, place) in enumerate(zip(messages, places, strict=True)):
            if name := session.record(index, message):
                typed[name] = place
            on_progress("typing", index + 1, len(messages))
        if not session.messages:
            raise CaptureError(
                f"No message holds a character of the {_title(typist.layout.name)} keyboard; "
                "type other messages"
            )
        dataset.add_places(typed)
    return session.result(Dataset.open(dataset_dir))


def _title(layout: str) -> str:
    return layout.upper() if len(layout) == 2 else layout


@dataclass(slots=True)
class _Session:
    """One keyboard, opened once for all messages; where a message's reports end, so does its recording."""

    keyboard: VirtualKeyboard
    tap: Tap
    dataset: Dataset
    typist: Typist
    messages: int = 0
    reports: int = 0
    skipped: int = 0
    dropped: int = 0

    def record(self, index: int, message: Message) -> str:
        """Type a message, and return the name of its recording; "" where nothing could be typed."""
        text, dropped = fold(message.text, self.typist.layout)
        self.dropped += dropped
        if not text.strip():
            self.skipped += 1
            return ""
        self.keyboard.play(self.typist.type(text, index))
        name = f"message-{index + 1:06d}"
        path = self.dataset.add(name, message.label, source="corpus")
        with PcapngWriter(path, self.tap.identity) as writer:
            self.reports += record_until_idle(self.tap, writer)
        self.messages += 1
        return path.stem

    def result(self, dataset: Dataset) -> TypedCorpus:
        layout = self.typist.layout.name
        return TypedCorpus(dataset, self.messages, self.reports, self.skipped, self.dropped, layout)
