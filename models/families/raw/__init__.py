"""Families of models of packets, samples and features."""
