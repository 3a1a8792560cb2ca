"""The four services of Jiayuan and their one composition root, `services.cli`."""
