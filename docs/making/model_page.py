"""The page of models: `python docs/making/model_page.py` writes its table and its list into docs/models.md.

They come from the registry and the docstrings of models/families/, whose costs `python
docs/making/family_costs.py` measures.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from zerotap.models.families.description import Cost, Description, descriptions

PAGE: Final = Path(__file__).parents[1] / "models.md"
_HEAD: Final = """| family | reads | size | flash, B | RAM, B | cycles |
| --- | --- | --- | ---: | ---: | ---: |"""


def page(text: str) -> str:
    """The page's text with its made parts anew, each between <!-- NAME --> and <!-- end -->."""
    found = descriptions()
    parts = {"costs": costs(found), "families": families(found)}
    for name, made in parts.items():
        pattern = rf"(<!-- {name} -->\n).*?(<!-- end -->)"
        text = re.sub(
            pattern, lambda marks, made=made: f"{marks[1]}{made}\n{marks[2]}", text, flags=re.DOTALL
        )
    return text


def costs(found: list[Description]) -> str:
    """A row for each family in each size whose cost is stated."""
    rows = [
        f"| {one.name} | {one.kind} | {size.name} | {_cells(size.cost)} |"
        for one in found
        for size in one.sizes
        if size.cost
    ]
    return "\n".join([_HEAD, *rows])


def families(found: list[Description]) -> str:
    """A section for each family, as `zerotap models NAME` says it."""
    return "\n\n".join(_section(one) for one in found)


def _section(one: Description) -> str:
    named = ", ".join(f"`{name}`" for name in (one.name, *one.other_names))
    lines = [f"- reads {one.takes} where no pipeline is given"]
    if one.layers:
        default = ",".join(map(str, one.sizes[0].layers))
        lines.append(f"- `--layers`: {one.layers}; {default} by default")
    lines += [f"- `--preset {size.name}`: {size.about}" for size in one.sizes[1:]]
    return "\n\n".join([f"### {named} ({one.kind})", one.text.replace("_", r"\_"), "\n".join(lines)])


def _cells(cost: Cost) -> str:
    return f"{cost.flash_bytes:,} | {cost.ram_bytes:,} | {cost.cycles:,}"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
