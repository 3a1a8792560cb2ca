"""What tests of several rooms share: servers and databases of a test run."""
