"""The pages that were read."""
