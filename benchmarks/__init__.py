"""What the claims about speed and quality are measured with."""
