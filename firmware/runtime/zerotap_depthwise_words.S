/* zerotap_depthwise_words for ARMv6-M: 28 cycles for 4 multiply-accumulates, by words.
 *
 * r0 input, r1 weights, r2 offset, r3 end of the offsets, r4 and r5 words, r6 and r7 bytes of them,
 * r8 to r11 sums, r12 where they go, lr channels. On the stack: the channel. */
#if defined(__ARM_ARCH_6M__) && !defined(ZEROTAP_PORTABLE)
    .syntax unified
    .thumb

    .macro BYTE sum
    sxtb r6, r4
    sxtb r7, r5
    muls r6, r7, r6
    add \sum, r6
    asrs r4, r4, #8
    asrs r5, r5, #8
    .endm

    .section .text.zerotap_depthwise_words, "ax", %progbits
    .balign 4
    .global zerotap_depthwise_words
    .type zerotap_depthwise_words, %function
    .thumb_func
zerotap_depthwise_words:
    push {r4-r7, lr}
    lsls r4, r0, #30
    beq 1f
    bl zerotap_depthwise_sums
    pop {r4-r7, pc}
1:  mov r4, r8
    mov r5, r9
    mov r6, r10
    mov r7, r11
    push {r4-r7}
    mov r12, r2
    lsrs r4, r3, #16
    mov lr, r4
    uxth r3, r3
    muls r3, r4, r3
    movs r2, #0
    push {r2}
2:  movs r6, #0             /* four channels */
    mov r8, r6
    mov r9, r6
    mov r10, r6
    mov r11, r6
    ldr r2, [sp, #0]
3:  ldr r4, [r0, r2]
    ldr r5, [r1, r2]
    BYTE r8
    BYTE r9
    BYTE r10
    muls r4, r5, r4
    add r11, r4
    add r2, lr
    cmp r2, r3
    blo 3b
    mov r4, r8
    mov r5, r9
    mov r6, r10
    mov r7, r11
    mov r2, r12
    stmia r2!, {r4-r7}
    mov r12, r2
    ldr r2, [sp, #0]
    adds r2, r2, #4
    str r2, [sp, #0]
    cmp r2, lr
    bne 2b
    add sp, #4
    pop {r4-r7}
    mov r8, r4
    mov r9, r5
    mov r10, r6
    mov r11, r7
    pop {r4-r7, pc}
    .size zerotap_depthwise_words, . - zerotap_depthwise_words
#endif
