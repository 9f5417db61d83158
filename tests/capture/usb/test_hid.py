import array
import errno
import time
from types import SimpleNamespace

import pytest
import usb.core
from hypothesis import given, settings
from hypothesis import strategies as st

from zerotap.capture.usb import host
from zerotap.capture.usb.hid import decode_report_descriptor, read_report_descriptor, usage_name
from zerotap.errors import CaptureError

# HID 1.11, appendices B.1 and B.2: the boot keyboard and the boot mouse.
KEYBOARD = bytes.fromhex(
    "05010906a101050719e029e7150025017501950881029501750881019505750105081901290591029501750391019506"
    "7508150025650507190029658100c0"
)
MOUSE = bytes.fromhex(
    "05010902a1010901a100050919012903150025019503750181029501750581010501093009311581257f750895028106c0c0"
)
KEYBOARD_AND_MEDIA_KEYS = bytes.fromhex(
    "05010906a1018501050719e029e71500250175019508810295067508150026ff000507190029ff8100c0"
    "050c0901a1018502150026ff0719002aff07751095018100c0"
)


def test_the_boot_keyboard_has_an_input_report_of_8_bytes_and_five_leds():
    keys, leds = decode_report_descriptor(KEYBOARD)
    assert (keys.kind, keys.report_id, keys.length_bytes) == ("input", 0, 8)
    assert (leds.kind, leds.length_bytes) == ("output", 1)
    assert usage_name(keys.application) == "keyboard"
    modifiers, padding, array_ = keys.fields
    assert modifiers.usages == (range(0x7_00E0, 0x7_00E8),) and modifiers.variable
    assert padding.constant and padding.bit_offset == 8
    assert (array_.bit_offset, array_.bits, array_.count, array_.variable) == (16, 8, 6, False)
    assert array_.usages == (range(0x7_0000, 0x7_0066),)


def test_the_boot_mouse_moves_by_signed_steps():
    (report,) = decode_report_descriptor(MOUSE)
    assert report.length_bytes == 3
    motion = report.fields[-1]
    assert (motion.minimum, motion.maximum, motion.relative) == (-127, 127, True)
    assert [usage_name(usages[0]) for usages in motion.usages] == ["x", "y"]
    assert usage_name(report.application) == "mouse"


def test_a_report_id_is_a_byte_of_the_report_and_each_belongs_to_its_collection():
    keys, media = decode_report_descriptor(KEYBOARD_AND_MEDIA_KEYS)
    assert (keys.report_id, keys.length_bytes, usage_name(keys.application)) == (1, 8, "keyboard")
    assert (media.report_id, media.length_bytes, usage_name(media.application)) == (
        2,
        3,
        "consumer control",
    )


def test_a_maximum_of_255_in_one_byte_is_not_minus_one():
    descriptor = bytes.fromhex("0600ff0901a1010902150025ff750895408102c0")
    (report,) = decode_report_descriptor(descriptor)
    assert report.fields[0].maximum == 255
    assert report.length_bytes == 64, "one usage stands for all 64 values"


def test_a_report_is_padded_to_whole_bytes():
    (report,) = decode_report_descriptor(bytes.fromhex("05090901750c95018102"))
    assert (report.bits, report.length_bytes) == (12, 2)


def test_push_and_pop_bring_the_globals_back():
    descriptor = bytes.fromhex("05097508950115002501a40501751095028102b409018102")
    (report,) = decode_report_descriptor(descriptor)
    assert [(part.bits, part.count) for part in report.fields] == [(16, 2), (8, 1)]
    assert report.fields[1].usages == (range(0x9_0001, 0x9_0002),)


def test_a_usage_of_four_bytes_names_its_own_page_and_long_items_are_passed_over():
    descriptor = bytes.fromhex("fe0299aabb" + "0501" + "0b38020c00" + "75089501" + "8106")
    (report,) = decode_report_descriptor(descriptor)
    assert [usage_name(usages[0]) for usages in report.fields[0].usages] == ["pan"]


def test_reports_in_words():
    assert str(decode_report_descriptor(KEYBOARD)[0]) == (
        "input report, keyboard, 8 bytes\n"
        "  8 x 1 bit: key 0xe0 to 0xe7\n"
        "  1 x 8 bit: padding\n"
        "  6 x 8 bit array: key 0x00 to 0x65"
    )
    assert usage_name(0xFF00_0001) == "0xff00:0x0001"


