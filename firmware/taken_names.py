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

# NAME.h must hide no other header, also where a file system takes STDINT.h for stdint.h: first the C
# library's and the compiler's for Arm, then those that the Arduino SAMD core ships (ArduinoCore-API, its own
# libraries, CMSIS and the chip's registers) and the example's own, then the usual libraries',
# those of Arduino-Pico, and of the examples.
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

    ac adafruit_tinyusb_api adc address adk arduino arduinoapi arm_common_tables arm_const_structs
    arm_helium_utils arm_math_memory arm_math_types arm_nn_tables arm_nnfunctions arm_nnsupportfunctions
    arm_vec_math avr binary board boot cachel1_armv7 can can_api canmsg canmsgringbuffer cdc client
    cmsis_armcc cmsis_armcc_v6 cmsis_armclang cmsis_armclang_ltm cmsis_compiler cmsis_gcc cmsis_iccarm
    cmsis_os cmsis_os2 cmsis_tiarmclang cmsis_version cmsis_vio common compat compiler confdescparser
    core_armv81mml core_armv8mbl core_armv8mml core_cm0 core_cm0plus core_cm1 core_cm23 core_cm3
    core_cm33 core_cm35p core_cm4 core_cm55 core_cm7 core_cm85 core_cmfunc core_cminstr core_cmsimd
    core_sc000 core_sc300 core_starmc1 dac delay dma dmac dmapool driver_can driver_common driver_eth
    driver_eth_mac driver_eth_phy driver_flash driver_i2c driver_mci driver_nand driver_sai driver_spi
    driver_storage driver_usart driver_usb driver_usbd driver_usbh driver_wifi dsp dsu dtostrf eic
    errorcodes evsys gclk hardwarecan hardwarei2c hardwareserial hardwarespi hexdump hid hidboot
    hidescriptorparser hiduniversal hidusagestr hmatrixb i2s i2sdoublebuffer interrupt interrupts
    ipaddress itoa keyboard keyboardcontroller macaddress macros main math_helper message mkr1000
    mkrfox1200 mkrgsm1400 mkrnb1500 mkrvidor4000 mkrwan1300 mkrwan1310 mkrwifi1010 mkrzero mouse
    mousecontroller mpu_armv7 mpu_armv8 mtb mzero nano33iot new nvmctrl os_tick pac pac0 pac1 pac2
    pac_armv81 parsetools pgmspace pins_arduino pluggableusb pm pmu_armv8 port print printable printhex
    realtimeclock reset ringbuffer rtc saferingbuffer sam sam_ba_monitor samd samd21
    samd_analogcorrection samd_bootloaderupdater sbmatrix sbu sd sdu sercom sercom0 sercom1 sercom2
    sercom3 sercom4 sercom5 server servo sfu sink_parser snu spi ssu stdlib_noniso stream sync sysctrl
    system system_samd21 tc tc3 tc4 tc5 tc6 tc7 tcc tcc0 tcc1 tcc2 tls tone tz_context uart udp usb
    usb_ch9 usb_host usbapi usbcore usbdesc usbhost usbhub variant vectors wcharacter wdt winterrupts
    wire wiring wiring_analog wiring_constants wiring_digital wiring_private wiring_shift wmath wstring
    wvariant zero

    adafruit_gfx adafruit_neopixel adafruit_sensor adafruit_winc1500mdns adafruit_zerodma
    arduino_apds9960 arduino_connectionhandler arduino_hts221 arduino_lps22hb arduino_lsm6ds3
    arduino_lsm9ds1 arduino_mkrenv arduino_mkrgps arduino_mkriotcarrier arduino_mkrmem arduino_mkrrgb
    arduino_mkrtherm arduinobearssl arduinoble arduinocloud arduinoeccx08 arduinographics
    arduinohttpclient arduinoiotcloud arduinojson arduinolowpower arduinomodbus arduinomotorcarrier
    arduinomqttclient arduinoota arduinors485 arduinosound audiofrequencymeter audiozero ble
    bleadvertisingdata bleattribute blecentral blecharacteristic blecharacteristics bledescriptor
    bledevice blelocaldevice bleproperty bleremotecharacteristic bleservice blestringcharacteristic
    bletypedcharacteristic bletypedcharacteristics boards bridge capacitivesensor console
    dallastemperature dhcp dns eeprom esplora ethernet ethernetclient ethernetserver ethernetudp
    fastled fat16 fatstructs fft fileio firmata flashaseeprom flashstorage frequencytimer2 gsm
    httpclient irremote keypad liquidcrystal lora lowpower mailbox mcp2515 midiusb mkrgsm mkrnb mkrwan
    nano33ble nb onewire pdm process pubsubclient robot_control robot_motor rtczero samd_turbo_timer
    scheduler sd2card sdfat sdfatstructs sdfatutil sdinfo servotimers sigfox softwareserial spacebrewyun
    stepper temboo tft timerone tinyusb w5100 wifi wifi101 wificlient wifidrv wifimdns wifimdnsresponder
    wifinina wifiserver wifisocket wifispi wifisslclient wifistorage wifitypes wifiudp
    wiregsm yunclient yunserver zerotimer

    a2dpsink a2dpsource adcinput atomic audiobuffermanager audiooutputbase audioringbuffer bleaddress
    bleadvertising blebeacon blecb bleclient bledebug bleremoteservice blesecurity bleserver bleuuid
    bluetoothaudio bluetoothdevice bluetoothhci bluetoothhidmaster bluetoothlock bootsel btstack btstacklib
    coremutex croutine ctocppcallback cyw43_wrappers debug_internal diskio dnsserver event_groups fatfs
    fatfsusb ff ffconf freertos freertosconfig fs fsimpl hardware hid_bluetooth httpupdate joystick
    joystickble joystickbt keyboardble keyboardbt keyboardlayout leamdns list littlefs locklessqueue
    lwipmutex message_buffer mouseble mousebt pico pioprogram polledtimeout portable portmacro projdefs
    pwmaudio queue rp2040 rp2040support rp2040usb rp2040version rp2350support sdfs semifs semihosting semphr
    serialpio serialsemi serialuart serialusb simplemdns singlefiledrive stack_macros stackmacros
    stream_buffer streamstring task timers tusb_config tz updater

    frame_reader host_frames line model_doors samples sensor_frames typed_model verdict
    """,
    )
)
# The chips' own headers have thousands of names: sam3u, samd21g18a, samd21_host, system_same70.
CHIP_HEADERS: Final = re.compile(r"(system_)?sam[cdeglrsv]?(\d\w*)?")


def is_header(name: str) -> bool:
    """Whether NAME.h is, in letters of either case, a header that it would hide."""
    return name.lower() in HEADERS or bool(CHIP_HEADERS.fullmatch(name.lower()))
