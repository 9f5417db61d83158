/* zerotap_copy_rows for ARMv6-M: 13 cycles for 16 bytes where both are aligned, 7 for four more, else 7 for each.
 *
 * r0 source, r1 bytes left, r2 target, r3 to r6 words, r7 rows left; r12 layer. */
#if defined(__ARM_ARCH_6M__) && !defined(ZEROTAP_PORTABLE)
    .syntax unified
    .thumb
    .section .text.zerotap_copy_rows, "ax", %progbits
    .balign 4
    .global zerotap_copy_rows
    .type zerotap_copy_rows, %function
    .thumb_func
zerotap_copy_rows:
    push {r4-r7, lr}
    mov r12, r1
    ldr r7, [r1]
1:  mov r3, r12
    ldr r1, [r3, #4]
    movs r3, r0
    orrs r3, r2
    lsls r3, r3, #30
    bne 5f
    subs r1, #16
    blo 3f
2:  ldmia r0!, {r3-r6}
    stmia r2!, {r3-r6}
    subs r1, #16
    bhs 2b
3:  adds r1, #12            /* four less than there are left */
    blo 6f
4:  ldmia r0!, {r3}
    stmia r2!, {r3}
    subs r1, #4
    bhs 4b
6:  adds r1, #4
    beq 8f
5:  adds r0, r0, r1
    adds r2, r2, r1
    rsbs r1, r1, #0
7:  ldrb r3, [r0, r1]
    strb r3, [r2, r1]
    adds r1, r1, #1
    bne 7b
8:  mov r3, r12
    ldr r4, [r3, #8]
    adds r0, r0, r4
    ldr r4, [r3, #12]
    adds r2, r2, r4
    subs r7, r7, #1
    bne 1b
    pop {r4-r7, pc}
    .size zerotap_copy_rows, . - zerotap_copy_rows
#endif
