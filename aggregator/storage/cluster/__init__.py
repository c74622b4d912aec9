"""What is kept of work that other machines do."""
