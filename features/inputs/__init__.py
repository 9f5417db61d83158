"""What goes into a pipeline's first stage."""
