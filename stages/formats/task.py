"""What the images show. For a task other than digits, these lines are what you change."""

SHAPE = (28, 28, 1)  # height, width and channels (1 grey, 3 colour) of an image
CLASSES = ("0", "1", "2", "3", "4", "5", "6", "7", "8", "9")  # names; a label is a place in it

CLASS_COUNT = len(CLASSES)
SIDE = SHAPE[0]
