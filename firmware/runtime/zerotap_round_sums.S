/* zerotap_round_sums for ARMv6-M: 81 cycles an output (1 more where its shift is to the left).
 *
 * r0 sums, r1 bias (multipliers r2 bytes further), r3 end of the output; r8 shifts, r9 step, r10 the table's head,
 * r11 outputs left, negative, r12 mode: -1 rounds twice, 0 once; on the stack: 0 nudge, 4 length in bytes. */
#if defined(__ARM_ARCH_6M__) && !defined(ZEROTAP_PORTABLE)
    .syntax unified
    .thumb
    .section .text.zerotap_round_sums, "ax", %progbits
    .balign 4
    .global zerotap_round_sums
    .type zerotap_round_sums, %function
    .thumb_func
zerotap_round_sums:
    push {r4-r7, lr}
    mov r4, r8
    mov r5, r9
    mov r6, r10
    mov r7, r11
    push {r4-r7}
    mov r10, r1
    adds r3, r3, r2
    rsbs r2, r2, #0
    mov r11, r2
    movs r2, #3
    ldrsb r4, [r1, r2]
    mov r12, r4
    lsrs r4, r4, #31
    lsls r4, r4, #14        /* half of the doubling high product's unit, if it is to be rounded */
    ldrh r2, [r1, #6]
    mov r9, r2
    ldrh r2, [r1, #4]
    lsls r2, r2, #2
    mov r5, r2
    push {r4, r5}
    adds r1, r1, #8
    adds r2, r1, r2
    adds r2, r2, r5
    mov r8, r2
1:  ldmia r0!, {r4}
    ldr r5, [r1]
    adds r4, r4, r5         /* the sum */
    ldr r2, [sp, #4]
    ldr r5, [r1, r2]        /* its multiplier */
    add r1, r9
    mov r6, r8
    movs r2, #0
    ldrsb r7, [r6, r2]
    mov r2, r9
    lsrs r2, r2, #2
    add r8, r2
    cmp r7, #0
    ble 2f
    lsls r4, r4, r7
    movs r7, #0
2:  rsbs r7, r7, #0
    mov lr, r7              /* the shift to the right */
    asrs r2, r4, #16        /* (sum * multiplier + nudge) >> 31 from four products */
    uxth r4, r4
    lsrs r6, r5, #16
    uxth r5, r5
    mov r7, r4
    muls r7, r5, r7
    lsrs r7, r7, #16
    muls r4, r6, r4
    adds r4, r4, r7
    muls r6, r2, r6
    muls r2, r5, r2
    lsrs r5, r4, #16
    adds r6, r6, r5
    uxth r4, r4
    adds r2, r2, r4
    ldr r4, [sp, #0]
    adds r2, r2, r4
    asrs r4, r2, #16
    adds r6, r6, r4
    lsls r2, r2, #17
    adcs r6, r6, r6
    mov r7, lr              /* the shift, halves away from zero or up */
    movs r2, #1
    lsls r2, r2, r7
    lsrs r2, r2, #1
    asrs r5, r6, #31
    mov r4, r12
    ands r5, r5, r4
    eors r6, r6, r5
    subs r6, r6, r5
    adds r6, r6, r2
    asrs r6, r6, r7
    eors r6, r6, r5
    subs r6, r6, r5
    mov r7, r10
    movs r2, #0
    ldrsb r2, [r7, r2]
    adds r6, r6, r2
    movs r2, #1
    ldrsb r2, [r7, r2]
    cmp r6, r2
    bge 3f                  /* both clamps take 3 cycles either way */
    mov r6, r2
3:  movs r2, #2
    ldrsb r2, [r7, r2]
    cmp r6, r2
    ble 4f
    mov r6, r2
4:  mov r2, r11
    strb r6, [r3, r2]
    adds r2, r2, #1
    mov r11, r2
    bne 1b
    add sp, #8
    pop {r4-r7}
    mov r8, r4
    mov r9, r5
    mov r10, r6
    mov r11, r7
    pop {r4-r7, pc}
    .size zerotap_round_sums, . - zerotap_round_sums
#endif
