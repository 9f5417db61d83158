/* zerotap_scale_uniform for ARMv6-M: 28 cycles an output; each branch takes 3 cycles whether it is taken or not.
 *
 * r0 sums, r1 step, r2 outputs left, negative, r3 end of the output, r4 x, r5 to r7 scratch,
 * r8 low, r9 span, r10 fraction, r11 factor, r12 offset, lr middle. */
#if defined(__ARM_ARCH_6M__) && !defined(ZEROTAP_PORTABLE)
    .syntax unified
    .thumb

    .macro UNIFORM
    ldmia r0!, {r4}
    mov r5, r8
    subs r4, r4, r5
    bpl 8f
    movs r4, #0
8:  cmp r4, r9
    bls 9f
    mov r4, r9
9:  mov r6, r11
    muls r6, r4, r6
    add r6, r12
    mov r5, r10
    lsrs r7, r4, #16
    muls r7, r5, r7
    adds r6, r6, r7
    uxth r4, r4
    muls r5, r4, r5
    lsrs r5, r5, #16
    adds r6, r6, r5
    cmp r6, lr
    bge 8f
    subs r6, r6, r1
8:  lsrs r6, r6, #24
    strb r6, [r3, r2]
    adds r2, r2, #1
    .endm

    .section .text.zerotap_scale_uniform, "ax", %progbits
    .balign 4
    .global zerotap_scale_uniform
    .type zerotap_scale_uniform, %function
    .thumb_func
zerotap_scale_uniform:
    push {r4-r7, lr}
    mov r4, r8
    mov r5, r9
    mov r6, r10
    mov r7, r11
    push {r4-r7}
    ldmia r1!, {r4, r5, r6, r7}
    mov r8, r4
    mov r9, r5
    mov r10, r6
    mov r11, r7
    ldmia r1!, {r4, r5}
    mov r12, r4
    mov r1, r5
    lsrs r4, r2, #16
    lsls r4, r4, #16
    mov lr, r4
    uxth r2, r2
    adds r3, r3, r2
    lsls r4, r2, #31        /* an odd number of outputs begins with the second of a turn */
    rsbs r2, r2, #0
    tst r4, r4
    bne 2f
1:  UNIFORM
2:  UNIFORM
    bne 1b
    pop {r4-r7}
    mov r8, r4
    mov r9, r5
    mov r10, r6
    mov r11, r7
    pop {r4-r7, pc}
    .size zerotap_scale_uniform, . - zerotap_scale_uniform
#endif
