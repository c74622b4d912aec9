"""What the daemon counts as it works: plain numbers, whoever asks for them. Needs no extra, and nothing imports one."""
