/* What the board says it is: a serial port of class CDC ACM. */
#ifndef USB_DESCRIPTORS_H
#define USB_DESCRIPTORS_H

#include <stdint.h>

#define PACKET_BYTES 64u

enum { CONTROL, NOTIFICATION, FROM_HOST, TO_HOST, ENDPOINTS };

/* 0x1209:0x0001 is pid.codes' for tests. */
static const uint8_t DEVICE[] = {18, 1, 0x00, 2, 2, 0, 0, PACKET_BYTES, 0x09, 0x12, 0x01, 0x00, 0x00, 1, 0, 0, 0, 1};

#define CONFIGURATION_BYTES 67
static const uint8_t CONFIGURATION[CONFIGURATION_BYTES] = {
    /* one configuration of two interfaces, 100 mA from the bus */
    9, 2, CONFIGURATION_BYTES, 0, 2, 1, 0, 0x80, 50,
    /* interface 0: control; header, call management, abstract control, union */
    9, 4, 0, 0, 1, 2, 2, 0, 0,
    5, 0x24, 0, 0x10, 1,
    5, 0x24, 1, 0, 1,
    4, 0x24, 2, 2,
    5, 0x24, 6, 0, 1,
    7, 5, 0x80 | NOTIFICATION, 3, 8, 0, 16,
    /* interface 1: data */
    9, 4, 1, 0, 2, 10, 0, 0, 0,
    7, 5, FROM_HOST, 2, PACKET_BYTES, 0, 0,
    7, 5, 0x80 | TO_HOST, 2, PACKET_BYTES, 0, 0,
};

static const uint8_t LANGUAGES[] = {4, 3, 0x09, 0x04};

#endif
