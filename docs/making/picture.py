"""Draw docs/flow.svg: the way from a USB device to a board, with the figures of docs/demo-report.json.

python docs/making/picture.py
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from zerotap.firmware.board import MKR_ZERO

DOCS = Path(__file__).resolve().parents[1]
WIDTH, HEIGHT = 960, 396
CARD, GAP, LEFT = 166, 20, 25
BAR_LEFT, BAR_WIDTH = 308, 300

STYLE = """
  svg {
    --ground: #ffffff; --card: #f3f6fa; --line: #c9d3df; --bar: #d7e0ea;
    --ink: #17202b; --soft: #566475; --accent: #0b7a75;
  }
  @media (prefers-color-scheme: dark) {
    svg {
      --ground: #12171d; --card: #1d252e; --line: #3a4653; --bar: #2f3a46;
      --ink: #eef3f8; --soft: #a3b1c0; --accent: #4fd1c5;
    }
  }
  text { font-family: system-ui, "Segoe UI", "DejaVu Sans", sans-serif; font-size: 14px; fill: var(--ink); }
  .ground { fill: var(--ground); } .card { fill: var(--card); stroke: var(--line); }
  .name { font-size: 17px; font-weight: 600; } .soft { fill: var(--soft); font-size: 13px; }
  .number { fill: var(--accent); font-weight: 600; } .right { text-anchor: end; }
  path { stroke: var(--accent); fill: none; stroke-linecap: round; stroke-linejoin: round; }
  .arrow { stroke-width: 2.5; } .icon { stroke-width: 2; } .rule { stroke: var(--line); }
  .full { fill: var(--bar); } .used { fill: var(--accent); }
"""

KEYBOARD = "M0 4 h40 v18 h-40 z M7 10 h1 M14 10 h1 M21 10 h1 M28 10 h1 M33 10 h1 M11 17 h18"
RECORDINGS = "M0 0 h27 v20 h-27 z M6 -5 h27 v20 M12 -10 h27 v20 M4 12 l4 -7 4 9 4 -6 4 4 h4"
_NODES = ((4, 2), (4, 16), (20, -5), (20, 9), (20, 23), (36, 9))
_EDGES = "M4 2 L20 -5 M4 2 L20 9 M4 16 L20 9 M4 16 L20 23 M20 -5 L36 9 M20 9 L36 9 M20 23 L36 9"
NETWORK = _EDGES + "".join(f" M{x + 3} {y} a3 3 0 1 0 -6 0 a3 3 0 1 0 6 0" for x, y in _NODES)
BRACES = (
    "M12 -5 q-6 0 -6 6 v3 q0 5 -5 5 q5 0 5 5 v3 q0 6 6 6 M28 -5 q6 0 6 6 v3 q0 5 5 5 q-5 0 -5 5 v3 q0 6 -6 6"
)
_PINS = "".join(f" M2 {y} h5 M33 {y} h5" for y in (1, 7, 13, 19))
CHIP = "M7 -3 h26 v26 h-26 z M14 4 h12 v12 h-12 z" + _PINS


def draw(report: dict[str, Any]) -> str:
    """Return the picture of a comparison's report (`zerotap demo --json`) as SVG."""
    models = report["models"]
    parts = [_card(place, *card) for place, card in enumerate(_cards(models))]
    parts += [_arrow(place) for place in range(4)]
    parts += _table(models)
    parts.append(_text(41, 374, "soft", f"make demo: {report['data']['origin']} data, simulated cycles"))
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        "<title>USB packets become a labelled dataset, a model, int8 C and a program on a board</title>",
        f"<style>{STYLE}</style>",
        f'<rect class="ground" width="{WIDTH}" height="{HEIGHT}" rx="12"/>',
        *parts,
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _cards(models: list[dict[str, Any]]) -> list[tuple[str, str, str, str, str]]:
    """Icon, name, two lines and a figure of each step."""
    least, most = (pick(model["costs"]["flash_bytes"] for model in models) / 1000 for pick in (min, max))
    samples, wrong = (sum(model[key] for model in models) for key in ("samples", "mismatches"))
    return [
        (KEYBOARD, "USB device", "keyboard, sensor,", "or a capture file", "raw packets"),
        (
            RECORDINGS,
            "Dataset",
            "labelled pcapng,",
            "split by recording",
            f"{_held_back(models):,} held back",
        ),
        (NETWORK, "Model", "raw packets,", "or the text they spell", f"{len(models)} compared"),
        (
            BRACES,
            "int8 C",
            "no interpreter,",
            "no float, no malloc",
            f"{least:.0f} to {most:.0f} KB",
        ),
        (CHIP, "Board", "a simulated M0+,", "before it is flashed", f"{wrong} of {samples:,} differ"),
    ]


