"""Bluetooth as a host's controller sees it: the reports of keyboards and mice that are paired."""
