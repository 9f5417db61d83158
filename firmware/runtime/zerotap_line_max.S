/* zerotap_line_max for ARMv6-M: 22 cycles a tap of four bytes and 15 more a word, whatever they hold.
 *
 * The larger of signed bytes a, b: low = (a | sign) - (b & ~sign) has bit 7 of a byte set where a's lower 7 bits are
 * not below b's; where the signs differ, b's sign decides. That bit becomes a mask of 8. */
#if defined(__ARM_ARCH_6M__) && !defined(ZEROTAP_PORTABLE)
    .syntax unified
    .thumb
    .section .text.zerotap_line_max, "ax", %progbits
    .balign 4
    .global zerotap_line_max
    .type zerotap_line_max, %function
    .thumb_func
/* r0 start, r1 line, r2 words << 16 | taps, r3 output */
zerotap_line_max:
    push {r4, r5, r6, r7, lr}
    mov r4, r8
    mov r5, r9
    mov r6, r10
    push {r4, r5, r6}
    uxth r4, r2
    lsrs r2, r2, #16
    lsls r2, r2, #2
    mov r12, r2             /* bytes from tap to tap */
    adds r7, r3, r2
    mov r10, r7             /* end of the output */
    movs r7, r3             /* output */
    muls r4, r2, r4
    adds r4, r4, r1
    mov lr, r4              /* end of this word's taps */
    mov r8, r0              /* start */
    mov r9, r1              /* this word's first tap */
    ldr r6, =0x80808080     /* sign */
1:  mov r1, r8
    ldmia r1!, {r0}
    mov r8, r1
    mov r5, r9
    movs r1, #4
    add r9, r1
    cmp r5, lr
    beq 3f
2:  ldr r1, [r5]            /* b; the largest so far, a, is in r0 */
    add r5, r12
    movs r4, r0
    eors r4, r1             /* differ */
    movs r2, r0
    orrs r2, r6
    movs r3, r1
    bics r3, r6
    subs r2, r2, r3         /* low */
    eors r1, r2
    ands r1, r4
    eors r2, r1
    ands r2, r6             /* sign where a stays */
    lsrs r3, r2, #7
    lsls r2, r2, #1
    subs r2, r2, r3
    bics r4, r2
    eors r0, r4
    cmp r5, lr
    bne 2b
3:  stmia r7!, {r0}
    movs r1, #4
    add lr, r1
    cmp r7, r10
    bne 1b
    pop {r4, r5, r6}
    mov r8, r4
    mov r9, r5
    mov r10, r6
    pop {r4, r5, r6, r7, pc}
    .ltorg
    .size zerotap_line_max, . - zerotap_line_max
#endif
