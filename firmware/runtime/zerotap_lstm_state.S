/* zerotap_lstm_state for ARMv6-M; the output gate is not negative. A branch over one instruction takes 2 cycles whether
 * it is taken or not.
 *
 * The doubling high multiply of value = (a << 16) + b by multiplier = (high << 16) + low, without 64 bits:
 *     first = a * low + (b * low >> 16);  second = b * high + (first & 0xFFFF)
 *     product >> 30 = ((a * high + (first >> 16)) << 2) + (second >> 14)
 *
 * r0 output gate, r1 bytes to tanh(cell), r2 state, r3 from it to the output, r4 to r7 temporaries; r8 low, r9 high,
 * r10 half, r11 zero point, r12 end of the state, lr shift. */
#if defined(__ARM_ARCH_6M__) && !defined(ZEROTAP_PORTABLE)
    .syntax unified
    .thumb
    .section .text.zerotap_lstm_state, "ax", %progbits
    .balign 4
    .global zerotap_lstm_state
    .type zerotap_lstm_state, %function
    .thumb_func
zerotap_lstm_state:
    push {r4-r7, lr}
    mov r4, r8
    mov r5, r9
    mov r6, r10
    mov r7, r11
    push {r4-r7}
    subs r3, r3, r2
    ldr r4, [r1, #0]        /* cells */
    adds r5, r2, r4
    mov r12, r5
    ldr r5, [r1, #16]       /* multiplier */
    uxth r6, r5
    mov r8, r6
    lsrs r5, r5, #16
    mov r9, r5
    ldr r5, [r1, #20]       /* right */
    mov lr, r5
    movs r6, #1
    lsls r6, r6, r5
    lsrs r6, r6, #1
    mov r10, r6
    ldr r5, [r1, #24]       /* zero point */
    mov r11, r5
    lsls r1, r4, #1
    lsls r4, r4, #2
    adds r0, r0, r4
1:  ldrh r4, [r0]
    ldrsh r5, [r0, r1]
    muls r4, r5, r4
    uxth r5, r4
    asrs r4, r4, #16
    mov r6, r8
    muls r6, r5, r6
    lsrs r6, r6, #16
    mov r7, r8
    muls r7, r4, r7
    adds r6, r6, r7         /* first */
    mov r7, r9
    muls r5, r7, r5
    muls r4, r7, r4
    uxth r7, r6
    adds r5, r5, r7         /* second */
    asrs r6, r6, #16
    adds r4, r4, r6
    lsls r4, r4, #2
    lsrs r5, r5, #14
    adds r4, r4, r5
    adds r4, r4, #1
    asrs r4, r4, #1
    asrs r5, r4, #31        /* then the shift, halves away from zero */
    adds r4, r4, r5
    add r4, r10
    mov r5, lr
    asrs r4, r4, r5
    add r4, r11
    cmp r4, #127
    ble 2f
    movs r4, #127
2:  movs r5, #127
    mvns r5, r5
    cmp r4, r5
    bge 3f
    mov r4, r5
3:  strb r4, [r2]
    strb r4, [r2, r3]
    adds r0, r0, #2
    adds r2, r2, #1
    cmp r2, r12
    bne 1b
    pop {r4-r7}
    mov r8, r4
    mov r9, r5
    mov r10, r6
    mov r11, r7
    pop {r4-r7, pc}
    .size zerotap_lstm_state, . - zerotap_lstm_state
#endif
