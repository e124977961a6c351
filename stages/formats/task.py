"""What the images show: how large they are, and how many classes there are."""

SIDE = 28  # pixels; an image is SIDE x SIDE x 1
CLASSES = 10  # the digits 0 to 9
