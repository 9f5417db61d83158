// What the example KeyboardHost uses of Arduino's USBHost library, declared so that it is compiled without it.
#pragma once
#include <stdint.h>

#define HID_PROTOCOL_KEYBOARD 1

class HID;

class HIDReportParser {
public:
    virtual void Parse(HID *hid, uint32_t is_rpt_id, uint32_t len, uint8_t *buf) = 0;
};

class USBHost {
public:
    uint32_t Init();
    void Task();
};

template <const uint8_t BOOT_PROTOCOL>
class HIDBoot {
public:
    explicit HIDBoot(USBHost *host);
    uint32_t SetReportParser(uint32_t id, HIDReportParser *parser);
};
