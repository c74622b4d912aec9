"""From what a person pastes to the feeds behind it."""