def _held_back(models: list[dict[str, Any]]) -> int:
    """How many recordings no model was trained on: the text model has one window a recording."""
    return min(int(model["samples"]) for model in models)


def _left(place: int) -> int:
    return LEFT + place * (CARD + GAP)


def _card(place: int, icon: str, name: str, first: str, second: str, figure: str) -> str:
    left = _left(place)
    return "\n".join([
        f'<rect class="card" x="{left}" y="24" width="{CARD}" height="172" rx="10"/>',
        f'<path class="icon" transform="translate({left + 18} 52)" d="{icon}"/>',
        _text(left + 16, 108, "name", name),
        _text(left + 16, 131, "soft", first),
        _text(left + 16, 149, "soft", second),
        _text(left + 16, 178, "number", figure),
    ])  # fmt: skip


def _arrow(place: int) -> str:
    x = _left(place) + CARD + 4
    return f'<path class="arrow" d="M{x} 110 h12 m-5 -5 l5 5 l-5 5"/>'


def _table(models: list[dict[str, Any]]) -> list[str]:
    """A line a model: its score, its flash as a bar of the board's, its time and what differed."""
    total = MKR_ZERO.flash_bytes
    heads = [
        _text(41, 236, "soft", "model"),
        _text(270, 236, "soft right", "macro-F1, int8"),
        _text(BAR_LEFT, 236, "soft", f"flash, of {total:,} B"),
        _text(775, 236, "soft right", "a message, 48 MHz"),
        _text(919, 236, "soft right", "windows verified"),
    ]
    return heads + [_row(model, 270 + 36 * line, total) for line, model in enumerate(models)]


def _row(model: dict[str, Any], y: int, total: int) -> str:
    used = max(3, round(BAR_WIDTH * model["costs"]["flash_bytes"] / total))
    return "\n".join([
        f'<path class="rule" d="M41 {y - 22} H919"/>',
        _text(41, y, "name", model["name"]),
        _text(270, y, "right", f"{model['scores']['board']['macro_f1']:.3f}"),
        f'<rect class="full" x="{BAR_LEFT}" y="{y - 11}" width="{BAR_WIDTH}" height="12" rx="3"/>',
        f'<rect class="used" x="{BAR_LEFT}" y="{y - 11}" width="{used}" height="12" rx="3"/>',
        _text(BAR_LEFT + BAR_WIDTH + 12, y, "", f"{model['costs']['flash_bytes']:,} B"),
        _text(775, y, "right", f"{model['costs']['per_unit']['ms_mean']:.2f} ms"),
        _text(919, y, "number right", f"{model['samples']:,}"),
    ])  # fmt: skip


def _text(x: int, y: int, style: str, text: str) -> str:
    return f'<text x="{x}" y="{y}" class="{style}">{escape(text)}</text>'


if __name__ == "__main__":
    report = json.loads((DOCS / "demo-report.json").read_text(encoding="utf-8"))
    (DOCS / "flow.svg").write_text(draw(report), encoding="utf-8")
    print(DOCS / "flow.svg")
