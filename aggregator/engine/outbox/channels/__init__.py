"""The ways to a target, a module each: a webhook, Apprise, a command. What goes wrong is a `Delivery`, in words."""
