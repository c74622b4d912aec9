"""The pure steps between collecting and saving: enrich a post, filter it, decide a batch, when next."""
