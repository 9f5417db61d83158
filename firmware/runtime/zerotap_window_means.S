/* zerotap_window_means for ARMv6-M: 11 cycles a tap of four bytes, whatever they hold.
 *
 * Bytes become q + 128 and are added as two halfwords at a time: the even ones, and words shifted by a byte, from which
 * the third byte's share comes off at the end. */
#if defined(__ARM_ARCH_6M__) && !defined(ZEROTAP_PORTABLE)
    .syntax unified
    .thumb
    .section .text.zerotap_window_means, "ax", %progbits
    .balign 4
    .global zerotap_window_means
    .type zerotap_window_means, %function
    .thumb_func
/* r0 window, r1 layer, r2 output */
zerotap_window_means:
    push {r4, r5, r6, r7, lr}
    mov r4, r8
    mov r5, r9
    mov r6, r10
    mov r7, r11
    push {r4, r5, r6, r7}
    mov lr, r0              /* this word's first tap */
    mov r12, r1
    ldr r3, [r1, #0]        /* words */
    lsls r3, r3, #2
    mov r8, r3              /* bytes from tap to tap, and of the output */
    adds r4, r2, r3
    push {r2, r4}           /* output and its end */
    ldr r4, [r1, #16]       /* kernel_width */
    muls r4, r3, r4
    mov r9, r4              /* bytes of a window's line */
    ldr r5, [r1, #28]       /* line_words */
    lsls r5, r5, #2
    subs r5, r5, r4
    mov r10, r5             /* from its end to the next one */
    ldr r5, =0x00ff00ff
    ldr r6, =0x80808080
1:  mov r0, lr
    movs r3, #4
    add lr, r3
    movs r1, #0             /* bytes 0 and 2 */
    movs r2, #0             /* bytes 1 to 3 */
    mov r3, r12
    ldr r3, [r3, #12]       /* kernel_height */
2:  mov r11, r3
    mov r7, r0
    add r7, r9
3:  ldr r3, [r0]
    add r0, r8
    eors r3, r6
    lsrs r4, r3, #8
    adds r2, r2, r4
    ands r3, r5
    adds r1, r1, r3
    cmp r0, r7
    bne 3b
    add r0, r10
    mov r3, r11
    subs r3, r3, #1
    bne 2b
    lsrs r3, r1, #16
    lsls r3, r3, #8
    subs r2, r2, r3
    mov r3, r12
    ldr r4, [r3, #32]       /* multiplier */
    ldr r7, [r3, #36]       /* offset */
    ldr r0, [sp, #0]
    uxth r3, r1
    muls r3, r4, r3
    adds r3, r3, r7
    asrs r3, r3, #23
    strb r3, [r0, #0]
    uxth r3, r2
    muls r3, r4, r3
    adds r3, r3, r7
    asrs r3, r3, #23
    strb r3, [r0, #1]
    lsrs r3, r1, #16
    muls r3, r4, r3
    adds r3, r3, r7
    asrs r3, r3, #23
    strb r3, [r0, #2]
    lsrs r3, r2, #16
    muls r3, r4, r3
    adds r3, r3, r7
    asrs r3, r3, #23
    strb r3, [r0, #3]
    adds r0, r0, #4
    str r0, [sp, #0]
    ldr r3, [sp, #4]
    cmp r0, r3
    bne 1b
    add sp, sp, #8
    pop {r4, r5, r6, r7}
    mov r8, r4
    mov r9, r5
    mov r10, r6
    mov r11, r7
    pop {r4, r5, r6, r7, pc}
    .ltorg
    .size zerotap_window_means, . - zerotap_window_means
#endif
