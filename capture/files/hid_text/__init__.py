"""Reports that programs print as text: hid-recorder, usbhid-dump."""
