"""Take a device's interfaces from the kernel's drivers, and give them back whatever happens."""

from __future__ import annotations

import errno
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

import usb.core
import usb.util

from zerotap.errors import CaptureError, ZerotapError

from .devices import (
    BOOT_KEYBOARD,
    BOOT_MOUSE,
    CDC_CONTROL,
    HID,
    describe,
    explain,
    interface_kind,
    is_listed,
    place,
)
from .node import Node

PAUSES_S = (0.05, 0.1, 0.2, 0.4, 0.8)
"""Before each further try to give a driver back."""
LIMIT_S = 10.0
"""After which a system that does not come back from giving back is left alone."""

SET_PROTOCOL = (0x21, 0x0B)
"""HID 1.11, section 7.2.6."""
BOOT_PROTOCOL, REPORT_PROTOCOL = 0, 1

_log = logging.getLogger(__name__)


class DriverLostError(CaptureError):
    """A kernel driver that was taken is not back; the sentence ends with the command that restores it."""


class Taking:
    """The interfaces of a device that were taken from their drivers and claimed; see ``give_back``."""

    def __init__(self, device: usb.core.Device) -> None:
        self._device = device
        self._node: Node | None = None
        self._without_driver: list[int] = []
        self._detached: list[int] = []
        self._claimed: list[int] = []
        self._farewells: list[Callable[[], object]] = []
        self._gone, self._reason = False, ""

    def take(self, interfaces: Sequence[usb.core.Interface]) -> None:
        """Detach the drivers of ``interfaces``, in this order, and claim them.

        An interface that ought to have a driver and has none, as after a recording that was killed, is said
        now and in the end, with the command that restores it: it may be meant so. Raises CaptureError where
        another program records the device, USBError where the system refuses.
        """
        self._node = Node(self._device)
        numbers = [int(interface.bInterfaceNumber) for interface in interfaces]
        driven = [number for number in numbers if has_driver(self._device, number)]
        self._without_driver = [int(i.bInterfaceNumber) for i in interfaces if self._lacks_driver(i)]
        self._watch(driven, list(filter(is_boot_device, interfaces)))
        for number in numbers:
            if has_driver(self._device, number):
                # Noted first: an interrupt between the two lines must not lose the driver.
                self._detached.append(number)
                self._detach(number)
        for number in numbers:
            self._claimed.append(number)
            usb.util.claim_interface(self._device, number)

    def before(self, farewell: Callable[[], object]) -> None:
        """Have a last request made to the device before it is given back; where it fails, that is no news."""
        self._farewells.append(farewell)

    def give_back(self, is_being_read: bool = False) -> None:
        """Release the interfaces and attach their drivers, again and again where that fails; close.

        ``is_being_read``: a read has not returned, so the device's handle stays open. Raises DriverLostError
        where a driver is not back, but not for a device that is gone.
        """
        came_back = _within(LIMIT_S, lambda: self._restore(not is_being_read))
        node, self._node = self._node, None
        if came_back and (self._gone or not self._detached):
            if node:
                node.dismiss()
                node.unlock()
            return
        if node:
            node.unlock()  # its watchdog tries again when this program has ended
        reason = self._reason if came_back else f"the system did not answer in {LIMIT_S:g} s"
        raise DriverLostError(self._lost(self._detached, reason))

    def _detach(self, number: int) -> None:
        try:
            self._device.detach_kernel_driver(number)
        except usb.core.USBError:
            self._detached.remove(number)
            raise

    def _lacks_driver(self, interface: usb.core.Interface) -> bool:
        if interface.bInterfaceClass not in (HID, CDC_CONTROL):
            return False
        number = int(interface.bInterfaceNumber)
        if has_driver(self._device, number) is not False:
            return False
        _log.warning(
            "USB device %s: interface %d had no kernel driver before, as after a recording that was killed: "
            "after this one, give it back with zerotap devices --restore %s",
            *(describe(self._device), number, place(self._device)),
        )
        return True

    def _watch(self, numbers: list[int], boot: list[usb.core.Interface]) -> None:
        try:
            if self._node:
                self._node.watch(numbers, [int(interface.bInterfaceNumber) for interface in boot])
        except OSError as error:
            _log.warning(
                "No watchdog could be started (%s): should this program be killed, run zerotap devices "
                "--restore %s",
                *(error.strerror, place(self._device)),
            )

    def _restore(self, closes: bool) -> None:
        for farewell in reversed(self._farewells):
            self._attempt(farewell)
        for pause_s in (*PAUSES_S, None):
            if self._is_released() and self._is_attached():
                break
            if closes:  # what a handle still holds ends with it
                self._attempt(usb.util.dispose_resources, self._device)
            if pause_s is not None:
                time.sleep(pause_s)
        if self._without_driver and not self._gone and not self._detached:
            _log.warning("%s", self._lost(self._without_driver, "it was missing before"))
        if closes:
            self._attempt(usb.util.dispose_resources, self._device)

    def _is_released(self) -> bool:
        self._claimed = [n for n in self._claimed if not self._attempt(_release, self._device, n)]
        return self._gone or not self._claimed

    def _is_attached(self) -> bool:
        self._detached = [n for n in self._detached if not self._attempt(_attach, self._device, n)]
        return self._gone or not self._detached

    def _attempt(self, step: Callable[..., object], *arguments: object) -> bool:
        """Take a step of clean-up; not even a bug or an interrupt keeps the next from being taken."""
        try:
            step(*arguments)
        except BaseException as error:
            self._reason = explain(error) if isinstance(error, usb.core.USBError) else repr(error)
            self._gone = self._gone or self._is_gone(error)
            return False
        return True

    def _is_gone(self, error: BaseException) -> bool:
        number = error.errno if isinstance(error, usb.core.USBError) else None
        return number == errno.ENODEV or (number == errno.ENOENT and not is_listed(self._device))

    def _lost(self, numbers: list[int], reason: str) -> str:
        listed = " and ".join(map(str, numbers))
        return (
            f"USB device {describe(self._device)}: the kernel's driver is not back at interface {listed} "
            f"({reason}): run zerotap devices --restore {place(self._device)}"
        )


