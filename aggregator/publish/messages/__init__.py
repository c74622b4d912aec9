"""What a message says: as JSON for programs, as plain text and as Markdown for people. Pure, but for the catalogues."""
