/* The body of zerotap_lstm_gates and its saturated forms, which define before they include it FUNCTION, SATURATED, of
 * which 1 saturates the input's part and the sum, 2 the state's part too, and PAIRS, 1 for two gates a turn; see
 * zerotap_lstm.h.
 *
 * A scale's multiplier has 11 + 10 + 10 bits, so that no product of one part by a sum below 2^20 leaves int32; that
 * p and what is added to it do not, the exporter proves:
 *     p = floor(sum * multiplier / 2^20) = sum * high + ((sum * middle + (sum * low >> 10)) >> 10)
 *     gate = (p + 2^10 + 2^(10 + right) - (2^11 where sum < 0)) >> (11 + right)
 * which is the doubling high multiply and the shift after it, halves away from zero.
 *
 * r0 sums, r1 bias, r2 offset of the state's, r3 state's sum, r4 input's sum, r5 and r6 products, r7 gates; r8 to r10
 * the input's multiplier, r11, r12 and lr the state's. On the stack, words: 0 where the group's sums end, 1 and 2 the
 * input's rounding and shift, 3 and 4 the state's, 5 scales, 6 bytes of a group, 7 where all sums end. */
    .syntax unified
    .thumb

    /* The sum, scaled; clobbers r5, r6. */
    .macro SCALE sum, low, middle, high, at
    mov r5, \low
    muls r5, \sum, r5
    asrs r5, r5, #10
    mov r6, \middle
    muls r6, \sum, r6
    adds r5, r5, r6
    asrs r5, r5, #10
    mov r6, \high
    muls r6, \sum, r6
    adds r5, r5, r6
    ldr r6, [sp, #\at]
    adds r5, r5, r6
    asrs \sum, \sum, #31
    lsls \sum, \sum, #11
    adds \sum, \sum, r5
    ldr r6, [sp, #\at + 4]
    asrs \sum, \sum, r6
    .endm

    /* The value to int16; clobbers r5, r6. */
    .macro SATURATE value
    .if SATURATED
    movs r5, #1
    lsls r5, r5, #15
    adds \value, \value, r5 /* to [0, 2^16) */
    asrs r6, \value, #31
    bics \value, \value, r6
    lsls r6, r5, #1
    subs r6, r6, #1
    subs r6, r6, \value     /* negative above */
    asrs r5, r6, #31
    ands r6, r6, r5
    adds \value, \value, r6
    movs r5, #1
    lsls r5, r5, #15
    subs \value, \value, r5
    .endif
    .endm

    /* One scale: its parts, rounding and shift; r3 scales. */
    .macro LOAD low, middle, high, at
    ldmia r3!, {r4, r5}     /* multiplier, right */
    lsls r6, r4, #22
    lsrs r6, r6, #22
    mov \low, r6
    lsls r6, r4, #12
    lsrs r6, r6, #22
    mov \middle, r6
    lsrs r4, r4, #20
    mov \high, r4
    movs r4, #1
    lsls r4, r4, #10
    mov r6, r4
    lsls r6, r6, r5
    adds r4, r4, r6
    str r4, [sp, #\at]
    adds r5, r5, #11
    str r5, [sp, #\at + 4]
    .endm

    /* One gate, of the sums at r0. */
    .macro GATE
    ldr r3, [r0, r2]
    ldr r4, [r1, r2]
    adds r3, r3, r4
    ldmia r0!, {r4}
    ldmia r1!, {r5}
    adds r4, r4, r5
    SCALE r4, r8, r9, r10, 4
    SATURATE r4
    SCALE r3, r11, r12, lr, 12
    .if SATURATED == 2
    SATURATE r3
    .endif
    adds r4, r4, r3
    SATURATE r4
    strh r4, [r7]
    adds r7, r7, #2
    .endm

    .section .text.FUNCTION, "ax", %progbits
    .balign 4
    .global FUNCTION
    .type FUNCTION, %function
    .thumb_func
FUNCTION:
    push {r4-r7, lr}
    mov r4, r8
    mov r5, r9
    mov r6, r10
    mov r7, r11
    push {r4-r7}
    sub sp, #32
    mov r7, r2
    mov r3, r1
    ldmia r3!, {r2}         /* cells */
    ldmia r3!, {r1}         /* bias */
    str r3, [sp, #20]
    lsls r2, r2, #2
    str r2, [sp, #24]
    lsls r2, r2, #2
    adds r4, r0, r2
    str r4, [sp, #28]
1:  ldr r3, [sp, #20]
    LOAD r8, r9, r10, 4
    LOAD r11, r12, lr, 12
    str r3, [sp, #20]
    ldr r4, [sp, #24]
    adds r4, r4, r0
    str r4, [sp, #0]
    .if PAIRS               /* an odd number of cells begins with the second */
    lsls r5, r2, #27
    bmi 3f
2:  GATE
3:
    .else
2:
    .endif
    GATE
    ldr r5, [sp, #0]
    cmp r0, r5
    bne 2b
    ldr r5, [sp, #28]
    cmp r0, r5
    .if SATURATED < 2 && PAIRS == 0
    bne 1b
    .else                   /* too far for one branch */
    beq 4f
    b 1b
4:
    .endif
    add sp, #32
    pop {r4-r7}
    mov r8, r4
    mov r9, r5
    mov r10, r6
    mov r11, r7
    pop {r4-r7, pc}
    .size FUNCTION, . - FUNCTION
