"""The commands about USB devices: list them, give one back, say what is wrong, write the udev rule."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from zerotap.reporting import WIDTH, json_option, next_step, print_report, quiet_option, say, visible

if TYPE_CHECKING:
    import usb.core

    from zerotap.capture.serial_ports.ports import SerialPort
    from zerotap.capture.usb.devices import DeviceInfo, InterfaceInfo
    from zerotap.capture.usb.hid import Report

_HEADINGS = ("  interface", "driver", "endpoint")


@click.command()
@click.option("--hid", is_flag=True, help="Decode the report descriptors of HID interfaces as well.")
@click.option("--restore", metavar="DEVICE", help="Give DEVICE its kernel driver back, as after kill -9.")
@json_option
@quiet_option
def devices(hid: bool, restore: str | None, as_json: bool) -> None:
    """List every USB device: who it is, its interfaces and endpoints, their drivers, whether it opens.

    DEVICE, here as in every command, is VID:PID or VID:PID:serial, bus.address, or a part of its name that
    no other device has. The serial port that a driver makes of one is listed beneath it: `zerotap record`
    takes that as it stands.

    \b
    Examples:
      zerotap devices
      zerotap devices --hid --json
      zerotap devices --restore 1.4
    """
    from zerotap.capture.serial_ports.ports import find_ports, ports_of
    from zerotap.capture.usb.devices import inspect, select_device, usb_devices
    from zerotap.capture.usb.hid import read_reports

    if restore is not None:
        found = [select_device(restore)]
        _restore(found[0])
    else:
        found = usb_devices()
    described = [inspect(device) for device in found]
    reports = [read_reports(device) if hid else {} for device in found]
    listed = find_ports()
    ports = [ports_of(device.identity, listed) for device in described]
    if described or as_json:
        rows = [_to_json(*of_one) for of_one in zip(described, reports, ports, strict=True)]
        print_report(rows, _shown(described, reports, ports) if described else "", as_json)
    else:
        say("no USB device is visible here; `zerotap doctor` says more", err=True)
    next_step(_after(described, ports))


def _after(described: list[DeviceInfo], ports: list[list[SerialPort]]) -> str:
    """Record the first device that opens and sends, else ask what is wrong.

    A chip that is only a port's sends bytes with its own between them: it is recorded as that port.
    """
    for device, its_ports in zip(described, ports, strict=True):
        if its_ports and device.is_vendor_specific:
            return f"zerotap record serial:{its_ports[0].path} --label LABEL --dataset DIR"
        sends = [e for i in device.interfaces for e in i.endpoints if e.is_packet_input]
        if device.openable and sends:
            identity = f"{device.identity.vendor_id:04x}:{device.identity.product_id:04x}"
            return f"zerotap record {identity} --label LABEL --dataset DIR"
    return "zerotap doctor"


def _restore(device: usb.core.Device) -> None:
    from zerotap.capture.usb.giving_back import restore_drivers

    numbers = ", ".join(map(str, restore_drivers(device)))
    say(f"driver given back to interface {numbers}" if numbers else "no driver was missing", err=True)


def _to_json(
    device: DeviceInfo, reports: Mapping[int, tuple[Report, ...] | str], ports: list[SerialPort]
) -> dict[str, Any]:
    described = {**device.to_json(), "serial_ports": [port.path for port in ports]}
    for interface in described["interfaces"]:
        decoded = reports.get(interface["number"])
        if decoded is not None:
            key, value = ("hid_problem", decoded) if isinstance(decoded, str) else ("hid", decoded)
            interface[key] = value if isinstance(value, str) else [report.to_json() for report in value]
    return described


def _shown(
    described: list[DeviceInfo],
    reports: Sequence[Mapping[int, tuple[Report, ...] | str]],
    ports: list[list[SerialPort]],
) -> list[str]:
    cells = [[_HEADINGS], *([row for i in device.interfaces for row in _rows(i)] for device in described)]
    widths = [max(len(row[column]) for rows in cells for row in rows) for column in range(len(_HEADINGS))]
    is_wide = sum(widths) + 2 * (len(widths) - 1) > WIDTH
    tables = [_stacked(rows) if is_wide else _columns(rows, widths) for rows in cells]
    shown = tables[0][: not is_wide]
    for device, table, its_ports in zip(described, tables[1:], ports, strict=True):
        opens = "opens" if device.openable else f"does not open: {device.problem}"
        shown += [*_filled(f"{device}, {device.speed} speed, {opens}"), *table]
        shown += [f"  serial:{port.path}" for port in its_ports]
    for device, decoded in zip(described, reports, strict=True):
        for number, report in decoded.items():
            shown += ["", *_filled(f"{device}, interface {number}:")]
            lines = [report] if isinstance(report, str) else [line for one in report for line in one.lines()]
            shown += [part for line in lines for part in _filled(f"  {line}")]
    return shown


def _columns(rows: Sequence[tuple[str, ...]], widths: Sequence[int]) -> list[str]:
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]


def _stacked(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Give an endpoint a line of its own, where it has no room beside its interface."""
    lines = []
    for interface, driver, endpoint in rows:
        lines += [f"{interface}, driver {driver}"] if interface else []
        lines += [f"      {endpoint}"] if endpoint else []
    return lines


