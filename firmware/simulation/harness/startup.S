/* Vector table and start-up. In assembly, because a compiler turns such loops in C into calls of memcpy and memset:
 * the empty program would then already hold what a model's use of them costs. */
    .syntax unified
    .cpu cortex-m0plus
    .thumb

    .section .vectors, "a", %progbits
    .word stack_top
    .word Reset_Handler
    .rept 14
    .word Fault_Handler
    .endr

    .section .text.Reset_Handler, "ax", %progbits
    .global Reset_Handler
    .thumb_func
    .type Reset_Handler, %function
Reset_Handler:
    ldr r0, =data_start
    ldr r1, =data_end
    ldr r2, =data_load
    b 2f
1:  ldm r2!, {r3}
    stm r0!, {r3}
2:  cmp r0, r1
    blo 1b
    ldr r0, =bss_start
    ldr r1, =bss_end
    movs r3, #0
    b 4f
3:  stm r0!, {r3}
4:  cmp r0, r1
    blo 3b
    bl main
    b halt
    .size Reset_Handler, . - Reset_Handler
    .ltorg

    /* The simulator stops here. */
    .section .text.halt, "ax", %progbits
    .global halt
    .thumb_func
    .type halt, %function
halt:
    b halt
    .size halt, . - halt

    .section .text.Fault_Handler, "ax", %progbits
    .global Fault_Handler
    .thumb_func
    .type Fault_Handler, %function
Fault_Handler:
    b Fault_Handler
    .size Fault_Handler, . - Fault_Handler
