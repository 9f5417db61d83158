"""What a serial port does beyond what every source does; a pseudo-terminal is the port."""

import errno
import os
import threading
import time
from itertools import islice

import pytest
import serial
from click.testing import CliRunner
from serial.tools import list_ports

from zerotap.capture.commands.record import record as record_command
from zerotap.capture.datasets.dataset import Dataset
from zerotap.capture.files.reading import read_recordings
from zerotap.capture.packet import DeviceIdentity, Event, Packet
from zerotap.capture.sensors.sensor_stream import frame_recording
from zerotap.capture.serial_ports import ports as serial_ports
from zerotap.capture.session.recording import record_source
from zerotap.capture.session.session import Plan
from zerotap.capture.sources import serial_port
from zerotap.capture.sources.registry import find_source
from zerotap.capture.sources.source import opened
from zerotap.capture.usb.cdc import DEFAULT_BAUD
from zerotap.capture.usb.opening import DeviceOptions
from zerotap.errors import CaptureError

IDS = "1209:0004"


def items_of(source, count):
    return list(islice((item for item in source.packets() if item is not None), count))


def numbers_in(items):
    text = b"".join(item.data for item in items if isinstance(item, Packet)).decode()
    return [int(line.split(",")[0]) for line in text.split("\n")[:-1] if line]


@pytest.mark.parametrize(
    "spec", ["serial:{path}", "serial:{path}@57600", f"serial:{IDS}", f"serial:{IDS}:A10@9600"]
)
def test_a_port_is_named_by_path_or_by_ids(serial_board, spec):
    source = find_source(spec.format(path=serial_board.path))
    assert source.port.path == str(serial_board.path)
    assert source.baud == int(spec.partition("@")[2] or DEFAULT_BAUD)
    assert source.identity == DeviceIdentity(0x1209, 4, 0, 0, "zerotap", "Serial\ufffd board", "A10")


def test_a_link_to_a_port_is_that_port(serial_board, tmp_path):
    (tmp_path / "by-id").symlink_to(serial_board.path)
    assert find_source(f"serial:{tmp_path / 'by-id'}").identity.serial == "A10"


def test_the_line_gets_its_rate_and_every_byte_comes_through(serial_board):
    with opened(find_source(f"serial:{serial_board.path}@57600")) as source:
        assert source._line.baudrate == 57600
        master, raw = serial_board._master, bytes(range(256))
        with serial_board._lock:
            os.write(master, raw)
        received = b""
        for item in source.packets():
            received += item.data if item else b""
            if raw in received:
                break


def test_what_is_recorded_is_a_sensor(serial_board, tmp_path):
    source = find_source(f"serial:{IDS}")
    (result,) = record_source(source, tmp_path / "moves", Plan(("idle",), packets=20))
    (recording,) = read_recordings(result.path)
    stream = frame_recording(recording)
    assert (stream.values.shape[1], recording.transfer) == (2, "bulk")
    assert (stream.values[1:, 0] == stream.values[:-1, 0] + 1).all()
    assert result.sensor["framing"] == "text"
    assert not Dataset.open(tmp_path / "moves").synthetic
    assert recording.device == source.identity


def test_a_port_that_comes_back_under_another_path_is_recorded_on(serial_board, tmp_path):
    with opened(find_source(f"serial:{serial_board.path}")) as source:
        packets = (item for item in source.packets() if item is not None)
        before = list(islice(packets, 5))
        serial_board.unplug()
        later = threading.Timer(0.6, serial_board.plug, [tmp_path / "ttyUSB7"])
        later.start()
        after = list(islice(packets, 8))
        later.join()
    events = [item for item in after if isinstance(item, Event)]
    assert [(event.kind, event.detail) for event in events] == [("gap", "the port went away")]
    assert numbers_in(before)[0] < numbers_in(after[after.index(events[0]) + 1 :])[-1]


def test_a_port_that_stays_away_is_unplugged(serial_board, monkeypatch, tmp_path):
    monkeypatch.setattr(serial_port, "RECONNECT_S", 0.6)
    threading.Timer(0.3, serial_board.unplug).start()
    (result,) = record_source(find_source(f"serial:{IDS}"), tmp_path / "moves", Plan(("idle",)))
    assert (result.stopped, result.gaps) == ("unplugged", 1)
    assert "unplugged" in result.problem()
    (recording,) = read_recordings(result.path)
    assert [event.kind for event in recording.events] == ["gap", "unplug"]


@pytest.mark.alone
def test_while_it_waits_a_reader_is_not_left_waiting(serial_board):
    with opened(find_source(f"serial:{IDS}")) as source:
        items_of(source, 1)
        serial_board.unplug()
        packets = source.packets()
        assert any(isinstance(next(packets), Event) for _ in range(20))
        before_s = time.monotonic()
        assert next(packets) is None
        assert time.monotonic() - before_s < 0.6
        source.close()
        assert list(packets) == []


class Lines:
    """What a port with modem lines is told, in order."""

    def __init__(self, monkeypatch):
        self.told, self.flushed = [], []
        monkeypatch.setattr(
            serial.Serial, "_update_dtr_state", lambda port: self.told.append(("DTR", port.dtr))
        )
        monkeypatch.setattr(
            serial.Serial, "_update_rts_state", lambda port: self.told.append(("RTS", port.rts))
        )


