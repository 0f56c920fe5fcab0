"""What is public of an authority: the records that belong to it or name it."""
