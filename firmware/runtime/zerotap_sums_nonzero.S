/* zerotap_sums_nonzero for ARMv6-M: for each entry of the list 23 cycles for 4 multiply-accumulates. */
#if defined(__ARM_ARCH_6M__) && !defined(ZEROTAP_PORTABLE)
    .syntax unified
    .thumb
    .section .text.zerotap_sums_nonzero, "ax", %progbits
    .balign 4
    .global zerotap_sums_nonzero
    .type zerotap_sums_nonzero, %function
    .thumb_func
/* r0 list, r1 weights, r2 sums, r3 outputs << 16 | inputs */
zerotap_sums_nonzero:
    push {r4-r7, lr}
    mov r4, r8
    mov r5, r9
    mov r6, r10
    mov r7, r11
    push {r4-r7}
    lsrs r4, r3, #16
    mov r12, r4             /* outputs left */
    uxth r7, r3
    lsls r7, r7, #2         /* bytes of a block's weights */
    ldmia r0!, {r6}
    lsls r6, r6, #2
    adds r6, r6, r0         /* end of the list */
    mov lr, r0              /* its first entry */
1:  ldmia r1!, {r0, r3, r4, r5}
    mov r8, r0              /* r8 to r11: four sums */
    mov r9, r3
    mov r10, r4
    mov r11, r5
    mov r0, lr
    cmp r0, r6
    beq 3f
2:  ldmia r0!, {r4}
    lsrs r5, r4, #16        /* where its four weights lie */
    sxth r4, r4             /* q - zero point */
    ldr r3, [r1, r5]
    sxtb r5, r3
    muls r5, r4, r5
    add r8, r5
    asrs r3, r3, #8
    sxtb r5, r3
    muls r5, r4, r5
    add r9, r5
    asrs r3, r3, #8
    sxtb r5, r3
    muls r5, r4, r5
    add r10, r5
    asrs r3, r3, #8
    muls r3, r4, r3
    add r11, r3
    cmp r0, r6
    bne 2b
3:  mov r0, r8
    mov r3, r9
    mov r4, r10
    mov r5, r11
    stmia r2!, {r0, r3, r4, r5}
    adds r1, r1, r7
    mov r3, r12
    subs r3, r3, #4
    mov r12, r3
    bne 1b
    pop {r4-r7}
    mov r8, r4
    mov r9, r5
    mov r10, r6
    mov r11, r7
    pop {r4-r7, pc}
    .size zerotap_sums_nonzero, . - zerotap_sums_nonzero
#endif
