"""What words mean in several languages: concepts, peoples and places. Tables, and how they are looked up."""
