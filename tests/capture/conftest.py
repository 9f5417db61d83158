"""A scripted bus: devices made from their descriptors, for the tests of devices, commands and sysfs."""

import array
import errno
from types import SimpleNamespace

import pytest
import usb.backend
import usb.core

from zerotap.capture.usb import host

HUB = "090219000101 00e000 0904000001 09000000 0705810304000c"
KEYBOARD = "090222000101 00a032 0904000001 03010100 092111010001222d00 07058103080007"
# A camera's streaming interface: idle, or three packets of 1024 bytes each microframe.
CAMERA = "090222000101 008032 0904000000 0e020000 0904000101 0e020000 07058105001401"
# A USB-serial chip: all of it is its maker's own.
FTDI = "090220000101 00a02d 0904000002 ffffff00 0705810240 0000 0705020240 0000"
# Interfaces and endpoints as Arduino's core for the SAMD21 has them.
MKR_ZERO = (
    "09024b000201 008032 080b0002020201 00"
    + "0904000001 02020100 0524001001 0424 0206 0524060001 0524010001 0705820310 0010"
    + "0904010002 0a000000 0705010240 0000 0705830240 0000"
)


class Scripted:
    """A device from its descriptors. ``refused`` is raised when it is opened, ``strings`` by their index."""

    def __init__(self, ids, configuration, strings=(), address=2, speed=2, refused=None):
        self.ids, self.strings, self.address = ids, strings, address
        self.speed, self.refused = speed, refused
        self.configuration, self.interfaces = _parse(bytes.fromhex(configuration))
        self.active, self.bound, self.reports = 1, set(), b""


def _parse(data):
    """Split a configuration descriptor as libusb does: other descriptors are extra to the one before."""
    interfaces, at = [], 0
    while at < len(data):
        part = data[at : at + data[at]]
        at += data[at]
        if part[1] == 4:
            interfaces.append(
                SimpleNamespace(
                    bLength=9, bDescriptorType=4, bInterfaceNumber=part[2], bAlternateSetting=part[3],
                    bNumEndpoints=part[4], bInterfaceClass=part[5], bInterfaceSubClass=part[6],
                    bInterfaceProtocol=part[7], iInterface=0, extra_descriptors=[], ends=[],
                )
            )  # fmt: skip
        elif part[1] == 5:
            interfaces[-1].ends.append(
                SimpleNamespace(
                    bLength=7, bDescriptorType=5, bEndpointAddress=part[2], bmAttributes=part[3],
                    wMaxPacketSize=part[4] | part[5] << 8, bInterval=part[6], bRefresh=0, bSynchAddress=0,
                    extra_descriptors=[],
                )
            )  # fmt: skip
        elif part[1] != 2 and interfaces:
            interfaces[-1].extra_descriptors += part
    configuration = SimpleNamespace(
        bLength=9, bDescriptorType=2, wTotalLength=len(data), bNumInterfaces=data[4],
        bConfigurationValue=data[5], iConfiguration=0, bmAttributes=0x80, bMaxPower=50, extra_descriptors=[],
    )  # fmt: skip
    return configuration, interfaces


def _alternates(dev, number):
    return [interface for interface in dev.interfaces if interface.bInterfaceNumber == number]


