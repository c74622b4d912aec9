"""One event: the index of open stories, similarity by words and by embedding, assigning, merging, earlier coverage."""
