"""One event: the index of open stories, similarity by words and by meaning, assigning, merging, earlier coverage."""
