/* zerotap_bag_sums for ARMv6-M: 26 cycles for 8 columns of a row.
 *
 * Two 16-bit sums to a register: of the even and of the odd bytes of each word.
 * r0 row, r1 id, r2 mask, r3 and r4 words, r5 bytes, r6 to r9 sums, r10 rows, r11 table, r12 width,
 * lr end of the ids. On the stack: 0 ids, 4 sums, 8 columns left. */
#if defined(__ARM_ARCH_6M__) && !defined(ZEROTAP_PORTABLE)
    .syntax unified
    .thumb

    .macro LANES word even odd
    movs r5, \word
    ands r5, r5, r2
    add \even, r5
    lsrs \word, \word, #8
    ands \word, \word, r2
    add \odd, \word
    .endm

    .section .text.zerotap_bag_sums, "ax", %progbits
    .balign 4
    .global zerotap_bag_sums
    .type zerotap_bag_sums, %function
    .thumb_func
zerotap_bag_sums:
    push {r4-r7, lr}
    mov r4, r8
    mov r5, r9
    mov r6, r10
    mov r7, r11
    push {r4-r7}
    mov r5, r2              /* sums */
    lsrs r6, r3, #16        /* columns left */
    mov r12, r6
    uxth r3, r3
    lsls r3, r3, #2
    adds r3, r0, r3
    mov lr, r3
    mov r4, r0              /* ids */
    ldmia r1!, {r7}         /* rows */
    mov r10, r7
    mov r11, r1
    push {r4-r6}
    ldr r2, =0x00FF00FF
1:  movs r6, #0
    movs r7, #0
    mov r8, r6
    mov r9, r6
    ldr r1, [sp, #0]
2:  ldmia r1!, {r0}
    cmp r0, r10
    blo 3f                  /* 3 cycles either way */
    movs r0, #0
3:  mov r3, r12
    muls r0, r3, r0
    add r0, r11
    ldmia r0!, {r3, r4}
    LANES r3, r6, r7
    LANES r4, r8, r9
    cmp r1, lr
    bne 2b
    mov r0, r6
    mov r1, r7
    ldr r7, [sp, #4]
    uxth r3, r0
    uxth r4, r1
    lsrs r5, r0, #16
    lsrs r6, r1, #16
    stmia r7!, {r3-r6}
    mov r0, r8
    mov r1, r9
    uxth r3, r0
    uxth r4, r1
    lsrs r5, r0, #16
    lsrs r6, r1, #16
    stmia r7!, {r3-r6}
    str r7, [sp, #4]
    movs r0, #8
    add r11, r0
    ldr r0, [sp, #8]
    subs r0, r0, #8
    str r0, [sp, #8]
    bne 1b
    add sp, #12
    pop {r4-r7}
    mov r8, r4
    mov r9, r5
    mov r10, r6
    mov r11, r7
    pop {r4-r7, pc}
    .pool
    .size zerotap_bag_sums, . - zerotap_bag_sums
#endif
