// The keyboard is on the board's own USB port, with an adapter that feeds 5 V to it: the board does not.
// Init() takes about 2.5 s, and USBHost's enumeration of a keyboard that is plugged in later as long.
static const uint32_t QUEUED = 16;

class Queue : public HIDReportParser {
public:
    Queue() : first(0), count(0) {}

    virtual void Parse(HID *, uint32_t, uint32_t length, uint8_t *bytes)
    {
        if (length < 8 || count == QUEUED) {
            return;
        }
        memcpy(reports[(first + count) % QUEUED], bytes, 8);
        count++;
    }

    bool take(uint8_t report[8])
    {
        if (count == 0) {
            return false;
        }
        memcpy(report, reports[first], 8);
        first = (first + 1) % QUEUED;
        count--;
        return true;
    }

private:
    uint8_t reports[QUEUED][8];
    uint32_t first, count;
};

static USBHost usb;
static HIDBoot<HID_PROTOCOL_KEYBOARD> keyboard(&usb);
static Queue queue;

static void begin_reports(void)
{
    usb.Init();
    keyboard.SetReportParser(0, &queue);
}

bool port_next_report(uint8_t report[8])
{
    usb.Task();
    return queue.take(report);
}
