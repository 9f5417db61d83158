"""The manifest of a dataset: what it says of itself, in ``zerotap.toml``."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import tomli_w

from zerotap.capture.packet import DeviceIdentity
from zerotap.contents import Bounds, text_fault
from zerotap.errors import CaptureError
from zerotap.toml_text import read_toml

from .splits.rule import UNCHOSEN, SplitRule, rule_in

MANIFEST = "zerotap.toml"
SCHEMA = 1
BOUNDS = Bounds(CaptureError, 1 << 22, "restore the file", text_fault)

NOW_SYNTHETIC = (
    "was real and counts as synthetic from now on, for what is added was made by a program: keep such "
    "recordings in a dataset of their own (to go back: `zerotap remove`, then synthetic = false in its "
    f"{MANIFEST})"
)
ANOTHER_DEVICE = (
    "was recorded from {} and this is {}: a model may learn to tell the devices apart in place of the "
    "labels; record each label from the same devices, or give each device a dataset"
)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a dataset says of itself. ``synthetic``: not all of it was recorded from a person.

    ``device``, its ``descriptors`` (in hexadecimal) and ``tool`` (name and version) are those of its latest
    recording. ``sensors``: what was measured of a recording that is samples, by the recording's name.
    ``split``: the rule that was chosen to divide it by.
    """

    classes: tuple[str, ...] = ()
    synthetic: bool = False
    licence: str = ""
    consent: str = ""
    tool: str = ""
    device: DeviceIdentity = field(default_factory=DeviceIdentity)
    descriptors: dict[str, str] = field(default_factory=dict)
    sensors: dict[str, dict[str, Any]] = field(default_factory=dict)
    split: SplitRule = UNCHOSEN

    def to_toml(self) -> str:
        """The text of the file."""
        content = {"schema": SCHEMA, **asdict(self)}
        if self.split == UNCHOSEN:
            del content["split"]
        return tomli_w.dumps(content)


def read_manifest(path: Path) -> Manifest:
    """Read a manifest; raise CaptureError where there is none, or it says what it cannot."""
    try:
        content = read_toml(path, BOUNDS, inside=True)
        schema = content.get("schema")
        if type(schema) is not int:
            raise ValueError(f"it has no schema = {SCHEMA}")
        if schema != SCHEMA:
            raise CaptureError(f"{path}: schema {schema}, this zerotap reads {SCHEMA}: update zerotap")
        return _manifest(content)
    except FileNotFoundError as error:
        raise CaptureError(
            f"{path.parent} is no dataset (it has no {MANIFEST}): "
            "make one with `zerotap record`, `type` or `import`"
        ) from error
    except (OSError, ValueError, TypeError) as error:
        raise CaptureError(f"{path}: not a manifest ({error}): mend the line or restore the file") from error


def _manifest(content: dict[str, Any]) -> Manifest:
    classes = content.get("classes", [])
    if not isinstance(classes, list) or not all(isinstance(label, str) and label for label in classes):
        raise ValueError("classes must be a list of names")
    device = content.get("device", {})
    if not isinstance(device, dict):
        raise ValueError("device must be a table")
    descriptors, sensors = content.get("descriptors", {}), content.get("sensors", {})
    if not (isinstance(descriptors, dict) and isinstance(sensors, dict)):
        raise ValueError("descriptors and sensors must be tables")
    known = {f.name for f in fields(DeviceIdentity)}
    return Manifest(
        classes=tuple(sorted(set(classes))),
        # A manifest that does not say so makes no claim to be real.
        synthetic=bool(content.get("synthetic", True)),
        licence=str(content.get("licence", "")),
        consent=str(content.get("consent", "")),
        tool=str(content.get("tool", "")),
        device=DeviceIdentity(**{key: value for key, value in device.items() if key in known}),
        descriptors={name: str(descriptor) for name, descriptor in descriptors.items()},
        sensors=sensors,
        split=rule_in(content.get("split", {})),
    )


def mixed(before: Manifest, after: Manifest) -> list[str]:
    """Say what a dataset that had classes, and so recordings, mixes from now on: sentences about it.

    Real data and synthetic; devices of two kinds, where both are known: two of one kind send alike.
    """
    if not before.classes:
        return []
    said = [NOW_SYNTHETIC] if after.synthetic and not before.synthetic else []
    if before.device.is_known and after.device.is_known and before.device.kind != after.device.kind:
        said.append(ANOTHER_DEVICE.format(before.device.title, after.device.title))
    return said
