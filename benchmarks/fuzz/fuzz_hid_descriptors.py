"""HID report descriptors: python benchmarks/fuzz/fuzz_hid_descriptors.py --seconds 600."""

import sys

from fuzz_driver import Target, main

from zerotap.capture.usb.hid import decode_report_descriptor
from zerotap.errors import CaptureError

KEYBOARD = bytes.fromhex(
    "05010906a101050719e029e71500250175019508810295017508810395057501050819012905910295017503910395067508"
    "150025650507190029658100c0"
)
MOUSE = bytes.fromhex(
    "05010902a1010901a100050919012903150025019503750181029501750581030501093009311581257f750895028106c0c0"
)
PUSHED = bytes.fromhex("06d0f10901a1018501a40920150026ff007508954081029540b4850209217510b10227ffffff7f93c0")


def run(data: bytes) -> None:
    for report in decode_report_descriptor(data):
        report.to_json()
        str(report)


TARGET = Target("HID descriptors", run, lambda: [KEYBOARD, MOUSE, PUSHED], (CaptureError,))

if __name__ == "__main__":
    sys.exit(main(TARGET))
