"""What a kilobyte buys: points of the curve, each of them a plan of its own budget."""

import itertools
import json
import re
from pathlib import Path

from click.testing import CliRunner, Result

from zerotap.cli import cli
from zerotap.errors import DoesNotFitError
from zerotap.firmware import BuildOptions, plan, read_tflite
from zerotap.firmware.options import Budget
from zerotap.firmware.planning.analysis import analyse
from zerotap.firmware.planning.curve import KEYS, chosen, curve, curve_lines, point
from zerotap.workflow import analyse as analyse_model


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, list(map(str, arguments)))


def of(flash: int, cycles: int) -> dict:
    waits = cycles // 4
    sizes = {"flash_bytes": flash, "ram_total_bytes": 100}
    return {
        **sizes,
        "cycles": cycles,
        "board_cycles": cycles + waits,
        "milliseconds": (cycles + waits) / 48_000,
    }


def figures(points: list[dict]) -> list[tuple[int, int]]:
    return [(each["flash_bytes"], each["cycles"]) for each in points]


def test_points_are_the_plans_of_their_budgets(dense_file: Path) -> None:
    graph = read_tflite(dense_file)
    points = curve(graph, BuildOptions())
    assert 3 <= len(points) <= 5
    assert points[0] == point(analyse(plan(graph, BuildOptions(optimise="size"))))
    assert points[-1] == point(analyse(plan(graph)))
    assert all(one["flash_bytes"] < two["flash_bytes"] for one, two in itertools.pairwise(points))
    assert all(one["cycles"] > two["cycles"] for one, two in itertools.pairwise(points))
    for each in points:
        budget = Budget(each["flash_bytes"], BuildOptions().limits.ram_bytes)
        assert plan(graph, BuildOptions(budget=budget)).cycles == each["cycles"]


def test_points_keep_to_the_budget(dense_file: Path) -> None:
    graph = read_tflite(dense_file)
    every = curve(graph, BuildOptions())
    most = every[-2]["flash_bytes"]
    points = curve(graph, BuildOptions(budget=Budget(most, 32_768)))
    assert points[0] == every[0] and points[-1] == every[-2]
    least_ram = min(each["ram_total_bytes"] for each in every)
    assert curve(graph, BuildOptions(budget=Budget(most, least_ram - 100))) == []
    within = curve(graph, BuildOptions(budget=Budget(253_952, least_ram)))
    assert within and max(each["ram_total_bytes"] for each in within) <= least_ram


def test_both_ends_stay_and_bends_come_first() -> None:
    straight = [of(1000 * 2**step, 64_000 >> step) for step in range(7)]
    assert figures(chosen(straight)) == [(1000, 64_000), (2000, 32_000), (64_000, 1000)]
    bent = [of(1000, 64_000), of(1100, 20_000), of(1200, 19_500), of(8000, 19_000), of(9000, 1000)]
    beaten = [of(1150, 21_000), of(1200, 19_500)]
    assert (1100, 20_000) in figures(chosen(bent)) and len(chosen(bent)) <= 5
    assert chosen([*bent, *beaten]) == chosen(bent)
    assert chosen(bent[:1]) == bent[:1] and chosen(bent[:2]) == bent[:2] and chosen([]) == []
    waiting = of(2000, 15_000) | {"milliseconds": 2.0}
    assert chosen([*bent, waiting]) == chosen(bent)  # fewer cycles, and a longer time on the board
    many = [of(1000 + 100 * step, round(1e8 / (step + 1) ** 2)) for step in range(40)]
    assert len(chosen(many)) == 5


def test_the_table_says_what_a_kilobyte_saves() -> None:
    points = [of(1024, 9000), of(3072, 5000), of(4096, 4500)]
    assert curve_lines(points, points[2]) == [
        "curve    flash, B  RAM, B  cycles  on board     ms  a KB more saves",
        "smallest    1,024     100   9,000    11,250  0.234",
        "            3,072     100   5,000     6,250  0.130            2,000",
        "chosen      4,096     100   4,500     5,625  0.117              500",
    ]
    assert curve_lines(points, points[0])[-1].startswith("fastest ")


def test_analyse_shows_it_and_json_has_it(dense_file: Path) -> None:
    plain, with_curve = run("analyse", dense_file), run("analyse", dense_file, "--curve")
    assert with_curve.stdout.startswith(plain.stdout)
    table = with_curve.stdout[len(plain.stdout) :].splitlines()
    assert re.match(r"curve +flash, B", table[1]) and table[-1].startswith("chosen ")
    assert max(map(len, table)) <= 80
    report = json.loads(run("analyse", dense_file, "--curve", "--json").stdout)
    assert "curve" not in json.loads(run("analyse", dense_file, "--json").stdout)
    assert report["curve"][-1] == {key: report[key] for key in KEYS}
    assert report["curve"] == analyse_model(dense_file, curve=True)["curve"]
    small = json.loads(run("analyse", dense_file, "--curve", "--json", "--optimise", "size").stdout)
    assert small["curve"] == report["curve"] and small["cycles"] == small["curve"][0]["cycles"]


def test_where_nothing_fits_there_is_no_point(dense_file: Path) -> None:
    result = run("analyse", dense_file, "--curve", "--flash", "500", "--json")
    assert isinstance(result.exception, DoesNotFitError)
    assert json.loads(result.stdout)["curve"] == []
    assert "curve" not in run("analyse", dense_file, "--curve", "--flash", "500").stdout


def test_a_models_folder_has_the_curve_of_its_model(dense_file: Path, tmp_path: Path) -> None:
    (tmp_path / "model.tflite").write_bytes(dense_file.read_bytes())
    of_folder, of_file = (
        json.loads(run("analyse", model, "--curve", "--json", "--flash", "1.2k").stdout)["curve"]
        for model in (tmp_path, dense_file)
    )
    assert of_folder == of_file != []
    assert max(each["flash_bytes"] for each in of_folder) <= 1228
