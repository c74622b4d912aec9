"""Counts that the views read in place of counting: kept by triggers, compared with their source, made right again."""
