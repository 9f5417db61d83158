"""Labelled messages through the virtual keyboard into a new dataset, one recording a message."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import usb.core

from zerotap.capture.files.pcap_files.pcapng_writer import PcapngWriter
from zerotap.capture.sources.typist import Typist, fold
from zerotap.capture.sources.virtual import VirtualKeyboard
from zerotap.capture.usb.opening import Tap, open_tap
from zerotap.capture.usb.polling import record_until_idle
from zerotap.errors import CaptureError
from zerotap.reporting import Progress, no_progress
from zerotap.writing import new_folder

from .dataset import Dataset
from .messages import Message, read_messages


@dataclass(frozen=True, slots=True)
class TypedCorpus:
    """What typing a corpus came to.

    ``messages`` recordings with ``reports`` packets in all; ``skipped_messages`` had nothing that can be
    typed, and ``dropped_characters`` have no key on the layout.
    """

    dataset: Dataset
    messages: int
    reports: int
    skipped_messages: int
    dropped_characters: int

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self) -> list[str]:
        """The report for a person."""
        classes = ", ".join(self.dataset.classes)
        typed = (
            f"{self.messages} messages ({classes}), {self.reports} reports, typed into {self.dataset.path}"
        )
        if not (self.skipped_messages or self.dropped_characters):
            return [typed]
        left_out = (
            f"not on the US layout: {self.dropped_characters} characters dropped, "
            f"{self.skipped_messages} messages skipped"
        )
        return [typed, left_out]

    def to_json(self) -> dict[str, object]:
        """The report of ``zerotap type --json``."""
        return {
            "dataset": str(self.dataset.path),
            "synthetic": self.dataset.synthetic,
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
    on_progress: Progress = no_progress,
) -> Dataset:
    """Type the messages of a CSV file (see ``read_messages``) into a new dataset (see ``record_corpus``)."""
    messages = read_messages(csv_path, limit)
    return record_corpus(messages, dataset_dir, seed=seed, on_progress=on_progress).dataset


def type_corpus(
    messages: Iterable[tuple[str, str]],
    dataset_dir: str | Path,
    *,
    seed: int = 0,
    synthetic: bool = True,
    on_progress: Progress = no_progress,
) -> Dataset:
    """Type (label, text) pairs into a new dataset (see ``record_corpus``)."""
    corpus = [Message(*message) for message in messages]
    return record_corpus(corpus, dataset_dir, seed=seed, synthetic=synthetic, on_progress=on_progress).dataset


def record_corpus(
    messages: list[Message],
    dataset_dir: str | Path,
    *,
    seed: int = 0,
    synthetic: bool = True,
    on_progress: Progress = no_progress,
) -> TypedCorpus:
    """Play every message through one virtual keyboard and record it as any keyboard is recorded.

    The dataset takes its name only once it is whole. Raises OutputError where ``dataset_dir`` holds anything
    already, CaptureError where nothing could be typed.
    """
    keyboard = VirtualKeyboard()
    with new_folder(dataset_dir) as folder, open_tap(usb.core.find(backend=keyboard)) as tap:
        dataset = Dataset.create(folder, synthetic, device=tap.identity)
        session = _Session(keyboard, tap, dataset, Typist(seed))
        for index, message in enumerate(messages):
            session.record(index, message)
            on_progress("typing", index + 1, len(messages))
        if not session.messages:
            raise CaptureError("No message holds a character of the US keyboard; type other messages")
    return session.result(Dataset.open(dataset_dir))


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

    def record(self, index: int, message: Message) -> None:
        text, dropped = fold(message.text)
        self.dropped += dropped
        if not text.strip():
            self.skipped += 1
            return
        self.keyboard.play(self.typist.type(text, index))
        name = f"message-{index + 1:06d}"
        path = self.dataset.add(name, message.label, source="corpus")
        with PcapngWriter(path, self.tap.identity) as writer:
            self.reports += record_until_idle(self.tap, writer)
        self.messages += 1

    def result(self, dataset: Dataset) -> TypedCorpus:
        return TypedCorpus(dataset, self.messages, self.reports, self.skipped, self.dropped)
