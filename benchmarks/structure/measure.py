"""How the house is built: arrows between rooms, circles, and the lengths of files and functions.

    python benchmarks/structure/measure.py [FOLDER]

FOLDER holds the package `zerotap` (default: the installed one). Lazy imports count; those for typing too.
"""

import ast
import statistics
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import grimp

TOPS = ("capture", "features", "models", "firmware")


def room(module: str) -> str:
    """The room of a module: its folder below one of the four, or the file itself where it lies in none."""
    return ".".join(module.split(".")[:3])


def arrows(graph: grimp.ImportGraph, top: str) -> Counter[tuple[str, str]]:
    """Imports between the rooms of one of the four folders."""
    inside = [module for module in graph.modules if module.startswith(f"zerotap.{top}.")]
    pairs = ((one, other) for one in inside for other in graph.find_modules_directly_imported_by(one))
    named = ((room(one), room(other)) for one, other in pairs if other.startswith(f"zerotap.{top}."))
    return Counter(pair for pair in named if pair[0] != pair[1])


def circles(edges: dict[str, set[str]]) -> list[list[str]]:
    """The sets of nodes that reach each other."""
    reach = {node: set(_reached(edges, node)) for node in edges}
    groups = {frozenset(other for other in reach[node] if node in reach.get(other, ())) for node in edges}
    return [sorted(group) for group in groups if len(group) > 1]


def _reached(edges: dict[str, set[str]], start: str) -> Iterator[str]:
    seen, todo = set(), [start]
    while todo:
        for other in edges.get(todo.pop(), ()):
            if other not in seen:
                seen.add(other)
                todo.append(other)
                yield other


def lengths(files: list[Path]) -> tuple[list[int], list[int]]:
    """Lines of each file, and of each function."""
    functions = []
    for file in files:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        defined = (
            node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        )
        functions += [node.end_lineno - node.lineno + 1 for node in defined]
    return [len(file.read_text(encoding="utf-8").splitlines()) for file in files], functions


def spread(values: list[int]) -> str:
    """Median, 90th percentile, most."""
    tenth = statistics.quantiles(values, n=10)[-1]
    return f"median {statistics.median(values):.0f}, p90 {tenth:.0f}, most {max(values)}"


def main(folder: str | None) -> None:
    if folder:
        sys.path.insert(0, folder)
    graph = grimp.build_graph("zerotap", cache_dir=None)
    modules = {one: graph.find_modules_directly_imported_by(one) for one in graph.modules}
    for top in TOPS:
        between = arrows(graph, top)
        rooms: dict[str, set[str]] = {}
        for one, other in between:
            rooms.setdefault(one, set()).add(other)
        inside = {one: others for one, others in modules.items() if one.startswith(f"zerotap.{top}.")}
        print(f"{top}: {sum(between.values())} arrows between rooms, {len(between)} pairs of rooms")
        print(f"  circles of rooms: {circles(rooms) or 'none'}")
        print(f"  circles of modules: {circles(inside) or 'none'}")
    package = Path(__import__("zerotap").__file__).parent
    files = [file for top in TOPS for file in (package / top).rglob("*.py")] + list(package.glob("*.py"))
    by_file, by_function = lengths(files)
    print(f"{len(files)} files, {sum(by_file):,} lines; a file: {spread(by_file)}")
    print(f"{len(by_function):,} functions: {spread(by_function)}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
