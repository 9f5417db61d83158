/* zerotap_slide for ARMv6-M: 13 cycles for four words, 7 for one that is left.
 *
 * Rows kept one behind the other make room for a new one: words of them move down by step bytes. rows aligned to 4 bytes,
 * step a multiple of 4, words from 1. Where step is less than 16, four words that are read before they are written may
 * overlap with those that they become: that moves what was there, as one by one does. */
#if defined(__ARM_ARCH_6M__) && !defined(ZEROTAP_PORTABLE)
    .syntax unified
    .thumb
    .section .text.zerotap_slide, "ax", %progbits
    .balign 4
    .global zerotap_slide
    .type zerotap_slide, %function
    .thumb_func
/* r0 rows, r1 step, r2 words */
zerotap_slide:
    push {r4, r5, r6, lr}
    adds r1, r0, r1         /* what moves */
    subs r2, #4
    blt 2f
1:  ldmia r1!, {r3, r4, r5, r6}
    stmia r0!, {r3, r4, r5, r6}
    subs r2, #4
    bge 1b
2:  adds r2, #4
    beq 4f
3:  ldmia r1!, {r3}
    stmia r0!, {r3}
    subs r2, #1
    bne 3b
4:  pop {r4, r5, r6, pc}
    .size zerotap_slide, . - zerotap_slide
#endif
