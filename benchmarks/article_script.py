"""The article's recipe as one plain script, in the honest order: split first, then train.

Run in a folder with the competition's train.csv and test.csv. Nothing in it is sped up or
slowed down: it is what a reader of the article would write.
"""

import json
import time
from pathlib import Path

import pandas as pd
from matplotlib import pyplot as plt
from sklearn.model_selection import train_test_split
from tensorflow import keras

train = pd.read_csv("train.csv")
test = pd.read_csv("test.csv")
images = train.drop(columns="label").to_numpy().reshape(-1, 28, 28, 1) / 255
labels = train["label"].to_numpy()
test_images = test.to_numpy().reshape(-1, 28, 28, 1) / 255
x, x_validation, y, y_validation = train_test_split(
    images, labels, test_size=0.2, stratify=labels, random_state=42
)

model = keras.Sequential(
    [
        keras.Input((28, 28, 1)),
        keras.layers.Flatten(),
        keras.layers.Dense(128, activation="relu"),
        keras.layers.Dense(64, activation="relu"),
        keras.layers.Dense(10, activation="softmax"),
    ]
)
model.summary()
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
start = time.perf_counter()
model.fit(x, y, epochs=5, verbose=2)
seconds = time.perf_counter() - start
loss, accuracy = model.evaluate(x_validation, y_validation, verbose=2)
print(f"validation loss {loss:.4f}, accuracy {accuracy:.4f}")


test_predicted = model.predict(test_images).argmax(axis=1)
figure, axes = plt.subplots(2, 5)
for axis, image, digit in zip(axes.flat, test_images, test_predicted, strict=False):
    axis.imshow(image[:, :, 0], cmap="gray")
    axis.set_title(f"Predicted: {digit}")
    axis.axis("off")
figure.savefig("test_digits.png")
submission = pd.DataFrame({"ImageId": range(1, len(test) + 1), "Label": test_predicted})
submission.to_csv("submission.csv", index=False)
Path("result.json").write_text(json.dumps({"fit": seconds, "accuracy": accuracy}))
