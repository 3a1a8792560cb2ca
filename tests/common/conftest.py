"""Settings of the property tests: a busy machine is no error."""

from hypothesis import settings

settings.register_profile("jiayuan", deadline=None)
settings.load_profile("jiayuan")
