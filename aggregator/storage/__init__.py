"""The only place that knows SQL: schema and migrations, the database and its transactions, the views for users."""
