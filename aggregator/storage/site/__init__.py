"""What the site shows, read from the rows; what may not be shown is left out here."""
