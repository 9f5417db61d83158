"""What goes into a pipeline's first stage: one module an input, their interface and registry."""
