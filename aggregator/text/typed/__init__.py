"""What people type: words to search for, and names that are nearly right."""
