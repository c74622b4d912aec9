"""Terms and rules → topics and entities, with the words that gave them. `default` is the shipped taxonomy."""
