"""What is called while Unicorn runs: of blocks, for cycles and stack; of instructions, for the flash."""
