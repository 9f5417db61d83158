/* zerotap_depthwise_sums for ARMv6-M: 10 cycles a multiply-accumulate and 9 a channel. */
#if defined(__ARM_ARCH_6M__) && !defined(ZEROTAP_PORTABLE)
    .syntax unified
    .thumb
    .section .text.zerotap_depthwise_sums, "ax", %progbits
    .balign 4
    .global zerotap_depthwise_sums
    .type zerotap_depthwise_sums, %function
    .thumb_func
zerotap_depthwise_sums:
    push {r4-r7, lr}
    mov r12, r2             /* sums */
    lsrs r2, r3, #16
    mov lr, r2              /* channels */
    uxth r3, r3
    muls r3, r2, r3         /* bytes of the window: where the offset of the last tap ends */
    mov r7, r2              /* channels left */
1:  mov r2, lr              /* from the last channel: offsets below it are taps of it */
    subs r2, r2, r7
    movs r6, #0             /* sum */
2:  ldrsb r4, [r0, r2]
    ldrsb r5, [r1, r2]
    muls r4, r5, r4
    adds r6, r6, r4
    add r2, lr
    cmp r2, r3
    blo 2b
    mov r4, r12
    stmia r4!, {r6}
    mov r12, r4
    subs r7, r7, #1
    bne 1b
    pop {r4-r7, pc}
    .size zerotap_depthwise_sums, . - zerotap_depthwise_sums
#endif
