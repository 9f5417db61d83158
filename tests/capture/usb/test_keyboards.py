"""Which devices are keyboards, and on which of them somebody types."""

import errno

import pytest
import usb.core

from zerotap.capture.sources.usb import UsbSource
from zerotap.capture.usb.opening import DeviceOptions

pytestmark = pytest.mark.usefixtures("sysfs")

BOOT = "0904000001 03010100 092111010001222d00 07058103080007"
MOUSE = "0904000001 03010200 092111010001222d00 07058103080007"
PLAIN = "0904000001 03000000 092111010001222d00 07058103200001"
SECOND_BOOT = "0904010001 03010100 092111010001222d00 07058203080007"
SECOND_PLAIN = "0904010001 03000000 092111010001222d00 07058203200001"
SECOND_MOUSE = "0904010001 03010200 092111010001222d00 07058203080007"
SECOND_SMART_CARD = "0904010000 0b000000"
# N-key rollover: a bit for each key, usage page 7. A gamepad: page 9. A FIDO token: page F1D0.
NKRO = bytes.fromhex("05010906a1010507190029771500250175019578810 2c0".replace(" ", ""))
GAMEPAD = bytes.fromhex("05010905a10105091901290815002501750195088102c0".replace(" ", ""))
FIDO = bytes.fromhex("06d0f10901a1010920150026ff00750895408102c0".replace(" ", ""))


@pytest.fixture
def make(usb_devices, sysfs):
    """Make a device of interface descriptors; the kernel shows ``reports`` of its interfaces in order."""

    def make(*interfaces, name="Thing", ids=(0x1209, 9), address=4, reports=()):
        device = usb_devices.keyboard(address, product=name, ids=ids)
        body = bytes.fromhex("".join(interfaces))
        scripted = type(device)(
            ids,
            (b"\x09\x02\0\0" + bytes((len(interfaces), 1, 0, 0xA0, 50)) + body).hex(),
            ("ACME", name, ""),
            address,
        )
        for number, report in enumerate(reports):
            below = (
                usb_devices.linux_tree(sysfs, scripted, number, "usbhid")
                if not number
                else (sysfs / f"1-{address}" / f"1-{address}:1.{number}")
            )
            (below / "0003").mkdir(parents=True)
            (below / "0003" / "report_descriptor").write_bytes(report)
        return scripted

    return make


@pytest.fixture
def lay(usb_devices):
    """Lay devices on a desk, and return the first of them as a source."""

    def lay(first, *others, **options):
        bus = usb_devices.bus(first, *others)
        device = next(d for d in usb.core.find(find_all=True, backend=bus) if d.address == first.address)
        return UsbSource(device, DeviceOptions(**options))

    return lay


def _verdict(source):
    verdict = source.is_keyboard(), source.is_only_keyboard()
    assert source.device.backend.open == [] and source.device.backend.claimed == []
    return verdict


@pytest.mark.parametrize(
    ("interfaces", "reports", "name", "verdict"),
    [
        ((BOOT,), (), "Thing", (True, True)),
        ((PLAIN,), (NKRO,), "Thing", (True, True)),
        ((PLAIN,), (GAMEPAD,), "Thing", (False, False)),
        ((PLAIN,), (), "Thing", (False, False)),
        ((PLAIN,), (), "Some Keyboard", (True, True)),
        ((MOUSE,), (), "Keyboard's mouse", (False, False)),
        ((PLAIN,), (b"\x81",), "Thing", (False, False)),
    ],
)
def test_a_keyboard_is_known_by_protocol_or_by_what_it_reports(make, lay, interfaces, reports, name, verdict):
    assert _verdict(lay(make(*interfaces, name=name, reports=reports))) == verdict


def test_without_its_driver_a_keyboard_is_asked_itself(make, lay):
    keyboard = make(PLAIN)
    keyboard.reports = NKRO
    assert _verdict(lay(keyboard)) == (True, True)


@pytest.mark.parametrize(
    ("endpoint", "verdict"), [(None, (True, True)), (0x81, (True, True)), (0x82, (True, True))]
)
def test_the_second_interface_of_a_keyboard_is_one_too(make, lay, endpoint, verdict):
    assert _verdict(lay(make(BOOT, SECOND_PLAIN), endpoint=endpoint)) == verdict


def test_keys_of_a_keyboard_for_its_volume_are_no_keyboard(make, lay):
    volume = make(BOOT, SECOND_PLAIN, reports=(NKRO, GAMEPAD))
    assert _verdict(lay(volume, endpoint=0x82)) == (False, False)


@pytest.mark.parametrize(
    ("interfaces", "reports", "more"),
    [
        ((BOOT,), (), {"ids": (0x1050, 0x0407)}),
        ((BOOT, SECOND_PLAIN), (NKRO, FIDO), {}),
        ((BOOT, SECOND_SMART_CARD), (), {}),
        ((BOOT,), (), {"name": "Barcode Scanner"}),
        ((MOUSE, SECOND_BOOT), (), {}),
        ((PLAIN,), (GAMEPAD,), {}),
    ],
)  # fmt: skip
def test_what_nobody_types_on_is_no_second_keyboard(make, lay, usb_devices, interfaces, reports, more):
    token = make(*interfaces, reports=reports, **more)
    assert _verdict(lay(usb_devices.keyboard(3), token)) == (True, True)
    assert not lay(token, usb_devices.keyboard(3)).is_only_keyboard()


@pytest.mark.parametrize(
    ("interfaces", "reports"), [((BOOT,), ()), ((PLAIN,), (NKRO,)), ((BOOT, SECOND_MOUSE), ())]
)
def test_any_other_keyboard_is_a_second_one(make, lay, usb_devices, interfaces, reports):
    assert _verdict(lay(usb_devices.keyboard(3), make(*interfaces, reports=reports))) == (True, False)


def test_what_may_not_be_opened_is_said_by_opening_it(usb_devices, lay):
    refused = usb_devices.keyboard(refused=usb_devices.refused(errno.EACCES, -3))
    assert _verdict(lay(refused)) == (False, False)
