"""Draw docs/wiring-keyboard.svg and docs/wiring-sensor.svg: what is plugged into what.

python docs/making/wiring.py
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple
from xml.sax.saxutils import escape

from picture import STYLE

from zerotap.firmware.board import MKR_ZERO

DOCS: Final = Path(__file__).resolve().parents[1]
PITCH: Final = 36
"""Between a box's pins."""
WIDTH: Final = 960
LINE: Final = 22
"""Between two notes."""
BEND: Final = 10
"""A wire's corner."""
COLOURS: Final = """
  .usb { stroke: var(--ink); stroke-width: 5; } .wire { stroke-width: 3; }
  .power { stroke: #d64545; } .ground-wire { stroke: var(--soft); } .pin { fill: var(--accent); }
"""


class Box(NamedTuple):
    """A part: its place, what it is, and its pins on the left and on the right side, from the top."""

    x: int
    y: int
    width: int
    name: str
    note: str
    left: tuple[str, ...] = ()
    right: tuple[str, ...] = ()

    @property
    def height(self) -> int:
        """As high as its pins need."""
        return 76 + PITCH * max(len(self.left), len(self.right))

    def pin(self, name: str) -> tuple[int, int]:
        """Where a pin is."""
        if name in self.left:
            return self.x, self.y + 80 + PITCH * self.left.index(name)
        return self.x + self.width, self.y + 80 + PITCH * self.right.index(name)


class Wire(NamedTuple):
    """From a pin of one box to one of another; ``turn`` is where it goes up or down."""

    source: tuple[int, int]
    target: tuple[int, int]
    turn: int
    style: str


def keyboard() -> str:
    """Say how a keyboard is read: the board is its USB host, and talks on Serial1."""
    typed = Box(24, 24, 190, "Keyboard", "USB, no hub between", right=("USB-A",))
    supply = Box(24, 190, 190, "5 V supply", "at least 500 mA", right=("5 V",))
    adapter = Box(262, 88, 184, "OTG adapter", "with a supply's socket", ("keyboard", "supply"), ("micro-B",))
    board = Box(490, 88, 204, MKR_ZERO.name, "is the host", ("USB",), (MKR_ZERO.serial_pin, "GND"))
    serial = Box(744, 24, 176, "USB serial", "3.3 V on its pins", ("RX", "GND"), ("USB",))
    computer = Box(744, 190, 176, "Computer", "zerotap classify", right=("USB",))
    wires = [
        Wire(typed.pin("USB-A"), adapter.pin("keyboard"), 238, "usb"),
        Wire(supply.pin("5 V"), adapter.pin("supply"), 238, "wire power"),
        Wire(adapter.pin("micro-B"), board.pin("USB"), 468, "usb"),
        Wire(board.pin(MKR_ZERO.serial_pin), serial.pin("RX"), 712, "wire"),
        Wire(board.pin("GND"), serial.pin("GND"), 728, "wire ground-wire"),
        Wire(serial.pin("USB"), computer.pin("USB"), 940, "usb"),
    ]
    boxes = [typed, supply, adapter, board, serial, computer]
    notes = [
        "The supply feeds keyboard and board: the board gives no 5 V to its port. "
        f"{MKR_ZERO.serial_pin} is TX of Serial1: 115200 baud, 3.3 V.",
        "To upload, take the adapter off and plug the board's USB into the computer.",
    ]
    return drawn("A keyboard on the board's own USB port", boxes, wires, notes)


def sensor() -> str:
    """Say how a sensor of three channels is read, and where the board's answers go."""
    pins = ("3.3 V", "GND", "X", "Y", "Z")
    part = Box(24, 24, 200, "Analog sensor", "0 to 3.3 V a channel", right=pins)
    board = Box(
        380, 24, 204, MKR_ZERO.name, "samples, classifies", ("VCC", "GND", "A1", "A2", "A3"), ("USB",)
    )
    computer = Box(740, 24, 196, "Computer", "serial monitor, or zerotap", ("USB",))
    styles = ("wire power", "wire ground-wire", "wire", "wire", "wire")
    pairs = zip(pins, ("VCC", "GND", "A1", "A2", "A3"), styles, strict=True)
    wires = [Wire(part.pin(one), board.pin(other), 300, style) for one, other, style in pairs]
    wires.append(Wire(board.pin("USB"), computer.pin("USB"), 660, "usb"))
    notes = [
        "No pin of the board bears more than 3.3 V: feed the sensor from VCC, not from 5 V.",
        f"Classify speaks on USB and on Serial1 ({MKR_ZERO.serial_pin}); SensorRecorder streams on USB.",
    ]
    return drawn("A sensor on the board's analog inputs", [part, board, computer], wires, notes)


def drawn(title: str, boxes: list[Box], wires: list[Wire], notes: list[str]) -> str:
    """Return boxes and wires as SVG, with notes beneath."""
    first = max(box.y + box.height for box in boxes) + 34
    bottom = first + LINE * (len(notes) - 1) + 18
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {bottom}" role="img">',
        f"<title>{escape(title)}</title>",
        f"<style>{STYLE}{COLOURS}</style>",
        f'<rect class="ground" width="{WIDTH}" height="{bottom}" rx="12"/>',
        *map(_wire, wires),
        *map(_box, boxes),
        *(
            f'<text x="24" y="{first + LINE * row}" class="soft">{escape(note)}</text>'
            for row, note in enumerate(notes)
        ),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _wire(wire: Wire) -> str:
    """A line with round corners."""
    (x, y), (end_x, end_y) = wire.source, wire.target
    down = min(BEND, abs(end_y - y) // 2) * (1 if end_y >= y else -1)
    along, back = BEND, BEND if end_x > wire.turn else -BEND
    path = (
        f"M{x} {y} H{wire.turn - along} Q{wire.turn} {y} {wire.turn} {y + down} "
        f"V{end_y - down} Q{wire.turn} {end_y} {wire.turn + back} {end_y} H{end_x}"
    )
    return f'<path class="{wire.style}" d="{path}"/>'


def _box(box: Box) -> str:
    parts = [
        f'<rect class="card" x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" rx="10"/>',
        f'<text x="{box.x + 16}" y="{box.y + 30}" class="name">{escape(box.name)}</text>',
        f'<text x="{box.x + 16}" y="{box.y + 50}" class="soft">{escape(box.note)}</text>',
    ]
    for name in (*box.left, *box.right):
        x, y = box.pin(name)
        inside, side = (14, "") if name in box.left else (-14, " right")
        parts.append(f'<circle class="pin" cx="{x}" cy="{y}" r="5"/>')
        parts.append(f'<text x="{x + inside}" y="{y + 5}" class="soft{side}">{escape(name)}</text>')
    return "\n".join(parts)


PICTURES: Final = {"wiring-keyboard.svg": keyboard, "wiring-sensor.svg": sensor}

if __name__ == "__main__":
    for file, draw in PICTURES.items():
        (DOCS / file).write_text(draw(), encoding="utf-8")
        print(DOCS / file)
