/* What zerotap_sums_dot, zerotap_scale_dot and their forms share: words of two inputs, and products of two words.
 *
 * A word holds two inputs, xi + (xj << 16), and the word of weights theirs in the other order, wj + (wi << 16):
 *     product = xi * wj + ((xi * wi + xj * wj) << 16)   (mod 2^32).
 * Its upper half is what both add to the sum, at most 128 * (128 + 127) < 2^15 in size, less 1 where xi * wj is negative;
 * the shift by 16 leaves just that sign in the carry, so that asrs and adcs are all it takes. The exporter proves that
 * no two weights of a word are -128. */
    .syntax unified
    .thumb

    /* Adds two outputs' products of the inputs' word in r1 and the next two words at r0; clobbers r2, r3. */
    .macro PRODUCTS first, second
    ldmia r0!, {r2, r3}
    muls r2, r1, r2
    muls r3, r1, r3
    asrs r2, r2, #16
    adcs \first, \first, r2
    asrs r3, r3, #16
    adcs \second, \second, r3
    .endm

    /* Makes the words at r1 of the r7 inputs at r0, at least so many; what is left of fours goes to the last ones of the
     * stack's first WORDS. Clobbers r2 to r7. */
    .macro UNPACK least
    lsrs r6, r7, #2
    lsls r6, r6, #2
    adds r6, r6, r0         /* where whole words of four inputs end */
    lsls r7, r7, #30
    beq 2f
    lsrs r7, r7, #30        /* one to three more: the first two, and then the third, are a word */
    movs r4, #0
    ldrsb r2, [r6, r4]
    lsrs r5, r7, #1         /* one alone meets a weight of 0, and so may be there twice */
    ldrsb r3, [r6, r5]
    lsls r3, r3, #16
    adds r2, r2, r3
    add r3, sp, #4 * WORDS - 8
    cmp r7, #3
    bne 1f
    str r2, [r3]
    movs r4, #2
    ldrsb r2, [r6, r4]
1:  str r2, [r3, #4]
2:
    .if \least < 4
    cmp r0, r6
    beq 5f
    .endif
    lsls r3, r0, #30
    beq 3f
    movs r4, #0             /* by bytes */
    movs r5, #2
1:  ldrsb r2, [r0, r4]
    ldrsb r3, [r0, r5]
    lsls r3, r3, #16
    adds r2, r2, r3
    adds r0, r0, #1
    ldrsb r3, [r0, r4]
    ldrsb r7, [r0, r5]
    lsls r7, r7, #16
    adds r3, r3, r7
    adds r0, r0, #3
    stmia r1!, {r2, r3}
    cmp r0, r6
    bne 1b
    b 5f
3:  adr r3, 90f
    ldmia r3!, {r4, r5, r7}
4:  ldmia r0!, {r2}
    eors r2, r2, r5         /* each byte plus 128 */
    lsrs r3, r2, #8
    ands r2, r2, r4
    subs r2, r2, r7
    ands r3, r3, r4
    subs r3, r3, r7
    stmia r1!, {r2, r3}
    cmp r0, r6
    bne 4b
5:
    .endm

    /* What UNPACK reads. */
    .macro MASKS
    .balign 4
90: .word 0x00FF00FF, 0x80808080, 0x00800080
    .endm
