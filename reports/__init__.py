"""Reading run folders and saying what they show: tables, figures, pages.

Importing this room loads none of TensorFlow, Keras and pyplot.
"""
