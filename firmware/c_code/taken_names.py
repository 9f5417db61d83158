"""Names that are taken: a library's cannot be one of them."""

from __future__ import annotations

import re
from typing import Final

# C to C23 and C++ to C++20: the header is included from sketches.
KEYWORDS: Final = frozenset(
    re.findall(
        r"\w+",
        """
    alignas alignof and and_eq asm auto bitand bitor bool break case catch char char8_t char16_t char32_t
    class compl concept const const_cast consteval constexpr constinit continue co_await co_return
    co_yield decltype default delete do double dynamic_cast else enum explicit export extern false float
    for friend goto if inline int long mutable namespace new noexcept not not_eq nullptr operator or or_eq
    private protected public register reinterpret_cast requires restrict return short signed sizeof static
    static_assert static_cast struct switch template this thread_local throw true try typedef typeid
    typename typeof typeof_unqual union unsigned using virtual void volatile wchar_t while xor xor_eq
    """,
    )
)

# NAME.h must hide no other header, also where a file system takes STDINT.h for stdint.h: the C library's and
# the compiler's for Arm, those of the Arduino cores and their common libraries, and the example's own.
HEADERS: Final = frozenset(
    re.findall(
        r"\w+",
        """
    alloca ar arm_acle arm_bf16 arm_cde arm_cmse arm_fp16 arm_math arm_mve arm_mve_types arm_neon argz
    assert complex cpio ctype devctl dirent elf endian envlock envz errno fastmath fcntl features fenv
    float fnmatch gcov getopt glob grp iconv ieeefp inttypes iso646 langinfo libgen limits locale machine
    malloc math memory mmintrin ndbm newlib paths poll pthread pwd reent regdef regex sched search
    semaphore setjmp signal spawn ssp stdalign stdarg stdatomic stdbit stdbool stdckdint stddef stdfix
    stdint stdio stdio_ext stdlib stdnoreturn string strings
    syslimits tar termios tgmath threads time uchar unctrl
    unistd unwind utime utmp varargs wchar wctype wordexp

    arduino arduinoapi adafruit_tinyusb_api avr binary board boot can can_api client common core_cm0plus
    cmsis_gcc delay dsp hardwarespi hardwareserial i2s interrupts ipaddress itoa keyboard main mouse
    pgmspace pins_arduino pluggableusb print printable reset ringbuffer sam samd samd21 sd sercom server
    servo spi stream system system_samd21 tone uart udp usb usbapi usbcore usbdesc variant vectors
    wcharacter winterrupts wire wiring wiring_analog wiring_constants wiring_digital wiring_private
    wiring_shift wmath wstring
    """,
    )
)
