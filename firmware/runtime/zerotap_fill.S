/* zerotap_fill for ARMv6-M: 8 cycles for 16 bytes where target is aligned, 5 for four more, else 5 for each.
 *
 * r0 target, r1, r3, r4, r5 four times the value, r2 bytes left. */
#if defined(__ARM_ARCH_6M__) && !defined(ZEROTAP_PORTABLE)
    .syntax unified
    .thumb
    .section .text.zerotap_fill, "ax", %progbits
    .balign 4
    .global zerotap_fill
    .type zerotap_fill, %function
    .thumb_func
zerotap_fill:
    push {r4, r5, lr}
    uxtb r1, r1
    lsls r3, r1, #8
    orrs r1, r3
    lsls r3, r1, #16
    orrs r1, r3
    lsls r3, r0, #30
    bne 4f
    movs r3, r1
    movs r4, r1
    movs r5, r1
    subs r2, #16
    blo 2f
1:  stmia r0!, {r1, r3, r4, r5}
    subs r2, #16
    bhs 1b
2:  adds r2, #12            /* four less than there are left */
    blo 5f
3:  stmia r0!, {r1}
    subs r2, #4
    bhs 3b
5:  adds r2, #4
    beq 7f
4:  adds r0, r0, r2
    rsbs r2, r2, #0
6:  strb r1, [r0, r2]
    adds r2, r2, #1
    bne 6b
7:  pop {r4, r5, pc}
    .size zerotap_fill, . - zerotap_fill
#endif
