"""Training: seeded, with early stopping on recordings that are neither trained nor tested on."""
