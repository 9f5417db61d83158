"""What a layer's own assembly is made of: timed text, and sums that become int8."""
