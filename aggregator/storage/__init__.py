"""The only place that knows SQL: schema and migrations, the store, the views that users query."""
