"""One module for each library; each function is a program, and returns what JSON can write.

``run`` starts them. Its ``LIBRARIES`` are the packages that must have been found at work.
"""
