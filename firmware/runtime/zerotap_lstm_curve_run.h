/* The body of zerotap_lstm_logistic_bytes and its likes, which define FUNCTION, TANH (0 the logistic function) and NIBBLES (0
 * a byte an input) before they include it; see zerotap_lstm.h. Two values a turn; every value takes the same cycles.
 *
 * r0 end of the values, r1 magnitude, r2 sign, r3 result, r4 table of an input each, r5 temporary, r6 table of many inputs
 * each, r7 up to 0, r12 -2^15. */
    .syntax unified
    .thumb

    .macro CURVE
    ldrsh r1, [r0, r7]
    asrs r2, r1, #31
    eors r1, r1, r2
    subs r1, r1, r2
    .if NIBBLES
    lsrs r5, r1, #8
    lsls r5, r5, #3
    adds r5, r5, r6
    ldmia r5, {r3, r5}      /* begin, slope */
    muls r5, r1, r5
    adds r3, r3, r5
    asrs r3, r3, #16
    lsrs r5, r1, #1
    ldrb r5, [r4, r5]
    bcc 8f                  /* 2 cycles either way */
    lsrs r5, r5, #4
8:  lsls r5, r5, #28
    lsrs r5, r5, #28
    .else
    ldrb r3, [r4, r1]
    lsrs r5, r1, #8 - TANH
    lsls r5, r5, #1
    .if TANH
    ldrsh r5, [r6, r5]
    .else
    ldrh r5, [r6, r5]
    .endif
    .endif
    adds r3, r3, r5
    .if TANH
    .if NIBBLES
    lsrs r5, r3, #14        /* 2^15 does not fit */
    lsls r3, r3, #2
    subs r3, r3, r5
    add r3, r12
    .else
    lsls r3, r3, #2
    .endif
    eors r3, r3, r2
    subs r3, r3, r2
    .else
    lsls r3, r3, #1
    lsrs r2, r2, #17
    eors r3, r3, r2         /* 1 - it where the value was negative */
    .endif
    strh r3, [r0, r7]
    adds r7, r7, #2
    .endm

    .section .text.FUNCTION, "ax", %progbits
    .balign 4
    .global FUNCTION
    .type FUNCTION, %function
    .thumb_func
FUNCTION:
    push {r4-r7, lr}
    mov r4, r2
    mov r6, r3
    lsls r7, r1, #31        /* an odd number of values begins with the second of a turn */
    lsls r1, r1, #1
    adds r0, r0, r1
    rsbs r1, r1, #0
    .if TANH && NIBBLES
    movs r5, #1
    lsls r5, r5, #15
    rsbs r5, r5, #0
    mov r12, r5
    .endif
    tst r7, r7
    mov r7, r1
    bne 2f
1:  CURVE
2:  CURVE
    bne 1b
    pop {r4-r7, pc}
    .size FUNCTION, . - FUNCTION
