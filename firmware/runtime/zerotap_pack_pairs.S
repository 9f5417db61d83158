/* zerotap_pack_pairs for ARMv6-M: 63 cycles for eight words where both inputs are aligned, else 12 for each.
 *
 * r0 first, r1 second, r3 packed, r12 where the words made of eight at a time end; r4, r5 four inputs each, r2 one of
 * the second, r6, r7 two words. */
#if defined(__ARM_ARCH_6M__) && !defined(ZEROTAP_PORTABLE)
    .syntax unified
    .thumb
    .section .text.zerotap_pack_pairs, "ax", %progbits
    .balign 4
    .global zerotap_pack_pairs
    .type zerotap_pack_pairs, %function
    .thumb_func
zerotap_pack_pairs:
    push {r4-r7, lr}
    lsls r4, r3, #2
    adds r4, r4, r2
    mov lr, r4              /* the end */
    movs r4, r0
    orrs r4, r1
    lsls r4, r4, #30
    bne 2f
    lsrs r5, r3, #3
    beq 2f
    lsls r5, r5, #5
    adds r5, r5, r2
    mov r12, r5
    movs r3, r2
1:  .rept 2
    ldmia r0!, {r4}
    ldmia r1!, {r5}
    sxtb r6, r4
    sxtb r2, r5
    lsls r2, r2, #16
    adds r6, r6, r2
    asrs r4, r4, #8
    asrs r5, r5, #8
    sxtb r7, r4
    sxtb r2, r5
    lsls r2, r2, #16
    adds r7, r7, r2
    stmia r3!, {r6, r7}
    asrs r4, r4, #8
    asrs r5, r5, #8
    sxtb r6, r4
    sxtb r2, r5
    lsls r2, r2, #16
    adds r6, r6, r2
    asrs r7, r4, #8
    asrs r5, r5, #8
    lsls r5, r5, #16
    adds r7, r7, r5
    stmia r3!, {r6, r7}
    .endr
    cmp r3, r12
    bne 1b
    movs r2, r3
2:  movs r4, #0
    cmp r2, lr
    beq 4f
3:  ldrsb r5, [r0, r4]
    ldrsb r6, [r1, r4]
    lsls r6, r6, #16
    adds r5, r5, r6
    stmia r2!, {r5}
    adds r4, r4, #1
    cmp r2, lr
    bne 3b
4:  pop {r4-r7, pc}
    .size zerotap_pack_pairs, . - zerotap_pack_pairs
#endif