class ScriptedBus(usb.backend.IBackend):
    """Any number of scripted devices; error numbers are those that libusb gave on Linux."""

    def __init__(self, *scripted):
        self.scripted, self.open, self.claimed = scripted, [], []

    def enumerate_devices(self):
        return iter(self.scripted)

    def get_parent(self, _dev):
        return None

    def get_device_descriptor(self, dev):
        return SimpleNamespace(
            bLength=18, bDescriptorType=1, bcdUSB=0x200, bDeviceClass=0, bDeviceSubClass=0, bDeviceProtocol=0,
            bMaxPacketSize0=64, idVendor=dev.ids[0], idProduct=dev.ids[1], bcdDevice=0x100, iManufacturer=1,
            iProduct=2, iSerialNumber=3, bNumConfigurations=1, bus=1, address=dev.address, port_number=1,
            port_numbers=(1,), speed=dev.speed,
        )  # fmt: skip

    def get_configuration_descriptor(self, dev, config):
        return [dev.configuration][config]

    def get_interface_descriptor(self, dev, intf, alt, _config):
        return _alternates(dev, intf)[alt]

    def get_endpoint_descriptor(self, dev, ep, intf, alt, _config):
        return _alternates(dev, intf)[alt].ends[ep]

    def open_device(self, dev):
        if dev.refused:
            raise dev.refused
        self.open.append(dev)
        return dev

    def close_device(self, dev):
        self.open.remove(dev)

    def get_configuration(self, dev):
        return dev.active

    def claim_interface(self, dev, intf):
        if intf in dev.bound:
            raise usb.core.USBError("Resource busy", -6, errno.EBUSY)
        self.claimed.append((dev, intf))

    def release_interface(self, dev, intf):
        self.claimed.remove((dev, intf))

    def ctrl_transfer(self, dev, request_type, request, value, _index, data, _timeout):
        if (request_type, request, value) == (0x81, 6, 0x2200):
            answer = dev.reports
        else:
            index = value & 0xFF
            text = "\u0409" if index == 0 else (dev.strings or ("", "", ""))[index - 1]
            if isinstance(text, bytes):
                answer = text
            else:
                answer = bytes((2 + 2 * len(text), 3)) + text.encode("utf-16-le")
        answer = answer[: len(data)]
        data[: len(answer)] = array.array("B", answer)
        return len(answer)


class Devices:
    """Devices to put on a bus, and what Linux tells of them."""

    bus = ScriptedBus

    @staticmethod
    def refused(number, code):
        return usb.core.USBError("refused", code, number)

    @staticmethod
    def hub():
        return Scripted((0x1D6B, 2), HUB, ("Linux", "root hub", "0000:00:14.0"), address=1, speed=3)

    @staticmethod
    def keyboard(address=3, serial="A", product="Desk Keyboard", ids=(0x1209, 2), **more):
        return Scripted(ids, KEYBOARD, ("ACME", product, serial), address=address, **more)

    @staticmethod
    def camera():
        return Scripted((0x1209, 3), CAMERA, address=5, speed=3)

    @staticmethod
    def ftdi():
        return Scripted((0x0403, 0x6001), FTDI, ("FTDI", "FT232R USB UART", "A10"), address=4)

    @staticmethod
    def empty():
        return Scripted((1, 1), "090209000001 00a032", address=12, speed=None)

    @staticmethod
    def mkr_zero(**more):
        return Scripted(
            (0x2341, 0x804F), MKR_ZERO, ("Arduino LLC", "Arduino MKR Zero", "50F1"), address=9, **more
        )

    @staticmethod
    def linux_tree(root, device, interface, driver=None, **attributes):
        """Make the folders that sysfs has for a device and one of its interfaces."""
        folder = root / f"1-{device.address}"
        numbers = {"busnum": 1, "devnum": device.address}
        ids = {"idVendor": f"{device.ids[0]:04x}", "idProduct": f"{device.ids[1]:04x}"}
        below = folder / f"1-{device.address}:1.{interface}"
        below.mkdir(parents=True)
        for name, value in {**numbers, **ids, **attributes}.items():
            (folder / name).write_text(f"{value}\n")
        if driver:
            (below / "driver").symlink_to(f"../../../../bus/usb/drivers/{driver}")
        return below


@pytest.fixture
def usb_devices():
    return Devices


@pytest.fixture
def sysfs(monkeypatch, tmp_path):
    """An empty folder in place of what Linux tells of its devices."""
    monkeypatch.setattr(host, "SYSFS_DEVICES", tmp_path)
    return tmp_path
