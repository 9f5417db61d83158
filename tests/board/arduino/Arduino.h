// What the example sketches use of Arduino's SAMD core, declared so that they are compiled without it. The signatures
// are those of its documentation; nothing here runs.
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef enum { LOW, HIGH } PinStatus;
typedef enum { INPUT, OUTPUT } PinMode;

#define LED_BUILTIN 32

static const uint8_t A0 = 15, A1 = 16, A2 = 17, A3 = 18, A4 = 19, A5 = 20, A6 = 21;

extern "C" {
unsigned long millis(void);
unsigned long micros(void);
void delay(unsigned long milliseconds);
void pinMode(uint8_t pin, PinMode mode);
void digitalWrite(uint8_t pin, PinStatus level);
void analogReadResolution(int bits);
int analogRead(uint8_t pin);
void *memcpy(void *to, const void *from, size_t bytes);
int memcmp(const void *one, const void *other, size_t bytes);
void setup(void);
void loop(void);
}

class SerialPort {
public:
    void begin(unsigned long baud);
    int available();
    int availableForWrite();
    int read();
    size_t readBytes(char *buffer, size_t length);
    size_t write(const uint8_t *buffer, size_t size);
};

class UsbSerialPort : public SerialPort {
public:
    bool dtr();
    operator bool();
};

extern SerialPort Serial1;
extern UsbSerialPort SerialUSB;
#define Serial SerialUSB
