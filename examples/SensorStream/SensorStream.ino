// Streams analog inputs over USB to `zerotap record`, one binary frame a sample, for SAMD boards (MKR Zero).
//
// A frame: 0xA5 0x5A, sequence number u8, number of channels u8, a little-endian int16 a channel, and a CRC-8
// (polynomial 0x07, start 0) of all that stands between the first two bytes and itself.
//
// The sequence number counts sampling periods: a period that is missed (a host that reads too slowly holds up
// Serial.write) leaves a gap in the numbers, which zerotap counts. zerotap measures the rate; it does not
// take RATE_HZ's word for it.

static const uint8_t CHANNELS[] = {A1, A2, A3};
static const uint32_t RATE_HZ = 100;

static const uint8_t CHANNEL_COUNT = sizeof CHANNELS;
static const uint32_t PERIOD_US = 1000000 / RATE_HZ;
static const int FRAME_BYTES = 5 + 2 * CHANNEL_COUNT;

static uint8_t sequence = 0;
static uint32_t next_us = 0;

static uint8_t crc8(const uint8_t *bytes, int count)
{
    uint8_t crc = 0;
    for (int i = 0; i < count; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = (uint8_t)(crc & 0x80 ? crc << 1 ^ 0x07 : crc << 1);
        }
    }
    return crc;
}

static void send_sample(void)
{
    uint8_t frame[FRAME_BYTES] = {0xA5, 0x5A, sequence, CHANNEL_COUNT};
    for (int channel = 0; channel < CHANNEL_COUNT; channel++) {
        const int16_t sample = (int16_t)analogRead(CHANNELS[channel]);
        frame[4 + 2 * channel] = (uint8_t)(sample & 0xFF);
        frame[5 + 2 * channel] = (uint8_t)(sample >> 8 & 0xFF);
    }
    frame[FRAME_BYTES - 1] = crc8(frame + 2, FRAME_BYTES - 3);
    Serial.write(frame, FRAME_BYTES);
}

void setup()
{
    Serial.begin(115200);
    analogReadResolution(12);
    next_us = micros();
}

void loop()
{
    if ((int32_t)(micros() - next_us) < 0) {
        return;
    }
    if (Serial.dtr()) {  // nobody listens before; `if (Serial)` would take 10 ms
        send_sample();
    }
    do {
        sequence++;
        next_us += PERIOD_US;
    } while ((int32_t)(micros() - next_us) >= (int32_t)PERIOD_US);
}
