"""What the views and the documented queries take, in a small file and in a large one."""
