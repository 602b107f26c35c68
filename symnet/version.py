"""The version of symnet, as generated files name it."""

VERSION = "0.1.0"
