"""`/metrics`: what Prometheus reads. prometheus-client, of the extra `http`, is imported when somebody asks first."""