@contextmanager
def ending_with(give_back: Callable[[], None]) -> Iterator[None]:
    """Give back on every way out of a block; a driver that is lost by that is said beside what else happened.

    Raises DriverLostError.
    """
    try:
        yield
    except BaseException as error:
        try:
            give_back()
        except DriverLostError as lost:
            if isinstance(error, ZerotapError):
                raise DriverLostError(f"{error}; {lost}") from error
            _log.warning("%s", lost)
        raise
    give_back()


def restore_drivers(device: usb.core.Device) -> list[int]:
    """Attach the kernel's drivers to the interfaces of ``device`` that have none; return their numbers.

    For a keyboard that a killed program left without its driver. Raises CaptureError where the system
    refuses, or where another program records the device or holds an interface.
    """
    node = Node(device)
    try:
        return [n for n in _first_settings(device) if _is_restored(device, n)]
    except NotImplementedError as error:
        raise CaptureError(
            "Drivers are given back by the system itself here: plug the device in again"
        ) from error
    except usb.core.USBError as error:
        raise CaptureError(f"USB device {describe(device)}: driver not restored: {explain(error)}") from error
    finally:
        usb.util.dispose_resources(device)
        node.unlock()


def configured(device: usb.core.Device) -> usb.core.Configuration:
    """Return the active configuration, after choosing one where there is none. Raises USBError."""
    try:
        return device.get_active_configuration()
    except usb.core.USBError:
        device.set_configuration()
        return device.get_active_configuration()


def is_boot_device(interface: usb.core.Interface) -> bool:
    """Whether an interface has a boot protocol: a keyboard's or a mouse's."""
    return interface_kind(interface) in (BOOT_KEYBOARD, BOOT_MOUSE)


def has_driver(device: usb.core.Device, number: int) -> bool | None:
    """Whether a kernel driver has the interface; None where the system has no word for that."""
    try:
        return bool(device.is_kernel_driver_active(number))
    except (NotImplementedError, usb.core.USBError):  # claiming tells whether it is free
        return None


def _attach_if_any(device: usb.core.Device, number: int) -> bool:
    """Attach a driver; False where the system has none for that interface. Raises USBError."""
    try:
        device.attach_kernel_driver(number)
    except usb.core.USBError as error:
        if error.errno == errno.ENOENT:
            return False
        raise
    return True


def _first_settings(device: usb.core.Device) -> dict[int, usb.core.Interface]:
    return {int(i.bInterfaceNumber): i for i in sorted(configured(device), key=_order)}


def _order(interface: usb.core.Interface) -> tuple[int, int]:
    return int(interface.bInterfaceNumber), -int(interface.bAlternateSetting)


def _is_restored(device: usb.core.Device, number: int) -> bool:
    if device.is_kernel_driver_active(number):
        return False
    if is_boot_device(_first_settings(device)[number]):
        with suppress(usb.core.USBError, NotImplementedError):
            device.ctrl_transfer(*SET_PROTOCOL, REPORT_PROTOCOL, number)
        _release(device, number)
    return _attach_if_any(device, number)


def _release(device: usb.core.Device, number: int) -> None:
    """Release an interface. pyusb forgets one whose release failed: claimed once more, it is known again."""
    with suppress(usb.core.USBError):
        usb.util.claim_interface(device, number)
    usb.util.release_interface(device, number)


def _attach(device: usb.core.Device, number: int) -> None:
    """Attach a driver; that one is there by now is as good."""
    try:
        device.attach_kernel_driver(number)
    except usb.core.USBError as error:
        if not (error.errno == errno.EBUSY and has_driver(device, number)):
            raise


def _within(limit_s: float, work: Callable[[], None]) -> bool:
    """Do ``work`` in a thread that no signal interrupts; False where it takes longer than ``limit_s``."""
    thread = threading.Thread(target=work, name="zerotap giving back", daemon=True)
    thread.start()
    try:
        thread.join(limit_s)
    except BaseException:  # an impatient user: it is not left half done
        thread.join(limit_s)
        raise
    return not thread.is_alive()
