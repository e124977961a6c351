"""What the images show. For another task, change SHAPE and CLASSES: see docs/adapt.md."""

SHAPE = (28, 28, 1)  # height, width and channels (1 grey, 3 colour) of an image
CLASSES = ("0", "1", "2", "3", "4", "5", "6", "7", "8", "9")  # at most 256; a label is a place here

CLASS_COUNT = len(CLASSES)
SIDE = 28  # of the only images that svm, knn and tools/recognize read
