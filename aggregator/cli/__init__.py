"""The command line: arguments, tables and exit codes only."""