def _filled(line: str) -> list[str]:
    """Break a line that is too long, and indent what follows."""
    indent = " " * (len(line) - len(line.lstrip()))
    wrapper = textwrap.TextWrapper(WIDTH, subsequent_indent=f"{indent}    ", break_on_hyphens=False)
    return wrapper.wrap(visible(line))


def _rows(interface: InterfaceInfo) -> list[tuple[str, str, str]]:
    """Lay an interface out, one line an endpoint, under the device's own line."""
    alternate = f".{interface.alternate}" if interface.alternate else ""
    driver = "unknown" if interface.driver is None else interface.driver or "none"
    first = f"  {interface.number}{alternate} {interface.class_name}", driver
    endpoints = [str(endpoint) for endpoint in interface.endpoints] or [""]
    return [(*(first if i == 0 else ("", "")), endpoint) for i, endpoint in enumerate(endpoints)]


@click.command()
@click.argument("device", required=False)
@json_option
@quiet_option
@click.pass_context
def doctor(context: click.Context, device: str | None, as_json: bool) -> None:
    """Say what keeps DEVICE, or any device, from being recorded, and the next command to type.

    Exits with 1 where something was found.

    \b
    Example:
      zerotap doctor 2341:804f
    """
    from zerotap.capture.usb.doctor import CHECKS, examine, look

    desk = look(device)
    findings = examine(desk)
    fine = f"nothing is wrong: {len(desk.devices)} USB devices, {len(CHECKS)} checks"
    shown = [line for finding in findings for line in ("", *finding.lines())][1:] or [fine]
    print_report([finding.to_json() for finding in findings], shown, as_json)
    if not findings:
        next_step("zerotap record DEVICE --label LABEL --dataset DIR")
    context.exit(1 if findings else 0)


@click.command()
@click.argument("devices", metavar="[DEVICE]...", nargs=-1)
@click.option("--write", is_flag=True, help="Write the file instead of printing it (run it with sudo).")
@click.option("--force", is_flag=True, help="With --write: replace a file that holds other rules.")
@quiet_option
def udev(devices: tuple[str, ...], write: bool, force: bool) -> None:
    """Print the udev rule that lets you open DEVICE without sudo, or write it with --write.

    Without DEVICE it is for the Arduino MKR Zero. A VID:PID need not be plugged in. The rule holds for
    whoever is logged in at the computer and for each program that they run: it opens a keyboard to them all.

    \b
    Example:
      sudo "$(command -v zerotap)" udev 2341:804f --write
    """
    from zerotap.capture.usb.boards import MKR_ZERO
    from zerotap.capture.usb.udev import RULES_PATH, udev_rules, write_udev_rules

    if force and not write:
        raise click.UsageError("--force goes with --write")
    rules = udev_rules(map(_device_ids, devices) if devices else MKR_ZERO.ids)
    if not write:
        click.echo(rules, nl=False)
        next_step(" ".join(['sudo "$(command -v zerotap)" udev', *devices, "--write"]))
    elif write_udev_rules(rules, RULES_PATH, force):
        say(f"wrote {RULES_PATH}")
        next_step("sudo udevadm control --reload, then plug the device in again")
    else:
        say(f"{RULES_PATH} holds these rules already")
        next_step("zerotap devices")


def _device_ids(spec: str) -> tuple[int, int]:
    """A VID:PID stands for itself; anything else must be plugged in."""
    if match := re.fullmatch(r"([0-9a-fA-F]{4}):([0-9a-fA-F]{4})", spec):
        return int(match[1], 16), int(match[2], 16)
    from zerotap.capture.usb.devices import select_device

    device = select_device(spec)
    return device.idVendor, device.idProduct
