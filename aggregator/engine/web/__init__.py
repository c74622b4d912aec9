"""The program's own web server: the site, search, health, metrics, changes. Only with the extra `http`."""
