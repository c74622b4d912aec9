"""What is stored of sources whose addresses are secret."""
