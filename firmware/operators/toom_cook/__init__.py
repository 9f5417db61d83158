"""A convolution along a line by Toom-Cook's products of polynomials, exactly, in words modulo 2^32."""