def test_reports_as_json():
    keys = decode_report_descriptor(KEYBOARD)[0].to_json()
    assert keys["application"] == "keyboard" and keys["length_bytes"] == 8
    assert keys["fields"][0]["usages"] == [[0x7_00E0, 0x7_00E7]]


@pytest.mark.parametrize(
    ("descriptor", "sentence"),
    [
        ("0501b4", "byte 2: Pop without Push"),
        ("0501c0", "byte 2: a collection ends that has not begun"),
        ("05072901", "byte 2: a usage range ends before it begins"),
        ("050719052901", "byte 4: a usage range ends before it begins"),
        ("77ffffffff97ffffffff8102", "byte 10: a report longer than 16384 bytes"),
        ("050175", "ends inside the item at byte 2"),
        ("00" * 4097, "longer than 4096 bytes"),
    ],
)
def test_damage_is_named_with_its_place(descriptor, sentence):
    with pytest.raises(CaptureError, match=sentence):
        decode_report_descriptor(bytes.fromhex(descriptor))


def test_a_usage_range_of_four_gigabytes_takes_no_memory():
    (report,) = decode_report_descriptor(bytes.fromhex("05071b000000002bffffffff750895018102"))
    assert report.fields[0].usages == (range(1 << 32),)


@given(st.sampled_from([KEYBOARD, MOUSE, KEYBOARD_AND_MEDIA_KEYS]), st.data())
@settings(max_examples=300, deadline=1000)
def test_a_changed_descriptor_gives_reports_or_a_capture_error(descriptor, data):
    changed = bytearray(descriptor)
    for place in data.draw(st.lists(st.integers(0, len(changed) - 1), min_size=1, max_size=4)):
        changed[place] = data.draw(st.integers(0, 255))
    try:
        reports = decode_report_descriptor(bytes(changed[: data.draw(st.integers(0, len(changed)))]))
    except CaptureError as error:
        assert "HID report descriptor" in str(error)
    else:
        assert all(report.to_json() and report.lines() for report in reports)


class AnsweringDevice:
    """Answers GET_DESCRIPTOR(report) of interface 0, or raises what it was given."""

    idVendor = idProduct = bus = address = 1  # noqa: N815

    def __init__(self, answer):
        self.answer, self.requests = answer, []

    def __getitem__(self, _configuration):
        return SimpleNamespace(bConfigurationValue=1)

    def ctrl_transfer(self, *request):
        self.requests.append(request)
        if isinstance(self.answer, Exception):
            raise self.answer
        return array.array("B", self.answer[: request[-1]])


def _interface(extra="092111010001223f00"):
    return SimpleNamespace(bInterfaceNumber=0, configuration=0, extra_descriptors=list(bytes.fromhex(extra)))


@pytest.fixture(autouse=True)
def no_sysfs(monkeypatch, tmp_path):
    monkeypatch.setattr(host, "SYSFS_DEVICES", tmp_path)


def test_a_device_is_asked_for_as_many_bytes_as_its_hid_descriptor_says():
    device = AnsweringDevice(KEYBOARD + bytes(100))
    assert read_report_descriptor(device, _interface()) == KEYBOARD
    assert device.requests == [(0x81, 6, 0x2200, 0, len(KEYBOARD))]


def test_other_descriptors_before_the_hid_descriptor_are_passed_over():
    device = AnsweringDevice(MOUSE)
    assert read_report_descriptor(device, _interface("0324aa" + "09211101000122" + "3400")) == MOUSE[:0x34]


@pytest.mark.parametrize("extra", ["", "09", "0024", "0524001001"])
def test_an_interface_without_a_hid_descriptor(extra):
    with pytest.raises(CaptureError, match="interface 0 has no HID descriptor"):
        read_report_descriptor(AnsweringDevice(b""), _interface(extra))


def test_a_busy_interface_is_the_callers_to_explain():
    busy = usb.core.USBError("Resource busy", -6, errno.EBUSY)
    with pytest.raises(usb.core.USBError):
        read_report_descriptor(AnsweringDevice(busy), _interface())


def test_thousands_of_fields_take_time_in_proportion():
    head = bytes.fromhex("05010906a10175019501")
    started = time.process_time()
    for _ in range(20):
        (report,) = decode_report_descriptor(head + b"\x81\x02" * 2000)
    assert len(report.fields) == 2000 and report.fields[-1].bit_offset == 1999
    assert time.process_time() - started < 1  # each took 0.1 s
