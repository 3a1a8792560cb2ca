"""The demo is a client: these tests play it against stand-ins, and once against a whole platform."""
