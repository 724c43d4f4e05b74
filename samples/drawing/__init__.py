"""The posters of the sample library, as drawings in code."""
