"""A device's descriptors as bytes, for the manifest of what it recorded.

Source: USB 2.0, section 9.6. Nothing is asked of the device: pyusb has read its descriptors already, and the
operating system its report descriptors.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

import usb.core

from .host import report_descriptor

HID_CLASS = 3


def raw_descriptors(device: usb.core.Device) -> dict[str, str]:
    """Return "device", "configuration" and "report_N" of each HID interface N in hexadecimal.

    A report descriptor is left out where the operating system does not show it; with a driver detached it
    does not. Empty where the device cannot be asked for its configuration.
    """
    try:
        configuration = device.get_active_configuration()
    except usb.core.USBError:
        return {}
    found = {"device": _device(device), "configuration": b"".join(_configuration(configuration))}
    for interface in configuration:
        if interface.bInterfaceClass == HID_CLASS:
            number = interface.bInterfaceNumber
            found[f"report_{number}"] = report_descriptor(device, configuration.bConfigurationValue, number)
    return {name: descriptor.hex() for name, descriptor in found.items() if descriptor}


def _device(device: usb.core.Device) -> bytes:
    return struct.pack(
        "<BBHBBBBHHHBBBB",
        *(18, 1, device.bcdUSB, device.bDeviceClass, device.bDeviceSubClass, device.bDeviceProtocol),
        *(device.bMaxPacketSize0, device.idVendor, device.idProduct, device.bcdDevice),
        *(device.iManufacturer, device.iProduct, device.iSerialNumber, device.bNumConfigurations),
    )


def _configuration(configuration: usb.core.Configuration) -> Iterator[bytes]:
    yield struct.pack(
        "<BBHBBBBB",
        *(9, 2, configuration.wTotalLength, configuration.bNumInterfaces, configuration.bConfigurationValue),
        *(configuration.iConfiguration, configuration.bmAttributes, configuration.bMaxPower),
    )
    yield bytes(configuration.extra_descriptors)
    for interface in configuration:
        yield bytes((9, 4, interface.bInterfaceNumber, interface.bAlternateSetting, interface.bNumEndpoints))
        yield bytes((interface.bInterfaceClass, interface.bInterfaceSubClass, interface.bInterfaceProtocol))
        yield bytes((interface.iInterface, *interface.extra_descriptors))
        for endpoint in interface:
            yield struct.pack(
                "<BBBBHB",
                *(7, 5, endpoint.bEndpointAddress, endpoint.bmAttributes),
                *(endpoint.wMaxPacketSize, endpoint.bInterval),
            )
            yield bytes(endpoint.extra_descriptors)
