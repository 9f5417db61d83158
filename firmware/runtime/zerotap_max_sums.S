/* zerotap_max_sums for ARMv6-M: 13 cycles a sum, whatever they are. */
#if defined(__ARM_ARCH_6M__) && !defined(ZEROTAP_PORTABLE)
    .syntax unified
    .thumb
    .section .text.zerotap_max_sums, "ax", %progbits
    .balign 4
    .global zerotap_max_sums
    .type zerotap_max_sums, %function
    .thumb_func
zerotap_max_sums:
    push {r4, lr}
1:  ldmia r0!, {r3}
    ldr r4, [r2]
    cmp r4, r3
    bge 2f
    mov r4, r3
2:  stmia r2!, {r4}
    subs r1, r1, #1
    bne 1b
    pop {r4, pc}
    .size zerotap_max_sums, . - zerotap_max_sums
#endif
