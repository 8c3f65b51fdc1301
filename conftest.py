"""Fixtures every test may use."""

pytest_plugins = ["dropout.testing"]
