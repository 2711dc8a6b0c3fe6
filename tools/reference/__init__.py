"""The pages under docs/reference, made from the code's own declarations: one function a page, text in, text out."""
