"""Files that are not read, by what they begin with: each is called what it is, with the way out."""

from __future__ import annotations

from typing import Final, NamedTuple

_EDITCAP: Final = "save it as pcapng with `editcap IN OUT.pcapng`"
_ON_THE_HOST: Final = "capture on the computer instead, with Wireshark (usbmon, USBPcap), and import that"
_UNPACK: Final = "unpack it, and give the capture in it"
_NO_USB: Final = "it has no USB packets: capture with Wireshark (usbmon, USBPcap), or hid-recorder"
SHOWN_BYTES: Final = 8
TEXT_HEAD_BYTES: Final = 512
_BLANKS: Final = b"\t\n\r\f\x1b"


class Unread(NamedTuple):
    """What begins with ``magic`` at byte ``at`` is ``name``."""

    magic: bytes
    name: str
    way_out: str
    at: int = 0


UNREAD: Final = (
    Unread(b"TPDC", "a capture of Total Phase Data Center (.tdc)", _ON_THE_HOST),
    Unread(b"# Total Phase", "an export of Total Phase Data Center", _ON_THE_HOST),
    Unread(b"Level,Sp,Index", "an export of Total Phase Data Center", _ON_THE_HOST),
    Unread(b"RTSS", "a capture of Microsoft Network Monitor 1", _EDITCAP),
    Unread(b"GMBU", "a capture of Microsoft Network Monitor 2", _EDITCAP),
    Unread(b"TRSNIFF data", "a capture of Network General's Sniffer", _EDITCAP),
    Unread(b"XCP\0", "a NetXRay capture", _EDITCAP),
    Unread(b"snoop\0\0\0", "a capture of Solaris snoop", _EDITCAP),
    Unread(b"\x34\xcd\xb2\xa1", "a pcap file of Kuznetzov's kind", _EDITCAP),
    Unread(b"\xa1\xb2\xcd\x34", "a pcap file of Kuznetzov's kind", _EDITCAP),
    Unread(b"version", "a capture of sigrok (.sr)", _ON_THE_HOST, at=30),
    Unread(b"PK\x03\x04", "a zip archive", _UNPACK),
    Unread(b"\xfd7zXZ\0", "an xz file", f"{_UNPACK}: `xz -dk FILE`"),
    Unread(b"BZh", "a bzip2 file", f"{_UNPACK}: `bunzip2 -k FILE`"),
    Unread(b"\x04\x22\x4d\x18", "an lz4 file", f"{_UNPACK}: `lz4 -d FILE`"),
    Unread(b"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK),
    Unread(b"Rar!\x1a\x07", "a rar archive", _UNPACK),
    Unread(b"ustar", "a tar archive", _UNPACK, at=257),
    Unread(b"# EVEMU", "a file of evemu-record, input events", _NO_USB),
    Unread(b"# libinput", "a file of libinput record, input events", _NO_USB),
    Unread(b"Input driver version", "what evtest prints, input events", _NO_USB),
    Unread(b"Bluetooth monitor ver", "what btmon prints", "write packets with `btmon -w FILE`"),
    Unread(b"No.  ", "what Wireshark prints", "save the capture itself, as pcapng"),
    Unread(b'"No.",', "a table that Wireshark exported", "save the capture itself, as pcapng"),
    Unread(b"<?xml", "an XML file", "save the capture itself, as pcapng"),
    Unread(b"LOGG", "a capture of a CAN bus (.blf)", _NO_USB),
    Unread(b"SQLite format 3", "an SQLite database", _NO_USB),
    Unread(b"\x93NUMPY", "a NumPy array", "name it .npy, and import it as numbers"),
    Unread(b"\x89PNG", "a picture", _NO_USB),
    Unread(b"%PDF-", "a PDF", _NO_USB),
    Unread(b"\x7fELF", "a program", _NO_USB),
)


def named_fault(head: bytes) -> str:
    """Say what a file of UNREAD is, and the way out; "" of any other."""
    for one in UNREAD:
        if head[one.at : one.at + len(one.magic)] == one.magic:
            return f"{one.name}, which zerotap does not read: {one.way_out}"
    return ""


def unread_fault(head: bytes) -> str:
    """Say what a file of no known format is, by its beginning, and the way out."""
    if fault := named_fault(head):
        return fault
    if _is_text(head[:TEXT_HEAD_BYTES]):
        return (
            "text, but neither usbmon's nor that of hid-recorder or usbhid-dump; "
            "a file of numbers is read by `zerotap info` and `zerotap import`, named .csv or .txt"
        )
    return ""


def _is_text(head: bytes) -> bool:
    """Whether it is lines of UTF-8 that a person reads; a character may be cut at the end."""
    is_plain = b"\n" in head.strip() and all(byte >= 0x20 or byte in _BLANKS for byte in head)
    return is_plain and "\ufffd" not in head.decode("utf-8", "replace").rstrip("\ufffd")