def test_opening_restarts_a_board_as_the_arduino_ide_does(serial_board, monkeypatch):
    lines = Lines(monkeypatch)
    with opened(find_source(f"serial:{serial_board.path}")):
        opening, (*pulse,) = lines.told[:2], lines.told[2:]
    assert opening == [("DTR", True), ("RTS", True)]
    assert pulse == [("DTR", False), ("RTS", False), ("DTR", True), ("RTS", True)]


def test_what_was_sent_before_the_restart_is_not_recorded(serial_board, monkeypatch):
    Lines(monkeypatch)
    time.sleep(0.2)
    with opened(find_source(f"serial:{serial_board.path}")) as source:
        assert numbers_in(items_of(source, 3))[-1] > 5


def test_no_reset_leaves_the_lines_and_keeps_dtr_up_after_closing(serial_board, monkeypatch):
    import termios

    lines = Lines(monkeypatch)
    termios_of = lambda: termios.tcgetattr(serial_board._slave)[2]  # noqa: E731
    with opened(find_source(f"serial:{serial_board.path}")):
        pass
    before = termios_of()
    with opened(find_source(f"serial:{serial_board.path}", DeviceOptions(reset=False))):
        assert lines.told[-2:] == [("DTR", True), ("RTS", True)]
        assert len(lines.told) == 6 + 2
    assert not termios_of() & termios.HUPCL
    assert before & ~termios.HUPCL == termios_of()


def test_a_busy_port_is_said(serial_board):
    with (
        opened(find_source(f"serial:{serial_board.path}")),
        pytest.raises(CaptureError, match=r"ttyUSB0 does not open: another program has it; close that"),
        opened(find_source(f"serial:{serial_board.path}")),
    ):
        pass


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.EACCES, "no permission; join its group by `sudo usermod -aG dialout"),
        (errno.EBUSY, "another program has it"),
        (errno.ENXIO, "plug it in again"),
    ],
)
def test_why_a_port_does_not_open_is_said(serial_board, monkeypatch, number, said):
    def refuse(*_arguments, **_more):
        raise serial.SerialException(number, os.strerror(number))

    monkeypatch.setattr(serial, "Serial", refuse)
    monkeypatch.setattr(
        "grp.getgrgid", lambda _gid: ("dialout",) and type("Group", (), {"gr_name": "dialout"})
    )
    with pytest.raises(CaptureError, match=said), opened(find_source(f"serial:{serial_board.path}")):
        pass


def test_a_port_that_is_not_there_lists_those_that_are(serial_board, tmp_path):
    with pytest.raises(
        CaptureError, match=r"no serial port .*ttyUSB9; there are: .*ttyUSB0 \(1209:0004 zerotap"
    ):
        find_source(f"serial:{tmp_path / 'ttyUSB9'}").open()
    with pytest.raises(CaptureError, match=r'no serial port is "0403:6001"; there are: '):
        find_source("serial:0403:6001")
    with pytest.raises(CaptureError, match="has no name: give its path, or VID:PID; there are: "):
        find_source("serial:")
    serial_board.unplug()
    with pytest.raises(CaptureError, match="there is none at all: plug the board in"):
        find_source(f"serial:{IDS}")


def test_ids_that_two_ports_have_are_not_guessed(serial_board, monkeypatch):
    monkeypatch.setattr(list_ports, "comports", lambda ports=serial_board.ports: ports() * 2)
    with pytest.raises(CaptureError, match="means several serial ports, choose one by its path"):
        find_source(f"serial:{IDS}")


def test_a_file_is_no_port(tmp_path):
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(CaptureError, match=r"notes.txt is no serial port"):
        find_source(f"serial:{tmp_path / 'notes.txt'}").open()


@pytest.mark.parametrize(
    ("spec", "options"),
    [
        ("serial:/dev/ttyUSB0@1200", None),
        ("serial:/dev/ttyUSB0@9600.5", None),
        ("serial:/dev/ttyUSB0", DeviceOptions(baud=1200)),
        ("serial:/dev/ttyUSB0@9600", DeviceOptions(baud=57600)),
        ("serial:/dev/ttyUSB0", DeviceOptions(endpoint=0x81)),
        ("serial:/dev/ttyUSB0", DeviceOptions(report_protocol=True)),
        ("virtual:sensor", DeviceOptions(reset=False)),
    ],
)
def test_options_that_mean_nothing_are_refused(spec, options):
    with pytest.raises(CaptureError), opened(find_source(spec, options)):
        pass


def test_the_command_records_a_port(serial_board, tmp_path):
    more = ["--label", "idle", "--dataset", str(tmp_path / "moves"), "--packets", "5", "--no-reset"]
    result = CliRunner().invoke(record_command, [f"serial:{serial_board.path}", *more])
    assert result.exit_code == 0, result.output
    assert "5 packets" in result.output


def test_ports_of_a_device_are_found_by_place_or_serial_number():
    def port(path, *identity):
        return serial_ports.SerialPort(path, DeviceIdentity(*identity))

    on_linux = [port("/dev/ttyUSB0", 0x0403, 0x6001, 1, 5), port("/dev/ttyUSB1", 0x0403, 0x6001, 1, 6)]
    elsewhere = [port("COM3", 0x0403, 0x6001, 0, 0, "", "", "A10"), port("COM1")]
    device = DeviceIdentity(0x0403, 0x6001, 1, 6, serial="A10")
    assert serial_ports.ports_of(device, on_linux) == [on_linux[1]]
    assert serial_ports.ports_of(device, elsewhere) == [elsewhere[0]]
    assert serial_ports.ports_of(DeviceIdentity(), elsewhere) == []
