/* zerotap_pack_blocks for ARMv6-M: 33 cycles for four words, and 6 for a block.
 *
 * r0 first, r1 second, r2 packed, r8 bytes of a block's words, r9 gap, r12 where the block's words end, lr where all do;
 * r4, r5 four inputs each, r3 one of the second, r6, r7 two words. */
#if defined(__ARM_ARCH_6M__) && !defined(ZEROTAP_PORTABLE)
    .syntax unified
    .thumb
    .section .text.zerotap_pack_blocks, "ax", %progbits
    .balign 4
    .global zerotap_pack_blocks
    .type zerotap_pack_blocks, %function
    .thumb_func
zerotap_pack_blocks:
    push {r4-r7, lr}
    mov r4, r8
    mov r5, r9
    push {r4, r5}
    uxtb r4, r3
    lsls r4, r4, #4
    mov r8, r4
    lsrs r5, r3, #20
    mov r9, r5
    lsls r3, r3, #12
    lsrs r3, r3, #20
    muls r3, r4, r3
    adds r3, r3, r2
    mov lr, r3
1:  mov r12, r2
    add r12, r8
2:  ldmia r0!, {r4}
    ldmia r1!, {r5}
    sxtb r6, r4
    sxtb r3, r5
    lsls r3, r3, #16
    adds r6, r6, r3
    asrs r4, r4, #8
    asrs r5, r5, #8
    sxtb r7, r4
    sxtb r3, r5
    lsls r3, r3, #16
    adds r7, r7, r3
    stmia r2!, {r6, r7}
    asrs r4, r4, #8
    asrs r5, r5, #8
    sxtb r6, r4
    sxtb r3, r5
    lsls r3, r3, #16
    adds r6, r6, r3
    asrs r7, r4, #8
    asrs r5, r5, #8
    lsls r5, r5, #16
    adds r7, r7, r5
    stmia r2!, {r6, r7}
    cmp r2, r12
    bne 2b
    add r0, r9
    add r1, r9
    cmp r2, lr
    bne 1b
    pop {r4, r5}
    mov r8, r4
    mov r9, r5
    pop {r4-r7, pc}
    .size zerotap_pack_blocks, . - zerotap_pack_blocks
#endif
