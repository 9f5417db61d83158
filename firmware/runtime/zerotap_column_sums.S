/* zerotap_column_sums for ARMv6-M: 7 cycles a value and 9 a column. */
#if defined(__ARM_ARCH_6M__) && !defined(ZEROTAP_PORTABLE)
    .syntax unified
    .thumb
    .section .text.zerotap_column_sums, "ax", %progbits
    .balign 4
    .global zerotap_column_sums
    .type zerotap_column_sums, %function
    .thumb_func
zerotap_column_sums:
    push {r4-r6, lr}
    lsrs r3, r2, #16        /* columns */
    uxth r2, r2
    muls r2, r3, r2         /* values */
    movs r4, #0             /* column */
1:  mov r5, r4              /* value */
    movs r6, #0             /* sum */
    mov r12, r4
2:  ldrsb r4, [r0, r5]
    adds r6, r6, r4
    adds r5, r5, r3
    cmp r5, r2
    blo 2b
    stmia r1!, {r6}
    mov r4, r12
    adds r4, r4, #1
    cmp r4, r3
    bne 1b
    pop {r4-r6, pc}
    .size zerotap_column_sums, . - zerotap_column_sums
#endif
