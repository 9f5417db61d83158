/* zerotap_column_words for ARMv6-M: 17 cycles for 8 values.
 *
 * Bytes become q + 128. Two 16-bit sums to a register: of every second byte, and of words shifted by a byte, from which
 * the third byte's share comes off at the end. Columns that are not 8 more are taken with some of those before them.
 * r0 row, r1 and r2 words, r3 scratch, r4 bytes, r5 sign, r6 to r9 sums, r10 from two words to the next row,
 * r11 end of the rows, r12 where sums go, lr the first row. On the stack: 0 end of the first row, 4 rows * 128. */
#if defined(__ARM_ARCH_6M__) && !defined(ZEROTAP_PORTABLE)
    .syntax unified
    .thumb

    .macro LANES word shifted bytes
    eors \word, \word, r5
    lsrs r3, \word, #8
    add \shifted, r3
    ands \word, \word, r4
    add \bytes, \word
    .endm

    /* Four sums, in the order of the columns, of the lanes in r2 (shifted) and r3 (bytes); r6 is rows * 128. */
    .macro FOUR
    lsrs r0, r3, #16
    lsls r1, r0, #8
    subs r2, r2, r1
    uxth r3, r3
    uxth r1, r2
    lsrs r2, r2, #16
    subs r3, r3, r6
    subs r1, r1, r6
    subs r0, r0, r6
    subs r2, r2, r6
    str r3, [r7, #0]
    str r1, [r7, #4]
    str r0, [r7, #8]
    str r2, [r7, #12]
    .endm

    .section .text.zerotap_column_words, "ax", %progbits
    .balign 4
    .global zerotap_column_words
    .type zerotap_column_words, %function
    .thumb_func
zerotap_column_words:
    push {r4-r7, lr}
    mov r4, r8
    mov r5, r9
    mov r6, r10
    mov r7, r11
    push {r4-r7}
    mov lr, r0
    mov r12, r1
    lsrs r3, r2, #16        /* bytes of a row */
    uxth r2, r2             /* rows */
    lsls r1, r2, #7
    adds r0, r0, r3
    push {r0, r1}
    muls r2, r3, r2
    mov r0, lr
    adds r0, r0, r2
    mov r11, r0
    subs r3, r3, #8
    mov r10, r3
    ldr r4, =0x00FF00FF
    ldr r5, =0x80808080
1:  movs r6, #0             /* eight columns */
    movs r7, #0
    mov r8, r6
    mov r9, r6
    mov r0, lr
2:  ldmia r0!, {r1, r2}
    add r0, r10
    LANES r1, r6, r7
    LANES r2, r8, r9
    cmp r0, r11
    blo 2b
    mov r2, r6
    mov r3, r7
    ldr r6, [sp, #4]
    mov r7, r12
    FOUR
    mov r2, r8
    mov r3, r9
    adds r7, r7, #16
    FOUR
    adds r7, r7, #16
    ldr r0, [sp, #0]        /* columns left, 8 of which are next, or the last 8 */
    mov r1, lr
    adds r1, r1, #8
    subs r0, r0, r1
    beq 4f
    movs r2, #8
    subs r2, r2, r0
    bgt 3f
    movs r2, #0
3:  subs r1, r1, r2
    mov lr, r1
    lsls r2, r2, #2
    subs r7, r7, r2
    mov r12, r7
    b 1b
4:  pop {r0, r1}
    pop {r4-r7}
    mov r8, r4
    mov r9, r5
    mov r10, r6
    mov r11, r7
    pop {r4-r7, pc}
    .pool
    .size zerotap_column_words, . - zerotap_column_words
#endif
